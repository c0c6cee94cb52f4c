//! A faulty disk: preloaded (`LD_PRELOAD`) into a program, it stands before the C library's file calls and lets chosen ones fail.
//!
//! Promises: counts exactly the calls of the chosen kinds on files below one folder, in the order they are made; the n-th (and
//! as many after it as asked) fails as told, stalls, or ends the process; every call that counts can be noted in a trace.
//! Nothing here allocates or takes a lock of the program while it runs.
//!
//! It deliberately does not see reading directories, memory maps, and system calls made without the C library; of those it
//! catches the renames (`tempfile` makes them so), on `x86_64`.
//!
//! | variable | meaning |
//! |---|---|
//! | `FAULTY_ROOT` | only files below this folder count; without it nothing happens |
//! | `FAULTY_ONLY` | of those only paths that contain this text |
//! | `FAULTY_OPS` | kinds that count, by comma: `open` (any), `create` (an open that may make the file), `write`, `sync`, `truncate`, `rename`, `link`, `unlink`, `mkdir`, `copy`, `read`, `net` (any socket) |
//! | `FAULTY_AT` | the n-th call that counts fails, from 1; `n..m`: those too |
//! | `FAULTY_FOR` | how many from there on fail: a number or `forever` |
//! | `FAULTY_WITH` | `EIO`, `ENOSPC`, `EROFS`, `EMFILE`, `EDQUOT`, `EFBIG`, `EACCES`, `KILL` (the process ends as by a power cut), `STALL:ms` |
//! | `FAULTY_AFTER` | `1`: the call is done, and fails (or the process ends) afterwards |
//! | `FAULTY_SWITCH` | calls count only while this file exists |
//! | `FAULTY_COUNT` | this file holds how many counted and how many failed, two little-endian u64 |
//! | `FAULTY_TRACE` | to this file a record of each call that changes something is appended; see `trace.rs` |
#![cfg(target_os = "linux")]

mod calls;
mod kernel;
mod names;
mod net;
mod plan;
mod trace;
mod trap;

/// Before the program's `main`, while there is one thread.
#[used]
#[unsafe(link_section = ".init_array")]
static BEGIN: extern "C" fn() = begin;

extern "C" fn begin() {
    plan::read();
    if plan::is_on() {
        trap::set();
    }
}
