//! The file in which accepted messages are written down before anyone is told that they were.
//!
//! One line of JSON each: `{"format":1}` first, then `accepted`, `answered`, and `seen` for what is
//! left of an answered message once the file has been shortened. What was being written when the
//! process died is a last line without its end; it was never acknowledged, so it is cut off.

use super::HostError;
use host_sdk::InboundMessage;
use serde::{Deserialize, Serialize};
use std::{
    borrow::Cow,
    collections::{HashSet, VecDeque},
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// The format that this version writes.
const FORMAT: u32 = 1;
/// How many message ids are remembered, so that a message is not taken twice.
const REMEMBERED: usize = 50_000;
/// A file with more lines is shortened when it is opened.
const LINES: usize = 2 * REMEMBERED;

/// One line of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::large_enum_variant, reason = "a line lives for as long as it is read or written")]
pub(super) enum Line<'a> {
    /// The version of the format.
    Format(u32),
    /// A message was taken.
    Accepted(Cow<'a, InboundMessage>),
    /// The message of this id needs no answer any more.
    Answered(Cow<'a, str>),
    /// A message of this id had been taken and answered.
    Seen(Cow<'a, str>),
}

/// The ids of the messages that were taken; the oldest are forgotten.
#[derive(Debug, Default)]
pub(super) struct Seen {
    ids: HashSet<String>,
    order: VecDeque<String>,
}

impl Seen {
    pub(super) fn contains(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    pub(super) fn insert(&mut self, id: &str) {
        if self.ids.insert(id.to_owned()) {
            self.order.push_back(id.to_owned());
        }
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
    }

    /// Forgets the id that was inserted last, if it is this one.
    pub(super) fn take_back(&mut self, id: &str) {
        if self.order.back().is_some_and(|last| last == id) {
            self.order.pop_back();
            self.ids.remove(id);
        }
    }
}

/// The open file. It is this process's alone.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    /// Up to here the file consists of whole lines.
    length: u64,
    /// Locked. A file of its own, since the other one is replaced when it is rewritten.
    _lock: File,
}

/// What a file held when it was opened.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) seen: Seen,
    /// Taken but not answered, oldest first.
    pub(super) unanswered: Vec<InboundMessage>,
    /// Where a copy of a damaged file was put.
    pub(super) set_aside: Option<PathBuf>,
}

impl Journal {
    /// Opens the file, or makes it, and reads what it holds.
    ///
    /// # Errors
    /// When it cannot be used, another process uses it, or a newer version has written it.
    pub(super) fn open(path: &Path) -> Result<(Self, Contents), HostError> {
        let lock = lock(&path.with_extension("lock"))?;
        let io = |error: io::Error| unusable(path, &error.to_string(), "make it readable and writable");
        let file = options().create(true).open(path).map_err(io)?;
        let text = fs::read(path).map_err(io)?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let mut reading = Reading::default();
        text[..whole].split_inclusive(|byte| *byte == b'\n').for_each(|line| reading.line(line));
        if reading.newer {
            let remedy = "install the newer version of the host again, or move the file away";
            return Err(unusable(path, "a newer version of the host has written it", remedy));
        }
        let mut journal = Self { file, length: whole as u64, _lock: lock };
        journal.repair(path, &mut reading).map_err(io)?;
        Ok((journal, reading.contents))
    }

    /// Writes lines so that they survive a power cut, or none of them.
    ///
    /// # Errors
    /// When the disk is full, or whatever else the system says.
    pub(super) fn append(&mut self, lines: &[Line<'_>]) -> io::Result<()> {
        let mut text = Vec::new();
        for line in lines {
            serde_json::to_writer(&mut text, line)?;
            text.push(b'\n');
        }
        let written = self.file.write_all(&text).and_then(|()| self.file.sync_data());
        match written {
            Ok(()) => self.length += text.len() as u64,
            // What came through is taken back, lest the next line continue half of this one.
            Err(_) => self.file.set_len(self.length)?,
        }
        written
    }

    /// Cuts a torn line off, and rewrites a file that is new, damaged or long.
    fn repair(&mut self, path: &Path, reading: &mut Reading) -> io::Result<()> {
        self.file.set_len(self.length)?;
        if reading.damaged {
            let aside = path.with_extension("damaged");
            fs::copy(path, &aside)?;
            reading.contents.set_aside = Some(aside);
        }
        if self.length == 0 || reading.damaged || reading.lines > LINES {
            self.rewrite(path, &reading.contents)?;
        }
        Ok(())
    }

    /// Puts a file in the place of this one that holds the same in as few lines as can be.
    fn rewrite(&mut self, path: &Path, contents: &Contents) -> io::Result<()> {
        let unanswered: HashSet<&str> = contents.unanswered.iter().map(|message| &*message.id).collect();
        let answered = contents.seen.order.iter().filter(|id| !unanswered.contains(id.as_str()));
        let mut lines = vec![Line::Format(FORMAT)];
        lines.extend(answered.map(|id| Line::Seen(id.into())));
        lines.extend(contents.unanswered.iter().map(|message| Line::Accepted(Cow::Borrowed(message))));
        let beside = path.with_extension("new");
        self.file = options().create(true).open(&beside)?;
        self.file.set_len(0)?; // an earlier attempt may have left one
        self.length = 0;
        self.append(&lines)?;
        fs::rename(&beside, path)?;
        path.parent().map_or(Ok(()), sync_directory)
    }
}

/// A file as it is read.
#[derive(Default)]
struct Reading {
    contents: Contents,
    lines: usize,
    damaged: bool,
    newer: bool,
}

impl Reading {
    fn line(&mut self, line: &[u8]) {
        self.lines += 1;
        let contents = &mut self.contents;
        match serde_json::from_slice(line) {
            Ok(Line::Format(format)) => self.newer |= format > FORMAT,
            Ok(Line::Accepted(message)) => {
                contents.seen.insert(&message.id);
                contents.unanswered.push(message.into_owned());
            }
            Ok(Line::Answered(id)) => contents.unanswered.retain(|message| message.id != *id),
            Ok(Line::Seen(id)) => contents.seen.insert(&id),
            Err(_) => self.damaged = true,
        }
    }
}

fn options() -> OpenOptions {
    let mut options = File::options();
    options.read(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn lock(path: &Path) -> Result<File, HostError> {
    let io = |error: io::Error| unusable(path, &error.to_string(), "make it readable and writable");
    let file = options().create(true).open(path).map_err(io)?;
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => {
            let remedy = "stop the other host, or give this one a state directory of its own";
            unusable(path, "another host is using it", remedy)
        }
        TryLockError::Error(error) => io(error),
    })?;
    Ok(file)
}

/// A new name in a directory survives a power cut only once the directory itself is on disk.
fn sync_directory(directory: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(directory)?.sync_all()?;
    Ok(())
}

fn unusable(path: &Path, reason: &str, remedy: &'static str) -> HostError {
    HostError::State { path: path.to_owned(), reason: reason.to_owned(), remedy }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn message(id: &str) -> InboundMessage {
        InboundMessage { id: id.into(), reply: host_sdk::Handle::new("https://reply"), ..Default::default() }
    }

    fn accepted(message: &InboundMessage) -> Line<'_> {
        Line::Accepted(Cow::Borrowed(message))
    }

    fn unanswered(contents: &Contents) -> Vec<&str> {
        contents.unanswered.iter().map(|message| &*message.id).collect()
    }

    fn place() -> (TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("inbox.jsonl");
        (directory, path)
    }

    fn add(path: &Path, text: &str) {
        options().open(path).unwrap().write_all(text.as_bytes()).unwrap();
    }

    #[test]
    fn what_was_taken_and_not_answered_is_there_again_with_its_reply_handle() {
        let (_directory, path) = place();
        let (mut journal, _) = Journal::open(&path).unwrap();
        journal.append(&[accepted(&message("1")), accepted(&message("2"))]).unwrap();
        journal.append(&[Line::Answered("1".into())]).unwrap();
        drop(journal);

        let (_, contents) = Journal::open(&path).unwrap();
        assert_eq!(unanswered(&contents), ["2"]);
        assert_eq!(contents.unanswered[0].reply.reveal(), "https://reply");
        assert!(contents.seen.contains("1") && contents.seen.contains("2"));
    }

    #[test]
    fn a_torn_last_line_is_cut_off() {
        let (_directory, path) = place();
        let (mut journal, _) = Journal::open(&path).unwrap();
        journal.append(&[accepted(&message("1"))]).unwrap();
        drop(journal);
        add(&path, "{\"accepted\":{\"id\":\"2");

        let (mut journal, contents) = Journal::open(&path).unwrap();
        assert!(!contents.seen.contains("2") && contents.set_aside.is_none());
        journal.append(&[accepted(&message("3"))]).unwrap();
        drop(journal);
        let (_, contents) = Journal::open(&path).unwrap();
        assert_eq!(unanswered(&contents), ["1", "3"]);
    }

    #[test]
    fn a_damaged_file_is_set_aside_and_the_rest_of_it_lives_on() {
        let (_directory, path) = place();
        let (mut journal, _) = Journal::open(&path).unwrap();
        journal.append(&[accepted(&message("1"))]).unwrap();
        add(&path, "damage\n");
        journal.append(&[accepted(&message("2")), Line::Answered("1".into())]).unwrap();
        drop(journal);

        let (journal, contents) = Journal::open(&path).unwrap();
        assert_eq!(unanswered(&contents), ["2"]);
        assert!(fs::read_to_string(contents.set_aside.unwrap()).unwrap().contains("damage"));
        drop(journal);
        let (_, contents) = Journal::open(&path).unwrap();
        assert!(contents.set_aside.is_none() && contents.seen.contains("1"));
    }

    #[test]
    fn a_file_of_a_newer_version_is_refused_and_left_alone() {
        let (_directory, path) = place();
        fs::write(&path, "{\"format\":2}\n{\"unheard\":1}\n").unwrap();
        let error = Journal::open(&path).unwrap_err().to_string();
        assert!(error.contains("newer version") && error.contains("inbox.jsonl"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "{\"format\":2}\n{\"unheard\":1}\n");
    }

    #[test]
    fn only_one_can_have_it_open() {
        let (_directory, path) = place();
        let (journal, _) = Journal::open(&path).unwrap();
        let error = Journal::open(&path).unwrap_err().to_string();
        assert!(error.contains("another host is using it"), "{error}");
        drop(journal);
        assert!(Journal::open(&path).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let (_directory, path) = place();
        let _journal = Journal::open(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
