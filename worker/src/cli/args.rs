//! What can be typed: every verb, its arguments and its help text.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Gets every test report of a station into the WATS server: none lost, none twice.
#[derive(Debug, Parser)]
#[command(name = "lineside", version, propagate_version = true, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) everywhere: Everywhere,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

const EXIT_CODES: &str = "Exit codes: 0 done · 1 something failed · 2 wrong usage or a requirement is missing · 3 interrupted · 14 no permission · \
20 config error · 21 instance or file not found · 22 config invalid · 30 already running or could not start · 31 could not stop · 32 not running · \
33 took too long · 40 network error · 41 server unreachable · 42 token refused";

/// Options every verb takes.
#[derive(Debug, Args)]
pub(crate) struct Everywhere {
    /// Folder that holds the instances [default: the system's or the user's data folder]
    #[arg(long, global = true, env = "LINESIDE_HOME", value_name = "DIR")]
    pub(crate) home: Option<PathBuf>,
    /// Instance to work on; may be left out when there is only one
    #[arg(long, short, global = true, value_name = "ID")]
    pub(crate) instance: Option<String>,
    /// Print data as JSON on standard output
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print only what was asked for and errors
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Run the worker of an instance in the foreground
    Run(Run),
    /// Start the worker of an instance in the background
    Start(Which),
    /// Stop the worker of an instance; what is in flight is finished first
    Stop(Stop),
    /// Stop the worker of an instance and start it again
    Restart(Stop),
    /// Show how an instance is doing
    Status(Which),
    /// List the instances and how each is doing
    List,
    /// Make a new instance
    Init(Init),
    /// Check, read and change an instance's settings
    #[command(subcommand)]
    Config(Config),
    /// Convert files to WATS reports and print them; nothing is sent
    Convert(Convert),
    /// Tell which format files are in
    Detect(Files),
    /// List the formats that can be read, with their options
    Formats,
    /// Convert files and put their reports into the instance's queue
    Submit(Submit),
    /// Look at and work on what is owed to the server
    #[command(subcommand)]
    Queue(Queue),
    /// Show what became of source files, newest first
    History(History),
    /// Send reports again that the server has accepted before
    Resend(Ids),
    /// Look through the watch folders now
    Rescan(Which),
    /// Show the worker's log
    Logs(Logs),
    /// Ask the server for its version with the instance's settings
    TestConnection(Which),
    /// Check everything an instance needs, with a remedy for each fault
    Doctor(Which),
    /// Run a WATS-compatible server on this machine, for trying out
    Sandbox(Sandbox),
    /// Show the whole way of a report, on a sandbox server and files of our own
    Demo(Demo),
    /// Print a completion script for a shell
    Completions {
        /// Shell to print the script for
        shell: clap_complete::Shell,
    },
    /// Print the manual page (roff)
    Man,
}

/// An instance given as the first word.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Instance; may be left out when there is only one
    pub(crate) id: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Instance; may be left out when there is only one
    pub(crate) id: Option<String>,
    /// Take what is there, send it, and end
    #[arg(long)]
    pub(crate) once: bool,
    /// End quietly with 0 when a worker is running already
    #[arg(long)]
    pub(crate) if_not_running: bool,
    /// Who restarts this worker if it ends; written to service.lock
    #[arg(long, value_enum, default_value_t = ManagedBy::Cli, hide = true)]
    pub(crate) managed_by: ManagedBy,
}

/// Who looks after a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ManagedBy {
    Cli,
    Tray,
    Systemd,
    Launchd,
    Scm,
    Task,
}

