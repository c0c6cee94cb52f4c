//! What must be true of folders, files and the disk.

use super::{Check, Finding};
use crate::cli::session::Instance;
use crate::cli::verify;
use crate::mounts;
use crate::output::counted;
use crate::verify::Depth;
use instance::{Config, PostAction, WatchRule};
use std::fs;
use std::io;
use std::path::Path;

/// Watches of Linux that a station should have to spare.
const SPARE_WATCHES: u64 = 64;

pub(super) fn folders(instance: &Instance) -> Check {
    let layout = &instance.layout;
    let needed = [layout.dir().to_owned(), layout.requests(), layout.reports(), layout.logs(), layout.converters()];
    let queue = layout.queue_db().parent().map(Path::to_owned);
    let faulty =
        needed.iter().chain(&queue).filter(|folder| folder.exists()).find_map(|folder| writable(folder).err().map(|error| (folder, error)));
    match faulty {
        None => Check::ok("folders", format!("{} can be written to", layout.dir().display())),
        Some((folder, error)) => {
            Check::failed("folders", format!("{}: {error}", folder.display()), "give the worker's account the right to write there")
        }
    }
}

/// Locks and a memory-mapped log work for certain only where one computer alone looks at the disk.
pub(super) fn place(instance: &Instance) -> Check {
    let folder = instance.layout.dir();
    placed(folder, mounts::share(folder, false))
}

fn placed(folder: &Path, share: Option<String>) -> Check {
    match share {
        None => Check::ok("place", format!("{} is on a disk of this computer", folder.display())),
        Some(kind) => Check::warning(
            "place",
            format!(
                "{} is on a share ({kind}): the queue is not safe there, and another computer may start a second worker",
                folder.display()
            ),
            "stop the worker, move the instance to a disk of this computer, and set LINESIDE_HOME",
        ),
    }
}

pub(super) fn store(instance: &Instance) -> Check {
    let path = instance.layout.queue_db();
    let counts = instance.view().and_then(|view| {
        view.map(|view| view.counts()).transpose().map_err(|error| crate::exit::Fatal::new(crate::exit::Exit::Failed, error))
    });
    match counts {
        Ok(None) => Check::ok("store", "empty: nothing was ever queued"),
        Ok(Some(counts)) if counts.error > 0 => Check::warning(
            "store",
            format!("{} owed, {} refused by the server", counted(counts.queued + counts.processing, "report"), counts.error),
            format!("`lineside --instance {} queue list --state error` shows why; retry or discard them", instance.id),
        ),
        Ok(Some(counts)) => Check::ok("store", format!("{} owed, none refused", counted(counts.queued + counts.processing, "report"))),
        Err(fatal) => Check::failed(
            "store",
            format!("{}: {}", path.display(), fatal.message),
            "start the worker: it sets a damaged file aside and rescues what can be read",
        ),
    }
}

/// The newest reports and sources, and a small queue file as a whole.
pub(super) fn books(instance: &Instance) -> Check {
    let all = || format!("`lineside queue verify {}` looks at everything", instance.id);
    let checks = match verify::checks(instance, Depth::Quick, &|_| {}) {
        Ok(checks) => checks,
        Err(fatal) => return Check::failed("books", fatal.message, all()),
    };
    let (faults, warnings) = (verify::sum(&checks, |check| check.faults), verify::sum(&checks, |check| check.warnings));
    let worst = checks.iter().flat_map(|check| &check.findings).max_by_key(|found| found.fault);
    let told = worst.map(|found| format!("{}: {}", found.about, found.what)).unwrap_or_default();
    match (faults, warnings) {
        (0, 0) => Check::ok("books", "they balance, as far as a quick look tells"),
        (0, _) => Check::warning("books", format!("{}, for example {told}", counted(warnings, "warning")), all()),
        _ => Check::failed("books", format!("{}, for example {told}", counted(faults, "fault")), all()),
    }
}

