//! The promises of Lineside, each with the real program against the sandbox, each closing on the books.

mod app_answers;
mod asking_why;
mod bursts;
mod carrying;
mod clock;
mod command_line;
mod crashes;
mod delivery;
#[cfg(target_os = "linux")]
mod disk;
mod faults;
mod folders;
mod large;
mod network;
mod odd_files;
mod odd_input;
mod process;
mod samples;
mod secrets;
mod shares;
#[cfg(target_os = "linux")]
mod standing_still;
mod store;
mod verify;
