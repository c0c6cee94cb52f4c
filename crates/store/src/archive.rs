//! Handing delivered bodies to the archive: they leave the database only when their place in a day file is known.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use crate::body;
use crate::error::StoreError;
use crate::types::{Millis, Ticket, signed, unsigned};

/// One look at the bodies to archive stops after so many bytes of frames.
const ARCHIVED_BYTES: usize = 16 << 20;

const DAY_MS: Millis = 24 * 60 * 60 * 1000;

/// A delivered report whose body is to be archived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToArchive {
    /// The report.
    pub ticket: Ticket,
    /// The UTC date of its delivery, `YYYY-MM-DD`.
    pub day: String,
    /// One zstd frame of the body and a line feed, to be appended as it is.
    pub frame: Vec<u8>,
}

/// Where an archived frame lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchivePlace {
    /// The file's name inside the instance's `reports/` folder.
    pub file: String,
    /// Where the frame begins, in bytes.
    pub offset: u64,
    /// The frame's length in bytes.
    pub len: u64,
}

impl ArchivePlace {
    /// The JSON text of the report that lies here; `folder` is the instance's `reports/`.
    ///
    /// # Errors
    /// When the file cannot be read, or holds no whole report at this place.
    pub fn read(&self, folder: &Path) -> io::Result<Vec<u8>> {
        let mut file = File::open(folder.join(&self.file))?;
        file.seek(SeekFrom::Start(self.offset))?;
        let mut body = zstd::stream::decode_all(file.take(self.len))?;
        if body.pop() != Some(b'\n') {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "there is no whole report at its place; the file is damaged"));
        }
        Ok(body)
    }
}

/// Whole frames, and the tickets of those that are damaged: a bad frame would spoil the rest of its day file.
pub(crate) fn unarchived(conn: &Connection, n: usize) -> Result<(Vec<ToArchive>, Vec<Ticket>), StoreError> {
    let sql = "SELECT r.id, r.settled_at, r.size, r.body_hash, b.frame
               FROM reports r INDEXED BY reports_unarchived LEFT JOIN bodies b ON b.id = r.body
               WHERE r.state = 2 AND r.archive_file IS NULL ORDER BY r.settled_at LIMIT ?1";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([i64::try_from(n).unwrap_or(i64::MAX)])?;
    let (mut whole, mut damaged, mut bytes) = (Vec::new(), Vec::new(), 0);
    while bytes < ARCHIVED_BYTES
        && let Some(row) = rows.next()?
    {
        let ticket = Ticket(row.get(0)?);
        match whole_frame(row)? {
            Some(frame) => {
                bytes += frame.len();
                whole.push(ToArchive { ticket, day: day(row.get(1)?), frame });
            }
            None => damaged.push(ticket),
        }
    }
    Ok((whole, damaged))
}

pub(crate) fn oldest(conn: &Connection) -> Result<Option<Ticket>, StoreError> {
    let sql = "SELECT id FROM reports INDEXED BY reports_unarchived WHERE state = 2 AND archive_file IS NULL ORDER BY settled_at LIMIT 1";
    Ok(conn.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?.map(Ticket))
}

fn whole_frame(row: &Row<'_>) -> Result<Option<Vec<u8>>, rusqlite::Error> {
    let (size, hash): (i64, [u8; 32]) = (row.get(2)?, row.get(3)?);
    let frame: Option<Vec<u8>> = row.get(4)?;
    let size = usize::try_from(size).unwrap_or(0);
    Ok(frame.filter(|frame| body::unpack(frame, size, &hash).is_some()))
}

/// Delivered reports whose bodies are damaged have no place in the archive; an empty name says so.
pub(crate) fn give_up(conn: &Connection, damaged: &[Ticket]) -> Result<(), StoreError> {
    let nowhere = ArchivePlace { file: String::new(), offset: 0, len: 0 };
    damaged.iter().try_for_each(|ticket| place(conn, *ticket, &nowhere))
}

/// A place whose length is not that of the stored frame belongs to an older body of the report: it is passed over.
pub(crate) fn archived(conn: &Connection, places: &[(Ticket, ArchivePlace)]) -> Result<(), StoreError> {
    let mut current = conn.prepare_cached("SELECT 1 FROM reports WHERE id = ?1 AND bytes = ?2")?;
    for (ticket, archive) in places {
        if current.exists([ticket.0, signed(archive.len)])? {
            place(conn, *ticket, archive)?;
        }
    }
    Ok(())
}

pub(crate) fn end(conn: &Connection, file: &str, from: Millis, until: Millis) -> Result<u64, StoreError> {
    let sql = "SELECT coalesce(max(archive_offset + archive_len), 0) FROM reports INDEXED BY reports_settled
               WHERE state = 2 AND settled_at >= ?2 AND settled_at < ?3 AND archive_file = ?1";
    Ok(unsigned(conn.prepare_cached(sql)?.query_row(params![file, from, until], |row| row.get(0))?))
}

fn place(conn: &Connection, ticket: Ticket, archive: &ArchivePlace) -> Result<(), StoreError> {
    let delivered = "SELECT body FROM reports WHERE id = ?1 AND state = 2";
    conn.prepare_cached(&format!("DELETE FROM bodies WHERE id = ({delivered})"))?.execute([ticket.0])?;
    let sql = "UPDATE reports SET body = NULL, archive_file = ?2, archive_offset = ?3, archive_len = ?4 WHERE id = ?1 AND state = 2";
    let values = params![ticket.0, archive.file, signed(archive.offset), signed(archive.len)];
    conn.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

/// The place in columns `first..first + 3`; `None` when never archived or when the body was damaged.
pub(crate) fn as_place(row: &Row<'_>, first: usize) -> Result<Option<ArchivePlace>, rusqlite::Error> {
    let file: Option<String> = row.get(first)?;
    let Some(file) = file.filter(|file| !file.is_empty()) else { return Ok(None) };
    let (offset, len): (i64, i64) = (row.get(first + 1)?, row.get(first + 2)?);
    Ok(Some(ArchivePlace { file, offset: unsigned(offset), len: unsigned(len) }))
}

/// The UTC date of a moment: days to civil date, in the calendar of eras of 400 years that begin on 1 March.
fn day(at: Millis) -> String {
    let days = at.div_euclid(DAY_MS) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_the_utc_date_of_the_moment() {
        let table = [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (951_782_399_999, "2000-02-28"),
            (951_782_400_000, "2000-02-29"),
            (951_868_800_000, "2000-03-01"),
            (1_767_225_599_999, "2025-12-31"),
            (1_767_225_600_000, "2026-01-01"),
            (4_107_542_400_000, "2100-03-01"),
        ];
        for (at, expected) in table {
            assert_eq!(day(at), expected, "{at}");
        }
    }

    #[test]
    fn a_report_is_read_from_its_place_and_half_a_one_is_damage() {
        let folder = tempfile::tempdir().unwrap();
        let frame = |text: &str| zstd::stream::encode_all(text.as_bytes(), 1).unwrap();
        let (one, two, half) = (frame("{\"n\":1}\n"), frame("{\"n\":2}\n"), frame("{\"n\":3"));
        std::fs::write(folder.path().join("day"), [one.clone(), two.clone(), half.clone()].concat()).unwrap();
        let place = |offset: usize, len: usize| ArchivePlace { file: "day".to_owned(), offset: offset as u64, len: len as u64 };
        assert_eq!(place(one.len(), two.len()).read(folder.path()).unwrap(), b"{\"n\":2}");
        assert!(place(one.len() + two.len(), half.len()).read(folder.path()).is_err());
    }
}
