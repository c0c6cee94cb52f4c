//! What can be typed: every verb, its arguments and its help text.

mod carry;
mod look;
mod queue;
mod trial;

pub(crate) use carry::{Export, Import, SupportBundle};
use clap::{Args, Parser, Subcommand, ValueEnum};
pub(crate) use look::{Activity, ConfigCheck, Preview, Source, TestConnection, Yield};
pub(crate) use queue::{History, Ids, Queue, QueueList};
use std::path::PathBuf;
pub(crate) use trial::{Demo, Sandbox};

/// Gets every test report of a station into the WATS server: none lost, none twice.
#[derive(Debug, Parser)]
#[command(name = "lineside", version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) everywhere: Everywhere,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

const EXIT_CODES: &str = "\
Exit codes:
   0  done                                   22  settings invalid
   1  something failed                       30  could not start, or is running already
   2  wrong usage, or something is missing   31  could not be stopped
   3  interrupted (Ctrl+C)                   32  not running
  14  no permission                          33  took too long
  20  settings cannot be read or saved       40  network error, or not a WATS server
  21  instance, file or report not found     41  server unreachable
                                             42  token refused

Begin with `lineside demo`; a station of your own: `lineside init --help`.";

const INIT_EXAMPLE: &str = "\
Example:
  lineside init ict --server https://acme.wats.com --token-file token.txt --station ICT-07 \\
      --location \"Hall 3\" --purpose Production --watch /data/ict=wstf --watch /data/other

Converted files go to Done inside the watched folder, rejected ones to Error.";

const IMPORT_EXAMPLE: &str = "\
Examples:
  lineside import ict.json --map 'D:\\ict=/data/ict' --station ICT-08 --token-file token.txt
  lineside import client_config.json --as ict --dry-run
  lineside import --copy-of ict --as fct --set converters[0].watch_folder=/data/fct";

/// Options every verb takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Everywhere {
    /// Folder that holds the instances [default: $LINESIDE_HOME, else the system's or the user's data folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) home: Option<PathBuf>,
    /// Instance to work on; may be left out when there is only one
    #[arg(long, short, global = true, value_name = "ID")]
    pub(crate) instance: Option<String>,
    /// Print data as JSON on standard output
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print only what was asked for and errors
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Print more: all that is known in status and list, every warning in submit
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
    /// Use colours: always, never, or auto, which is on a terminal and without NO_COLOR
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t = Colour::Auto, hide_possible_values = true)]
    pub(crate) color: Colour,
}

/// When to use colours: auto, always or never.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    Auto,
    Always,
    Never,
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
    Restart(Stopping),
    /// Show how an instance is doing; ends with 0 only when it runs and is not in error
    Status(Which),
    /// List the instances and how each is doing
    List(List),
    /// Make a new instance
    #[command(after_help = INIT_EXAMPLE)]
    Init(Init),
    /// Check, read and change an instance's settings
    #[command(subcommand, arg_required_else_help = true)]
    Config(Config),
    /// Convert files to WATS reports and print them; nothing is sent
    Convert(Convert),
    /// Show what becomes of a file: its text, the guessed formats, the reports, and where each value stands
    Preview(Preview),
    /// Tell which format files are in
    Detect(Files),
    /// List the formats that can be read, with their options
    Formats,
    /// Convert files and put their reports into the instance's queue
    Submit(Submit),
    /// Look at and work on what is owed to the server
    #[command(subcommand, arg_required_else_help = true)]
    Queue(Queue),
    /// Show what became of source files, newest first
    History(History),
    /// Show one source file of the history: its reports, where it is now, its text and its log lines
    Source(Source),
    /// Bring a rejected file back into its watch folder, to be converted once more
    ConvertAgain(Source),
    /// Show what was sent, rejected and refused over the last hours
    Activity(Activity),
    /// Show how many units passed at once, and which steps fail
    Yield(Yield),
    /// Send reports again that the server has accepted before
    Resend(Ids),
    /// Look through the watch folders now
    Rescan(Which),
    /// Show the worker's log
    Logs(Logs),
    /// Ask the server for its version with the instance's settings
    TestConnection(TestConnection),
    /// Check everything an instance needs, with a remedy for each fault
    Doctor(Which),
    /// Write what helps to find a fault into one zip file, without secrets
    SupportBundle(SupportBundle),
    /// Write an instance to one file, to bring it to another computer
    Export(Export),
    /// Make an instance of an exported one, or of the settings of a pyWATS client
    #[command(after_help = IMPORT_EXAMPLE)]
    Import(Import),
    /// Run a WATS-compatible server on this machine, for trying out
    Sandbox(Sandbox),
    /// Show the whole way of a report, on a sandbox server and files of our own
    Demo(Demo),
    /// Print a completion script for a shell
    Completions {
        /// Shell to print the script for
        shell: clap_complete::Shell,
    },
    /// Print a manual page (roff), as for `lineside man queue list | man -l -`
    Man {
        /// Command the page is about [default: all of lineside]
        command: Vec<String>,
    },
}

impl Verb {
    /// Whether it has its own way to end on Ctrl+C.
    pub(crate) fn ends_itself(&self) -> bool {
        matches!(self, Self::Run(_) | Self::Sandbox(_) | Self::Demo(_))
    }
}

/// An instance given as the first word.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Instance; may be left out when there is only one
    pub(crate) id: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only instances with this in their name
    pub(crate) filter: Option<String>,
    /// All that is known of each, not one line
    #[arg(long, short)]
    pub(crate) detailed: bool,
    /// Say what the symbols mean
    #[arg(long)]
    pub(crate) legend: bool,
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
    #[command(flatten)]
    pub(crate) stopping: Stopping,
    /// Stop every worker that runs
    #[arg(long, conflicts_with = "id")]
    pub(crate) all: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Stopping {
    /// Instance; may be left out when there is only one
    pub(crate) id: Option<String>,
    /// End the process when it has not stopped by itself in time
    #[arg(long)]
    pub(crate) force: bool,
    /// Seconds to wait [default: the instance's shutdown_timeout_s plus 10]
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
    #[arg(long, value_name = "PLACE", default_value = "", hide_default_value = true)]
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
    Check(ConfigCheck),
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
    /// Put a new token in place of the old; a running worker takes it at once
    Token {
        /// File that holds the token; - reads standard input
        file: PathBuf,
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
    /// Lines to begin with; of the level that is asked for
    #[arg(long, short = 'n', default_value_t = 50)]
    pub(crate) lines: usize,
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
