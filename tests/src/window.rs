//! The real window, driven the way a person does it: buttons by their words, fields by their labels, keys. Linux only.
//!
//! What is driven is what ships: the app as it was built, with the page that is in it, its own worker's program beside it. WebKit's own driver starts it and clicks
//! and types for us; what is found by which words is `find.js`. Where a test fails, the window is kept as a picture.

mod driver;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base64::Engine;
use serde_json::json;

use crate::tray::{program, surround};
use crate::{Desktop, Station, eventually, lineside, signal};
use driver::{Driver, Element, Refusal};

const FIND: &str = include_str!("window/find.js");
/// For what takes a look or two of the app, or a job of the worker's program.
const SOON: Duration = Duration::from_secs(30);

/// A key without a letter, as the protocol writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "keys are what is printed on them")]
pub enum Key {
    Tab,
    Enter,
    Escape,
    Down,
    Control,
    Shift,
    /// One with a letter.
    Letter(char),
}

impl Key {
    fn code(self) -> char {
        match self {
            Key::Tab => '\u{e004}',
            Key::Enter => '\u{e007}',
            Key::Escape => '\u{e00c}',
            Key::Down => '\u{e015}',
            Key::Control => '\u{e009}',
            Key::Shift => '\u{e008}',
            Key::Letter(letter) => letter,
        }
    }
}

/// The app with its window open. Dropping it ends the app.
pub struct Window<'a> {
    driver: Driver,
    desktop: &'a Desktop,
    begun: Instant,
}

impl<'a> Window<'a> {
    /// Starts the app for a station's instances and waits until its page shows them.
    #[must_use]
    pub fn open(desktop: &'a Desktop, station: &Station) -> Self {
        let driver = Driver::start(&program(), |command| {
            surround(command, desktop, station);
            command.env("TAURI_WEBVIEW_AUTOMATION", "true");
        });
        let window = Self { driver, desktop, begun: Instant::now() };
        eventually(SOON, || !window.text().is_empty());
        assert!(
            !window.text().contains("The window has not been built"),
            "{} has no page in it. Run: npm ci && npm run build && cargo build -p lineside -p lineside-tray",
            program().display()
        );
        window.sees("Overview");
        window
    }

