//! Numbers in the headers of files.

use std::io::{self, Read};

pub(super) fn bytes<const N: usize>(file: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes).map(|()| bytes)
}

pub(super) fn u16_le(file: &mut impl Read) -> io::Result<u16> {
    bytes(file).map(u16::from_le_bytes)
}

pub(super) fn u32_le(file: &mut impl Read) -> io::Result<u32> {
    bytes(file).map(u32::from_le_bytes)
}

pub(super) fn u32_be(file: &mut impl Read) -> io::Result<u32> {
    bytes(file).map(u32::from_be_bytes)
}

pub(super) fn u64_be(file: &mut impl Read) -> io::Result<u64> {
    bytes(file).map(u64::from_be_bytes)
}
