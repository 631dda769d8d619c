//! A small file of state: owned by one process, read once, and replaced as a whole.

use crate::private_file::own;
use host_sdk::lock;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    ffi::OsString,
    fs::{self, File, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// A file of state that this process owns. None of its calls are for a worker thread.
///
/// What it holds survives a `kill -9` at any moment: a new content is written beside the old one,
/// which it then replaces. Files are readable by their owner only.
#[derive(Debug)]
pub(crate) struct StateFile {
    path: PathBuf,
    /// The format that this version writes.
    format: u32,
    /// Held as long as the file is owned.
    _lock: File,
}

/// What a file held.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Content<T> {
    /// Nothing yet.
    Missing,
    /// This.
    Known(T),
    /// Nothing that makes sense; it was set aside under this name.
    Damaged(PathBuf),
}

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StateError {
    /// Another process owns it.
    #[error("another process uses {}; stop it, or give this one a state directory of its own", .0.display())]
    Taken(PathBuf),
    /// A later version wrote it.
    #[error(
        "{} was written by a later version of the plugin (format {format}); use that version, or remove the file",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: u32,
    },
    /// The disk.
    #[error("{} cannot be used: {source}; check that the disk has room and the directory is writable", path.display())]
    Disk {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

#[derive(Serialize, Deserialize)]
struct Envelope<T> {
    format: u32,
    content: T,
}

#[derive(Deserialize)]
struct Format {
    format: u32,
}

impl StateFile {
    /// Becomes the owner of the file `name` in `directory`, which it may not have yet. `format` is
    /// the one that is written.
    ///
    /// # Errors
    /// `Taken` while another process, or another part of this one, owns it.
    pub(crate) fn own(directory: &Path, name: &str, format: u32) -> Result<Self, StateError> {
        let path = directory.join(name);
        if directory.as_os_str().is_empty() {
            return Err(disk(&path, io::Error::other("the host gave no directory for it")));
        }
        let lock_path = beside(&path, ".lock");
        let lock = own(&lock_path).map_err(|source| disk(&lock_path, source))?;
        match lock::claim(&lock) {
            Ok(()) => Ok(Self { path, format, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(StateError::Taken(path)),
            Err(TryLockError::Error(source)) => Err(disk(&lock_path, source)),
        }
    }

    /// Reads it. What makes no sense is set aside, in place of what was set aside before.
    ///
    /// # Errors
    /// `Newer`, and the file is left as it is; `Disk`.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<Content<T>, StateError> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Content::Missing),
            Err(source) => return Err(disk(&self.path, source)),
        };
        if let Ok(Format { format }) = serde_json::from_slice(&bytes)
            && format > self.format
        {
            return Err(StateError::Newer { path: self.path.clone(), format });
        }
        match serde_json::from_slice::<Envelope<T>>(&bytes) {
            Ok(envelope) => Ok(Content::Known(envelope.content)),
            Err(_) => {
                let aside = beside(&self.path, ".damaged");
                fs::rename(&self.path, &aside).map_err(|source| disk(&self.path, source))?;
                Ok(Content::Damaged(aside))
            }
        }
    }

    /// Replaces its content.
    ///
    /// # Errors
    /// `Disk`; the old content is still there then.
    pub(crate) fn write(&self, content: &impl Serialize) -> Result<(), StateError> {
        let new = beside(&self.path, ".new");
        let write = || {
            let bytes = serde_json::to_vec(&Envelope { format: self.format, content })?;
            let mut file = own(&new)?;
            file.set_len(0)?; // what an earlier attempt left
            file.write_all(&bytes)?;
            file.sync_all()?;
            fs::rename(&new, &self.path)
        };
        write().map_err(|source| disk(&self.path, source))
    }
}

fn disk(path: &Path, source: io::Error) -> StateError {
    StateError::Disk { path: path.to_owned(), source }
}

/// The name of `path` with something behind it.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(directory: &tempfile::TempDir, format: u32) -> StateFile {
        StateFile::own(directory.path(), "marks.json", format).unwrap()
    }

    #[test]
    fn what_was_written_is_there_for_the_next_owner() {
        let directory = tempfile::tempdir().unwrap();
        let file = owned(&directory, 1);
        assert_eq!(file.read::<Vec<u32>>().unwrap(), Content::Missing);
        file.write(&[1, 2]).unwrap();
        assert!(matches!(StateFile::own(directory.path(), "marks.json", 1), Err(StateError::Taken(_))));
        drop(file);
        assert_eq!(owned(&directory, 1).read::<Vec<u32>>().unwrap(), Content::Known(vec![1, 2]));
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        for left in ["marks.json", "marks.json.lock", "marks.json.new"].map(|it| directory.path().join(it)) {
            fs::write(&left, "").unwrap();
            fs::set_permissions(&left, fs::Permissions::from_mode(0o644)).unwrap();
        }
        owned(&directory, 1).write(&1).unwrap();
        for file in ["marks.json", "marks.json.lock"] {
            let mode = fs::metadata(directory.path().join(file)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
    }

    #[test]
    fn what_a_later_version_wrote_is_refused_and_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        owned(&directory, 3).write(&"its own").unwrap();
        let refused = owned(&directory, 2).read::<u32>().unwrap_err();
        assert!(refused.to_string().contains("format 3") && refused.to_string().contains("later version"));
        assert_eq!(owned(&directory, 3).read::<String>().unwrap(), Content::Known("its own".to_owned()));
    }

    #[test]
    fn what_makes_no_sense_is_set_aside() {
        let directory = tempfile::tempdir().unwrap();
        let file = owned(&directory, 1);
        fs::write(directory.path().join("marks.json"), "{\"format\":1,\"cont").unwrap();
        let aside = directory.path().join("marks.json.damaged");
        assert_eq!(file.read::<u32>().unwrap(), Content::Damaged(aside.clone()));
        assert!(aside.exists());
        assert_eq!(file.read::<u32>().unwrap(), Content::Missing);
    }

    #[test]
    fn a_content_that_was_not_written_to_its_end_leaves_the_old_one() {
        let directory = tempfile::tempdir().unwrap();
        let file = owned(&directory, 1);
        file.write(&1).unwrap();
        fs::write(directory.path().join("marks.json.new"), "{\"format\": 1, \"content\": 123").unwrap();
        assert_eq!(file.read::<u32>().unwrap(), Content::Known(1));
        file.write(&2).unwrap();
        assert_eq!(file.read::<u32>().unwrap(), Content::Known(2), "what was left is overwritten");
    }

    #[test]
    fn a_content_that_cannot_be_written_leaves_the_old_one() {
        let directory = tempfile::tempdir().unwrap();
        let file = owned(&directory, 1);
        file.write(&1).unwrap();
        fs::create_dir(directory.path().join("marks.json.new")).unwrap();
        assert!(matches!(file.write(&2), Err(StateError::Disk { .. })));
        assert_eq!(file.read::<u32>().unwrap(), Content::Known(1));
    }
}
