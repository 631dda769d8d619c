//! What a file is seen to hold, and when that counts as changed.
//!
//! The configuration is looked at several times a second, whole: it is small, and neither its time nor its size
//! tells of every change. A watch by the system would have to know the directory, for editors replace files by
//! rename, and would be silent on network drives and in some containers.

use super::text;
use std::{io::Read, path::Path};

/// Nothing larger is a configuration.
const LARGEST: u64 = 4 * 1024 * 1024;

/// What a file is seen to hold: its text, or why that cannot be had.
pub(super) type Seen = Result<String, String>;

/// Looks at a file.
pub(super) fn look(file: &Path) -> Seen {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(file).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes));
    match read {
        Err(error) => Err(format!("{error}; create it, or name another configuration file")),
        Ok(_) if bytes.len() as u64 > LARGEST => Err("it is larger than 4 MiB, so it is none".to_owned()),
        Ok(_) => text::decode(&bytes),
    }
}

/// A file as it was seen so far.
#[derive(Debug)]
pub(super) struct Sight {
    /// What counts.
    taken: Seen,
    /// What was seen last.
    last: Seen,
}

impl Sight {
    /// A file whose text counts already.
    pub(super) fn new(text: String) -> Self {
        Self { taken: Ok(text.clone()), last: Ok(text) }
    }

    /// The file is seen so now: what counts from here on, if that changes. Only what is seen twice does, since
    /// whoever writes may be in the middle of it.
    pub(super) fn sees(&mut self, now: Seen) -> Option<&Seen> {
        let is_settled = self.last == now;
        self.last = now;
        if !is_settled || self.last == self.taken {
            return None;
        }
        self.taken = self.last.clone();
        Some(&self.taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Seen {
        Ok(text.to_owned())
    }

    #[test]
    fn a_change_counts_once_and_when_it_is_seen_twice() {
        let mut sight = Sight::new("a".into());
        assert_eq!(sight.sees(text("a")), None);
        assert_eq!(sight.sees(text("b")), None);
        assert_eq!(sight.sees(text("b")), Some(&text("b")));
        assert_eq!(sight.sees(text("b")), None);
    }

    #[test]
    fn what_stands_there_for_one_look_does_not_count() {
        let mut sight = Sight::new("a".into());
        for passing in [text(""), text("half"), Err("not found".into()), text("a"), text("a")] {
            assert_eq!(sight.sees(passing), None);
        }
    }

    #[test]
    fn a_file_that_goes_counts_as_a_change_and_so_does_its_return() {
        let mut sight = Sight::new("a".into());
        let gone = || Err("not found".to_owned());
        for now in [gone(), text("a")] {
            assert_eq!(sight.sees(now.clone()), None);
            assert_eq!(sight.sees(now.clone()), Some(&now));
        }
    }

    #[test]
    fn a_file_without_end_is_not_read_to_its_end() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("openclaw.json");
        std::fs::File::create(&file).unwrap().set_len(LARGEST * 1000).unwrap();
        assert!(look(&file).unwrap_err().contains("larger"));
    }
}
