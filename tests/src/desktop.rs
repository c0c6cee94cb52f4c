//! A desktop of our own for one test: a screen nobody sees, a session bus nobody else is on, a window manager; and the panel that shows tray icons,
//! which can come late and go. Linux only.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use tempfile::TempDir;
use zbus::blocking::{Connection, Proxy, connection, fdo::DBusProxy};
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Structure, Value};

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const ITEM: &str = "org.kde.StatusNotifierItem";
const MENU: &str = "com.canonical.dbusmenu";

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
        let (screen, number) =
            first_line(Command::new("Xvfb").args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"]));
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
        command.env_remove("WAYLAND_DISPLAY").env_remove("LANGUAGE");
    }

    /// Opens a panel.
    #[must_use]
    pub fn panel(&self) -> Panel {
        Panel::new(&self.address)
    }

    /// How many windows of this title are on the screen.
    #[must_use]
    pub fn windows(&self, title: &str) -> usize {
        let title = format!("^{title}$");
        let search = ["search", "--onlyvisible", "--name", &title];
        let found = Command::new("xdotool").env("DISPLAY", &self.display).args(search).output().expect("xdotool is installed");
        String::from_utf8_lossy(&found.stdout).lines().count()
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
        let bus = connection::Builder::address(self.address.as_str()).and_then(connection::Builder::build).expect("our own bus");
        let name = name.try_into().expect("a name as the bus knows them");
        DBusProxy::new(&bus).and_then(|proxy| Ok(proxy.name_has_owner(name)?)).unwrap_or(false)
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

/// A bus name and the path of an icon on it.
type Item = (String, String);

/// The object that programs give their tray icons to.
struct Watcher {
    items: Arc<Mutex<Vec<Item>>>,
}

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, service: &str, #[zbus(header)] header: zbus::message::Header<'_>) {
        let sender = header.sender().map(ToString::to_string).unwrap_or_default();
        // Some give the path of their icon, others their name on the bus.
        let item =
            if service.starts_with('/') { (sender, service.to_owned()) } else { (service.to_owned(), "/StatusNotifierItem".to_owned()) };
        self.items.lock().unwrap_or_else(PoisonError::into_inner).push(item);
    }

    fn register_status_notifier_host(&self, _service: &str) {}

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        let items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        items.iter().map(|(name, path)| format!("{name}{path}")).collect()
    }
}

/// The panel: takes tray icons, and reads and clicks them as a person would.
pub struct Panel {
    connection: Connection,
    items: Arc<Mutex<Vec<Item>>>,
}

/// A line of a menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    id: i32,
    /// Its text; empty for a line across.
    pub text: String,
    /// Whether it can be clicked.
    pub enabled: bool,
    /// The menu in it.
    pub lines: Vec<Line>,
}

impl Panel {
    fn new(address: &str) -> Self {
        let items = Arc::new(Mutex::new(Vec::new()));
        let watcher = Watcher { items: items.clone() };
        let built = connection::Builder::address(address).and_then(|builder| builder.serve_at("/StatusNotifierWatcher", watcher));
        let connection = built.and_then(|builder| builder.name(WATCHER)).and_then(connection::Builder::build).expect("our own bus");
        Self { connection, items }
    }

    /// Whether a program that still runs has given us its icon.
    #[must_use]
    pub fn has_icon(&self) -> bool {
        self.item().is_some()
    }

    fn item(&self) -> Option<Item> {
        let bus = DBusProxy::new(&self.connection).expect("our own bus");
        let items = self.items.lock().unwrap_or_else(PoisonError::into_inner).clone();
        items.into_iter().rev().find(|(name, _)| {
            let name = name.as_str().try_into();
            name.is_ok_and(|name| bus.name_has_owner(name).unwrap_or(false))
        })
    }

