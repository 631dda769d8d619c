//! Which file a path names now, in a way that the system's linker cannot mistake.
//!
//! The linker of glibc remembers libraries by the path they were opened with, and does not look
//! again: after an upgrade has renamed a new file to that path it still hands out the old library.
//! A path that it has not seen makes it look, and it then knows a library by its inode. So each
//! file is opened by a spelling of its path that holds the inode: the same file always has the same
//! one, and another file, while the first is loaded, another.

use std::{
    io,
    path::{Path, PathBuf},
};

/// `path`, spelled for the file that is there now.
///
/// The inode's binary digits stand between folder and file, `./` for 1 and `/` for 0: neither
/// changes where the path leads.
#[cfg(unix)]
pub(crate) fn of_this_file(path: &Path) -> io::Result<PathBuf> {
    use std::os::unix::fs::MetadataExt;
    let digits = format!("{:b}", std::fs::metadata(path)?.ino());
    let (Some(folder), Some(file)) = (path.parent(), path.file_name()) else { return Ok(path.to_owned()) };
    let mut spelled = if folder.as_os_str().is_empty() { ".".into() } else { folder.as_os_str().to_owned() };
    spelled.push("/");
    for digit in digits.chars() {
        spelled.push(if digit == '1' { "./" } else { "/" });
    }
    spelled.push(file);
    Ok(spelled.into())
}

/// `path`: a library that is in use cannot be replaced here.
#[cfg(not(unix))]
pub(crate) fn of_this_file(path: &Path) -> io::Result<PathBuf> {
    Ok(path.to_owned())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_spelling_leads_to_the_file_and_changes_only_with_it() {
        let directory = tempfile::tempdir().unwrap();
        let (path, new) = (directory.path().join("lib"), directory.path().join("new"));
        fs::write(&path, "old").unwrap();
        let old = of_this_file(&path).unwrap();
        assert_eq!(fs::read(&old).unwrap(), b"old");
        assert_eq!(of_this_file(&path).unwrap().as_os_str(), old.as_os_str());

        fs::write(&new, "new").unwrap();
        fs::rename(&new, &path).unwrap();

        let new = of_this_file(&path).unwrap();
        assert_eq!(fs::read(&new).unwrap(), b"new");
        assert_ne!(new.as_os_str(), old.as_os_str());
    }

    #[test]
    fn a_file_that_is_not_there_has_no_spelling() {
        assert!(of_this_file(Path::new("absent")).is_err());
    }
}
