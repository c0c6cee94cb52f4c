//! The command line: one file per group of verbs, all on the instance's files, whether its worker runs or not.

mod activity;
mod again;
mod args;
mod bundle;
mod config;
mod connection;
mod convert;
mod detect;
mod doctor;
mod export;
mod files;
mod health;
mod history;
mod import;
mod init;
mod life;
mod logs;
mod preview;
mod queue;
mod sandbox;
mod sealed;
mod session;
mod source;
mod state;
mod stdin;
mod submit;
mod token;
mod verify;
mod window;
mod wishes;

use crate::demo;
use crate::exit::{Exit, Fatal};
use crate::output::Output;
use crate::signals::Signals;
use args::{Cli, Colour, Verb};
use clap::{CommandFactory, Parser};
use session::{Ending, Session};
use std::process::ExitCode;
use std::sync::mpsc;

/// Reads the command line, does what it says, and gives the exit code.
pub(crate) fn main() -> ExitCode {
    if std::env::args_os().len() < 2 {
        // Somebody who types nothing wants to know what there is to type.
        let _nobody_reads = Cli::command().print_help();
        return ExitCode::from(Exit::Usage as u8);
    }
    let cli = Cli::parse();
    match cli.everywhere.color {
        Colour::Auto => {}
        Colour::Always => anstream::ColorChoice::Always.write_global(),
        Colour::Never => anstream::ColorChoice::Never.write_global(),
    }
    let out = Output { json: cli.everywhere.json, quiet: cli.everywhere.quiet, verbose: cli.everywhere.verbose };
    if !cli.verb.ends_itself() {
        end_on_interrupt();
    }
    let session = Session::new(cli.everywhere.home.clone(), cli.everywhere.instance.clone(), out);
    let code = match dispatch(&session, &cli.verb) {
        Ok(None) => return ExitCode::SUCCESS,
        Ok(Some(exit)) => exit,
        Err(fatal) => {
            out.fatal(&fatal);
            fatal.exit
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
        Verb::List(list) => state::list(session, list),
        Verb::Init(init) => init::init(session, init),
        Verb::Config(verb) => config::config(session, verb),
        Verb::Convert(convert) => convert::convert(session, convert),
        Verb::Preview(preview) => preview::preview(session, preview),
        Verb::Detect(files) => detect::detect(session, files),
        Verb::Formats => detect::formats(session),
        Verb::Submit(submit) => submit::submit(session, submit),
        Verb::Queue(verb) => queue::queue(session, verb),
        Verb::History(history) => history::history(session, history),
        Verb::Source(asked) => source::source(session, asked),
        Verb::ConvertAgain(asked) => again::convert_again(session, asked),
        Verb::Activity(asked) => activity::activity(session, asked),
        Verb::Yield(asked) => activity::yield_of(session, asked),
        Verb::Resend(ids) => wishes::resend(session, ids),
        Verb::Rescan(which) => wishes::rescan(session, which),
        Verb::Logs(logs) => logs::logs(session, logs),
        Verb::TestConnection(test) => connection::test_connection(session, test),
        Verb::Doctor(which) => doctor::doctor(session, which),
        Verb::SupportBundle(bundle) => bundle::support_bundle(session, bundle),
        Verb::Export(export) => export::export(session, export),
        Verb::Import(import) => import::import(session, import),
        Verb::Sandbox(sandbox) => sandbox::sandbox(session, sandbox),
        Verb::Demo(args) => demo::demo(session.out, args.files, args.leave),
        Verb::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "lineside", &mut script);
            session.out.raw(&String::from_utf8_lossy(&script));
            Ok(None)
        }
        Verb::Man { command } => man(session, command),
    }
}

/// The page of a command, or of all of them.
fn man(session: &Session, words: &[String]) -> Ending {
    let mut cli = Cli::command();
    cli.build();
    let page = words.iter().try_fold(&cli, |command, word| {
        let unknown = || Fatal::new(Exit::Usage, format!("there is no command {word:?}; `lineside --help` lists them"));
        command.find_subcommand(word).ok_or_else(unknown)
    })?;
    let mut roff = Vec::new();
    let title = ["lineside"].into_iter().chain(words.iter().map(String::as_str)).collect::<Vec<_>>().join("-");
    clap_mangen::Man::new(page.clone()).title(title).render(&mut roff).map_err(|error| Fatal::new(Exit::Failed, error))?;
    session.out.raw(String::from_utf8_lossy(&roff).trim_end());
    Ok(None)
}

/// Ends the process with its own code on Ctrl+C, so that a script can tell it from a failure. What is half done is as after a crash: nothing is lost.
fn end_on_interrupt() {
    let (heard, listening) = mpsc::channel();
    std::thread::spawn(move || {
        let Ok(runtime) = runtime() else { return };
        runtime.block_on(async {
            let Ok(mut signals) = Signals::listen() else { return };
            // Nobody waits for it once the main thread has ended.
            let _begun = heard.send(());
            signals.next().await;
            std::process::exit(i32::from(Exit::Interrupted as u8));
        });
    });
    // Where signals cannot be heard, they end the process as they always do.
    let _heard = listening.recv();
}

/// The runtime of everything that talks to a network: one thread, as the worker itself has.
fn runtime() -> Result<tokio::runtime::Runtime, Fatal> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Fatal::new(Exit::Failed, format!("the runtime cannot be started: {error}")))
}