#[derive(Debug, Args)]
pub(crate) struct Stop {
    /// Instance; may be left out when there is only one
    pub(crate) id: Option<String>,
    /// End the process when it has not stopped by itself in time
    #[arg(long)]
    pub(crate) force: bool,
    /// Seconds to wait [default: the instance's shutdown_timeout_s plus 5]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) timeout: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Name of the instance's folder: small letters, digits, - and _
    pub(crate) id: String,
    /// Address of the WATS server, for example `https://acme.wats.com`
    #[arg(long, value_name = "URL")]
    pub(crate) server: String,
    /// File that holds the token; - reads standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// Station name in the reports [default: this computer's name]
    #[arg(long, value_name = "NAME")]
    pub(crate) station: Option<String>,
    /// Location in the reports
    #[arg(long, value_name = "PLACE", default_value = "")]
    pub(crate) location: String,
    /// Purpose in the reports
    #[arg(long, value_name = "WHY", default_value = "Production")]
    pub(crate) purpose: String,
    /// Folder to watch, with a format or without (then it is detected); may be repeated
    #[arg(long, value_name = "DIR[=FORMAT]")]
    pub(crate) watch: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Check the settings as the worker would
    Check(Which),
    /// Print one setting, or all of them
    Get {
        /// Path of the setting, for example `converters[0].format`
        path: Option<String>,
    },
    /// Change one setting
    Set {
        /// Path of the setting, for example `location` or `converters[0].priority`
        path: String,
        /// New value: JSON, or plain text
        value: String,
    },
    /// Print the JSON Schema of client_config.json
    Schema,
}

#[derive(Debug, Args)]
pub(crate) struct Reading {
    /// Format of the files [default: detected]
    #[arg(long, short, value_name = "FORMAT")]
    pub(crate) format: Option<String>,
    /// An option of the format, as NAME=VALUE; may be repeated
    #[arg(long = "option", short = 'o', value_name = "NAME=VALUE")]
    pub(crate) options: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Convert {
    /// Files to convert
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: Reading,
    /// Say for each value where in the source it stands
    #[arg(long)]
    pub(crate) trace: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Files {
    /// Files to look at
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Submit {
    /// Files to send
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Queue {
    /// List what is owed, and what was refused
    List(QueueList),
    /// Show one report with its attempts and its body
    Show {
        /// Number of the report, as `queue list` shows it
        ticket: i64,
    },
    /// Send refused reports again
    Retry(Ids),
    /// Give refused reports up; they are kept for 30 days
    Discard(Ids),
    /// Write the bodies of reports to a folder, one JSON file each
    Export {
        /// Folder to write to
        folder: PathBuf,
        #[command(flatten)]
        ids: Ids,
    },
}

#[derive(Debug, Args)]
pub(crate) struct QueueList {
    /// Only reports in this state: queued, processing, completed or error
    #[arg(long, value_name = "STATE")]
    pub(crate) state: Option<String>,
    /// Only reports whose serial, part or file has this in it
    #[arg(long, value_name = "TEXT")]
    pub(crate) search: Option<String>,
    /// At most this many
    #[arg(long, default_value_t = 50)]
    pub(crate) limit: u32,
}

#[derive(Debug, Args)]
pub(crate) struct Ids {
    /// Numbers of the reports, as `queue list` shows them
    #[arg(value_name = "TICKET")]
    pub(crate) tickets: Vec<i64>,
    /// All of them
    #[arg(long, conflicts_with = "tickets")]
    pub(crate) all: bool,
}

#[derive(Debug, Args)]
pub(crate) struct History {
    /// Only sources whose file, serial or part has this in it
    #[arg(long, value_name = "TEXT")]
    pub(crate) search: Option<String>,
    /// At most this many
    #[arg(long, default_value_t = 50)]
    pub(crate) limit: u32,
}

#[derive(Debug, Args)]
pub(crate) struct Logs {
    /// Instance; may be left out when there is only one
    pub(crate) id: Option<String>,
    /// Go on printing what is added
    #[arg(long, short)]
    pub(crate) follow: bool,
    /// Only this level and above: error, warn, info, debug
    #[arg(long, value_name = "LEVEL")]
    pub(crate) level: Option<String>,
    /// Lines to begin with
    #[arg(long, short = 'n', default_value_t = 50)]
    pub(crate) lines: usize,
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn an_instance_is_made_in_one_line() {
        let line = "lineside init ict --server http://127.0.0.1:8765 --token-file - --station ICT-07 --location Oslo --purpose Production --watch /in=wstf --watch /any";
        let cli = Cli::try_parse_from(line.split(' ')).expect("the line of the manual");
        assert!(matches!(cli.verb, Verb::Init(Init { watch, .. }) if watch == ["/in=wstf", "/any"]));
    }
}
