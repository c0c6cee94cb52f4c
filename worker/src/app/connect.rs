//! Clients for the server, made from the settings and the secret as it is at that moment.

use crate::connection;
use crate::rooms::upload::Connect;
use instance::{Config, Layout};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;
use wats::Client;

/// The connection that is configured.
pub(crate) struct Configured {
    layout: Layout,
    config: Config,
    /// The state of the secret file when the last client was made.
    seen: Mutex<Option<SystemTime>>,
}

impl Configured {
    pub(crate) fn new(layout: Layout, config: Config) -> Configured {
        Configured { layout, config, seen: Mutex::new(None) }
    }

    fn secret_changed_at(&self) -> Option<SystemTime> {
        std::fs::metadata(self.layout.secret()).and_then(|metadata| metadata.modified()).ok()
    }
}

impl Connect for Configured {
    fn client(&self) -> Result<Client, String> {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = self.secret_changed_at();
        let secret = connection::secret(&self.layout).map_err(|fatal| fatal.message)?;
        Client::new(&connection::of(&self.layout, &self.config, secret.as_ref())).map_err(|error| error.to_string())
    }

    fn changed(&self) -> bool {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) != self.secret_changed_at()
    }
}
