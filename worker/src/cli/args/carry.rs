//! What can be typed to carry an instance, or what is known of it, elsewhere.

use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct SupportBundle {
    /// Instances to tell of [default: all]
    pub(crate) ids: Vec<String>,
    /// Zip file to write [default: lineside-support-DATE.zip in this folder]
    #[arg(long, value_name = "FILE")]
    pub(crate) to: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// Instance; may be left out when there is only one
    pub(crate) id: Option<String>,
    /// File to write
    #[arg(long, value_name = "FILE")]
    pub(crate) to: PathBuf,
    /// Put the token in too, encrypted with the passphrase on the first line of standard input
    #[arg(long)]
    pub(crate) passphrase_stdin: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// Exported instance, or client_config.json of a pyWATS client
    #[arg(required_unless_present = "copy_of")]
    pub(crate) file: Option<PathBuf>,
    /// Instance on this computer to make another like it, with its token
    #[arg(long, value_name = "ID", conflicts_with_all = ["file", "passphrase_stdin"])]
    pub(crate) copy_of: Option<String>,
    /// Name of the new instance's folder [default: that of the exported one]
    #[arg(long = "as", value_name = "ID")]
    pub(crate) id: Option<String>,
    /// Put folders below OLD below NEW instead; may be repeated
    #[arg(long, value_name = "OLD=NEW")]
    pub(crate) map: Vec<String>,
    /// Station name of the new instance
    #[arg(long, value_name = "NAME")]
    pub(crate) station: Option<String>,
    /// File that holds the token; - reads standard input
    #[arg(long, value_name = "FILE", conflicts_with = "passphrase_stdin")]
    pub(crate) token_file: Option<PathBuf>,
    /// A setting to change, by its path or JSON pointer; may be repeated
    #[arg(long, value_name = "PATH=VALUE")]
    pub(crate) set: Vec<String>,
    /// Take the token that is in the file, with the passphrase on the first line of standard input
    #[arg(long)]
    pub(crate) passphrase_stdin: bool,
    /// Only tell what would be made
    #[arg(long)]
    pub(crate) dry_run: bool,
}
