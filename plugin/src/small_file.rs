//! Files that people name in a configuration, such as a secret's.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
};

/// Reads a file, and not more than one byte over `most` of it. Blocks for as long as a small file takes.
///
/// # Errors
/// When it cannot be read, or is a pipe, a device or a directory: to open a pipe waits for whoever writes to it,
/// and takes one of the few threads for as long.
pub(crate) fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_read_than_it_takes_to_see_that_it_is_too_much() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "12345678").unwrap();
        assert_eq!(read(file.path(), 8).unwrap(), b"12345678");
        assert_eq!(read(file.path(), 4).unwrap(), b"12345");
    }

    #[test]
    fn what_is_no_regular_file_is_refused_and_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path(), 8).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }

    /// Nobody ever writes to it: an attempt to read it would not end.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_pipe_is_refused_and_not_waited_for() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        assert_eq!(read(&pipe, 8).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }
}