    /// The app's process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.desktop.owner("io.lineside.tray.SingleInstance").expect("the app is on the bus")
    }

    /// Ends the app as a crash would: nothing of it can tidy up.
    pub fn crash(self) {
        signal(self.pid(), "KILL");
    }

    /// Everything that can be read in the window, each run of spaces and line ends as one space.
    #[must_use]
    pub fn text(&self) -> String {
        let text = self.driver.run("return document.body.innerText", &json!([])).unwrap_or_default();
        text.as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Whether this can be read in the window now.
    #[must_use]
    pub fn shows(&self, text: &str) -> bool {
        self.text().contains(text)
    }

    /// Waits until this can be read in the window.
    pub fn sees(&self, text: &str) {
        assert!(eventually(SOON, || self.shows(text)), "the window does not say {text:?} but: {}", self.text());
    }

    /// Waits until this can be read in the window no more.
    pub fn sees_no_more(&self, text: &str) {
        assert!(eventually(SOON, || !self.shows(text)), "the window still says {text:?}: {}", self.text());
    }

    /// Clicks what has these words: a button, a link, a switch, a row of a list.
    pub fn click(&self, words: &str) {
        self.press_button(words, false);
    }

    /// Clicks the first of several with these words.
    pub fn click_first(&self, words: &str) {
        self.press_button(words, true);
    }

    fn press_button(&self, words: &str, first: bool) {
        self.does(&format!("{words:?} cannot be clicked"), || match self.driver.find(FIND, &json!(["button", words, first]))? {
            Some(element) if self.is_on(&element)? => self.driver.click(&element).map(Some),
            _ => Ok(None),
        });
    }

    /// Whether there is something with these words that can be clicked now.
    #[must_use]
    pub fn offers(&self, words: &str) -> bool {
        let found = self.find("button", words).ok().flatten();
        found.is_some_and(|element| self.is_on(&element).unwrap_or(false))
    }

    /// Writes this into the field with this label, in place of what is in it.
    pub fn fill(&self, label: &str, text: &str) {
        self.does(&format!("{label:?} cannot be filled in"), || {
            let Some(field) = self.find("field", label)? else { return Ok(None) };
            let (control, none, delete) = ('\u{e009}', '\u{e000}', '\u{e017}');
            self.driver.write(&field, &format!("{control}a{none}{delete}"))?;
            if !text.is_empty() {
                self.driver.write(&field, text)?;
            }
            Ok((self.content(&field)? == text).then_some(()))
        });
    }

    /// Chooses one of the values of the field with this label.
    pub fn choose(&self, label: &str, value: &str) {
        const OPTION: &str =
            "const [field, words] = arguments; return [...field.options].find((one) => one.textContent.trim() === words) ?? null";
        self.does(&format!("{value:?} cannot be chosen for {label:?}"), || {
            let Some(field) = self.find("field", label)? else { return Ok(None) };
            let Some(option) = self.driver.find(OPTION, &json!([field.handed(), value]))? else { return Ok(None) };
            self.driver.click(&option).map(Some)
        });
    }

    /// What is in the field with this label; none where there is no such field.
    #[must_use]
    pub fn value(&self, label: &str) -> Option<String> {
        let field = self.find("field", label).ok().flatten()?;
        self.content(&field).ok()
    }

    /// What is marked in a text.
    #[must_use]
    pub fn marked(&self) -> Vec<String> {
        let marks = self.driver.run("return [...document.querySelectorAll('mark')].map((mark) => mark.textContent)", &json!([]));
        serde_json::from_value(marks.unwrap_or_default()).unwrap_or_default()
    }

    /// Presses these keys together, wherever the focus is.
    pub fn press(&self, keys: &[Key]) {
        let keys: Vec<char> = keys.iter().map(|key| key.code()).collect();
        self.driver.press(&keys).unwrap_or_else(|why| panic!("{keys:?} cannot be pressed: {why}"));
    }

    /// Goes to what has these words by the Tab key alone, as who has no mouse.
    pub fn reach(&self, words: &str) {
        // More than any screen has to go through.
        for _ in 0..100 {
            if self.find("focus", words).ok().flatten().is_some() {
                return;
            }
            self.press(&[Key::Tab]);
        }
        panic!("{words:?} is not reached by the Tab key; the window says: {}", self.text());
    }

    /// Types letter by letter, wherever the focus is.
    pub fn write(&self, text: &str) {
        text.chars().for_each(|letter| self.press(&[Key::Letter(letter)]));
    }

    fn find(&self, kind: &str, name: &str) -> Result<Option<Element>, Refusal> {
        self.driver.find(FIND, &json!([kind, name]))
    }

    fn is_on(&self, element: &Element) -> Result<bool, Refusal> {
        let on = self.driver.run("return !arguments[0].disabled", &json!([element.handed()]))?;
        Ok(on == true)
    }

    fn content(&self, field: &Element) -> Result<String, Refusal> {
        let content = self.driver.run("return arguments[0].value", &json!([field.handed()]))?;
        Ok(content.as_str().unwrap_or_default().to_owned())
    }

    /// Tries until it works: the page may be about to show what is looked for, or to move it.
    fn does(&self, complaint: &str, mut work: impl FnMut() -> Result<Option<()>, Refusal>) {
        let mut last = None;
        let done = eventually(SOON, || {
            let tried = work();
            last = tried.as_ref().err().map(ToString::to_string);
            matches!(tried, Ok(Some(())))
        });
        assert!(done, "{complaint}: {}. The window says: {}", last.unwrap_or_else(|| "there is none".to_owned()), self.text());
    }

    /// Keeps the window as a picture, beside what is built; where.
    fn keep_picture(&self, name: &str) -> Option<PathBuf> {
        let bytes = base64::engine::general_purpose::STANDARD.decode(self.driver.picture().ok()?).ok()?;
        let folder = Path::new(lineside().get_program()).ancestors().nth(2)?.join("windows");
        let path = folder.join(format!("{}.png", name.replace("::", "-")));
        fs::create_dir_all(&folder).and_then(|()| fs::write(&path, bytes)).ok()?;
        Some(path)
    }
}

impl Drop for Window<'_> {
    fn drop(&mut self) {
        let test = std::thread::current().name().unwrap_or("window").to_owned();
        if std::thread::panicking() {
            eprintln!("--- the window says\n{}", self.text());
            if let Some(picture) = self.keep_picture(&test) {
                eprintln!("--- and looks like {}", picture.display());
            }
        }
        eprintln!("the window was open for {:.1} s", self.begun.elapsed().as_secs_f32());
    }
}
