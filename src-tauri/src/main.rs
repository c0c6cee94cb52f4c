//! The tray app's program: everything is in the library beside it, where tests reach it.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() {
    lineside_tray::run();
}
