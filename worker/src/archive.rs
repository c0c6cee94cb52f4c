//! The archive of sent reports: `reports/YYYY-MM-DD.jsonl.zst`, one file per day (UTC).
//!
//! Each report is one zstd frame that ends with a line feed, so a day's file unpacks to JSON Lines and a single report is
//! read from its place alone.

use jiff::civil::Date;
use jiff::{Span, Timestamp, tz::TimeZone};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use store::{ArchivePlace, Ticket, ToArchive};

const ENDING: &str = ".jsonl.zst";
/// Read at a time when a file is looked through.
const PIECE: u64 = 1 << 20;

/// The name of a day's file.
pub(crate) fn file_name(day: &str) -> String {
    format!("{day}{ENDING}")
}

/// Cuts off what a kill in the middle of an append left of a frame: whoever unpacks the file would stop there. Up to `known`
/// the store knows it to be whole; whole frames after that stay.
pub(crate) fn mend(folder: &Path, day: &str, known: u64) -> io::Result<()> {
    let mut file = match OpenOptions::new().read(true).write(true).open(folder.join(file_name(day))) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let len = file.metadata()?.len();
    let whole = whole_until(&mut file, if known <= len { known } else { 0 })?;
    if whole < len {
        tracing::warn!("{}: a frame at byte {whole} is not whole and is cut off", folder.join(file_name(day)).display());
        file.set_len(whole)?;
    }
    Ok(())
}

/// Where the whole frames that begin at `from` end.
fn whole_until(file: &mut File, from: u64) -> io::Result<u64> {
    let (mut end, mut bytes, mut used) = (file.seek(SeekFrom::Start(from))?, Vec::new(), 0);
    loop {
        match zstd::zstd_safe::find_frame_compressed_size(&bytes[used..]) {
            Ok(frame) if frame > 0 => (end, used) = (end + frame as u64, used + frame),
            _ => {
                bytes.drain(..used);
                used = 0;
                if file.take(PIECE).read_to_end(&mut bytes)? == 0 {
                    return Ok(end);
                }
            }
        }
    }
}

/// Appends the frames to the day's file and syncs it; where each one is. After a failure the file is as it was.
pub(crate) fn append(folder: &Path, day: &str, reports: &[ToArchive]) -> io::Result<Vec<(Ticket, ArchivePlace)>> {
    std::fs::create_dir_all(folder)?;
    let name = file_name(day);
    // Not `append`: Windows does not let a file that is opened so be cut back.
    let mut file = OpenOptions::new().create(true).write(true).truncate(false).open(folder.join(&name))?;
    let begin = file.seek(SeekFrom::End(0))?;
    let mut bytes = Vec::with_capacity(reports.iter().map(|report| report.frame.len()).sum());
    let mut places = Vec::with_capacity(reports.len());
    for ToArchive { ticket, frame, .. } in reports {
        places.push((*ticket, ArchivePlace { file: name.clone(), offset: begin + bytes.len() as u64, len: frame.len() as u64 }));
        bytes.extend_from_slice(frame);
    }
    let synced = file.write_all(&bytes).and_then(|()| file.sync_data()).and_then(|()| if begin == 0 { sync(folder) } else { Ok(()) });
    match synced {
        Ok(()) => Ok(places),
        Err(error) => {
            // Half a frame would end the reading of the whole file.
            file.set_len(begin)?;
            Err(error)
        }
    }
}

/// Makes the name of a new file durable where folders can be synced (Windows cannot, and journals names itself).
fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// The beginning and the end of a day (UTC), in milliseconds since 1970.
pub(crate) fn bounds(day: &str) -> Option<(i64, i64)> {
    let at = |date: Date| date.to_zoned(TimeZone::UTC).ok().map(|begin| begin.timestamp().as_millisecond());
    let date: Date = day.parse().ok()?;
    Some((at(date)?, at(date.tomorrow().ok()?)?))
}

/// Removes the files of days before `oldest`; how many.
pub(crate) fn forget(folder: &Path, oldest: Date) -> io::Result<usize> {
    let mut count = 0;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if day_of(&path).is_some_and(|day| day < oldest) {
            std::fs::remove_file(&path)?;
            count += 1;
        }
    }
    Ok(count)
}

/// The oldest day that is kept; `None` for ever.
pub(crate) fn oldest_day(now: Timestamp, keep_days: u32) -> Option<Date> {
    let today = now.to_zoned(TimeZone::UTC).date();
    today.checked_sub(Span::new().days(i64::from(keep_days))).ok().filter(|_| keep_days > 0)
}

/// The day of such a file; `None` for every other one.
pub(crate) fn day_of(file: &Path) -> Option<Date> {
    file.file_name()?.to_str()?.strip_suffix(ENDING)?.parse().ok()
}

#[cfg(test)]
mod tests;
