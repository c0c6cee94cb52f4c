//! One settled file on its own thread: measured, hashed, looked up in the ledger, converted into a staged intake.

use super::note::{Heading, note, summary};
use super::scales::Scales;
use crate::board::Board;
use crate::intake::{Content, Recipe, owed, rejection};
use crate::rule::{Rule, shown};
use crate::walks::Step;
use crate::way::{Claims, Fate, Fingerprint, Product, SettledFile, Taken};
use converters::{Conversion, Defaults, Failure, Rejection, Sink, Stopped};
use instance::{Duplicates, PostAction};
use jiff::Timestamp;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;
use store::{Account, Intake, Known, Source, SourceOutcome, Store, StoreError};

/// What all jobs share.
pub(crate) struct Shop {
    pub(crate) store: Store,
    pub(crate) board: Board,
    pub(crate) defaults: Defaults,
    pub(crate) time_zone: jiff::tz::TimeZone,
    /// Bytes above which a file is rejected unread.
    pub(crate) max_bytes: u64,
    pub(crate) clock: fn() -> Timestamp,
    pub(crate) claims: Claims,
    scales: Scales,
}

impl Shop {
    pub(crate) fn new(store: Store, board: Board, defaults: Defaults, max_bytes: u64, clock: fn() -> Timestamp) -> Shop {
        let (time_zone, claims, scales) = (jiff::tz::TimeZone::system(), Claims::default(), Scales::default());
        Shop { store, board, defaults, time_zone, max_bytes, clock, claims, scales }
    }
}

/// How a job ends: the file walks on, or it lands.
pub(super) type Ended = Result<Box<Taken>, Fate>;

/// Does the whole job. `reading` is true while the file system may keep it waiting.
pub(super) fn run(shop: &Shop, file: &SettledFile, reading: &AtomicBool) -> Ended {
    let working = shop.board.working();
    let walk = shop.board.walks.begin(file.rule.index, file.path.clone(), (shop.clock)());
    let (opened, print) = open(file)?;
    if file.expect.is_some_and(|expected| expected != print) {
        return Err(Fate::Changed(Some(print)));
    }
    let age = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH + nanos(print.mtime_ns)).unwrap_or_default();
    if file.rule.out_of_bounds(print.size, age).is_some() {
        return Err(Fate::Kept(print));
    }
    if print.size == 0 && !file.last_try {
        return Err(Fate::Empty(print));
    }
    let draft = |product, source| {
        walk.step(Step::Committing, (shop.clock)());
        Box::new(Taken { rule: file.rule.clone(), path: file.path.clone(), print, source, product, claim: None, working, walk })
    };
    if let Some(known) = kept_before(shop, file, print)? {
        return Ok(draft(known, source(file, print, [0; 32], "")));
    }
    if let Some(reason) = unreadable(shop, print) {
        let source = source(file, print, place_hash(&file.path, print), "");
        let known = shop.store.known_content(source.hash, &source.path).map_err(later)?;
        return Ok(draft(unless_committed(rejected(shop, file, "", &[reason]), known, &source.path), source));
    }
    let _weighed = shop.scales.put(print.size);
    let content = Content::read(opened, print.size).map_err(|error| Fate::Later(unreadable_now(&file.path, &error)))?;
    unchanged(file, print)?;
    if content.size != print.size {
        return Err(Fate::Changed(None));
    }
    if content.unfilled && !file.last_try {
        return Err(Fate::Empty(print));
    }
    let hash = *content.hash.as_bytes();
    let claim = shop.claims.claim(hash).ok_or(Fate::Changed(Some(print)))?;
    let mut source = source(file, print, hash, "");
    let known = shop.store.known_content(hash, &source.path).map_err(later)?;
    let product = match taken_before(&file.rule, &source, known.as_ref()) {
        Some(product) => product,
        None => {
            reading.store(content.is_read_twice(), Ordering::Relaxed);
            unless_committed(convert(shop, file, print, content, &mut source)?, known, &source.path)
        }
    };
    let mut taken = draft(product, source);
    taken.claim = Some(claim);
    Ok(taken)
}

