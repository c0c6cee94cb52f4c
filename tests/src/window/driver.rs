//! WebKit's own driver as a process of ours, and the few calls of the WebDriver protocol that a person's doings come down to.
//!
//! Promises: every driver has a port of its own, so that many work side by side; a call that fails says what the driver answered. Not here: what a person
//! looks for and does, see `window`. Deleting the session ends the app it has started, as the driver does it.

use std::fmt;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::eventually;

/// The name under which the protocol hands out elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// For a call; starting the app is one.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often another port is tried: the one that was free may be taken by the time the driver wants it.
const PORTS: usize = 5;

/// What the driver or the page did not like.
#[derive(Debug)]
pub(super) struct Refusal(String);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<std::io::Error> for Refusal {
    fn from(error: std::io::Error) -> Self {
        Self(format!("the driver is not to be reached: {error}"))
    }
}

/// An element of the page.
#[derive(Debug, Clone)]
pub(super) struct Element(String);

impl Element {
    /// How a script is given it.
    pub(super) fn handed(&self) -> Value {
        json!({ELEMENT: self.0})
    }
}

/// The driver with the one session that it has.
pub(super) struct Driver {
    process: Child,
    port: u16,
    session: String,
}

impl Driver {
    /// Starts the driver on whatever desktop `surround` puts it, and has it start the app there.
    pub(super) fn start(app: &Path, surround: impl Fn(&mut Command)) -> Self {
        let (process, port) = (0..PORTS).find_map(|_| listening(&surround)).expect("WebKitWebDriver finds a free port");
        let mut driver = Self { process, port, session: String::new() };
        let options = json!({"binary": app, "args": []});
        let wanted = json!({"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}});
        let begun = driver.call("POST", "/session", &wanted).unwrap_or_else(|why| panic!("{} shows no window: {why}", app.display()));
        driver.session = begun["sessionId"].as_str().expect("the driver names its sessions").to_owned();
        driver
    }

    /// Runs a script in the page; what it returns.
    pub(super) fn run(&self, script: &str, arguments: &Value) -> Result<Value, Refusal> {
        self.ask("POST", "/execute/sync", &json!({"script": script, "args": arguments}))
    }

    /// The element a script returns, where it returns one.
    pub(super) fn find(&self, script: &str, arguments: &Value) -> Result<Option<Element>, Refusal> {
        Ok(self.run(script, arguments)?[ELEMENT].as_str().map(|id| Element(id.to_owned())))
    }

    pub(super) fn click(&self, element: &Element) -> Result<(), Refusal> {
        self.ask("POST", &format!("/element/{}/click", element.0), &json!({})).map(drop)
    }

    /// Types into an element; keys without a letter are the protocol's, see [`super::Key`].
    pub(super) fn write(&self, element: &Element, text: &str) -> Result<(), Refusal> {
        self.ask("POST", &format!("/element/{}/value", element.0), &json!({"text": text})).map(drop)
    }

    /// Presses these keys together, wherever the focus is.
    pub(super) fn press(&self, keys: &[char]) -> Result<(), Refusal> {
        let down = keys.iter().map(|key| json!({"type": "keyDown", "value": key.to_string()}));
        let up = keys.iter().rev().map(|key| json!({"type": "keyUp", "value": key.to_string()}));
        let doings: Vec<Value> = down.chain(up).collect();
        self.ask("POST", "/actions", &json!({"actions": [{"type": "key", "id": "keyboard", "actions": doings}]})).map(drop)
    }

    /// The window as a PNG, in base64.
    pub(super) fn picture(&self) -> Result<String, Refusal> {
        let picture = self.ask("GET", "/screenshot", &Value::Null)?;
        Ok(picture.as_str().unwrap_or_default().to_owned())
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Result<Value, Refusal> {
        self.call(method, &format!("/session/{}{path}", self.session), body)
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Result<Value, Refusal> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut wire = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        wire.set_read_timeout(Some(PATIENCE))?;
        let length = body.len();
        write!(wire, "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}")?;
        let mut answer = String::new();
        wire.read_to_string(&mut answer)?;
        let text = answer.split_once("\r\n\r\n").map_or("", |(_, text)| text);
        let mut answer: Value = serde_json::from_str(text).map_err(|_| Refusal(format!("{method} {path} was answered with {answer:?}")))?;
        let value = answer["value"].take();
        match value["error"].as_str() {
            Some(error) => Err(Refusal(format!("{error}: {}", value["message"].as_str().unwrap_or_default()))),
            None => Ok(value),
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            // A session whose app was killed is gone already.
            let _gone = self.ask("DELETE", "", &Value::Null);
        }
        let _gone = self.process.kill();
        let _waited = self.process.wait();
    }
}

/// A driver that listens, and where; none where the port that was free is not any more.
fn listening(surround: &impl Fn(&mut Command)) -> Option<(Child, u16)> {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr()).expect("a free port").port();
    let mut command = Command::new("WebKitWebDriver");
    surround(&mut command);
    command.args(["--host=127.0.0.1", &format!("--port={port}")]).stdin(Stdio::null()).stdout(Stdio::null());
    let mut process = command.spawn().expect("WebKitWebDriver is installed (Debian: webkit2gtk-driver)");
    let mut lives = true;
    let answers = eventually(PATIENCE, || {
        lives = process.try_wait().is_ok_and(|ended| ended.is_none());
        !lives || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
    });
    if lives && answers {
        return Some((process, port));
    }
    let _gone = process.kill();
    let _waited = process.wait();
    None
}
