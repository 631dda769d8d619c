//! How long sound is, from the headers of its file: DingTalk shows what it is told.

mod amr;
mod mp3;
mod ogg;
mod wav;

use std::{
    io::{BufReader, Read, Seek, SeekFrom},
    time::Duration,
};

/// Sound that can go as a voice message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sound {
    /// The extension of its kind of file.
    pub(super) extension: &'static str,
    /// How long it is.
    pub(super) duration: Duration,
}

/// What sound a file is; `None` if it is none that DingTalk plays, or does not say how long it is.
pub(super) fn examine(file: &mut (impl Read + Seek)) -> Option<Sound> {
    let mut head = Vec::new();
    file.by_ref().take(16).read_to_end(&mut head).ok()?;
    file.seek(SeekFrom::Start(0)).ok()?;
    let mut file = BufReader::new(file);
    let (extension, duration) = match head.as_slice() {
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => ("wav", wav::duration(&mut file)),
        [b'O', b'g', b'g', b'S', ..] => ("ogg", ogg::duration(&mut file)),
        [b'#', b'!', b'A', b'M', b'R', ..] => ("amr", amr::duration(&mut file)),
        [b'I', b'D', b'3', ..] | [0xff, 0xe0..=0xff, ..] => ("mp3", mp3::duration(&mut file)),
        _ => return None,
    };
    let duration = duration.ok().filter(|duration| !duration.is_zero())?;
    Some(Sound { extension, duration })
}

/// So many samples at so many a second.
fn at_rate(samples: u64, rate: u32) -> Duration {
    let micros = u128::from(samples) * 1_000_000 / u128::from(rate.max(1));
    Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Cursor;

    pub(super) fn milliseconds(content: &[u8]) -> Option<(&'static str, u128)> {
        let sound = examine(&mut Cursor::new(content))?;
        Some((sound.extension, sound.duration.as_millis()))
    }

    #[test]
    fn what_is_no_sound_is_none() {
        for content in [&b""[..], b"text", b"\xff\xd8\xff\xe0", b"ID3", b"OggS", b"RIFF....WAVE"] {
            assert_eq!(milliseconds(content), None, "{content:?}");
        }
    }

    proptest! {
        #[test]
        fn no_content_hurts(
            start in prop::sample::select(vec![&b"RIFF0000WAVE"[..], b"OggS", b"#!AMR\n", b"#!AMR-WB\n", b"ID3", b"\xff\xfb"]),
            rest in prop::collection::vec(any::<u8>(), 0..400),
        ) {
            milliseconds(&[start, &rest].concat());
        }
    }
}
