//! The signature of a library for macOS. A Mac with an Apple processor ends a program that loads one without it, or one
//! that was changed, as by `strip`, after it had been signed. An ad-hoc signature is enough, which is nobody's: the
//! digests of the pages alone.

use object::{
    Object,
    macho::{LC_CODE_SIGNATURE, MachHeader64},
    read::macho::{LoadCommandVariant, MachOFile},
};
use sha2::{Digest, Sha256};

/// Several blobs, and a place for each.
const SUPER_BLOB: u32 = 0xfade_0cc0;
/// The one with the digests of the pages.
const CODE_DIRECTORY: u32 = 0xfade_0c02;
/// The kind of digest that is SHA-256.
const SHA256: u8 = 2;

/// What is wrong with the signature of a library, if anything is.
pub(super) fn finding(library: &[u8]) -> Option<&'static str> {
    let Some(signature) = signature(library) else { return Some("it is not signed") };
    match pages_are_as_signed(library, signature) {
        None => Some("its signature cannot be read"),
        Some(false) => Some("it was changed after it had been signed"),
        Some(true) => None,
    }
}

/// Where the signature lies.
fn signature(library: &[u8]) -> Option<&[u8]> {
    let file = MachOFile::<MachHeader64<object::Endianness>>::parse(library).ok()?;
    let endian = file.endianness();
    let mut commands = file.macho_load_commands().ok()?;
    while let Ok(Some(command)) = commands.next() {
        if let (LC_CODE_SIGNATURE, Ok(LoadCommandVariant::LinkeditData(place))) =
            (command.cmd(), command.variant())
        {
            let (start, size) = (place.dataoff.get(endian) as usize, place.datasize.get(endian) as usize);
            return library.get(start..start.checked_add(size)?);
        }
    }
    None
}

/// `None`: it is not of a form that we know.
fn pages_are_as_signed(library: &[u8], signature: &[u8]) -> Option<bool> {
    let directory = directory(signature)?;
    let (digests, count) = (word(directory, 4)? as usize, word(directory, 7)? as usize);
    let signed = library.get(..word(directory, 8)? as usize)?;
    let [size, kind, _, page] = *directory.get(36..)?.first_chunk()?;
    if kind != SHA256 {
        return None;
    }
    let pages: Vec<_> = signed.chunks(1 << page.min(16)).collect();
    let digests = directory.get(digests..)?.chunks_exact(usize::from(size).max(1));
    let is_signed = |(page, digest): (&&[u8], &[u8])| Sha256::digest(page).as_slice() == digest;
    Some(pages.len() == count && digests.len() >= count && pages.iter().zip(digests).all(is_signed))
}

/// The part with the digests of the pages; all places in it are from its beginning.
fn directory(signature: &[u8]) -> Option<&[u8]> {
    if word(signature, 0)? != SUPER_BLOB {
        return None;
    }
    let places = (0..word(signature, 2)? as usize).filter_map(|index| word(signature, 4 + 2 * index));
    let mut blobs = places.filter_map(|place| signature.get(place as usize..));
    blobs.find(|blob| word(blob, 0) == Some(CODE_DIRECTORY))
}

/// A number of four bytes, by its place among such.
fn word(bytes: &[u8], index: usize) -> Option<u32> {
    let bytes = bytes.get(4 * index..)?.first_chunk()?;
    Some(u32::from_be_bytes(*bytes))
}
