//! A disk that fails on demand and remembers every write, for tests.

use super::place::Wrap;
use redb::{StorageBackend, backends::FileBackend};
use std::{
    io,
    sync::{Arc, Mutex, MutexGuard},
};

/// Something that was done to a file.
#[derive(Clone, Debug)]
pub(super) enum Act {
    Write(u64, Vec<u8>),
    SetLen(u64),
    Sync,
}

/// What all files opened through it have in common. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Disk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// After so many more acts everything fails, until it is repaired.
    left: Option<usize>,
    acts: Vec<Act>,
}

impl Disk {
    pub(super) fn wrap(&self) -> Wrap {
        let disk = self.clone();
        Arc::new(move |file| Box::new(Watched { file, disk: disk.clone() }))
    }

    /// Lets `acts` more succeed, and none after them.
    pub(super) fn fail_after(&self, acts: usize) {
        self.state().left = Some(acts);
    }

    /// From now on everything works again.
    pub(super) fn repair(&self) {
        self.state().left = None;
    }

    /// What was done so far, the first first.
    pub(super) fn acts(&self) -> Vec<Act> {
        self.state().acts.clone()
    }

    fn act(&self, act: Act) -> io::Result<()> {
        let mut state = self.state();
        match &mut state.left {
            Some(0) => return Err(io::Error::new(io::ErrorKind::StorageFull, "no space left on the device")),
            Some(left) => *left -= 1,
            None => {}
        }
        state.acts.push(act);
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

#[derive(Debug)]
struct Watched {
    file: FileBackend,
    disk: Disk,
}

impl StorageBackend for Watched {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.disk.act(Act::SetLen(len))?;
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.disk.act(Act::Sync)?;
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.disk.act(Act::Write(offset, data.to_vec()))?;
        self.file.write(offset, data)
    }
}
