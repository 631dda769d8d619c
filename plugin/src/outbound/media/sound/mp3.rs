//! MP3: frame after frame, each with its own bit rate, so that what varies is measured too.

use super::super::reading::bytes;
use std::{
    io::{self, Read, Seek, SeekFrom},
    time::Duration,
};

/// How far the first frame may be from where the tags end.
const SEARCHED: u64 = 64 * 1024;
/// Kilobits a second of MPEG 1 layer III.
const RATES_1: [u32; 14] = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
/// Of MPEG 2 and 2.5.
const RATES_2: [u32; 14] = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];

pub(super) fn duration(file: &mut (impl Read + Seek)) -> io::Result<Duration> {
    skip_tag(file)?;
    let start = file.stream_position()?;
    let mut duration = Duration::ZERO;
    let mut place = start;
    loop {
        let here = file.stream_position()?;
        file.seek_relative(i64::try_from(i128::from(place) - i128::from(here)).unwrap_or(i64::MAX))?;
        let Ok(head) = bytes::<4>(file) else { break };
        match Frame::read(head) {
            Some(frame) => {
                let is_table = duration.is_zero() && frame.is_table(file)?;
                place += frame.length;
                duration += if is_table { Duration::ZERO } else { frame.duration };
            }
            None if duration.is_zero() && place < start + SEARCHED => {
                place += 1;
            }
            None => break, // a tag at the end
        }
    }
    Ok(duration)
}

/// Skips a tag of ID3v2, whose length is in bytes of seven bits.
fn skip_tag(file: &mut (impl Read + Seek)) -> io::Result<()> {
    let head = bytes::<10>(file)?;
    let length = head[6..].iter().fold(0, |length, byte| length << 7 | u64::from(byte & 0x7f));
    let start = if head.starts_with(b"ID3") { 10 + length } else { 0 };
    file.seek(SeekFrom::Start(start)).map(drop)
}

struct Frame {
    length: u64,
    duration: Duration,
}

impl Frame {
    fn read([sync, kind, rates, _]: [u8; 4]) -> Option<Self> {
        if sync != 0xff || kind & 0xe6 != 0xe2 {
            return None; // no frame, or not of layer III
        }
        let (is_first, divisor) = match kind >> 3 & 3 {
            3 => (true, 1),
            2 => (false, 2),
            0 => (false, 4), // MPEG 2.5
            _ => return None,
        };
        let table = if is_first { RATES_1 } else { RATES_2 };
        let kilobits = *table.get(usize::from(rates >> 4).checked_sub(1)?)?;
        let samples_a_second = [44_100, 48_000, 32_000].get(usize::from(rates >> 2 & 3))? / divisor;
        let samples = if is_first { 1152 } else { 576 };
        let padding = u64::from(rates >> 1 & 1);
        let length = u64::from(samples / 8 * kilobits * 1000 / samples_a_second) + padding;
        Some(Self { length, duration: super::at_rate(samples.into(), samples_a_second) })
    }

    /// Whether it is the silent first frame that holds a table of what follows.
    fn is_table(&self, file: &mut impl Read) -> io::Result<bool> {
        let mut content = Vec::new();
        file.take(48.min(self.length - 4)).read_to_end(&mut content)?;
        let has = |word: &[u8]| content.windows(4).any(|four| four == word);
        Ok(has(b"Xing") || has(b"Info") || has(b"VBRI"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::milliseconds;

    /// A frame of MPEG 1 at 44.1 kHz and `kilobits`, of 26.1 ms.
    fn frame(index: u8, kilobits: usize, content: &[u8]) -> Vec<u8> {
        let mut frame = vec![0xff, 0xfb, index << 4, 0];
        frame.extend([0; 32]);
        frame.extend(content);
        frame.resize(144 * kilobits * 1000 / 44_100, 0);
        frame
    }

    #[test]
    fn a_variable_bit_rate_is_measured_and_the_table_is_silent() {
        let frames = [frame(9, 128, b"").repeat(50), frame(14, 320, b"").repeat(50)].concat();
        let expected = Some(("mp3", 100 * 1152 * 1000 / 44_100));
        assert_eq!(milliseconds(&frames), expected);
        assert_eq!(milliseconds(&[frame(9, 128, b"Xing"), frames.clone()].concat()), expected);
        let tagged = [&b"ID3\x04\0\0\0\0\x01\x02"[..], &[0; 130], &frames, b"TAG a song"].concat();
        assert_eq!(milliseconds(&tagged), expected);
    }

    #[test]
    fn half_the_rate_has_half_the_samples() {
        let frame = [&[0xff, 0xf3, 0x80, 0][..], &[0; 208 - 4]].concat(); // MPEG 2, 64 kbit/s, 22.05 kHz
        assert_eq!(milliseconds(&frame.repeat(10)), Some(("mp3", 10 * 576 * 1000 / 22_050)));
    }
}
