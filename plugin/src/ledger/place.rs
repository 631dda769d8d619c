//! The file of a ledger, and what lies beside it for a while.
//!
//! ```text
//! ledger.journal   the entries; nobody but its owner may read it
//! ledger.lock      empty; whoever has it locked owns the journal
//! ledger.new       the journal while it is written anew; then it takes the other's place
//! ledger.damaged   the last journal that could not be read, or not all of it
//! ```

use super::journal::{self, FORMAT, Reading, Unreadable};
use crate::private_file::own;
use host_sdk::lock;
use std::{
    fs::{self, File, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// Why a ledger is not on disk.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// Another process has it.
    #[error(
        "{} belongs to another process that runs this account; answers are remembered in memory only until that one ends",
        file.display()
    )]
    InUse { file: PathBuf },
    /// A later version wrote it.
    #[error(
        "{} has format {found}, this version of the plugin reads up to {FORMAT}: update the plugin, or move the \
         file away to begin anew; until then answers are remembered in memory only",
        file.display()
    )]
    Newer { file: PathBuf, found: u32 },
    /// The disk.
    #[error("{} cannot be written ({error}); until it can, answers are remembered in memory only", file.display())]
    Failed { file: PathBuf, error: io::Error },
}

/// The folder of a ledger, whose files are this process's own for as long as this lives.
#[derive(Debug)]
pub(super) struct Place {
    folder: PathBuf,
    _lock: File,
}

/// A journal that was opened.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) journal: Journal,
    pub(super) reading: Reading,
    /// Where what cannot be read was put.
    pub(super) set_aside: Option<PathBuf>,
}

/// A journal that can be appended to.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    bytes: u64,
}

impl Place {
    /// Makes the files of `folder` this process's own.
    pub(super) fn claim(folder: &Path) -> Result<Self, Trouble> {
        let path = folder.join("ledger.lock");
        let lock = own(&path).map_err(|error| Trouble::Failed { file: path.clone(), error })?;
        match lock::claim(&lock) {
            Ok(()) => Ok(Self { folder: folder.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(Trouble::InUse { file: journal_in(folder) }),
            Err(TryLockError::Error(error)) => Err(Trouble::Failed { file: path, error }),
        }
    }

    /// Opens the journal, or makes one. What was not written to its end is cut off; what is damaged is
    /// set aside.
    pub(super) fn open(&self) -> Result<Opened, Trouble> {
        let file = journal_in(&self.folder);
        let opened = self.read(&file).map_err(|error| self.failed(error))?;
        opened.map_err(|found| Trouble::Newer { file, found })
    }

    /// Writes the journal anew, as a file that holds `lines` and takes the other's place.
    pub(super) fn renew(&self, lines: &[u8]) -> Result<Journal, Trouble> {
        let beside = self.folder.join("ledger.new");
        let renewed = self.write_anew(&beside, lines);
        if renewed.is_err() {
            drop(fs::remove_file(&beside)); // it may be what fills the disk
        }
        renewed.map_err(|error| self.failed(error))
    }

    /// A failure of the journal's.
    pub(super) fn failed(&self, error: io::Error) -> Trouble {
        Trouble::Failed { file: journal_in(&self.folder), error }
    }

    /// `Ok(Err(…))`: a later version wrote it, in that format.
    fn read(&self, path: &Path) -> io::Result<Result<Opened, u32>> {
        let mut file = own(path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let aside = self.folder.join("ledger.damaged");
        let (reading, set_aside) = match journal::read(&bytes) {
            Ok(reading) if reading.damaged == 0 => (reading, None),
            Ok(reading) => {
                fs::copy(path, &aside)?;
                (reading, Some(aside))
            }
            Err(Unreadable::NoLedger) => {
                fs::copy(path, &aside)?;
                (Reading::default(), Some(aside))
            }
            Err(Unreadable::Newer(format)) => return Ok(Err(format)),
        };
        let mut journal = Journal { file, bytes: reading.whole as u64 };
        journal.file.set_len(journal.bytes)?;
        journal.file.seek(SeekFrom::End(0))?;
        if journal.bytes == 0 {
            journal.append(&journal::header())?;
        }
        Ok(Ok(Opened { journal, reading, set_aside }))
    }

    fn write_anew(&self, beside: &Path, lines: &[u8]) -> io::Result<Journal> {
        let mut journal = Journal { file: own(beside)?, bytes: 0 };
        journal.file.set_len(0)?; // what an earlier attempt left
        journal.append(&journal::header())?;
        journal.append(lines)?;
        journal.sync()?;
        fs::rename(beside, journal_in(&self.folder))?;
        sync_folder(&self.folder)?;
        Ok(journal)
    }
}

impl Journal {
    /// Appends, so that it survives a kill of this process.
    pub(super) fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        self.file.write_all(lines)?;
        self.bytes += lines.len() as u64;
        Ok(())
    }

    /// The same file, for another thread.
    pub(super) fn handle(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// Makes what was appended survive a power cut.
    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// One that nothing can be appended to.
    #[cfg(all(test, target_os = "linux"))]
    pub(super) fn full() -> io::Result<Self> {
        let file = File::options().write(true).open("/dev/full")?;
        Ok(Self { file, bytes: 0 })
    }

    /// How long it is.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }
}

fn journal_in(folder: &Path) -> PathBuf {
    folder.join("ledger.journal")
}

/// A new name in a folder survives a power cut only once the folder itself is on disk.
fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}
