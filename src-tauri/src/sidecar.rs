//! The worker's program, run for a short job: arguments and standard input in, JSON out. It ends with the app, and when it takes too long.
//!
//! The worker itself is not started here: see `launch`. Tokens go through standard input, never through an argument.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;
use tauri::{AppHandle, Wry};
use tauri_plugin_shell::ShellExt;
use tokio::io::AsyncWriteExt;
use tokio::sync::watch;

use crate::error::CommandError;

/// The program's name, beside the app's own.
const PROGRAM: &str = "lineside";
/// For what is done in a moment on this computer.
pub(crate) const SOON: Duration = Duration::from_secs(30);
/// For what asks a server, or goes through much data.
pub(crate) const LONG: Duration = Duration::from_secs(120);

/// Runs the worker's program for short jobs.
#[derive(Clone)]
pub(crate) struct Sidecar {
    app: AppHandle<Wry>,
    root: PathBuf,
    /// True once the app ends.
    ends: watch::Sender<bool>,
}

/// A job of the worker's program.
pub(crate) struct Job<'a> {
    args: Vec<&'a str>,
    input: Option<Vec<u8>>,
    limit: Duration,
}

impl<'a> Job<'a> {
    pub(crate) fn new(args: &[&'a str]) -> Job<'a> {
        Job { args: args.to_vec(), input: None, limit: SOON }
    }

    /// What the program reads on standard input.
    pub(crate) fn reading(self, input: impl Into<Vec<u8>>) -> Job<'a> {
        Job { input: Some(input.into()), ..self }
    }

    pub(crate) fn within(self, limit: Duration) -> Job<'a> {
        Job { limit, ..self }
    }

    pub(crate) fn and(mut self, args: &[&'a str]) -> Job<'a> {
        self.args.extend_from_slice(args);
        self
    }
}

impl Sidecar {
    pub(crate) fn new(app: AppHandle<Wry>, root: &Path) -> Sidecar {
        Sidecar { app, root: root.to_owned(), ends: watch::Sender::new(false) }
    }

    /// Ends every job.
    pub(crate) fn end(&self) {
        self.ends.send_replace(true);
    }

    /// The program with the arguments every call has: where it is, is the rule of tauri's bundles.
    ///
    /// # Errors
    /// When it cannot be told where the program is.
    pub(crate) fn command(&self, args: &[&str]) -> Result<std::process::Command, CommandError> {
        let sidecar = self.app.shell().sidecar(PROGRAM).map_err(|error| missing(&error))?;
        let mut command: std::process::Command = sidecar.into();
        command.arg("--home").arg(&self.root).args(args);
        Ok(command)
    }

    /// Runs a job and reads its answer.
    ///
    /// # Errors
    /// What the program says went wrong, in its words; that it is missing, takes too long, or answers what is not understood.
    pub(crate) async fn run<T: DeserializeOwned>(&self, job: Job<'_>) -> Result<T, CommandError> {
        let verb = job.args.join(" ");
        let mut args = vec!["--json"];
        args.extend(&job.args);
        let output = self.output(self.command(&args)?, job.input.as_deref(), job.limit).await?;
        answer(&verb, &output.stdout, &output.stderr)
    }

    async fn output(
        &self,
        command: std::process::Command,
        input: Option<&[u8]>,
        limit: Duration,
    ) -> Result<std::process::Output, CommandError> {
        let mut command = tokio::process::Command::from(command);
        command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().map_err(|error| missing(&error))?;
        let stdin = child.stdin.take();
        let work = async {
            let writing = async {
                if let (Some(mut stdin), Some(input)) = (stdin, input) {
                    // A program that ends without reading says itself what it did not like.
                    let _unread = stdin.write_all(input).await;
                }
            };
            tokio::join!(writing, child.wait_with_output()).1
        };
        let mut ends = self.ends.subscribe();
        tokio::select! {
            output = work => output.map_err(|error| CommandError::new("sidecar", format!("{PROGRAM} could not be run: {error}"))),
            () = tokio::time::sleep(limit) => {
                let text = format!("{PROGRAM} gave no answer within {} s", limit.as_secs());
                Err(CommandError::new("timeout", text))
            }
            _ = ends.wait_for(|ends| *ends) => Err(CommandError::new("ends", "the app is being closed")),
        }
    }
}

fn missing(error: &dyn std::fmt::Display) -> CommandError {
    CommandError::new("sidecar_missing", format!("the worker's program ({PROGRAM}) cannot be started: {error}"))
        .with_hint("Install Lineside again; both programs belong in one folder.")
}

/// What a program printed, as its answer. The exit code tells scripts what the answer says in words, so it is not asked.
pub(crate) fn answer<T: DeserializeOwned>(verb: &str, stdout: &[u8], stderr: &[u8]) -> Result<T, CommandError> {
    let Ok(value) = serde_json::from_slice::<Value>(stdout) else {
        let said = String::from_utf8_lossy(stderr);
        let said = said.trim().trim_start_matches("error: ");
        let text = if said.is_empty() { format!("{PROGRAM} {verb} ended without an answer") } else { said.to_owned() };
        return Err(CommandError::new("sidecar", text));
    };
    if let Some(error) = value.get("error").filter(|error| error.get("message").is_some()) {
        let text = |field: &str| error[field].as_str().map(str::to_owned);
        return Err(CommandError {
            code: text("code").unwrap_or_else(|| "sidecar".to_owned()),
            message: text("message").unwrap_or_default(),
            hint: text("hint"),
        });
    }
    serde_json::from_value(value).map_err(|error| {
        CommandError::new("sidecar_answer", format!("{PROGRAM} {verb} answered something this app does not understand: {error}"))
            .with_hint("Are both programs of the same version? Settings shows them.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_json_and_a_failure_is_told_in_the_programs_words() {
        assert_eq!(answer::<Vec<u32>>("doctor", b"[1,2]\n", b"").unwrap(), [1, 2]);
        let told = br#"{"error":{"code":"invalid","message":"no such format","hint":"choose one"}}"#;
        let error = answer::<Value>("preview", told, b"").unwrap_err();
        assert_eq!((error.code.as_str(), error.message.as_str(), error.hint.as_deref()), ("invalid", "no such format", Some("choose one")));
        let error = answer::<Value>("preview", b"", b"error: unrecognized subcommand 'preview'\n").unwrap_err();
        assert_eq!((error.code.as_str(), error.message.as_str()), ("sidecar", "unrecognized subcommand 'preview'"));
        let error = answer::<Vec<u32>>("doctor", b"{}", b"").unwrap_err();
        assert!(error.code == "sidecar_answer" && error.hint.is_some(), "{error:?}");
        assert!(answer::<Value>("doctor", b"", b"").unwrap_err().message.contains("without an answer"));
    }
}
