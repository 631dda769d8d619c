//! What is true of every file that a ledger may find.

use super::{book::Book, hash, journal};

/// Whatever is in the file: it is read, what was read can be written and is read the same then, and can be lived with.
pub(crate) fn any_file(bytes: &[u8]) {
    let Ok(reading) = journal::read(bytes) else { return };
    assert!(reading.whole <= bytes.len(), "more is kept than there is");
    let mut again = journal::header();
    let mut book = Book::default();
    for (at_ms, entry) in &reading.entries {
        journal::write_entry(&mut again, *at_ms, entry);
        book.apply(entry.clone(), *at_ms);
    }
    let second = journal::read(&again).expect("what was just written can be read");
    assert_eq!(second.entries, reading.entries, "it is read otherwise the second time");
    assert_eq!((second.damaged, second.whole), (0, again.len()));
    book.inherit();
    for (at_ms, entry) in book.entries().collect::<Vec<_>>() {
        journal::write_entry(&mut again, at_ms, &entry);
    }
}

/// The same of lines of JSON, each with the checksum that makes it be looked at.
pub(crate) fn any_lines(text: &str) {
    let mut file = journal::header();
    for line in text.lines() {
        file.extend_from_slice(format!("{} {line}\n", hash::checksum(line.as_bytes())).as_bytes());
    }
    any_file(&file);
}
