//! Ogg with Opus or Vorbis: the last page says how many samples came before its end.

use super::super::reading::{bytes, u16_le, u32_le};
use std::{
    io::{self, Read, Seek, SeekFrom},
    time::Duration,
};

/// Opus counts in samples of 48 kHz, whatever it was recorded with.
const OPUS_RATE: u32 = 48_000;
/// The position of a page on which no packet ends.
const NOWHERE: u64 = u64::MAX;

pub(super) fn duration(file: &mut (impl Read + Seek)) -> io::Result<Duration> {
    let first = Page::read(file)?;
    let (rate, skip) = first.codec(file)?;
    file.seek(SeekFrom::Start(first.end))?;
    let mut last = 0;
    // A recording that was cut off ends where its last whole page does.
    while let Ok(page) = Page::read(file) {
        if page.serial == first.serial && page.position != NOWHERE {
            last = page.position;
        }
        let left = page.end.saturating_sub(file.stream_position()?);
        file.seek_relative(i64::try_from(left).unwrap_or(i64::MAX))?;
    }
    Ok(super::at_rate(last.saturating_sub(skip), rate))
}

struct Page {
    position: u64,
    serial: u32,
    start: u64,
    end: u64,
}

impl Page {
    /// Reads a header; the file stands at the page's content then.
    fn read(file: &mut (impl Read + Seek)) -> io::Result<Self> {
        if bytes::<4>(file)? != *b"OggS" {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let _version_and_flags = bytes::<2>(file)?;
        let position = u64::from_le_bytes(bytes(file)?);
        let serial = u32_le(file)?;
        let _sequence_and_checksum = bytes::<8>(file)?;
        let [segments] = bytes::<1>(file)?;
        let mut length = 0;
        for _ in 0..segments {
            let [segment] = bytes::<1>(file)?;
            length += u64::from(segment);
        }
        let start = file.stream_position()?;
        Ok(Self { position, serial, start, end: start + length })
    }

    /// Samples a second, and how many at the start are not played.
    fn codec(&self, file: &mut (impl Read + Seek)) -> io::Result<(u32, u64)> {
        file.seek(SeekFrom::Start(self.start))?;
        match &bytes::<8>(file)? {
            b"OpusHead" => {
                let _version_and_channels = bytes::<2>(file)?;
                Ok((OPUS_RATE, u16_le(file)?.into()))
            }
            [1, b'v', b'o', b'r', b'b', b'i', b's', _] => {
                let _rest_of_version_and_channels = bytes::<4>(file)?;
                Ok((u32_le(file)?, 0))
            }
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::milliseconds;

    fn page(position: u64, serial: u32, content: &[u8]) -> Vec<u8> {
        let mut page = b"OggS\0\0".to_vec();
        page.extend(position.to_le_bytes());
        page.extend(serial.to_le_bytes());
        page.extend([0; 8]);
        page.push(1);
        page.push(u8::try_from(content.len()).unwrap());
        page.extend(content);
        page
    }

    fn opus() -> Vec<u8> {
        let head = page(0, 7, b"OpusHead\x01\x01\x38\x01\x80\xbb\0\0\0\0\0"); // 312 samples of pre-skip
        [head, page(0, 7, b"OpusTags"), page(48_312, 7, b"sound"), page(96_312, 7, b"sound")].concat()
    }

    #[test]
    fn opus_is_as_long_as_its_last_position_without_the_pre_skip() {
        assert_eq!(milliseconds(&opus()), Some(("ogg", 2_000)));
    }

    #[test]
    fn another_stream_and_a_page_without_an_end_do_not_count() {
        let file = [opus(), page(u64::MAX, 7, b"x"), page(960_000, 8, b"other")].concat();
        assert_eq!(milliseconds(&file), Some(("ogg", 2_000)));
        assert_eq!(milliseconds(&[&opus()[..], b"OggS\0\0cut off"].concat()), Some(("ogg", 2_000)));
    }

    #[test]
    fn vorbis_counts_at_its_own_rate() {
        let head = page(0, 1, b"\x01vorbis\0\0\0\0\x02\x44\xac\0\0\0\0\0\0");
        assert_eq!(milliseconds(&[head, page(66_150, 1, b"sound")].concat()), Some(("ogg", 1_500)));
    }
}
