//! The pages of a SQLite file without SQLite: the file overlaid by what its WAL has committed, and every row on a table
//! leaf that is in use.
//!
//! Free pages still carry rows that were moved or deleted, and are left out. Which ones are free is said twice: by the list
//! of free pages, which proves itself by its length, and (we create the file with `auto_vacuum`) by pointer-map pages,
//! which are asked when the list is damaged. Rules: <https://www.sqlite.org/fileformat2.html>.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::beside;
use crate::connection::PAGE;
use crate::error::StoreError;

const WAL_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// A pointer-map page describes this many pages after it, five bytes each.
const MAPPED: u32 = (PAGE / 5) as u32;
/// The page of the lock byte, which holds no content.
const LOCK_PAGE: u32 = 0x4000_0000 / PAGE as u32 + 1;
const FREE: u8 = 2;
const MAGIC: &[u8] = b"SQLite format 3\0";
const TABLE_LEAF: u8 = 0x0d;

type Page = Vec<u8>;

/// What to do with a row: its rowid and its payload.
pub(super) type OnRow<'a> = dyn FnMut(i64, &[u8]) -> Result<(), StoreError> + 'a;

pub(super) struct Pages {
    file: File,
    count: u32,
    wal: Option<File>,
    /// Where the latest committed frame of a page lies in the WAL.
    in_wal: HashMap<u32, u64>,
    /// The list of free pages, when it is whole.
    free: Option<HashSet<u32>>,
}

impl Pages {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let mut count = u32::try_from(file.metadata()?.len().div_ceil(PAGE as u64)).unwrap_or(u32::MAX);
        let mut wal = match File::open(beside(path, "-wal")) {
            Ok(wal) => Some(wal),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let in_wal = wal.as_mut().map(committed).unwrap_or_default();
        count = in_wal.keys().copied().fold(count, u32::max);
        let mut pages = Self { file, count, wal, in_wal, free: None };
        pages.free = pages.list_of_free();
        Ok(pages)
    }

    /// Every row of every table leaf in use. What cannot be read is passed over; only an error of `on_row` ends it.
    pub(super) fn rows(&mut self, on_row: &mut OnRow<'_>) -> Result<(), StoreError> {
        for number in 1..=self.count {
            if self.is_free(number) {
                continue;
            }
            if let Some(page) = self.read(number) {
                self.rows_of(number, &page, on_row)?;
            }
        }
        Ok(())
    }

    fn rows_of(&mut self, number: u32, page: &Page, on_row: &mut OnRow<'_>) -> Result<(), StoreError> {
        let header = if number == 1 { 100 } else { 0 };
        if page[header] != TABLE_LEAF {
            return Ok(());
        }
        let cells = usize::from(u16_at(page, header + 3).unwrap_or(0));
        for cell in 0..cells {
            let row = u16_at(page, header + 8 + 2 * cell).and_then(|at| self.cell(page, usize::from(at)));
            if let Some((rowid, payload)) = row {
                on_row(rowid, &payload)?;
            }
        }
        Ok(())
    }

    /// The rowid and the whole payload of the cell at `at`.
    fn cell(&mut self, page: &Page, at: usize) -> Option<(i64, Vec<u8>)> {
        let (length, used) = varint(page.get(at..)?)?;
        let (rowid, more) = varint(page.get(at + used..)?)?;
        let length = usize::try_from(length).ok().filter(|length| *length <= self.count as usize * PAGE)?;
        let start = at + used + more;
        let local = local_length(length);
        let mut payload = page.get(start..start + local)?.to_vec();
        if local < length {
            let mut next = u32_at(page, start + local)?;
            while payload.len() < length {
                let overflow = self.read(next).filter(|_| next > 1)?;
                let take = (length - payload.len()).min(PAGE - 4);
                payload.extend_from_slice(&overflow[4..4 + take]);
                next = u32_at(&overflow, 0)?;
            }
        }
        Some((rowid, payload))
    }

    /// Follows the list from the file's header; `None` when it is not as long as the header says.
    fn list_of_free(&mut self) -> Option<HashSet<u32>> {
        let header = self.read(1).filter(|header| header.starts_with(MAGIC))?;
        let (mut trunk, length) = (u32_at(&header, 32)?, u32_at(&header, 36)?);
        let mut free = HashSet::new();
        while trunk != 0 && free.len() < length as usize {
            let page = self.read(trunk)?;
            if !free.insert(trunk) {
                return None; // it goes round in a circle
            }
            let leaves = u32_at(&page, 4)? as usize;
            for leaf in 0..leaves {
                free.insert(u32_at(&page, 8 + 4 * leaf)?);
            }
            trunk = u32_at(&page, 0)?;
        }
        (trunk == 0 && free.len() == length as usize).then_some(free)
    }

