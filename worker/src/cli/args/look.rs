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
    /// Check them as those of an instance that is not made yet
    #[arg(long, requires = "stdin", conflicts_with = "id")]
    pub(crate) new: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TestConnection {
    /// Instance; may be left out when there is only one
    pub(crate) id: Option<String>,
    /// Try the address, token and proxy on standard input (JSON); where `instance` is named in it, its values fill the gaps
    #[arg(long, conflicts_with = "id")]
    pub(crate) stdin: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Activity {
    /// Instance; may be left out when there is only one
    pub(crate) id: Option<String>,
    /// Hours to look back: 1, 24 or 168
    #[arg(long, value_name = "HOURS", default_value_t = 24, value_parser = hours)]
    pub(crate) hours: u32,
}

#[derive(Debug, Args)]
pub(crate) struct Yield {
    /// Instance; may be left out when there is only one
    pub(crate) id: Option<String>,
    /// How far to look back: day (24 hours) or week (7 days)
    #[arg(long, value_name = "RANGE", default_value = "day", value_parser = ["day", "week"])]
    pub(crate) range: String,
}

#[derive(Debug, Args)]
pub(crate) struct Source {
    /// Instance and number of the source file, as `history --json` shows it; the instance may be left out when there is only one
    #[arg(value_name = "ID NUMBER", num_args = 1..=2, required = true)]
    pub(crate) words: Vec<String>,
}

fn hours(text: &str) -> Result<u32, String> {
    match text {
        "1" => Ok(1),
        "24" => Ok(24),
        "168" => Ok(168),
        _ => Err("use 1, 24 or 168".to_owned()),
    }
}
