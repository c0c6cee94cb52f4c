//! What can be typed to look at files, settings and pictures over time.

use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Preview {
    /// File to look at
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) reading: super::Reading,
    /// File that holds all options of the format as one JSON object; - reads standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) options_json: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ConfigCheck {
    /// Instance; may be left out when there is only one
    pub(crate) id: Option<String>,
    /// Check the settings on standard input instead of those that are saved; saves nothing
    #[arg(long)]
    pub(crate) stdin: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TestConnection {
    /// Instance; may be left out when there is only one
    pub(crate) id: Option<String>,
    /// Try the address, token and proxy on standard input (JSON); where `instance` is named in it, its values fill the gaps
    #[arg(long, conflicts_with = "id")]
    pub(crate) stdin: bool,
}
