//! The tray app end to end: the real app and the real worker on a desktop of their own, read and clicked over D-Bus as a panel does it.
#![cfg(target_os = "linux")]

mod life;
mod tray;
