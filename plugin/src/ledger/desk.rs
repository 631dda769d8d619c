//! Between those who note and the file: what is known, what waits to be written, and who writes it.
//!
//! Entries are known at once and wait as lines. Whoever writes takes all lines that gathered meanwhile, so
//! that many notes are one write. After a write that failed nobody knows how the file ends: from then on
//! nothing waits any more, and the file is written anew, from what is known, once that works.

use super::{
    book::{Book, Figures},
    entry::Entry,
    journal,
    place::{Journal, Opened, Place, Trouble},
};
use std::{
    fs::File,
    io, mem,
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::sync::{Notify, watch};

/// Lines that wait, in bytes. A disk that lets more gather does not answer.
const WAITING: usize = 8 << 20;
/// A file is written anew when it is twice as long as it would be then, and at least this long.
const SHORT: u64 = 1 << 20;

/// Where the ledger is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Standing {
    /// In memory: nobody gave it a folder.
    #[default]
    Memory,
    /// On disk.
    Disk,
    /// In memory, until the disk can be written (again). Says what is the matter.
    Troubled(String),
    /// In memory, until another process lets go of the file. Says so.
    Elsewhere(String),
}

impl Standing {
    /// What is the matter, if something is.
    pub(super) fn trouble(&self) -> Option<&str> {
        match self {
            Self::Memory | Self::Disk => None,
            Self::Troubled(why) | Self::Elsewhere(why) => Some(why),
        }
    }
}

#[derive(Default)]
pub(super) struct Desk {
    state: Mutex<State>,
    /// Taken before `state`, by whoever writes.
    disk: Mutex<Disk>,
    /// There is something to write, or to tell.
    pub(super) called: Notify,
    /// There may be cards that were left: the file was opened, or one could not be ended.
    pub(super) left: Notify,
    /// The number of the last entry that is written, or will not be.
    written: watch::Sender<u64>,
    /// Something was written that a power cut would take.
    unsynced: AtomicBool,
    /// So it is, after a while in which it was not.
    pub(super) soiled: Notify,
}

#[derive(Default)]
struct State {
    book: Book,
    standing: Standing,
    /// Lines that wait to be written.
    waiting: Vec<u8>,
    /// Entries so far.
    noted: u64,
}

#[derive(Default)]
struct Disk {
    folder: PathBuf,
    place: Option<Place>,
    journal: Option<Journal>,
    /// How long the file was when it was written anew.
    renewed: u64,
}

impl Desk {
    /// A ledger in `folder`. Where there is trouble it begins in memory.
    pub(super) fn open(folder: &Path) -> Self {
        let desk = Self::default();
        desk.disk().folder = folder.to_owned();
        desk.state().standing = Standing::Troubled(String::new());
        desk.mend();
        desk
    }

    /// Takes `entry` in. Answers with its number if it waits to be written.
    pub(super) fn note(&self, entry: Entry, now_ms: i64) -> Option<u64> {
        let mut state = self.state();
        let entry = state.book.condensed(entry);
        let is_kept = state.standing == Standing::Disk;
        if is_kept {
            journal::write_entry(&mut state.waiting, now_ms, &entry);
            state.noted += 1;
        }
        state.book.apply(entry, now_ms);
        if is_kept && state.waiting.len() > WAITING {
            let sentence =
                "the disk does not take what is to be remembered; it is in memory only until it does";
            state.give_up(Standing::Troubled(sentence.to_owned()));
            self.written.send_replace(state.noted);
            return None;
        }
        is_kept.then_some(state.noted)
    }

    /// Waits until the entry with this number is written, or will not be.
    pub(super) async fn written(&self, number: u64) {
        // The sender lives as long as this.
        drop(self.written.subscribe().wait_for(|written| *written >= number).await);
    }

    /// Asks or changes what is known.
    pub(super) fn ask<T>(&self, ask: impl FnOnce(&mut Book) -> T) -> T {
        ask(&mut self.state().book)
    }

    /// Writes what waits. Blocks.
    pub(super) fn write(&self) {
        let mut disk = self.disk();
        loop {
            let (lines, last) = {
                let mut state = self.state();
                (mem::take(&mut state.waiting), state.noted)
            };
            if lines.is_empty() {
                break;
            }
            if !self.unsynced.swap(true, Ordering::Relaxed) {
                self.soiled.notify_one();
            }
            match disk.append(&lines) {
                Ok(()) => drop(self.written.send_replace(last)),
                Err(trouble) => return self.fail(&trouble),
            }
        }
        if disk.is_long() {
            self.renew(&mut disk);
        }
    }

