//! `lineside`: the worker and its command line. Dispatches, nothing else.

mod app;
mod archive;
mod board;
mod budget;
mod cli;
mod connection;
mod demo;
mod exit;
mod heartbeat;
mod intake;
mod logging;
mod mounts;
mod moving;
mod output;
mod plain;
mod process;
mod requests;
mod retention;
mod rooms;
mod rule;
mod settings;
mod signals;
mod status;
mod still;
mod stuck;
mod verify;
mod walks;
mod way;

fn main() -> std::process::ExitCode {
    cli::main()
}
