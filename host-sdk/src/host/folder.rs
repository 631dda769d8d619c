//! Whether what will be loaded can be trusted to be what was installed.

use super::LoadError;
use std::{
    fs::{self, File},
    io,
    path::Path,
};

/// Opens a file, and nothing that is none: a pipe would be waited for, a device never end.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let kind = fs::metadata(path)?.file_type();
    if kind.is_file() {
        return File::open(path);
    }
    let what = if kind.is_dir() { "it is a directory" } else { "it is a pipe, a socket or a device" };
    Err(io::Error::other(what))
}

/// Refuses a library that is, all links followed, not in `folder`, or that anyone may replace.
pub(super) fn check_library(folder: &Path, library: &Path) -> Result<(), LoadError> {
    let unusable = |reason: String| LoadError::File { path: library.to_owned(), reason };
    let canonical = |path: &Path| path.canonicalize().map_err(|error| unusable(error.to_string()));
    let (inside, file) = (canonical(folder)?, canonical(library)?);
    if !file.starts_with(&inside) {
        return Err(unusable(format!("it is a link that leaves the plugin's folder, to {}", file.display())));
    }
    // Also the folders in between, where a link inside the folder led through them.
    file.ancestors().take_while(|path| path.starts_with(&inside)).try_for_each(check_closed)
}

/// Refuses a folder, or a manifest in it, that anyone may change or replace.
pub(super) fn check_manifest(folder: &Path, manifest: &Path) -> Result<(), LoadError> {
    if let Some(around) = folder.canonicalize().ok().as_deref().and_then(Path::parent) {
        check_kept(around)?;
    }
    [folder, manifest].into_iter().try_for_each(check_closed)
}

const WRITABLE_BY_OTHERS: u32 = 0o002;
/// Of a directory, such as `/tmp`: only its owner may rename what is somebody's in it.
const STICKY: u32 = 0o1000;

/// Refuses what everyone on this machine may write.
fn check_closed(path: &Path) -> Result<(), LoadError> {
    check_mode(path, |mode| mode & WRITABLE_BY_OTHERS == 0)
}

/// Refuses a directory in which everyone may put another folder in the place of one.
fn check_kept(directory: &Path) -> Result<(), LoadError> {
    check_mode(directory, |mode| mode & WRITABLE_BY_OTHERS == 0 || mode & STICKY != 0)
}

/// What is not there is for others to miss.
#[cfg(unix)]
fn check_mode(path: &Path, is_safe: impl Fn(u32) -> bool) -> Result<(), LoadError> {
    use std::os::unix::fs::PermissionsExt;
    let is_open = fs::metadata(path).is_ok_and(|file| !is_safe(file.permissions().mode()));
    if is_open { Err(LoadError::Writable { path: path.to_owned() }) } else { Ok(()) }
}

#[cfg(not(unix))]
fn check_mode(_: &Path, _: impl Fn(u32) -> bool) -> Result<(), LoadError> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_file_is_not_opened() {
        let directory = tempfile::tempdir().unwrap();
        let socket = directory.path().join("manifest.toml");
        let _listening = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        assert!(open(&socket).unwrap_err().to_string().contains("a socket"));
        assert!(open(directory.path()).unwrap_err().to_string().contains("directory"));
        assert!(open(Path::new("/dev/zero")).is_err(), "it would never end");
    }
}