    fn is_free(&mut self, number: u32) -> bool {
        if number < 2 {
            return false;
        }
        if let Some(free) = &self.free {
            return free.contains(&number);
        }
        let mut map = (number - 2) / (MAPPED + 1) * (MAPPED + 1) + 2;
        if map == LOCK_PAGE {
            map += 1;
        }
        if number <= map {
            return true; // the map itself (or the lock page): no rows there
        }
        let entry = 5 * (number - map - 1) as usize;
        self.read(map).is_some_and(|map| map.get(entry) == Some(&FREE))
    }

    fn read(&mut self, number: u32) -> Option<Page> {
        let mut page = vec![0; PAGE];
        let (file, at) = match (self.in_wal.get(&number), &mut self.wal) {
            (Some(at), Some(wal)) => (wal, *at),
            _ => (&mut self.file, u64::from(number.checked_sub(1)?) * PAGE as u64),
        };
        file.seek(SeekFrom::Start(at)).ok()?;
        // a cut last page is short: what is missing stays zero
        let mut read = 0;
        while read < PAGE {
            match file.read(&mut page[read..]) {
                Ok(0) | Err(_) => break,
                Ok(more) => read += more,
            }
        }
        (read > 0).then_some(page)
    }
}

/// How much of a payload lies in its leaf; the rest is on overflow pages.
fn local_length(length: usize) -> usize {
    const MOST: usize = PAGE - 35;
    const LEAST: usize = (PAGE - 12) * 32 / 255 - 23;
    if length <= MOST {
        return length;
    }
    let fitting = LEAST + (length - LEAST) % (PAGE - 4);
    if fitting <= MOST { fitting } else { LEAST }
}

/// The latest committed frame of every page: up to the last commit whose chain of checksums holds.
fn committed(wal: &mut File) -> HashMap<u32, u64> {
    let mut header = [0; WAL_HEADER];
    let mut latest = HashMap::new();
    if wal.seek(SeekFrom::Start(0)).and_then(|_| wal.read_exact(&mut header)).is_err() {
        return latest;
    }
    let big_endian = header[3] & 1 == 1;
    let mut sum = checksum((0, 0), &header[..24], big_endian);
    let mut uncommitted = Vec::new();
    let mut frame = vec![0; FRAME_HEADER + PAGE];
    let mut at = WAL_HEADER as u64;
    while wal.read_exact(&mut frame).is_ok() {
        sum = checksum(sum, &frame[..8], big_endian);
        sum = checksum(sum, &frame[FRAME_HEADER..], big_endian);
        let chained = u32_at(&frame, 16) == Some(sum.0) && u32_at(&frame, 20) == Some(sum.1);
        if frame[8..16] != header[16..24] || !chained {
            break;
        }
        uncommitted.extend(u32_at(&frame, 0).map(|page| (page, at + FRAME_HEADER as u64)));
        if u32_at(&frame, 4) != Some(0) {
            latest.extend(uncommitted.drain(..));
        }
        at += frame.len() as u64;
    }
    latest
}

fn checksum(seed: (u32, u32), bytes: &[u8], big_endian: bool) -> (u32, u32) {
    let word = |bytes: &[u8]| {
        let bytes = [bytes[0], bytes[1], bytes[2], bytes[3]];
        if big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    };
    bytes.chunks_exact(8).fold(seed, |(first, second), pair| {
        let first = first.wrapping_add(word(&pair[..4])).wrapping_add(second);
        (first, second.wrapping_add(word(&pair[4..])).wrapping_add(first))
    })
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// A SQLite variable-length integer and how many bytes it takes.
pub(super) fn varint(bytes: &[u8]) -> Option<(i64, usize)> {
    let mut value: u64 = 0;
    for (index, byte) in bytes.iter().take(9).enumerate() {
        if index == 8 {
            return Some(((value << 8 | u64::from(*byte)).cast_signed(), 9));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value.cast_signed(), index + 1));
        }
    }
    None
}
