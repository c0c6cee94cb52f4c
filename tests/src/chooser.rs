//! The desktop's chooser of files: programs ask it over the bus, and a test answers in a person's place. Linux only.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use zbus::blocking::{Connection, connection};
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

use crate::until;

/// For a program to ask.
const SOON: Duration = Duration::from_secs(20);
const PLACE: &str = "/org/freedesktop/portal/desktop";

/// The questions that wait for an answer: who asked, and where the answer is expected.
type Asked = Arc<Mutex<Vec<(String, OwnedObjectPath)>>>;

/// The object that is asked.
struct Portal {
    asked: Asked,
}

impl Portal {
    fn ask(&self, header: &zbus::message::Header<'_>, options: &HashMap<String, OwnedValue>) -> zbus::fdo::Result<OwnedObjectPath> {
        let asker = header.sender().map(ToString::to_string).unwrap_or_default();
        let token: Option<&str> = options.get("handle_token").and_then(|token| token.downcast_ref().ok());
        let place = format!("{PLACE}/request/{}/{}", asker.trim_start_matches(':').replace('.', "_"), token.unwrap_or("0"));
        let place = OwnedObjectPath::try_from(place).map_err(|error| zbus::fdo::Error::InvalidArgs(error.to_string()))?;
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push((asker, place.clone()));
        Ok(place)
    }
}

#[zbus::interface(name = "org.freedesktop.portal.FileChooser")]
impl Portal {
    fn open_file(
        &self,
        _parent: &str,
        _title: &str,
        options: HashMap<String, OwnedValue>,
        #[zbus(header)] header: zbus::message::Header<'_>,
    ) -> zbus::fdo::Result<OwnedObjectPath> {
        self.ask(&header, &options)
    }

    fn save_file(
        &self,
        _parent: &str,
        _title: &str,
        options: HashMap<String, OwnedValue>,
        #[zbus(header)] header: zbus::message::Header<'_>,
    ) -> zbus::fdo::Result<OwnedObjectPath> {
        self.ask(&header, &options)
    }

    #[zbus(property, name = "version")]
    fn version(&self) -> u32 {
        3
    }
}

/// The chooser. Dropping it ends the service.
pub struct Chooser {
    connection: Connection,
    asked: Asked,
}

impl Chooser {
    pub(crate) fn new(address: &str) -> Self {
        let asked = Asked::default();
        let portal = Portal { asked: asked.clone() };
        let built = connection::Builder::address(address).and_then(|builder| builder.serve_at(PLACE, portal));
        let built = built.and_then(|builder| builder.name("org.freedesktop.portal.Desktop")).and_then(connection::Builder::build);
        Self { connection: built.expect("our own bus"), asked }
    }

    /// Waits until a program asks for a file or folder, and gives it this one.
    pub fn choose(&self, path: &Path) {
        let mut question = None;
        until("a program asks for a file", SOON, || {
            question = self.asked.lock().unwrap_or_else(PoisonError::into_inner).pop();
            question.is_some()
        });
        let (asker, place) = question.expect("it asked");
        let chosen = HashMap::from([("uris", Value::from(vec![format!("file://{}", path.display())]))]);
        let answered = self.connection.emit_signal(
            Some(asker.as_str()),
            place.as_ref(),
            "org.freedesktop.portal.Request",
            "Response",
            &(0_u32, chosen),
        );
        answered.expect("our own bus");
    }
}
