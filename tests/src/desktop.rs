//! A desktop of our own for one test: a screen nobody sees, a session bus nobody else is on and a window manager. Linux only.

use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use zbus::blocking::{connection, fdo::DBusProxy};

use crate::{Chooser, Notices, Panel};

/// Pixels of the screen, and of the edge in which a large window has its title.
const WIDE: usize = 1280;
const HIGH: usize = 800;
const EDGE: usize = 48;

/// Screen, bus and window manager. Dropping it ends them.
pub struct Desktop {
    folder: TempDir,
    screen: Child,
    bus: Child,
    windows: Child,
    display: String,
    address: String,
}

impl Desktop {
    /// A desktop without a panel.
    #[must_use]
    pub fn new() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let silent = || Stdio::null();
        let mut xvfb = Command::new("Xvfb");
        xvfb.args(["-displayfd", "1", "-screen", "0", &format!("{WIDE}x{HIGH}x24"), "-nolisten", "tcp", "-fbdir"]).arg(folder.path());
        let (screen, number) = first_line(&mut xvfb);
        let display = format!(":{number}");
        let (bus, address) = first_line(Command::new("dbus-daemon").args(["--session", "--nofork", "--nopidfile", "--print-address=1"]));
        let mut openbox = Command::new("openbox");
        openbox.env("DISPLAY", &display).env("XDG_CONFIG_HOME", folder.path()).env("XDG_CACHE_HOME", folder.path());
        let windows = openbox.stdin(silent()).stdout(silent()).stderr(silent()).spawn().expect("openbox is installed");
        Self { folder, screen, bus, windows, display, address }
    }

    /// Lets a program live on this desktop.
    pub fn host(&self, command: &mut Command) {
        let place = |name: &str| self.folder.path().join(name);
        command.env("DISPLAY", &self.display).env("DBUS_SESSION_BUS_ADDRESS", &self.address).env("GDK_BACKEND", "x11");
        command.env("XDG_RUNTIME_DIR", self.folder.path()).env("XDG_CONFIG_HOME", place("config")).env("XDG_CACHE_HOME", place("cache"));
        command.env("XDG_DATA_HOME", place("data")).env("NO_AT_BRIDGE", "1").env("LANG", "C.UTF-8").env("LC_ALL", "C.UTF-8");
        // Files are asked for over the bus; nothing else is.
        command.env("GTK_USE_PORTAL", "1").env("GIO_USE_PROXY_RESOLVER", "dummy");
        command.env_remove("WAYLAND_DISPLAY").env_remove("LANGUAGE");
    }

    /// Opens a panel.
    #[must_use]
    pub fn panel(&self) -> Panel {
        Panel::new(&self.address)
    }

    /// Reads the notifications that come from now on, as the desktop would show them.
    #[must_use]
    pub fn notices(&self) -> Notices {
        Notices::new(&self.address)
    }

    /// Answers programs that ask for a file from now on.
    #[must_use]
    pub fn chooser(&self) -> Chooser {
        Chooser::new(&self.address)
    }

    /// How many windows of this title are on the screen.
    #[must_use]
    pub fn windows(&self, title: &str) -> usize {
        let title = format!("^{title}$");
        let search = ["search", "--onlyvisible", "--name", &title];
        let found = Command::new("xdotool").env("DISPLAY", &self.display).args(search).output().expect("xdotool is installed");
        String::from_utf8_lossy(&found.stdout).lines().count()
    }

    /// How many colours there are on the screen now, its edges with the title of a window aside.
    #[must_use]
    pub fn colours(&self) -> usize {
        let bytes = std::fs::read(self.folder.path().join("Xvfb_screen0")).expect("the screen as Xvfb keeps it");
        let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes")) as usize;
        // The header of an XWD file: its own length, and far behind it how many entries of 12 bytes the colour map has that follows.
        let (pixels, _) = bytes[number(0) + number(76) * 12..].as_chunks::<4>();
        let inside = pixels.chunks(WIDE).take(HIGH - EDGE).skip(EDGE).flat_map(|row| &row[EDGE..WIDE - EDGE]);
        inside.collect::<HashSet<_>>().len()
    }

    /// Asks the window of this title to close, as its close button does.
    pub fn close_window(&self, title: &str) {
        let closed = Command::new("wmctrl").env("DISPLAY", &self.display).args(["-F", "-c", title]).status().expect("wmctrl is installed");
        assert!(closed.success(), "the window {title} cannot be closed");
    }

    /// Presses a key in the window that has the focus.
    pub fn press(&self, key: &str) {
        let pressed = Command::new("xdotool").env("DISPLAY", &self.display).args(["key", key]).status().expect("xdotool is installed");
        assert!(pressed.success(), "{key} cannot be pressed");
    }

    /// Whether a program holds this name on the bus.
    #[must_use]
    pub fn is_on_the_bus(&self, name: &str) -> bool {
        self.owner(name).is_some()
    }

    /// The process that holds this name on the bus.
    #[must_use]
    pub fn owner(&self, name: &str) -> Option<u32> {
        let bus = connection::Builder::address(self.address.as_str()).and_then(connection::Builder::build).expect("our own bus");
        let name = name.try_into().expect("a name as the bus knows them");
        DBusProxy::new(&bus).and_then(|proxy| Ok(proxy.get_connection_unix_process_id(name)?)).ok()
    }

    /// A folder that goes with the desktop.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Default for Desktop {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        for child in [&mut self.windows, &mut self.bus, &mut self.screen] {
            // One that has ended already is what is wanted.
            let _gone = child.kill();
            let _waited = child.wait();
        }
    }
}

/// Starts a program that tells on its first line how to reach it.
fn first_line(command: &mut Command) -> (Child, String) {
    let name = command.get_program().to_string_lossy().into_owned();
    let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let mut child = spawned.unwrap_or_else(|error| panic!("{name} cannot be started: {error}"));
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("text");
    assert!(!line.trim().is_empty(), "{name} did not say how to reach it");
    (child, line.trim().to_owned())
}
