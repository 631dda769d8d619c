//! The form of the file: lines, each with a checksum of its own.
//!
//! ```text
//! 5d41402a {"format":1}
//! 7d793037 [1790000000000,{"ended":{"answer":{"msg":"msg1==","stream":"default/msg1=="}}}]
//! ```
//!
//! Each entry has the time at which it was noted, in ms since the epoch. A line that was not written to
//! its end has no newline or another checksum; where such lines end the file, they are cut off.

use super::{entry::Entry, hash};
use serde::{Deserialize, Serialize};

/// The format that this version writes, and the latest that it reads. There is no earlier one.
pub(super) const FORMAT: u32 = 1;

/// Digits of a checksum.
const CHECKSUM: usize = 8;

#[derive(Serialize, Deserialize)]
struct Header {
    format: u32,
}

/// What was read of a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) entries: Vec<(i64, Entry)>,
    /// How much of the file can be kept, in bytes; what follows was not written to its end.
    pub(super) whole: usize,
    /// Lines within that part which cannot be read.
    pub(super) damaged: usize,
}

/// Why nothing of a file can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// A later version wrote it, in this format.
    Newer(u32),
    /// It does not begin as a ledger does.
    NoLedger,
}

/// The first line.
pub(super) fn header() -> Vec<u8> {
    let mut line = Vec::new();
    write(&mut line, &Header { format: FORMAT });
    line
}

/// Adds the line of an entry.
pub(super) fn write_entry(lines: &mut Vec<u8>, at_ms: i64, entry: &Entry) {
    write(lines, &(at_ms, entry));
}

/// Reads a file. An empty one, and one whose first line was not written to its end, is a ledger
/// without entries.
pub(super) fn read(file: &[u8]) -> Result<Reading, Unreadable> {
    let mut lines = file.split_inclusive(|byte| *byte == b'\n');
    let Some(first) = lines.next() else { return Ok(Reading::default()) };
    match decode::<Header>(first) {
        Some(Header { format: FORMAT }) => {}
        Some(Header { format }) if format > FORMAT => return Err(Unreadable::Newer(format)),
        None if header().starts_with(file) => return Ok(Reading::default()),
        _ => return Err(Unreadable::NoLedger),
    }
    let mut reading = Reading { whole: first.len(), ..Reading::default() };
    let (mut at, mut unreadable) = (first.len(), 0);
    for line in lines {
        at += line.len();
        match decode(line) {
            Some(entry) => {
                reading.entries.push(entry);
                reading.whole = at;
                reading.damaged += std::mem::take(&mut unreadable);
            }
            None => unreadable += 1,
        }
    }
    Ok(reading)
}

fn write(lines: &mut Vec<u8>, value: &impl Serialize) {
    // Only maps with keys that are not text fail to serialise, and nothing here has any.
    let json = serde_json::to_vec(value).unwrap_or_default();
    lines.extend_from_slice(hash::checksum(&json).as_bytes());
    lines.push(b' ');
    lines.extend_from_slice(&json);
    lines.push(b'\n');
}

fn decode<T: for<'a> Deserialize<'a>>(line: &[u8]) -> Option<T> {
    let (checksum, json) = line.strip_suffix(b"\n")?.split_at_checked(CHECKSUM)?;
    let json = json.strip_prefix(b" ")?;
    if hash::checksum(json).as_bytes() != checksum {
        return None;
    }
    serde_json::from_slice(json).ok()
}

#[cfg(test)]
#[path = "journal_tests.rs"]
mod tests;
