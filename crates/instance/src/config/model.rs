//! The settings of an instance, typed. The doc comments are the descriptions in `schemas/client_config.schema.json`,
//! the ranges are checked by [`super::check`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The `schema_version` this version reads and writes.
pub const CONFIG_VERSION: u32 = 3;

/// Settings of one Lineside instance. The worker reads them once, when it starts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(title = "client_config.json")]
pub struct Config {
    /// Version of this file's shape. Older ones are migrated, newer ones refused. Absent: 3.
    #[schemars(range(min = 3, max = 3))]
    pub schema_version: u32,
    /// Name of this instance for people.
    pub instance_name: String,
    /// Address of the WATS server, for example `https://acme.wats.com`.
    pub service_address: String,
    /// Name of this station in reports that do not say theirs. Empty: the name of the computer in capitals.
    pub station_name: String,
    /// Location in reports that do not say theirs.
    pub location: String,
    /// Purpose in reports that do not say theirs.
    pub purpose: String,
    /// Process code in reports that do not say theirs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub default_process_code: Option<i64>,
    /// Part revision in reports that do not say theirs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part_revision: Option<String>,
    /// Operator in reports that do not say theirs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// How to get out to the server.
    pub proxy: Proxy,
    /// PEM file of certificate authorities to trust besides the system's. Relative paths are inside the instance folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<String>,
    /// Seconds to wait for a connection to the server.
    #[schemars(range(min = 1, max = 300))]
    pub connect_timeout_s: u32,
    /// Seconds to wait for the server's answer to one report.
    #[schemars(range(min = 1, max = 3600))]
    pub request_timeout_s: u32,
    /// Most reports sent at the same time.
    #[schemars(range(min = 1, max = 32))]
    pub max_concurrent_uploads: u32,
    /// Most files converted at the same time.
    #[schemars(range(min = 1, max = 32))]
    pub max_concurrent_conversions: u32,
    /// Most reports waiting to be sent; then new files stay in their folder until there is room. 0: no limit.
    pub max_queue_size: u64,
    /// Most MiB of reports waiting to be sent; then new files stay in their folder. 0: no limit.
    pub max_queue_mib: u64,
    /// Free MiB the disk must keep; with less, new files stay in their folder. 0: no limit.
    pub min_free_mib: u64,
    /// Send reports compressed (gzip). Only for servers that accept it.
    pub compress_uploads: bool,
    /// Seconds the worker may take to finish what is in flight when it stops.
    #[schemars(range(min = 1, max = 3600))]
    pub shutdown_timeout_s: u32,
    /// How much the worker logs.
    pub log_level: LogLevel,
    /// MiB after which a log file is full and a new part begins.
    #[schemars(range(min = 1, max = 1024))]
    pub log_max_mib: u32,
    /// Days log files are kept. 0: for ever.
    #[schemars(range(min = 0, max = 36500))]
    pub log_keep_days: u32,
    /// Days sent reports are kept in `reports/`. 0: for ever.
    #[schemars(range(min = 0, max = 36500))]
    pub reports_keep_days: u32,
    /// Days the history of files and reports is kept. 0: for ever.
    #[schemars(range(min = 0, max = 36500))]
    pub history_keep_days: u32,
    /// Days files are kept in the done folders of rules that move or zip. Every file that came there longer ago is deleted,
    /// whoever put it there; folders in it and notes (`.error.txt`) stay. 0: for ever.
    #[schemars(range(min = 0, max = 36500))]
    pub done_keep_days: u32,
    /// MiB above which a file is rejected unread.
    #[schemars(range(min = 1, max = 65536))]
    pub max_file_mib: u32,
    /// Start paused: convert and queue, but send nothing.
    pub paused: bool,
    /// The watch rules: which files are taken and what they are.
    pub converters: Vec<WatchRule>,
    /// Settings of a migrated pyWATS client that Lineside has no use for. Kept so that nothing is lost.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub pywats: Map<String, Value>,
    /// Keys this version does not know; kept.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            schema_version: CONFIG_VERSION,
            instance_name: String::new(),
            service_address: String::new(),
            station_name: String::new(),
            location: String::new(),
            purpose: String::new(),
            default_process_code: None,
            part_revision: None,
            operator: None,
            proxy: Proxy::default(),
            ca_file: None,
            connect_timeout_s: 10,
            request_timeout_s: 60,
            max_concurrent_uploads: 5,
            max_concurrent_conversions: 10,
            max_queue_size: 1_000_000,
            max_queue_mib: 2048,
            min_free_mib: 500,
            compress_uploads: false,
            shutdown_timeout_s: 30,
            log_level: LogLevel::Info,
            log_max_mib: 10,
            log_keep_days: 30,
            reports_keep_days: 90,
            history_keep_days: 365,
            done_keep_days: 0,
            max_file_mib: 256,
            paused: false,
            converters: Vec::new(),
            pywats: Map::new(),
            extra: Map::new(),
        }
    }
}

