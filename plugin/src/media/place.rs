//! The archive on disk. Everything here blocks, and belongs on a thread that may.

use super::{
    retention::{self, Retention},
    sniff::HEAD,
    tag::{AccountTag, FileTag, MessageTag},
};
use crate::private_file::private;
use chrono::NaiveDate;
use std::{
    collections::HashSet,
    fs::{self, DirBuilder, File, OpenOptions, ReadDir},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};
use uuid::Uuid;

/// Where files are while they arrive: on the same file system, so that they move in one step.
const INCOMING: &str = ".incoming";
/// What the name of a file that arrives ends with.
const PART: &str = ".part";
/// No download takes so long: what is older was left by a process that was killed.
const ORPHANED: Duration = Duration::from_hours(1);
/// Files that are removed before others get the thread.
const BATCH: usize = 500;
/// A file fetched before is looked for in so many of the newest folders.
const NEWEST: usize = 2;

/// The folder that an account's files are kept in. Other accounts may keep theirs there, too.
pub(super) struct Place {
    root: PathBuf,
    account: AccountTag,
    /// One removes or looks for files at a time, so that none goes that was just found.
    turn: Mutex<()>,
}

/// A file that arrives. It goes when this is dropped.
pub(super) struct Arriving {
    file: File,
    arrived: Arrived,
}

/// A file that has arrived, and is not archived yet. It goes when this is dropped.
pub(super) struct Arrived {
    path: PathBuf,
    pub(super) size: u64,
    /// How it begins.
    pub(super) head: Vec<u8>,
}

impl Arriving {
    /// The bytes that are there so far.
    pub(super) fn size(&self) -> u64 {
        self.arrived.size
    }

    /// Puts what came next behind them.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        let Arrived { size, head, .. } = &mut self.arrived;
        *size += bytes.len() as u64;
        let missing = HEAD.saturating_sub(head.len()).min(bytes.len());
        head.extend_from_slice(&bytes[..missing]);
        Ok(())
    }

    /// That was all.
    pub(super) fn end(self) -> io::Result<Arrived> {
        self.file.sync_data()?; // else a crash may leave the name without the content
        Ok(self.arrived)
    }
}

impl Drop for Arrived {
    fn drop(&mut self) {
        // It was moved, or nobody wants it; else the next sweep finds it.
        drop(fs::remove_file(&self.path));
    }
}

/// An archived file.
pub(super) struct Archived {
    pub(super) path: PathBuf,
    pub(super) size: u64,
    pub(super) head: Vec<u8>,
}

impl Place {
    pub(super) fn new(root: PathBuf, account: AccountTag) -> Self {
        Self { root, account, turn: Mutex::default() }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// A file of its own for what begins to arrive.
    pub(super) fn receive(&self, tag: &FileTag) -> io::Result<Arriving> {
        let folder = self.root.join(INCOMING);
        make_folder(&folder)?;
        let path = folder.join(format!("{tag}-{}{PART}", Uuid::new_v4().simple()));
        let file = new_file(&path)?;
        Ok(Arriving { file, arrived: Arrived { path, size: 0, head: Vec::new() } })
    }

    /// Moves a file into the folder of `date`, where nothing is ever overwritten. If it is there already,
    /// because two asked for it at the same time, that one counts.
    pub(super) fn archive(&self, arrived: Arrived, date: NaiveDate, name: &str) -> io::Result<Archived> {
        let folder = self.root.join(date.to_string());
        let path = folder.join(name);
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        make_folder(&folder)?;
        let claimed = match new_file(&path) {
            // Another account's sweep may have taken the empty folder just then.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                make_folder(&folder)?;
                new_file(&path)
            }
            claimed => claimed,
        };
        match claimed {
            Ok(_empty) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if let Some(archived) = read(&path)? {
                    return Ok(archived);
                }
            }
            Err(error) => return Err(error),
        }
        if let Err(error) = fs::rename(&arrived.path, &path) {
            drop(fs::remove_file(&path)); // it was only claimed
            return Err(error);
        }
        let head = arrived.head.clone();
        Ok(Archived { path, size: arrived.size, head })
    }

    /// A file that was fetched before.
    pub(super) fn find(&self, tag: &FileTag) -> Option<Archived> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.newest().find_map(|folder| {
            let mut files = fs::read_dir(folder).ok()?.flatten();
            let found = files.find(|file| tag_of(file).is_some_and(|found| found == *tag))?;
            read(&found.path()).ok()?
        })
    }

    /// The messages of the files that came not longer than `life` ago, and what is left of that. An earlier
    /// process may have ended while they were answered.
    pub(super) fn recent(&self, life: Duration, now: SystemTime) -> Vec<(MessageTag, Duration)> {
        let files = self.newest().filter_map(|folder| fs::read_dir(folder).ok()).flat_map(Iterator::flatten);
        let recent = files.filter_map(|file| {
            let tag = tag_of(&file).filter(|tag| tag.is_of(&self.account))?;
            let since = file.metadata().ok()?.modified().ok()?;
            let left = life.checked_sub(now.duration_since(since).unwrap_or_default())?;
            Some((tag.message(), left))
        });
        recent.collect()
    }

    fn newest(&self) -> impl Iterator<Item = PathBuf> {
        let names = fs::read_dir(&self.root).into_iter().flatten().flatten().map(|entry| entry.file_name());
        let dates = names.filter_map(|name| retention::date(name.to_str()?));
        let mut dates: Vec<NaiveDate> = dates.collect();
        dates.sort_unstable();
        dates.into_iter().rev().take(NEWEST).map(|date| self.root.join(date.to_string()))
    }
}