/// Opens the file if it is a plain one, and measures what was opened.
fn open(file: &SettledFile) -> Result<(File, Fingerprint), Fate> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Fate::Gone,
        _ => Fate::Later(unreadable_now(&file.path, &error)),
    };
    // Opening a pipe would wait for its writer, and a link may lead anywhere.
    if !std::fs::symlink_metadata(&file.path).map_err(failed)?.is_file() {
        return Err(Fate::Gone);
    }
    if held_by_writer(&file.path) {
        return Err(Fate::Changed(None));
    }
    let opened = File::open(&file.path).map_err(failed)?;
    let print = Fingerprint::of(&opened.metadata().map_err(failed)?);
    Ok((opened, print))
}

/// Windows refuses who will not share writing while someone has the file open to write. Readers are shared with: they are
/// no reason to wait, and are not to be refused for our looking.
#[cfg(windows)]
fn held_by_writer(path: &Path) -> bool {
    use std::os::windows::fs::OpenOptionsExt;
    const SHARE_READ: u32 = 1;
    const SHARE_DELETE: u32 = 4;
    const SHARING_VIOLATION: i32 = 32;
    let opened = std::fs::OpenOptions::new().read(true).share_mode(SHARE_READ | SHARE_DELETE).open(path);
    opened.is_err_and(|error| error.raw_os_error() == Some(SHARING_VIOLATION))
}

/// Elsewhere only the close event tells.
#[cfg(not(windows))]
fn held_by_writer(_: &Path) -> bool {
    false
}

/// Whether the name still leads to a file in the state that was read.
fn unchanged(file: &SettledFile, print: Fingerprint) -> Result<(), Fate> {
    match std::fs::symlink_metadata(&file.path) {
        Ok(now) if Fingerprint::of(&now) == print => Ok(()),
        Ok(now) => Err(Fate::Changed(Some(Fingerprint::of(&now)))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Fate::Gone),
        Err(error) => Err(Fate::Later(unreadable_now(&file.path, &error))),
    }
}

/// A file that stays in its folder is known by its state alone, without reading it.
fn kept_before(shop: &Shop, file: &SettledFile, print: Fingerprint) -> Result<Option<Product>, Fate> {
    if file.rule.post_action != PostAction::Keep {
        return Ok(None);
    }
    kept(shop.store.known(&file.rule.name, &shown(&file.path), print.size, print.mtime_ns).map_err(later)?, print)
}

fn kept(known: Option<Known>, print: Fingerprint) -> Result<Option<Product>, Fate> {
    match known {
        // the file alone can bring back what damage took
        Some(Known { account: Account::Missing, .. }) | None => Ok(None),
        Some(Known { filed: true, .. }) => Err(Fate::Kept(print)),
        // A rejected one is read again: the ledger knows the reason in one line only, and its note is still owed.
        Some(known) if known.outcome == SourceOutcome::Rejected => Ok(None),
        Some(known) => Ok(Some(Product::Committed { source: known.source, note: None })),
    }
}

/// A reason not to read the file at all.
fn unreadable(shop: &Shop, print: Fingerprint) -> Option<Rejection> {
    if print.size == 0 {
        return Some(rejection("the file is empty".to_owned(), "look at the tester why it wrote nothing".to_owned()));
    }
    (print.size > shop.max_bytes).then(|| {
        let (size, most) = (print.size >> 20, shop.max_bytes >> 20);
        rejection(
            format!("the file has {size} MiB, more than the {most} MiB that are read"),
            "if it is a report, raise `max_file_mib`".to_owned(),
        )
    })
}

/// What is left to do with a content that is in the ledger; a rejected one is converted again, for the settings or the
/// program may have changed since. So is one of which damage took a report, and one that is brought again after the server
/// or a person would not have a report of it.
fn taken_before(rule: &Rule, brought: &Source, known: Option<&Known>) -> Option<Product> {
    let known = known.filter(|known| known.outcome == SourceOutcome::Converted && known.account != Account::Missing)?;
    let here = known.path == brought.path;
    let refused = known.account == Account::Refused;
    if here && !known.filed && (!refused || known.mtime_ns == brought.mtime_ns) {
        return Some(Product::Committed { source: known.source, note: None });
    }
    // Who touches a file that stays in its folder does not bring it again.
    let stays = here && rule.post_action == PostAction::Keep;
    (stays || (rule.duplicates == Duplicates::Skip && !refused)).then_some(Product::Duplicate { of: known.source })
}