/// The proxy between this station and the server. Its password is in `secret.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Proxy {
    /// Which proxy.
    pub mode: ProxyMode,
    /// Name or address of the proxy; for `manual`.
    pub host: String,
    /// Port of the proxy; for `manual`.
    #[schemars(range(min = 1, max = 65535))]
    pub port: u16,
    /// User at the proxy. Empty: no log-in.
    pub username: String,
    /// Hosts reached without the proxy, separated by commas.
    pub bypass: String,
    /// Keys this version does not know; kept.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Default for Proxy {
    fn default() -> Self {
        Proxy {
            mode: ProxyMode::System,
            host: String::new(),
            port: 8080,
            username: String::new(),
            bypass: String::new(),
            extra: Map::new(),
        }
    }
}

/// Which proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProxyMode {
    /// None, whatever the system says.
    None,
    /// The system's.
    System,
    /// The one given here.
    Manual,
}

/// How much the worker logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Every step of every file.
    Trace,
    /// What helps to find a fault.
    Debug,
    /// What happens.
    Info,
    /// What somebody should look at.
    Warn,
    /// What does not work.
    Error,
}

impl LogLevel {
    /// The word in the settings, which is also the one loggers take.
    pub fn as_str(self) -> &'static str {
        match self {
            LogLevel::Trace => "trace",
            LogLevel::Debug => "debug",
            LogLevel::Info => "info",
            LogLevel::Warn => "warn",
            LogLevel::Error => "error",
        }
    }
}

/// A watch rule: files of one kind in one folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct WatchRule {
    /// Name of the rule, unique in this file.
    pub name: String,
    /// Whether the folder is watched.
    pub enabled: bool,
    /// The folder. A full path: a relative one would depend on who starts the worker.
    pub watch_folder: String,
    /// What the files are: the name of a format, or `detect` to find out per file.
    pub format: String,
    /// Options of the format.
    pub options: Map<String, Value>,
    /// Names of the files to take: `*` for any text, `?` for one character.
    pub file_patterns: Vec<String>,
    /// Names of files not to take although a pattern above fits.
    pub exclude_patterns: Vec<String>,
    /// Whether folders in the folder are watched too.
    pub recursive: bool,
    /// Where converted files go, for `move` and `zip`. Relative paths are inside the watch folder.
    pub done_folder: String,
    /// Where rejected files go. Relative paths are inside the watch folder.
    pub error_folder: String,
    /// What happens to a converted file.
    pub post_action: PostAction,
    /// Whose reports are sent first: 1 before 10.
    #[schemars(range(min = 1, max = 10))]
    pub priority: u8,
    /// What happens to a file whose content was converted before.
    pub duplicates: Duplicates,
    /// How new files are found.
    pub polling: Polling,
    /// Seconds a file must be unchanged before it is read.
    #[schemars(range(min = 0, max = 3600))]
    pub settle_s: f64,
    /// Seconds since its last change after which a file is taken; younger ones wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub min_age_s: Option<f64>,
    /// Seconds since its last change after which a file is no longer taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub max_age_s: Option<f64>,
    /// Bytes a file must have to be taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_bytes: Option<u64>,
    /// Bytes above which a file is not taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
    /// Settings of a migrated pyWATS converter that Lineside has no use for. Kept so that nothing is lost.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub pywats: Map<String, Value>,
    /// Keys this version does not know; kept.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Default for WatchRule {
    fn default() -> Self {
        WatchRule {
            name: String::new(),
            enabled: true,
            watch_folder: String::new(),
            format: "detect".to_owned(),
            options: Map::new(),
            file_patterns: vec!["*".to_owned()],
            exclude_patterns: Vec::new(),
            recursive: false,
            done_folder: "Done".to_owned(),
            error_folder: "Error".to_owned(),
            post_action: PostAction::Move,
            priority: 5,
            duplicates: Duplicates::Skip,
            polling: Polling::Auto,
            settle_s: 2.0,
            min_age_s: None,
            max_age_s: None,
            min_bytes: None,
            max_bytes: None,
            pywats: Map::new(),
            extra: Map::new(),
        }
    }
}

/// What happens to a converted file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PostAction {
    /// It goes to the done folder.
    Move,
    /// It is deleted.
    Delete,
    /// It goes to the done folder, compressed.
    Zip,
    /// It stays where it is and is not taken again.
    Keep,
}

/// What happens to a file whose content was converted before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Duplicates {
    /// It is filed like a converted one, and nothing is sent.
    Skip,
    /// It is converted and sent again.
    Send,
}

/// How new files are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Polling {
    /// By the system's events, and by looking now and then.
    Auto,
    /// By looking often: for network folders without events.
    Always,
}