pub(super) fn logs(instance: &Instance) -> Check {
    let folder = instance.layout.logs();
    match instance::logs::files(&folder) {
        Ok(files) => Check::ok("logs", format!("{} in {}", counted(files.len() as u64, "file"), folder.display())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Check::ok("logs", "none yet"),
        Err(error) => Check::failed("logs", format!("{}: {error}", folder.display()), "give this account the right to read there"),
    }
}

/// The worker leaves a note when it breaks down.
pub(super) fn crashes(instance: &Instance) -> Check {
    let entries = fs::read_dir(instance.layout.logs()).into_iter().flatten().filter_map(Result::ok);
    let notes: Vec<_> = entries.map(|entry| entry.path()).filter(|path| is_crash_note(path)).collect();
    match notes.last() {
        None => Check::ok("breakdowns", "none on record"),
        Some(last) => Check::warning(
            "breakdowns",
            format!("{} on record, for example {}", notes.len(), last.display()),
            "send it to who looks after Lineside, then delete it",
        ),
    }
}

fn is_crash_note(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("panic-"))
}

pub(super) fn space(instance: &Instance, config: &Config) -> Check {
    match fs4::available_space(instance.layout.dir()) {
        Err(error) => Check::warning("disk", format!("{}: {error}", instance.layout.dir().display()), "check the disk"),
        Ok(bytes) => {
            let free = bytes >> 20;
            if free > config.min_free_mib {
                Check::ok("disk", format!("{free} MiB free, {} are kept free", config.min_free_mib))
            } else {
                Check::failed(
                    "disk",
                    format!("only {free} MiB free, {} are to be kept free: nothing is taken in", config.min_free_mib),
                    "free some space, or lower min_free_mib",
                )
            }
        }
    }
}

/// A watch folder must be there, readable, and, unless files stay in it, writable.
pub(super) fn watched(rule: &WatchRule) -> Vec<Check> {
    let folder = Path::new(&rule.watch_folder);
    if let Err(error) = fs::read_dir(folder) {
        let remedy = format!("make the folder, or set watch_folder of the rule {:?} to the one the tester writes to", rule.name);
        return vec![Check::failed("watch folder", format!("{}: {error}", folder.display()), remedy)];
    }
    let check = match (rule.post_action, writable(folder)) {
        (PostAction::Keep, _) | (_, Ok(())) => Check::ok("watch folder", format!("{}: {}", rule.name, folder.display())),
        (_, Err(error)) => Check::failed(
            "watch folder",
            format!("{}: files cannot be moved out: {error}", folder.display()),
            "give the worker's account the right to write there, or set post_action to keep",
        ),
    };
    vec![check]
}

/// Linux limits how many folders one account may watch; beyond it only the scan finds files.
pub(super) fn watches(config: &Config) -> Check {
    let limit = fs::read_to_string("/proc/sys/fs/inotify/max_user_watches").ok().and_then(|text| text.trim().parse::<u64>().ok());
    let needed = config.converters.len() as u64 + SPARE_WATCHES;
    match limit {
        Some(limit) if limit < needed => Check::warning(
            "file events",
            format!("this account may watch {limit} folders"),
            "raise fs.inotify.max_user_watches; until then new files are found by the scan, within 10 s",
        ),
        _ => Check { name: "file events", result: Finding::Ok, message: "new files are told at once".to_owned(), remedy: None },
    }
}

fn writable(folder: &Path) -> io::Result<()> {
    let probe = folder.join(format!(".lineside-probe-{}.tmp", std::process::id()));
    fs::write(&probe, b"")?;
    fs::remove_file(probe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_on_a_share_is_warned_of_and_one_on_a_disk_is_not() {
        let folder = Path::new("/home/x");
        assert_eq!(placed(folder, None).result, Finding::Ok);
        let told = placed(folder, Some("nfs4".to_owned()));
        assert_eq!(told.result, Finding::Warning);
        assert!(told.message.contains("/home/x is on a share (nfs4)") && told.remedy.is_some(), "{}", told.message);
    }
}
