//! Judges a library from outside, before the system's linker touches it.
//!
//! The linker maps what the headers promise and faults on what is not there: a truncated file
//! kills the process inside `dlopen`. So a damaged file is turned away first.

use super::{LoadError, folder};
use object::{
    Architecture, BinaryFormat, Endianness, File, Object, ObjectKind, ObjectSegment, elf::FileHeader64,
    read::elf::FileHeader,
};
use sha2::{Digest, Sha256};
use std::path::Path;

/// Checks that `path` is an undamaged library for this machine.
pub(crate) fn check(path: &Path, sha256: Option<&str>) -> Result<(), LoadError> {
    let unusable = |reason: String| LoadError::File { path: path.to_owned(), reason };
    let bytes = folder::read(path).map_err(|error| unusable(error.to_string()))?;
    if let Some(expected) = sha256 {
        check_sha256(&bytes, expected).map_err(unusable)?;
    }
    check_format(&bytes).map_err(unusable)
}

fn check_sha256(bytes: &[u8], expected: &str) -> Result<(), String> {
    let found: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    if found.eq_ignore_ascii_case(expected.trim()) {
        return Ok(());
    }
    Err(format!("its sha256 is {found}, the manifest says {expected}"))
}

fn check_format(bytes: &[u8]) -> Result<(), String> {
    check_section_table(bytes)?;
    let file = File::parse(bytes).map_err(|error| format!("it is not a library ({error})"))?;
    if file.format() != BinaryFormat::native_object() {
        return Err(format!("it is a library for another system ({:?})", file.format()));
    }
    if file.kind() != ObjectKind::Dynamic {
        return Err(format!("it is not a dynamic library ({:?})", file.kind()));
    }
    if Some(file.architecture()) != our_architecture() {
        return Err(format!("it is a library for another processor ({:?})", file.architecture()));
    }
    check_segments(&file, bytes)
}

fn check_segments(file: &File<'_>, bytes: &[u8]) -> Result<(), String> {
    let ends =
        file.segments().map(|segment| segment.file_range()).map(|(start, size)| start.saturating_add(size));
    check_end(ends.max().unwrap_or_default(), bytes)
}

/// An ELF file keeps its section table last, also after `strip`: if that fits, nothing is gone.
/// Looked at before anything else in the file, which would only be said to be malformed.
fn check_section_table(bytes: &[u8]) -> Result<(), String> {
    let Ok(header) = FileHeader64::<Endianness>::parse(bytes) else { return Ok(()) };
    let Ok(endian) = header.endian() else { return Ok(()) };
    let table = u64::from(header.e_shentsize(endian)) * u64::from(header.e_shnum(endian));
    check_end(header.e_shoff(endian).saturating_add(table), bytes)
}

fn check_end(end: u64, bytes: &[u8]) -> Result<(), String> {
    if end > bytes.len() as u64 {
        return Err(format!("it is truncated at {} bytes of {end}", bytes.len()));
    }
    Ok(())
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