    /// Makes what was written survive a power cut. Blocks, but nobody who writes meanwhile: a busy disk
    /// takes seconds for this, and answers wait until their entries are written.
    pub(super) fn sync(&self) {
        let handle = {
            let disk = self.disk();
            self.unsynced.store(false, Ordering::Relaxed);
            disk.handle()
        };
        if let Err(error) = handle.and_then(|file| file.map_or(Ok(()), |file| file.sync_data())) {
            let trouble = self.disk().give_up(error);
            self.fail(&trouble);
        }
    }

    /// Tries again to have the file, where there is trouble. Blocks.
    pub(super) fn mend(&self) {
        let mut disk = self.disk();
        if self.standing().trouble().is_none() {
            return;
        }
        if disk.place.is_some() {
            return self.renew(&mut disk);
        }
        match disk.open() {
            Ok(entries) => self.begin(&mut disk, entries),
            Err(trouble) => self.fail(&trouble),
        }
    }

    pub(super) fn standing(&self) -> Standing {
        self.state().standing.clone()
    }

    pub(super) fn figures(&self) -> (Figures, u64) {
        let state = self.state();
        (state.book.figures(), state.noted)
    }

    /// Goes on from what the file says, and adds what was noted without it.
    fn begin(&self, disk: &mut Disk, entries: Vec<(i64, Entry)>) {
        let mut state = self.state();
        let mut book = Book::default();
        entries.into_iter().for_each(|(at, entry)| book.apply(entry, at));
        book.inherit();
        let meanwhile: Vec<_> = state.book.entries().collect();
        for (at, entry) in meanwhile {
            journal::write_entry(&mut state.waiting, at, &entry);
            book.apply(entry, at);
        }
        state.book = book;
        state.standing = Standing::Disk;
        drop(state);
        self.left.notify_one();
        if disk.journal.is_none() {
            self.renew(disk);
        }
    }

    /// Writes the file anew, from what is known.
    fn renew(&self, disk: &mut Disk) {
        let (lines, last) = {
            let mut state = self.state();
            state.waiting = Vec::new();
            state.standing = Standing::Disk;
            let mut lines = Vec::new();
            state.book.entries().for_each(|(at, entry)| journal::write_entry(&mut lines, at, &entry));
            (lines, state.noted)
        };
        match disk.renew(&lines) {
            Ok(()) => drop(self.written.send_replace(last)),
            Err(trouble) => self.fail(&trouble),
        }
    }

    fn fail(&self, trouble: &Trouble) {
        let mut state = self.state();
        let is_elsewhere = matches!(trouble, Trouble::InUse { .. });
        let standing = if is_elsewhere { Standing::Elsewhere } else { Standing::Troubled };
        state.give_up(standing(trouble.to_string()));
        self.written.send_replace(state.noted);
        self.called.notify_one();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn give_up(&mut self, standing: Standing) {
        self.waiting = Vec::new();
        self.standing = standing;
    }
}

impl Disk {
    /// Claims the folder and reads what is there.
    fn open(&mut self) -> Result<Vec<(i64, Entry)>, Trouble> {
        let place = Place::claim(&self.folder)?;
        let Opened { journal, reading, set_aside } = place.open()?;
        if let Some(aside) = &set_aside {
            tracing::error!(
                lines = reading.damaged,
                "the ledger was damaged: what could be read of it is kept, all of it is in {}",
                aside.display()
            );
        }
        self.place = Some(place);
        // A damaged one is written anew at once.
        self.journal = set_aside.is_none().then_some(journal);
        self.renewed = 0;
        Ok(reading.entries)
    }

    fn append(&mut self, lines: &[u8]) -> Result<(), Trouble> {
        let (Some(place), Some(journal)) = (&self.place, &mut self.journal) else { return Ok(()) };
        let appended = journal.append(lines).map_err(|error| place.failed(error));
        if appended.is_err() {
            self.journal = None;
        }
        appended
    }

    /// The open file, to be synced beside those who write.
    fn handle(&self) -> io::Result<Option<File>> {
        self.journal.as_ref().map(Journal::handle).transpose()
    }

    /// What was written may be lost: the file is written anew.
    fn give_up(&mut self, error: io::Error) -> Trouble {
        self.journal = None;
        match &self.place {
            Some(place) => place.failed(error),
            None => Trouble::Failed { file: self.folder.clone(), error },
        }
    }

    fn renew(&mut self, lines: &[u8]) -> Result<(), Trouble> {
        let Some(place) = &self.place else { return Ok(()) };
        self.journal = None;
        let journal = place.renew(lines)?;
        self.renewed = journal.bytes();
        self.journal = Some(journal);
        Ok(())
    }

    fn is_long(&self) -> bool {
        self.journal.as_ref().is_some_and(|journal| journal.bytes() > SHORT.max(2 * self.renewed))
    }
}

#[cfg(test)]
#[path = "desk_tests.rs"]
mod tests;