/// One look through the archive, in steps between which others get the thread.
pub(super) struct Sweep {
    retention: Retention,
    folders: Vec<PathBuf>,
    open: Option<(PathBuf, ReadDir)>,
    /// What could not be removed, and why the last of it.
    pub(super) kept: usize,
    pub(super) trouble: Option<io::Error>,
    pub(super) removed: usize,
}

impl Sweep {
    /// Lists the folders that `retention` has something to say about.
    pub(super) fn begin(place: &Place, retention: Retention) -> Self {
        let entries = fs::read_dir(&place.root).into_iter().flatten().flatten();
        let expired = entries.filter(|entry| {
            // Not by a link: it may lead out of the archive.
            entry.file_type().is_ok_and(|kind| kind.is_dir())
                && entry.file_name().to_str().is_some_and(|name| retention.expired(name).is_some())
        });
        let folders = expired.map(|entry| entry.path()).collect();
        Self { retention, folders, open: None, kept: 0, trouble: None, removed: 0 }
    }

    /// Removes some files, but none of the messages that are `held`; whether there are more.
    pub(super) fn step(&mut self, place: &Place, held: impl FnOnce() -> HashSet<MessageTag>) -> bool {
        let _turn = place.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let held = held(); // not before: whoever found a file in the meantime holds it
        for _ in 0..BATCH {
            let Some((folder, files)) = &mut self.open else {
                let Some(folder) = self.folders.pop() else { return false };
                self.open = fs::read_dir(&folder).ok().map(|files| (folder, files));
                continue;
            };
            match files.next() {
                Some(Ok(file)) => {
                    let goes =
                        file.file_name().to_str().is_some_and(|name| self.retention.removes(name, &held))
                            && file.file_type().is_ok_and(|kind| kind.is_file());
                    if goes {
                        let removed = fs::remove_file(file.path());
                        self.note(removed);
                    }
                }
                Some(Err(error)) => self.note(Err(error)),
                None => {
                    // Says no while something is in it.
                    drop(fs::remove_dir(&*folder));
                    self.open = None;
                }
            }
        }
        true
    }

    /// Removes what an earlier process did not finish downloading.
    pub(super) fn orphans(&mut self, place: &Place, now: SystemTime) {
        let files = fs::read_dir(place.root.join(INCOMING)).into_iter().flatten().flatten();
        for file in files {
            let name = file.file_name();
            let is_ours = name.to_str().and_then(|name| name.strip_suffix(PART)).is_some_and(|stem| {
                let tag = stem.split('-').next().and_then(|tag| FileTag::in_name(&format!("__{tag}")));
                tag.is_some_and(|tag| tag.is_of(&self.retention.account))
            });
            if !is_ours {
                continue;
            }
            let age = file.metadata().and_then(|metadata| metadata.modified());
            let age = age.map(|since| now.duration_since(since).unwrap_or_else(|ahead| ahead.duration()));
            if age.is_ok_and(|age| age > ORPHANED) {
                self.note(fs::remove_file(file.path()));
            }
        }
    }

    fn note(&mut self, removed: io::Result<()>) {
        match removed {
            Ok(()) => self.removed += 1,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                self.kept += 1;
                self.trouble = Some(error);
            }
        }
    }
}

fn tag_of(file: &fs::DirEntry) -> Option<FileTag> {
    FileTag::in_name(file.file_name().to_str()?)
}

/// A file that is there to its end: an empty one was only claimed.
fn read(path: &Path) -> io::Result<Option<Archived>> {
    let metadata = fs::symlink_metadata(path)?;
    if !metadata.is_file() || metadata.len() == 0 {
        return Ok(None);
    }
    let mut head = Vec::new();
    File::open(path)?.take(HEAD as u64).read_to_end(&mut head)?;
    Ok(Some(Archived { path: path.to_owned(), size: metadata.len(), head }))
}

fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn new_file(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().create_new(true)).open(path)
}

#[cfg(test)]
mod tests;
