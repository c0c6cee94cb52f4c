//! The tray app end to end: the real app and the real worker on a desktop of their own; the tray read and clicked over D-Bus as a panel does it, the window
//! through WebKit's own driver as a person does it.
#![cfg(target_os = "linux")]

mod first_run;
mod life;
mod tray;
