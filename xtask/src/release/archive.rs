//! Folders as archives, of the form that npm gives them, and what people check them by.
//!
//! The same files make the same archive to the byte, whenever and wherever it is made: they lie in it by name, and
//! nothing of the machine goes into it.

use crate::{Error, dist::Files, dist::hex};
use flate2::{Compression, GzBuilder, read::GzDecoder};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read, Write},
    path::Path,
};

/// The folder in which npm's archives have everything.
const FOLDER: &str = "package/";
/// What hosts want of the mode: that nobody but the owner may write.
pub(super) const MODE: u32 = 0o644;
/// In 1985, as npm has it: some tools take a file of 1970 for one without a time.
const MODIFIED: u64 = 499_162_500;
/// Of gzip: that no system is told.
const UNKNOWN_SYSTEM: u8 = 255;
const SUMS: &str = "SHA256SUMS";

/// Packs files, by their names in the folder, into `archive`.
pub(super) fn pack(files: &Files, archive: &Path) -> Result<(), Error> {
    let bytes = packed(files).map_err(Error::file("pack", archive))?;
    fs::write(archive, bytes).map_err(Error::file("write", archive))
}

fn packed(files: &Files) -> io::Result<Vec<u8>> {
    let gzip = GzBuilder::new().operating_system(UNKNOWN_SYSTEM).write(Vec::new(), Compression::best());
    let mut tar = tar::Builder::new(gzip);
    let by_name: BTreeMap<_, _> = files.iter().map(|(name, bytes)| (name, bytes)).collect();
    for (name, bytes) in by_name {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(tar::EntryType::Regular);
        header.set_mode(MODE);
        header.set_mtime(MODIFIED);
        header.set_size(bytes.len() as u64);
        tar.append_data(&mut header, format!("{FOLDER}{name}"), bytes.as_slice())?;
    }
    let mut gzip = tar.into_inner()?;
    gzip.flush()?;
    gzip.finish()
}

/// A file in an archive.
pub(super) struct Entry {
    /// Its name in the folder that the archive is of.
    pub(super) name: String,
    pub(super) mode: u32,
    pub(super) bytes: Vec<u8>,
}

/// Reads an archive back, as whoever installs it will.
pub(super) fn entries(archive: &Path) -> Result<Vec<Entry>, Error> {
    let read = || -> io::Result<Vec<Entry>> {
        let file = fs::File::open(archive)?;
        let mut tar = tar::Archive::new(GzDecoder::new(io::BufReader::new(file)));
        let read = |entry: io::Result<tar::Entry<'_, _>>| {
            let mut entry = entry?;
            let name = entry.path()?.to_string_lossy().into_owned();
            let (name, mode) =
                (name.strip_prefix(FOLDER).unwrap_or(&name).to_owned(), entry.header().mode()?);
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes)?;
            Ok(Entry { name, mode, bytes })
        };
        tar.entries()?.map(read).collect()
    };
    read().map_err(Error::file("read", archive))
}

/// Writes the checksums of all archives that lie there, as `sha256sum --check` wants them.
pub(super) fn write_sums(archives: &Path) -> Result<(), Error> {
    let entries = fs::read_dir(archives).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
    let mut files: Vec<_> =
        entries.map_err(Error::file("list", archives))?.into_iter().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "tgz"));
    files.sort();
    let mut sums = String::new();
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        sums.push_str(&format!("{}  {name}\n", sum(&file)?));
    }
    let path = archives.join(SUMS);
    fs::write(&path, sums).map_err(Error::file("write", &path))
}

/// The archives that are not what the checksums there say.
pub(super) fn changed(archives: &Path) -> Result<Vec<String>, Error> {
    let path = archives.join(SUMS);
    let sums = fs::read_to_string(&path).map_err(Error::file("read", &path))?;
    let mut changed = Vec::new();
    for (expected, name) in sums.lines().filter_map(|line| line.split_once("  ")) {
        if sum(&archives.join(name))? != expected {
            changed.push(format!("{name} is not what {SUMS} says: does something else write there?"));
        }
    }
    Ok(changed)
}

fn sum(file: &Path) -> Result<String, Error> {
    Ok(hex(&Sha256::digest(fs::read(file).map_err(Error::file("read", file))?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(names: [&str; 3]) -> Files {
        names.map(|name| (name.to_owned(), format!("of {name}").into_bytes())).into()
    }

    #[test]
    fn the_same_files_make_the_same_archive_to_the_byte() {
        let here = packed(&files(["index.js", "linux-x64/library.so", "package.json"])).unwrap();
        let there = packed(&files(["package.json", "index.js", "linux-x64/library.so"])).unwrap();
        assert_eq!(here, there);
        assert_eq!(here[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, UNKNOWN_SYSTEM], "no time, no system");
    }

    #[test]
    fn what_is_read_back_is_what_was_packed_and_only_its_owner_may_write_it() {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("a.tgz");
        pack(&files(["package.json", "index.js", "linux-x64/library.so"]), &archive).unwrap();

        let entries = entries(&archive).unwrap();
        let names: Vec<_> = entries.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names, ["index.js", "linux-x64/library.so", "package.json"]);
        assert!(entries.iter().all(|entry| entry.mode == 0o644));
        assert_eq!(entries[1].bytes, b"of linux-x64/library.so");
    }

    #[test]
    fn an_archive_that_is_cut_short_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("a.tgz");
        let whole = packed(&files(["a", "b", "c"])).unwrap();
        fs::write(&archive, &whole[..whole.len() / 2]).unwrap();
        assert!(entries(&archive).is_err());
    }

    #[test]
    fn the_checksums_are_those_of_the_archives_and_tell_of_one_that_was_changed() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("b.tgz"), "").unwrap();
        fs::write(folder.path().join("a.tgz"), "abc").unwrap();
        fs::write(folder.path().join("notes.txt"), "").unwrap();

        write_sums(folder.path()).unwrap();

        let sums = fs::read_to_string(folder.path().join("SHA256SUMS")).unwrap();
        let lines: Vec<_> = sums.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].starts_with("ba7816bf") && lines[0].ends_with("  a.tgz"), "{sums}");
        assert_eq!(changed(folder.path()).unwrap(), [""; 0]);

        fs::write(folder.path().join("b.tgz"), "b").unwrap();
        assert!(changed(folder.path()).unwrap()[0].starts_with("b.tgz"));
    }
}
