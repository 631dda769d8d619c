//! RIFF WAVE: so many bytes of sound, at so many a second.

use super::super::reading::{bytes, u32_le};
use std::{
    io::{self, Read, Seek, SeekFrom},
    time::Duration,
};

pub(super) fn duration(file: &mut (impl Read + Seek)) -> io::Result<Duration> {
    file.seek(SeekFrom::Start(12))?;
    let mut bytes_per_second = 0;
    loop {
        let name = bytes::<4>(file)?;
        let length = u32_le(file)?;
        let start = file.stream_position()?;
        match &name {
            b"fmt " => {
                let _kind_and_rate = bytes::<8>(file)?;
                bytes_per_second = u32_le(file)?;
            }
            b"data" => {
                // Whoever wrote it while it was recorded may not have known its length.
                let left = file.seek(SeekFrom::End(0))?.saturating_sub(start);
                let length = if length == 0 { left } else { left.min(length.into()) };
                return Ok(super::at_rate(length, bytes_per_second));
            }
            _ => {}
        }
        file.seek(SeekFrom::Start(start + u64::from(length) + u64::from(length % 2)))?;
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::milliseconds;

    fn wav(data_length: u32, data: usize) -> Vec<u8> {
        let mut file = b"RIFF\0\0\0\0WAVELIST\x03\0\0\0odd\0fmt \x10\0\0\0\x01\0\x01\0".to_vec();
        file.extend(8_000_u32.to_le_bytes());
        file.extend(16_000_u32.to_le_bytes());
        file.extend(b"\x02\0\x10\0data");
        file.extend(data_length.to_le_bytes());
        file.resize(file.len() + data, 0);
        file
    }

    #[test]
    fn a_wave_is_as_long_as_its_data() {
        assert_eq!(milliseconds(&wav(24_000, 24_000)), Some(("wav", 1_500)));
    }

    #[test]
    fn a_length_that_was_not_known_is_what_is_there() {
        for unknown in [0, u32::MAX] {
            assert_eq!(milliseconds(&wav(unknown, 16_000)), Some(("wav", 1_000)));
        }
    }
}
