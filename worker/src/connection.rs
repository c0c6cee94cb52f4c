//! The way to the server as the settings and the secret describe it.

use crate::exit::{Exit, Fatal};
use instance::{Config, Layout, ProxyMode, Secret, SecretError, Token};
use std::time::Duration;
use wats::{Connection, Proxy};

/// The instance's token and passwords; none when nobody put them there yet.
///
/// # Errors
/// With [`Exit::Permission`] when others can read it or it cannot be read itself.
pub(crate) fn secret(layout: &Layout) -> Result<Option<Secret>, Fatal> {
    instance::secret::load(layout, &|name| std::env::var(name).ok()).map_err(|error: SecretError| Fatal::new(Exit::Permission, error))
}

/// How to reach the server. A relative `ca_file` is one in the instance's folder.
pub(crate) fn of(layout: &Layout, config: &Config, secret: Option<&Secret>) -> Connection {
    let user_agent = concat!("Lineside/", env!("CARGO_PKG_VERSION"));
    Connection {
        token: secret.map(|secret| secret.token.expose().to_owned()),
        proxy: proxy(config, secret.and_then(|secret| secret.proxy_password.as_ref())),
        ca_file: config.ca_file.as_ref().map(|file| layout.dir().join(file)),
        connect_timeout: Duration::from_secs(u64::from(config.connect_timeout_s)),
        request_timeout: Duration::from_secs(u64::from(config.request_timeout_s)),
        compress: config.compress_uploads,
        ..Connection::new(&config.service_address, user_agent)
    }
}

/// The proxy of the settings, with its password.
pub(crate) fn proxy(config: &Config, password: Option<&Token>) -> Proxy {
    let proxy = &config.proxy;
    match proxy.mode {
        ProxyMode::None => Proxy::None,
        ProxyMode::System => Proxy::System,
        ProxyMode::Manual => Proxy::Manual {
            url: format!("http://{}:{}", proxy.host, proxy.port),
            username: (!proxy.username.is_empty()).then(|| proxy.username.clone()),
            password: password.map(|password| password.expose().to_owned()),
            bypass: proxy.bypass.clone(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use instance::Scope;
    use std::path::{Path, PathBuf};

    #[test]
    fn a_relative_ca_file_is_in_the_instances_folder_and_a_full_path_is_what_it_is() {
        let folder = std::env::temp_dir().join("ict");
        let elsewhere = std::env::temp_dir().join("elsewhere.pem");
        let layout = Layout::at(folder.clone(), Scope::User);
        for (written, meant) in [(Path::new("ca.pem"), folder.join("ca.pem")), (&*elsewhere, elsewhere.clone())] {
            let config = Config { ca_file: Some(written.display().to_string()), ..Config::default() };
            assert_eq!(of(&layout, &config, None).ca_file, Some(meant));
        }
        assert_eq!(of(&layout, &Config::default(), None).ca_file, None::<PathBuf>);
    }
}
