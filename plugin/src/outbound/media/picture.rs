//! Which pictures DingTalk shows as pictures.

use super::reading::bytes;
use std::io::{self, Read, Seek, SeekFrom};

/// The extension of a picture that is shown as one: a still JPEG, PNG, GIF or BMP. Anything else, and what
/// moves, which would be shown still, is better sent as a file.
pub(super) fn shown(file: &mut (impl Read + Seek)) -> Option<&'static str> {
    let mut head = Vec::new();
    file.by_ref().take(16).read_to_end(&mut head).ok()?;
    let extension = match head.as_slice() {
        [0xff, 0xd8, 0xff, ..] => "jpg",
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => "png",
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => "gif",
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => "bmp",
        _ => return None,
    };
    let moves = match extension {
        "png" => is_animated_png(file),
        "gif" => has_second_frame(file),
        _ => Ok(false),
    };
    // One that ends early is not ours to judge: people will see what there is of it.
    (!moves.unwrap_or(false)).then_some(extension)
}

/// Whether an `acTL` chunk comes before the picture.
fn is_animated_png(file: &mut (impl Read + Seek)) -> io::Result<bool> {
    file.seek(SeekFrom::Start(8))?;
    loop {
        let [a, b, c, d, kind @ ..] = bytes::<8>(file)?;
        match &kind {
            b"acTL" => return Ok(true),
            b"IDAT" | b"IEND" => return Ok(false),
            _ => file.seek(SeekFrom::Current(i64::from(u32::from_be_bytes([a, b, c, d])) + 4))?,
        };
    }
}

fn has_second_frame(file: &mut (impl Read + Seek)) -> io::Result<bool> {
    file.seek(SeekFrom::Start(10))?;
    let [flags, _, _] = bytes::<3>(file)?;
    skip_colours(file, flags)?;
    let mut frames = 0;
    loop {
        match bytes::<1>(file)? {
            [0x21] => {
                let _label = bytes::<1>(file)?;
            }
            [0x2c] => {
                frames += 1;
                if frames == 2 {
                    return Ok(true);
                }
                let [.., flags] = bytes::<9>(file)?;
                skip_colours(file, flags)?;
                let _code_size = bytes::<1>(file)?;
            }
            _ => return Ok(false), // the trailer
        }
        loop {
            let [length] = bytes::<1>(file)?;
            if length == 0 {
                break;
            }
            file.seek(SeekFrom::Current(length.into()))?;
        }
    }
}

fn skip_colours(file: &mut impl Seek, flags: u8) -> io::Result<u64> {
    let colours = if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    file.seek(SeekFrom::Current(colours))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn png(chunks: &[&[u8; 4]]) -> Vec<u8> {
        let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
        for chunk in chunks {
            file.extend([&[0, 0, 0, 2], chunk.as_slice(), b"xxCRC!"].concat());
        }
        file
    }

    fn gif(frames: usize) -> Vec<u8> {
        let mut file = b"GIF89a\x01\x00\x01\x00\x80\x00\x00abcdef".to_vec();
        for _ in 0..frames {
            file.extend(b"\x21\xf9\x04\x00\x00\x00\x00\x00"); // how long it is shown
            file.extend(b"\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x4c\x01\x00");
        }
        file.push(0x3b);
        file
    }

    #[test]
    fn still_pictures_are_known_by_their_content() {
        for (content, extension) in [
            (b"\xff\xd8\xff\xe0\0\x10JFIF".to_vec(), Some("jpg")),
            (png(&[b"IHDR", b"IDAT"]), Some("png")),
            (gif(1), Some("gif")),
            (b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0".to_vec(), Some("bmp")),
            (b"RIFF\x24\0\0\0WEBPVP8 ".to_vec(), None),
            (b"BM is how this letter begins".to_vec(), None),
            (b"<svg/>".to_vec(), None),
            (Vec::new(), None),
        ] {
            assert_eq!(shown(&mut Cursor::new(&content)), extension, "{content:?}");
        }
    }

    #[test]
    fn what_moves_is_no_still_picture() {
        assert_eq!(shown(&mut Cursor::new(gif(2))), None);
        assert_eq!(shown(&mut Cursor::new(png(&[b"IHDR", b"acTL", b"IDAT"]))), None);
    }

    #[test]
    fn a_picture_that_ends_early_is_still_one() {
        let whole = gif(2);
        for end in 11..20 {
            assert_eq!(shown(&mut Cursor::new(&whole[..end])), Some("gif"), "{end}");
        }
    }
}
