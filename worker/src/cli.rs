//! The command line: one file per group of verbs, all on the instance's files, whether its worker runs or not.

mod args;
mod config;
mod connection;
mod convert;
mod doctor;
mod health;
mod init;
mod life;
mod logs;
mod queue;
mod sandbox;
mod session;
mod state;

use crate::demo;
use crate::exit::{Exit, Fatal};
use crate::output::Output;
use args::{Cli, Verb};
use clap::{CommandFactory, Parser};
use session::{Ending, Session};
use std::process::ExitCode;

/// Reads the command line, does what it says, and gives the exit code.
pub(crate) fn main() -> ExitCode {
    let cli = Cli::parse();
    let out = Output { json: cli.everywhere.json, quiet: cli.everywhere.quiet };
    let session = Session::new(cli.everywhere.home.clone(), cli.everywhere.instance.clone(), out);
    let code = match dispatch(&session, &cli.verb) {
        Ok(None) => return ExitCode::SUCCESS,
        Ok(Some(exit)) => exit,
        Err(Fatal { exit, message }) => {
            out.error(&message);
            exit
        }
    };
    ExitCode::from(code as u8)
}

fn dispatch(session: &Session, verb: &Verb) -> Ending {
    match verb {
        Verb::Run(run) => life::run(session, run),
        Verb::Start(which) => life::start(session, which),
        Verb::Stop(stop) => life::stop(session, stop),
        Verb::Restart(stop) => life::restart(session, stop),
        Verb::Status(which) => state::status(session, which),
        Verb::List => state::list(session),
        Verb::Init(init) => init::init(session, init),
        Verb::Config(verb) => config::config(session, verb),
        Verb::Convert(convert) => convert::convert(session, convert),
        Verb::Detect(files) => convert::detect(session, files),
        Verb::Formats => convert::formats(session),
        Verb::Submit(submit) => convert::submit(session, submit),
        Verb::Queue(verb) => queue::queue(session, verb),
        Verb::History(history) => queue::history(session, history),
        Verb::Resend(ids) => queue::resend(session, ids),
        Verb::Rescan(which) => queue::rescan(session, which),
        Verb::Logs(logs) => logs::logs(session, logs),
        Verb::TestConnection(which) => connection::test_connection(session, which),
        Verb::Doctor(which) => doctor::doctor(session, which),
        Verb::Sandbox(sandbox) => sandbox::sandbox(session, sandbox),
        Verb::Demo(args) => demo::demo(session.out, args.files, args.leave),
        Verb::Completions { shell } => {
            clap_complete::generate(*shell, &mut Cli::command(), "lineside", &mut std::io::stdout());
            Ok(None)
        }
        Verb::Man => man(),
    }
}

fn man() -> Ending {
    let page = clap_mangen::Man::new(Cli::command());
    page.render(&mut std::io::stdout()).map_err(|error| Fatal::new(Exit::Failed, error))?;
    Ok(None)
}

/// The runtime of everything that talks to a network: one thread, as the worker itself has.
fn runtime() -> Result<tokio::runtime::Runtime, Fatal> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Fatal::new(Exit::Failed, format!("the runtime cannot be started: {error}")))
}
