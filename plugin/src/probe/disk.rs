//! The disk, looked at without writing anything. Not for a worker thread.

use super::facts::Folder;
use std::{
    io,
    path::{Path, PathBuf},
};

/// Whether files can be kept in `folder`, which need not be there yet.
pub(super) fn folder(folder: PathBuf) -> Folder {
    let there = there(&folder);
    let fault = match there.metadata() {
        Ok(found) if found.is_dir() => writable(there).err().map(|error| error.to_string()),
        Ok(_) => Some(format!("{} is not a folder", there.display())),
        Err(error) => Some(error.to_string()),
    };
    match fault {
        None => Folder::Writable(folder),
        Some(why) => Folder::Unusable(folder, why),
    }
}

/// The least that is free of what holds these folders, in bytes; `None` where the system does not say.
pub(super) fn free(folders: &[&Path]) -> Option<u64> {
    folders.iter().filter_map(|folder| free_at(there(folder))).min()
}

/// The folder, or the nearest above it that is there.
fn there(folder: &Path) -> &Path {
    folder.ancestors().find(|path| path.exists()).unwrap_or(folder)
}

#[cfg(unix)]
fn writable(folder: &Path) -> io::Result<()> {
    use rustix::fs::{Access, access};
    Ok(access(folder, Access::WRITE_OK | Access::EXEC_OK)?)
}

#[cfg(not(unix))]
fn writable(folder: &Path) -> io::Result<()> {
    let is_readonly = folder.metadata()?.permissions().readonly();
    if is_readonly { Err(io::ErrorKind::PermissionDenied.into()) } else { Ok(()) }
}

#[cfg(unix)]
fn free_at(folder: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(folder).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

#[cfg(not(unix))]
fn free_at(_folder: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_there_yet_is_judged_by_the_nearest_above_it_and_not_made() {
        let home = tempfile::tempdir().unwrap();
        let wanted = home.path().join("media/dingtalk");
        assert!(matches!(folder(wanted.clone()), Folder::Writable(path) if path == wanted));
        assert!(!home.path().join("media").exists());
    }

    #[test]
    fn a_file_in_the_place_of_a_folder_is_named() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("media");
        std::fs::write(&file, "").unwrap();
        let Folder::Unusable(_, why) = folder(file.join("dingtalk")) else { panic!("it is a file") };
        assert!(why.contains("is not a folder"), "{why}");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_free_is_known_of_folders_that_are_not_there_yet() {
        let home = tempfile::tempdir().unwrap();
        assert!(free(&[&home.path().join("a/b")]).is_some());
    }
}
