//! What can be typed for trying out.

use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Sandbox {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 8765)]
    pub(crate) port: u16,
    /// Token to ask for [default: any]
    #[arg(long)]
    pub(crate) token: Option<String>,
    /// File to keep what is received in [default: nothing is kept]
    #[arg(long, value_name = "FILE")]
    pub(crate) db: Option<PathBuf>,
    /// Answer after this many milliseconds
    #[arg(long, default_value_t = 0)]
    pub(crate) latency_ms: u64,
    /// Share of requests answered 503, 0 to 1
    #[arg(long, default_value_t = 0.0)]
    pub(crate) rate_503: f64,
    /// Share of requests answered 429 with Retry-After, 0 to 1
    #[arg(long, default_value_t = 0.0)]
    pub(crate) rate_429: f64,
    /// Share of requests cut off before the report is recorded, 0 to 1
    #[arg(long, default_value_t = 0.0)]
    pub(crate) rate_reset_before: f64,
    /// Share of requests cut off after the report is recorded, 0 to 1
    #[arg(long, default_value_t = 0.0)]
    pub(crate) rate_reset_after: f64,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Report files to make
    #[arg(long, default_value_t = 300)]
    pub(crate) files: usize,
    /// End at once; without this, at a terminal, the page stays up until Ctrl+C
    #[arg(long)]
    pub(crate) leave: bool,
}
