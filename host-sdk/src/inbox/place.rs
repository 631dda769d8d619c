//! The file of one inbox, and what lies beside it for a while.
//!
//! ```text
//! <name>.redb      the store; nobody but its owner may read it
//! <name>.lock      empty; whoever has it locked owns the store
//! <name>.new       the store while it is written anew; then it takes the other's place
//! <name>.damaged   the last store that could not be read
//! ```

use super::{
    InboxError,
    store::{Contents, Fault, Store},
};
use crate::{host::private_directory, lock};
use redb::{StorageBackend, backends::FileBackend};
use std::{
    fmt,
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

/// What is put between a store and its file; in tests, something that breaks.
pub(super) type Wrap = Arc<dyn Fn(FileBackend) -> Box<dyn StorageBackend> + Send + Sync>;

/// The file of an inbox, owned by this process for as long as this lives.
pub(super) struct Place {
    file: PathBuf,
    wrap: Wrap,
    _lock: File,
}

/// A store that was opened.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) store: Store,
    pub(super) contents: Contents,
    /// Where a store that is damaged was put, or a copy of one that is in part.
    pub(super) set_aside: Option<PathBuf>,
}

impl Place {
    /// Makes the folder private, and the file this process's own.
    pub(super) fn claim(file: &Path, wrap: Wrap) -> Result<Self, InboxError> {
        if let Some(folder) = file.parent() {
            private_directory(folder).map_err(|error| InboxError::unusable(folder, error))?;
        }
        let lock =
            private(&file.with_extension("lock")).map_err(|error| InboxError::unusable(file, error))?;
        match lock::claim(&lock) {
            Ok(()) => Ok(Self { file: file.to_owned(), wrap, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(InboxError::InUse { file: file.to_owned() }),
            Err(TryLockError::Error(error)) => Err(InboxError::unusable(file, error)),
        }
    }

    /// Opens the store, or makes one. What is damaged is set aside first.
    pub(super) fn open(&self) -> Result<Opened, InboxError> {
        let there = fs::exists(&self.file).map_err(|error| InboxError::unusable(&self.file, error))?;
        if !there {
            return self.fresh(None);
        }
        let opened = self.reopen().and_then(|store| Ok((store.contents()?, store)));
        match opened {
            Ok((contents, store)) if contents.unreadable.is_empty() => {
                Ok(Opened { store, contents, set_aside: None })
            }
            Ok((contents, store)) => self.purge(store, contents),
            Err(Fault::Damaged(_)) => self.set_aside(),
            Err(fault) => Err(self.error(fault)),
        }
    }

    /// Opens the store again after it failed.
    pub(super) fn reopen(&self) -> Result<Store, Fault> {
        self.store(&self.file)
    }

    /// Puts a store in the place of `old` that holds the same, and no byte of what was removed.
    pub(super) fn renew(&self, old: &Store) -> Result<Store, Fault> {
        let beside = self.beside("new");
        let renewed = self.anew(&beside).and_then(|store| {
            old.copy_to(&store)?;
            self.move_in(&beside)?;
            Ok(store)
        });
        if renewed.is_err() {
            // It may be what fills the disk.
            drop(fs::remove_file(&beside));
        }
        renewed
    }

    fn fresh(&self, set_aside: Option<PathBuf>) -> Result<Opened, InboxError> {
        let beside = self.beside("new");
        let made = self.anew(&beside).and_then(|store| self.move_in(&beside).map(|()| store));
        let store = made.map_err(|fault| self.error(fault))?;
        Ok(Opened { store, contents: Contents::default(), set_aside })
    }

    fn set_aside(&self) -> Result<Opened, InboxError> {
        let aside = self.beside("damaged");
        fs::rename(&self.file, &aside).map_err(|error| InboxError::unusable(&self.file, error))?;
        self.fresh(Some(aside))
    }

    /// Goes on without the messages that cannot be read; the copy has them.
    fn purge(&self, store: Store, mut contents: Contents) -> Result<Opened, InboxError> {
        let aside = self.beside("damaged");
        fs::copy(&self.file, &aside).map_err(|error| InboxError::unusable(&aside, error))?;
        let unreadable = std::mem::take(&mut contents.unreadable);
        let purged = store.change(|tables| unreadable.iter().try_for_each(|number| tables.discard(*number)));
        purged.map_err(|fault| self.error(fault))?;
        Ok(Opened { store, contents, set_aside: Some(aside) })
    }

    fn anew(&self, beside: &Path) -> Result<Store, Fault> {
        // What an earlier attempt left, if it left anything.
        drop(fs::remove_file(beside));
        self.store(beside)
    }

    fn store(&self, file: &Path) -> Result<Store, Fault> {
        let file = private(file).map_err(failed)?;
        let backend = FileBackend::new(file).map_err(|error| Fault::Failed(error.to_string()))?;
        Store::open(Backend((self.wrap)(backend)))
    }

    fn move_in(&self, beside: &Path) -> Result<(), Fault> {
        fs::rename(beside, &self.file).map_err(failed)?;
        self.file.parent().map_or(Ok(()), sync_folder).map_err(failed)
    }

    fn beside(&self, extension: &str) -> PathBuf {
        self.file.with_extension(extension)
    }

    pub(super) fn error(&self, fault: Fault) -> InboxError {
        match fault {
            Fault::Newer { format, known } => InboxError::Newer { file: self.file.clone(), format, known },
            fault => InboxError::unusable(&self.file, fault),
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Place").field(&self.file).finish()
    }
}

fn failed(error: io::Error) -> Fault {
    Fault::Failed(error.to_string())
}

/// Opens a file, or makes it, that nobody else can read; it may have been there, and open to others.
fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(file)
}

/// A new name in a folder survives a power cut only once the folder itself is on disk.
fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

/// Lets a store be opened on whatever a [`Wrap`] makes.
#[derive(Debug)]
pub(super) struct Backend(pub(super) Box<dyn StorageBackend>);

impl StorageBackend for Backend {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.0.close()
    }
}

#[cfg(test)]
#[path = "place_tests.rs"]
mod tests;
