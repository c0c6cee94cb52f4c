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

/// The name of a day's file.
pub(crate) fn file_name(day: &str) -> String {
    format!("{day}{ENDING}")
}

/// Appends the frames to the day's file and syncs it; where each one is. After a failure the file is as it was.
pub(crate) fn append(folder: &Path, day: &str, reports: &[ToArchive]) -> io::Result<Vec<(Ticket, ArchivePlace)>> {
    std::fs::create_dir_all(folder)?;
    let name = file_name(day);
    let mut file = OpenOptions::new().create(true).append(true).open(folder.join(&name))?;
    let begin = file.seek(SeekFrom::End(0))?;
    let mut bytes = Vec::with_capacity(reports.iter().map(|report| report.frame.len()).sum());
    let mut places = Vec::with_capacity(reports.len());
    for ToArchive { ticket, frame, .. } in reports {
        places.push((*ticket, ArchivePlace { file: name.clone(), offset: begin + bytes.len() as u64, len: frame.len() as u64 }));
        bytes.extend_from_slice(frame);
    }
    match file.write_all(&bytes).and_then(|()| file.sync_data()) {
        Ok(()) => Ok(places),
        Err(error) => {
            // Half a frame would end the reading of the whole file.
            file.set_len(begin)?;
            Err(error)
        }
    }
}

/// The JSON text of an archived report.
pub(crate) fn read(folder: &Path, place: &ArchivePlace) -> io::Result<Vec<u8>> {
    let mut file = File::open(folder.join(&place.file))?;
    file.seek(SeekFrom::Start(place.offset))?;
    let mut body = zstd::stream::decode_all(file.take(place.len))?;
    if body.pop() != Some(b'\n') {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "there is no whole report at its place; the file is damaged"));
    }
    Ok(body)
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

fn day_of(file: &Path) -> Option<Date> {
    file.file_name()?.to_str()?.strip_suffix(ENDING)?.parse().ok()
}

#[cfg(test)]
mod tests;
