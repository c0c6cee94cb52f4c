//! The notifications of a desktop, read as they come over the bus. Linux only.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use zbus::blocking::{Connection, connection};
use zbus::zvariant::Value;

/// What was told, each headline with its text.
type Told = Arc<Mutex<Vec<(String, String)>>>;

/// The object that programs give their notifications to.
struct Board {
    told: Told,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Board {
    #[allow(clippy::too_many_arguments, reason = "as the interface has it")]
    fn notify(
        &self,
        _app: &str,
        _replaces: u32,
        _icon: &str,
        headline: &str,
        text: &str,
        _actions: Vec<String>,
        _hints: HashMap<String, Value<'_>>,
        _timeout: i32,
    ) -> u32 {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.push((headline.to_owned(), text.to_owned()));
        u32::try_from(told.len()).unwrap_or(u32::MAX)
    }

    fn close_notification(&self, _id: u32) {}

    fn get_capabilities(&self) -> Vec<String> {
        vec!["body".to_owned()]
    }

    fn get_server_information(&self) -> (String, String, String, String) {
        ("notices".to_owned(), "tests".to_owned(), "1".to_owned(), "1.2".to_owned())
    }
}

/// The notifications. Dropping it ends the service.
pub struct Notices {
    _connection: Connection,
    told: Told,
}

impl Notices {
    pub(crate) fn new(address: &str) -> Self {
        let told = Told::default();
        let board = Board { told: told.clone() };
        let built = connection::Builder::address(address).and_then(|builder| builder.serve_at("/org/freedesktop/Notifications", board));
        let built = built.and_then(|builder| builder.name("org.freedesktop.Notifications")).and_then(connection::Builder::build);
        Self { _connection: built.expect("our own bus"), told }
    }

    /// What was told so far, each headline with its text.
    #[must_use]
    pub fn told(&self) -> Vec<(String, String)> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
