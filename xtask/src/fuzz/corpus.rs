//! What earlier runs have found of ways through the code: an archive for each target, in `fuzz/corpora/`.

use crate::{Error, cargo::root};
use flate2::{Compression, GzBuilder, read::GzDecoder};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

fn archive(target: &str) -> PathBuf {
    root().join("fuzz/corpora").join(format!("{target}.tar.gz"))
}

/// Lays out what is kept of a target in `folder`, which is made anew.
pub(super) fn unpack(target: &str, folder: &Path) -> Result<(), Error> {
    let archive = archive(target);
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(Error::file("remove", folder)(error));
        }
        _ => fs::create_dir_all(folder).map_err(Error::file("create", folder))?,
    }
    let file = File::open(&archive).map_err(Error::file("open", &archive))?;
    tar::Archive::new(GzDecoder::new(file)).unpack(folder).map_err(Error::file("unpack", &archive))
}

/// Keeps the files of `folder` for a target. The same files make the same archive.
pub(super) fn pack(target: &str, folder: &Path) -> Result<(), Error> {
    let archive = archive(target);
    let bytes = packed(folder).map_err(Error::file("pack", folder))?;
    fs::write(&archive, bytes).map_err(Error::file("write", &archive))
}

fn packed(folder: &Path) -> io::Result<Vec<u8>> {
    let mut inputs = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    inputs.sort_by_key(fs::DirEntry::file_name);
    let mut tar = tar::Builder::new(GzBuilder::new().write(Vec::new(), Compression::best()));
    tar.mode(tar::HeaderMode::Deterministic);
    for input in inputs {
        tar.append_path_with_name(input.path(), input.file_name())?;
    }
    tar.into_inner()?.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_out_again_and_is_the_same_each_time() {
        let room = tempfile::tempdir().unwrap();
        let [inputs, out] = ["inputs", "out"].map(|name| room.path().join(name));
        fs::create_dir(&inputs).unwrap();
        fs::write(inputs.join("b"), "second").unwrap();
        fs::write(inputs.join("a"), "first").unwrap();
        let bytes = packed(&inputs).unwrap();
        assert_eq!(bytes, packed(&inputs).unwrap());

        tar::Archive::new(GzDecoder::new(&bytes[..])).unpack(&out).unwrap();
        assert_eq!(fs::read_to_string(out.join("a")).unwrap(), "first");
        assert_eq!(fs::read_to_string(out.join("b")).unwrap(), "second");
    }
}
