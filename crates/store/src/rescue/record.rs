//! Rows as SQLite writes them, and which table of ours a row belongs to by its shape.

use rusqlite::types::Value;

use super::pages::varint;
use crate::body;

/// Rows of `counts`, which are made anew, look like those of `sent`, and are told apart by their numbers: states, not quarters of an hour.
const LAST_STATE: i64 = 4;

/// The tables whose rows are carried over; counts are made anew by the triggers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    Sources,
    Reports,
    Bodies,
    Staged,
    Noted,
    Attempts,
    Sent,
}

/// A row that looks like one of ours, its id filled in.
pub(super) struct Found {
    pub(super) table: Table,
    pub(super) values: Vec<Value>,
}

impl Table {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sources => "sources",
            Self::Reports => "reports",
            Self::Bodies => "bodies",
            Self::Staged => "staged",
            Self::Noted => "noted",
            Self::Attempts => "attempts",
            Self::Sent => "sent",
        }
    }

    /// What a row lacks that was written before its table had its last column.
    fn last_column(self, width: usize) -> Option<Value> {
        match (self, width) {
            (Self::Reports, 29) | (Self::Staged, 15) => Some(Value::Text(String::new())),
            (Self::Sent, 2) => Some(Value::Null),
            _ => None,
        }
    }

    /// The first column of a table with an id is written as NULL: the rowid stands for it.
    fn of(rowid: i64, values: &[Value]) -> Option<Self> {
        let has_id = values.first() == Some(&Value::Null);
        match (has_id, values.len()) {
            // the second column is the rule's name in the one and the number of the source in the other
            (true, 16) if matches!(values[1], Value::Text(_)) => Some(Self::Sources),
            (true, 29 | 30) => Some(Self::Reports),
            (true, 5) => Some(Self::Bodies),
            (true, 15 | 16) => Some(Self::Staged),
            (true, 7) => Some(Self::Attempts),
            (true, 2) => Some(Self::Sent),
            (true, 3) if rowid > LAST_STATE => Some(Self::Sent),
            (false, 2) if values.iter().all(|value| matches!(value, Value::Integer(_))) => Some(Self::Noted),
            _ => None,
        }
    }
}

impl Found {
    /// Whether a body is what its hash says; rows of other tables are left to the schema's constraints.
    pub(super) fn is_sound(&self) -> bool {
        if self.table != Table::Bodies {
            return true;
        }
        let [_, Value::Blob(_), Value::Blob(hash), Value::Integer(size), Value::Blob(frame)] = self.values.as_slice() else {
            return false;
        };
        match (usize::try_from(*size), <&[u8; 32]>::try_from(hash.as_slice())) {
            (Ok(size), Ok(hash)) => body::unpack(frame, size, hash).is_some(),
            _ => false,
        }
    }
}

/// The row in a payload, when it has the shape of one of ours.
pub(super) fn identify(rowid: i64, payload: &[u8]) -> Option<Found> {
    let mut values = decode(payload)?;
    let table = Table::of(rowid, &values)?;
    if table != Table::Noted {
        values[0] = Value::Integer(rowid);
    }
    values.extend(table.last_column(values.len()));
    Some(Found { table, values })
}

fn decode(payload: &[u8]) -> Option<Vec<Value>> {
    let (header, mut at) = varint(payload)?;
    let header = usize::try_from(header).ok().filter(|header| *header <= payload.len())?;
    let mut content = header;
    let mut values = Vec::new();
    while at < header {
        let (kind, used) = varint(payload.get(at..header)?)?;
        at += used;
        let length = length(kind)?;
        let end = content.checked_add(length)?;
        values.push(value(kind, payload.get(content..end)?)?);
        content = end;
    }
    (content == payload.len()).then_some(values)
}

fn length(kind: i64) -> Option<usize> {
    match kind {
        0 | 8 | 9 => Some(0),
        1..=4 => usize::try_from(kind).ok(),
        5 => Some(6),
        6 | 7 => Some(8),
        12.. => usize::try_from((kind - 12) / 2).ok(),
        _ => None,
    }
}

fn value(kind: i64, bytes: &[u8]) -> Option<Value> {
    Some(match kind {
        0 => Value::Null,
        1..=6 => Value::Integer(integer(bytes)),
        7 => Value::Real(f64::from_be_bytes(bytes.try_into().ok()?)),
        8 | 9 => Value::Integer(kind - 8),
        _ if kind % 2 == 0 => Value::Blob(bytes.to_vec()),
        _ => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
    })
}

/// A big-endian two's complement number of one to eight bytes.
fn integer(bytes: &[u8]) -> i64 {
    let sign = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) { -1 } else { 0 };
    bytes.iter().fold(sign, |number, byte| number << 8 | i64::from(*byte))
}
