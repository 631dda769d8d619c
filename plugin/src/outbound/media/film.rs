//! How long a film is: MP4 says it in a box of its own.

use super::reading::{bytes, u32_be, u64_be};
use std::{
    io::{self, Read, Seek, SeekFrom},
    time::Duration,
};

/// The length of an MP4; `None` if it is none, or does not say.
pub(super) fn duration(file: &mut (impl Read + Seek)) -> Option<Duration> {
    measure(file).ok().filter(|duration| !duration.is_zero())
}

fn measure(file: &mut (impl Read + Seek)) -> io::Result<Duration> {
    let end = file.seek(SeekFrom::End(0))?;
    // `ftyp` comes first, so that nothing else is taken for a film.
    Atom::find(file, 0, end, b"ftyp")
        .and_then(|atom| if atom.start < 32 { Ok(()) } else { Err(nothing()) })?;
    let movie = Atom::find(file, 0, end, b"moov")?;
    let header = Atom::find(file, movie.start, movie.end, b"mvhd")?;
    file.seek(SeekFrom::Start(header.start))?;
    let [version, ..] = bytes::<4>(file)?;
    let (scale, length) = if version == 1 {
        let _created_and_modified = bytes::<16>(file)?;
        (u32_be(file)?, u64_be(file)?)
    } else {
        let _created_and_modified = bytes::<8>(file)?;
        (u32_be(file)?, u32_be(file)?.into())
    };
    let millis = u128::from(length) * 1000 / u128::from(scale.max(1));
    Ok(Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX)))
}

/// Where the content of a box is.
struct Atom {
    start: u64,
    end: u64,
}

impl Atom {
    /// The first box called `name` between two places.
    fn find(file: &mut (impl Read + Seek), mut place: u64, end: u64, name: &[u8; 4]) -> io::Result<Self> {
        while place < end {
            file.seek(SeekFrom::Start(place))?;
            let short = u32_be(file)?;
            let found = bytes::<4>(file)?;
            let (length, head) = match short {
                0 => (end - place, 8), // to the end
                1 => (u64_be(file)?, 16),
                length => (length.into(), 8),
            };
            let next = place.checked_add(length).filter(|_| length >= head).ok_or_else(nothing)?;
            if found == *name {
                return Ok(Self { start: place + head, end: next.min(end) });
            }
            place = next;
        }
        Err(nothing())
    }
}

fn nothing() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Cursor;

    fn atom(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len() + 8).unwrap();
        [&length.to_be_bytes(), name.as_slice(), content].concat()
    }

    fn film(header: &[u8]) -> Vec<u8> {
        let movie = atom(b"moov", &[atom(b"udta", b"x"), atom(b"mvhd", header)].concat());
        [atom(b"ftyp", b"isomisom"), atom(b"mdat", &[0; 100]), movie].concat()
    }

    #[test]
    fn a_film_says_how_long_it_is_in_either_version() {
        let short = [&[0; 12][..], &1000_u32.to_be_bytes(), &12_345_u32.to_be_bytes()].concat();
        assert_eq!(duration(&mut Cursor::new(film(&short))), Some(Duration::from_millis(12_345)));
        let long = [&[1][..], &[0; 19], &600_u32.to_be_bytes(), &900_u64.to_be_bytes()].concat();
        assert_eq!(duration(&mut Cursor::new(film(&long))), Some(Duration::from_millis(1_500)));
    }

    #[test]
    fn what_does_not_say_is_none() {
        assert_eq!(duration(&mut Cursor::new(film(&[0; 20]))), None);
        assert_eq!(duration(&mut Cursor::new(atom(b"moov", b""))), None);
        assert_eq!(duration(&mut Cursor::new(b"")), None);
    }

    proptest! {
        #[test]
        fn no_content_hurts(rest in prop::collection::vec(any::<u8>(), 0..200)) {
            duration(&mut Cursor::new([atom(b"ftyp", b"isom"), rest].concat()));
        }
    }
}
