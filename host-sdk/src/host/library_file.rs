//! Judges a library from outside, before the system's linker touches it.
//!
//! The linker maps what the headers promise and faults on what is not there: a truncated file
//! kills the process inside `dlopen`. So a damaged file is turned away first.

use super::{LoadError, folder};
use object::{
    Architecture, BinaryFormat, Endianness, File, Object, ObjectKind, ObjectSegment, ReadCache, ReadRef,
    elf::FileHeader64, read::elf::FileHeader,
};
use sha2::{Digest, Sha256};
use std::{
    fs,
    io::{self, Read, Seek},
    path::Path,
};

/// How much of the file is in memory while its digest is made: what stays in a processor's cache.
const PIECE: usize = 64 * 1024;

/// Checks that `path` is an undamaged library for this machine.
pub(crate) fn check(path: &Path, sha256: Option<&str>) -> Result<(), LoadError> {
    let unusable = |reason: String| LoadError::File { path: path.to_owned(), reason };
    let unreadable = |error: io::Error| unusable(error.to_string());
    let mut file = folder::open(path).map_err(unreadable)?;
    if let Some(expected) = sha256 {
        let found = digest(&mut file).map_err(unreadable)?;
        check_sha256(&found, expected).map_err(unusable)?;
    }
    // Of the rest only the headers are read.
    check_format(&ReadCache::new(file)).map_err(unusable)
}

fn digest(file: &mut fs::File) -> io::Result<String> {
    let (mut digest, mut piece) = (Sha256::new(), vec![0; PIECE]);
    loop {
        match file.read(&mut piece)? {
            0 => break,
            length => digest.update(&piece[..length]),
        }
    }
    file.rewind()?;
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn check_sha256(found: &str, expected: &str) -> Result<(), String> {
    if found.eq_ignore_ascii_case(expected.trim()) {
        return Ok(());
    }
    Err(format!("its sha256 is {found}, the manifest says {expected}"))
}

fn check_format<'data>(data: impl ReadRef<'data>) -> Result<(), String> {
    check_section_table(data)?;
    let file = File::parse(data).map_err(|error| format!("it is not a library ({error})"))?;
    if file.format() != our_format() {
        return Err(format!("it is a library for another system ({:?})", file.format()));
    }
    if file.kind() != ObjectKind::Dynamic {
        return Err(format!("it is not a dynamic library ({:?})", file.kind()));
    }
    if Some(file.architecture()) != our_architecture() {
        return Err(format!("it is a library for another processor ({:?})", file.architecture()));
    }
    check_segments(&file, data)
}

fn check_segments<'data, R: ReadRef<'data>>(file: &File<'data, R>, data: R) -> Result<(), String> {
    let ends =
        file.segments().map(|segment| segment.file_range()).map(|(start, size)| start.saturating_add(size));
    check_end(ends.max().unwrap_or_default(), data)
}

/// An ELF file keeps its section table last, also after `strip`: if that fits, nothing is gone.
/// Looked at before anything else in the file, which would only be said to be malformed.
fn check_section_table<'data>(data: impl ReadRef<'data>) -> Result<(), String> {
    let Ok(header) = FileHeader64::<Endianness>::parse(data) else { return Ok(()) };
    let Ok(endian) = header.endian() else { return Ok(()) };
    let table = u64::from(header.e_shentsize(endian)) * u64::from(header.e_shnum(endian));
    check_end(header.e_shoff(endian).saturating_add(table), data)
}

fn check_end<'data>(end: u64, data: impl ReadRef<'data>) -> Result<(), String> {
    let length = data.len().map_err(|()| "its length cannot be told".to_owned())?;
    if end > length {
        return Err(format!("it is truncated at {length} bytes of {end}"));
    }
    Ok(())
}

/// What libraries are here. On Windows that is another format than what a compiler makes them of.
fn our_format() -> BinaryFormat {
    if cfg!(windows) { BinaryFormat::Pe } else { BinaryFormat::native_object() }
}

fn our_architecture() -> Option<Architecture> {
    match std::env::consts::ARCH {
        "x86_64" => Some(Architecture::X86_64),
        "aarch64" => Some(Architecture::Aarch64),
        "x86" => Some(Architecture::I386),
        "arm" => Some(Architecture::Arm),
        "riscv64" => Some(Architecture::Riscv64),
        _ => None,
    }
}
