//! What must be true of the server: it answers, it takes the token, it knows the process.

use super::Check;
use crate::cli::session::Instance;
use crate::connection;
use instance::Config;
use wats::{Cause, Client, Problem};

/// A clock that is off by more shows wrong times in the reports.
const CLOCK_TOLERANCE_S: i64 = 120;

pub(super) fn checks(instance: &Instance, config: &Config) -> Vec<Check> {
    let client = match client(instance, config) {
        Ok(client) => client,
        Err(message) => return vec![Check::failed("server", message, "correct the settings that are named")],
    };
    let runtime = match crate::cli::runtime() {
        Ok(runtime) => runtime,
        Err(fatal) => return vec![Check::failed("server", fatal.message, "check the machine's limits")],
    };
    match runtime.block_on(client.version()) {
        Err(problem) => vec![refused(&problem)],
        Ok(version) => {
            let mut checks = vec![
                Check::ok("server", format!("WATS {} answers in {} ms", version.version, version.latency.as_millis())),
                Check::ok("login", "the token is accepted"),
                clock(version.clock_ahead_s),
            ];
            if let Some(code) = config.default_process_code {
                checks.push(process(&runtime, &client, code));
            }
            checks
        }
    }
}

fn client(instance: &Instance, config: &Config) -> Result<Client, String> {
    let secret = connection::secret(&instance.layout).map_err(|fatal| fatal.message)?;
    Client::new(&connection::of(&instance.layout, config, secret.as_ref())).map_err(|error| error.to_string())
}

fn refused(problem: &Problem) -> Check {
    let name = if problem.cause == Cause::Token { "login" } else { "server" };
    Check::failed(name, problem.message.clone(), problem.fix.clone())
}

fn clock(ahead: Option<i64>) -> Check {
    match ahead {
        Some(seconds) if seconds.abs() > CLOCK_TOLERANCE_S => Check::warning(
            "clock",
            format!("this computer's clock and the server's are {} s apart", seconds.abs()),
            "let the system set its clock by the network; the times in reports come from it",
        ),
        _ => Check::ok("clock", "agrees with the server's"),
    }
}

fn process(runtime: &tokio::runtime::Runtime, client: &Client, code: i64) -> Check {
    match runtime.block_on(client.processes()) {
        Err(problem) => Check::warning("process", problem.message, problem.fix),
        Ok(processes) if processes.iter().any(|process| process.code == code) => {
            Check::ok("process", format!("the server knows process {code}"))
        }
        Ok(_) => Check::failed(
            "process",
            format!("the server does not know process {code}"),
            "set default_process_code to one it knows, or add it under Control Panel > Processes in WATS",
        ),
    }
}
