//! The panel of a desktop: it shows tray icons, can come late and go, and is read and clicked over the bus. Linux only.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use zbus::blocking::{Connection, Proxy, connection, fdo::DBusProxy};
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Structure, Value};

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const ITEM: &str = "org.kde.StatusNotifierItem";
const MENU: &str = "com.canonical.dbusmenu";

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
    pub(crate) fn new(address: &str) -> Self {
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