/// A rejection that is in the ledger and could not be filed is not one more each time its filing is tried.
fn unless_committed(product: Product, known: Option<Known>, path: &str) -> Product {
    match (product, known) {
        (Product::Rejected { reason, note }, Some(known))
            if known.outcome == SourceOutcome::Rejected && !known.filed && known.path == path && known.reason.as_ref() == Some(&reason) =>
        {
            Product::Committed { source: known.source, note: Some(note) }
        }
        (product, _) => product,
    }
}

fn convert(shop: &Shop, file: &SettledFile, print: Fingerprint, content: Content, source: &mut Source) -> Result<Product, Fate> {
    let recipe = Recipe {
        format: &file.rule.format,
        options: &file.rule.options,
        defaults: &shop.defaults,
        time_zone: &shop.time_zone,
        tracing: false,
        may_grow: !file.last_try,
    };
    let file_name = name(&file.path);
    let format = match content.format(recipe.format, &file_name) {
        Ok(format) => format,
        // The first bytes of a growing file may not yet show what it is.
        Err(_) if recipe.may_grow => return Err(Fate::Incomplete(print)),
        Err(reason) => return Ok(rejected(shop, file, "", &[reason])),
    };
    format.name().clone_into(&mut source.format);
    let reject = |reasons: &[Rejection]| Ok(rejected(shop, file, format.name(), reasons));
    let intake = shop.store.intake(source.clone(), (shop.clock)().as_millisecond());
    let intake = if file.rule.duplicates == Duplicates::Send { intake.sending_again() } else { intake };
    let mut stage = Stage { intake, count: 0, trouble: None };
    let result = content.convert(format, &file_name, &recipe, &mut stage);
    // What was read in two passes, or ended too early, may have changed meanwhile.
    unchanged(file, print)?;
    match (result, stage) {
        (_, Stage { trouble: Some(error), .. }) => Err(later(error)),
        (Ok(()), Stage { count: 0, .. }) => {
            let none = rejection("there is no report in the file".to_owned(), "if it is none, exclude it by `file_patterns`".to_owned());
            reject(&[none])
        }
        (Ok(()), Stage { intake, count, .. }) => Ok(Product::Reports { intake: Box::new(intake), count }),
        (Err(Failure::Rejected(reasons)), _) => reject(&reasons),
        (Err(Failure::Incomplete(_)), _) => Err(Fate::Incomplete(print)),
        (Err(Failure::Read(error)), _) => Err(Fate::Later(unreadable_now(&file.path, &error))),
        (Err(Failure::Stopped), _) => Err(Fate::Later("the conversion was stopped".to_owned())),
    }
}

/// Takes the reports of one source into the store, invisibly.
struct Stage {
    intake: Intake,
    count: usize,
    trouble: Option<StoreError>,
}

impl Sink for Stage {
    fn take(&mut self, conversion: Conversion) -> Result<(), Stopped> {
        self.count += 1;
        self.intake.push(owed(conversion)).map_err(|error| {
            self.trouble = Some(error);
            Stopped
        })
    }
}

fn rejected(shop: &Shop, file: &SettledFile, format: &str, reasons: &[Rejection]) -> Product {
    let (name, time) = (name(&file.path), (shop.clock)().strftime("%Y-%m-%d %H:%M:%S UTC").to_string());
    let heading = Heading { file: &name, rule: &file.rule.name, format, time: &time };
    Product::Rejected { reason: summary(reasons), note: note(&heading, reasons) }
}

fn source(file: &SettledFile, print: Fingerprint, hash: [u8; 32], format: &str) -> Source {
    Source {
        rule: file.rule.name.clone(),
        path: shown(&file.path),
        size: print.size,
        mtime_ns: print.mtime_ns,
        hash,
        format: format.to_owned(),
        priority: file.rule.priority,
    }
}

/// Stands for the content of a file that is not read.
fn place_hash(path: &Path, print: Fingerprint) -> [u8; 32] {
    *blake3::hash(format!("unread {} {print:?}", shown(path)).as_bytes()).as_bytes()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn nanos(mtime_ns: i64) -> std::time::Duration {
    std::time::Duration::from_nanos(u64::try_from(mtime_ns).unwrap_or(0))
}

fn unreadable_now(path: &Path, error: &io::Error) -> String {
    format!("{} cannot be read now: {error}; it is tried again, check its permissions", path.display())
}

fn later(error: StoreError) -> Fate {
    Fate::Later(format!("nothing can be queued now: {error}"))
}

#[cfg(test)]
mod tests;
