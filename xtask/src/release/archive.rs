//! Folders as archives, and what people check them by.

use crate::{Error, cargo::output, dist::hex};
use sha2::{Digest, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Packs a folder into `into`, as npm does, under the package's name and version, and `-suffix` if there is one.
pub(super) fn pack(folder: &Path, suffix: &str, into: &Path) -> Result<PathBuf, Error> {
    let staging = tempfile::tempdir_in(into).map_err(Error::file("create a folder in", into))?;
    let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    npm.args(["pack", "--offline", "--ignore-scripts", "--loglevel=error", "--pack-destination"]);
    let packed = output(npm.arg(staging.path()).arg(folder))?;
    let packed = staging.path().join(String::from_utf8_lossy(&packed).trim());
    let stem = packed.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let archive = into.join(format!("{stem}{}{suffix}.tgz", if suffix.is_empty() { "" } else { "-" }));
    fs::rename(&packed, &archive).map_err(Error::file("create", &archive))?;
    Ok(archive)
}

/// The checksums of all archives that lie there, as `sha256sum --check` wants them.
pub(super) fn write_sums(archives: &Path) -> Result<(), Error> {
    let entries = fs::read_dir(archives).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
    let mut files: Vec<_> =
        entries.map_err(Error::file("list", archives))?.into_iter().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "tgz"));
    files.sort();
    let mut sums = String::new();
    for file in files {
        let digest = Sha256::digest(fs::read(&file).map_err(Error::file("read", &file))?);
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        sums.push_str(&format!("{}  {name}\n", hex(&digest)));
    }
    let path = archives.join("SHA256SUMS");
    fs::write(&path, sums).map_err(Error::file("write", &path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksums_are_those_of_the_archives() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("b.tgz"), "").unwrap();
        fs::write(folder.path().join("a.tgz"), "abc").unwrap();
        fs::write(folder.path().join("notes.txt"), "").unwrap();

        write_sums(folder.path()).unwrap();

        let sums = fs::read_to_string(folder.path().join("SHA256SUMS")).unwrap();
        let lines: Vec<_> = sums.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].starts_with("ba7816bf") && lines[0].ends_with("  a.tgz"), "{sums}");
    }
}