    fn proxy(&self) -> Option<Proxy<'static>> {
        let (name, path) = self.item()?;
        let uncached = zbus::proxy::CacheProperties::No;
        let builder = zbus::blocking::proxy::Builder::new(&self.connection).destination(name).ok()?.path(path).ok()?;
        builder.interface(ITEM).ok()?.cache_properties(uncached).build().ok()
    }

    /// The tooltip; empty while there is none.
    #[must_use]
    pub fn tooltip(&self) -> String {
        type ToolTip = (String, Vec<(i32, i32, Vec<u8>)>, String, String);
        let tip = self.proxy().and_then(|item| item.get_property::<ToolTip>("ToolTip").ok());
        tip.map(|(_, _, title, text)| format!("{title}{text}")).unwrap_or_default()
    }

    /// The picture, as it came.
    #[must_use]
    pub fn picture(&self) -> Vec<u8> {
        let pictures = self.proxy().and_then(|item| item.get_property::<Vec<(i32, i32, Vec<u8>)>>("IconPixmap").ok());
        pictures.and_then(|pictures| pictures.into_iter().next()).map(|(_, _, bytes)| bytes).unwrap_or_default()
    }

    /// The menu; empty while there is none.
    #[must_use]
    pub fn menu(&self) -> Vec<Line> {
        let Some(menu) = self.menu_proxy() else { return Vec::new() };
        // Not every program wants to be told.
        let _refused = menu.call::<_, _, bool>("AboutToShow", &(0_i32,));
        type Layout = (u32, (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>));
        let layout = menu.call::<_, _, Layout>("GetLayout", &(0_i32, -1_i32, Vec::<String>::new()));
        layout.map(|(_, (_, _, lines))| lines.iter().filter_map(|line| read(line)).collect()).unwrap_or_default()
    }

    fn menu_proxy(&self) -> Option<Proxy<'static>> {
        let (name, _) = self.item()?;
        let path: OwnedObjectPath = self.proxy()?.get_property("Menu").ok()?;
        Proxy::new_owned(self.connection.clone(), name, path, MENU).ok()
    }

    /// Every text in the menu, one a line.
    #[must_use]
    pub fn text(&self) -> String {
        fn texts(lines: &[Line], text: &mut String) {
            for line in lines {
                *text += &line.text;
                *text += "\n";
                texts(&line.lines, text);
            }
        }
        let mut text = String::new();
        texts(&self.menu(), &mut text);
        text
    }

    /// Clicks the first line of this text that can be clicked; whether there was one.
    #[must_use]
    pub fn click(&self, text: &str) -> bool {
        fn find(lines: &[Line], text: &str) -> Option<i32> {
            lines.iter().find_map(|line| if line.text == text && line.enabled { Some(line.id) } else { find(&line.lines, text) })
        }
        let (Some(id), Some(menu)) = (find(&self.menu(), text), self.menu_proxy()) else { return false };
        menu.call::<_, _, ()>("Event", &(id, "clicked", Value::from(0_i32), 0_u32)).is_ok()
    }

    /// A left click on the icon.
    #[must_use]
    pub fn activate(&self) -> bool {
        self.proxy().is_some_and(|item| item.call::<_, _, ()>("Activate", &(10_i32, 10_i32)).is_ok())
    }
}

/// A line of the menu as it came over the bus; none where it is no line.
fn read(value: &Value<'_>) -> Option<Line> {
    let structure: &Structure<'_> = match value {
        Value::Structure(structure) => structure,
        Value::Value(inner) => return read(inner),
        _ => return None,
    };
    let [Value::I32(id), Value::Dict(about), Value::Array(lines)] = structure.fields() else { return None };
    let text: Option<String> = about.get(&"label").ok().flatten();
    let enabled: Option<bool> = about.get(&"enabled").ok().flatten();
    let lines = lines.iter().filter_map(read).collect();
    // A single underscore marks a key, a double one is an underscore.
    let text = text.unwrap_or_default().replace("__", "\u{0}").replace('_', "").replace('\u{0}', "_");
    Some(Line { id: *id, text, enabled: enabled.unwrap_or(true), lines })
}
