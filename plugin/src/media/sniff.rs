//! What a file is, by how it begins. What people and servers say of it may be wrong.

use super::tag::split_extension;

/// So many bytes tell.
pub(super) const HEAD: usize = 4096;

/// A media type, and the extension that files of it have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sniffed {
    pub(super) mime: &'static str,
    /// Without its dot; empty where nothing is known.
    pub(super) extension: &'static str,
}

const fn is(mime: &'static str, extension: &'static str) -> Sniffed {
    Sniffed { mime, extension }
}

const ANYTHING: Sniffed = is("application/octet-stream", "");
const TEXT: Sniffed = is("text/plain", "txt");
const ZIP: Sniffed = is("application/zip", "zip");
const OLE: Sniffed = is("application/x-ole-storage", "");

/// Formats that many others are wrapped in: there the name may say more, and must not say another thing.
const BY_NAME: [(Sniffed, Sniffed); 11] = [
    (ZIP, is("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx")),
    (ZIP, is("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx")),
    (ZIP, is("application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx")),
    (ZIP, is("application/epub+zip", "epub")),
    (OLE, is("application/msword", "doc")),
    (OLE, is("application/vnd.ms-excel", "xls")),
    (OLE, is("application/vnd.ms-powerpoint", "ppt")),
    (TEXT, is("text/markdown", "md")),
    (TEXT, is("text/csv", "csv")),
    (TEXT, is("application/json", "json")),
    (TEXT, is("text/html", "html")),
];

/// What the file called `name` is that begins with `head`.
pub(super) fn sniff(head: &[u8], name: &str) -> Sniffed {
    let found = by_content(head);
    let (_, extension) = split_extension(name);
    let narrower = |(wrapper, _): &&(Sniffed, Sniffed)| *wrapper == found;
    let narrower = BY_NAME.iter().filter(narrower).map(|(_, inner)| *inner);
    narrower.into_iter().find(|inner| inner.extension.eq_ignore_ascii_case(extension)).unwrap_or(found)
}

fn by_content(head: &[u8]) -> Sniffed {
    match head {
        [0xff, 0xd8, 0xff, ..] => is("image/jpeg", "jpg"),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => is("image/png", "png"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => is("image/gif", "gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => is("image/webp", "webp"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => is("audio/wav", "wav"),
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => is("image/bmp", "bmp"),
        [b'I', b'I', b'*', 0, ..] | [b'M', b'M', 0, b'*', ..] => is("image/tiff", "tif"),
        [b'%', b'P', b'D', b'F', b'-', ..] => is("application/pdf", "pdf"),
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => ZIP,
        [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ..] => OLE,
        [b'R', b'a', b'r', b'!', 0x1a, 7, ..] => is("application/vnd.rar", "rar"),
        [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => is("application/x-7z-compressed", "7z"),
        [0x1f, 0x8b, 8, ..] => is("application/gzip", "gz"),
        [b'#', b'!', b'A', b'M', b'R', ..] => is("audio/amr", "amr"),
        [b'O', b'g', b'g', b'S', ..] => is("audio/ogg", "ogg"),
        [b'f', b'L', b'a', b'C', ..] => is("audio/flac", "flac"),
        [b'I', b'D', b'3', ..] | [0xff, 0xfb | 0xfa | 0xf3 | 0xf2, ..] => is("audio/mpeg", "mp3"),
        [0x1a, 0x45, 0xdf, 0xa3, ..] => is("video/webm", "webm"),
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => by_brand(brand),
        _ if is_text(head) => TEXT,
        _ => ANYTHING,
    }
}

/// The family of MP4 tells its members by a word of four letters.
fn by_brand(brand: &[u8]) -> Sniffed {
    match brand {
        [b'M', b'4', b'A', ..] => is("audio/mp4", "m4a"),
        [b'q', b't', ..] => is("video/quicktime", "mov"),
        [b'h', b'e', b'i' | b'v', ..] => is("image/heic", "heic"),
        [b'a', b'v', b'i', b'f', ..] => is("image/avif", "avif"),
        _ => is("video/mp4", "mp4"),
    }
}

/// Whether it can be read as UTF-8, but for a character that is cut at the end.
fn is_text(head: &[u8]) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.is_empty() && !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn content_decides_and_a_name_only_narrows() {
        for (head, name, mime) in [
            (&b"\xff\xd8\xff\xe0"[..], "photo.png", "image/jpeg"),
            (b"%PDF-1.7", "", "application/pdf"),
            (b"%PDF-1.7", "a.docx", "application/pdf"),
            (
                b"PK\x03\x04rest",
                "a.DOCX",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            ),
            (b"PK\x03\x04rest", "a.csv", "application/zip"),
            (b"a,b\n1,2\n", "a.csv", "text/csv"),
            ("你好".as_bytes(), "a", "text/plain"),
            (&"你好".as_bytes()[..5], "a", "text/plain"),
            (b"\0\0\0\x18ftypmp42", "a", "video/mp4"),
            (b"\0\0\0\x18ftypM4A ", "a", "audio/mp4"),
            (b"#!AMR\n", "", "audio/amr"),
            (b"OggS", "", "audio/ogg"),
            (b"MZ\x90\0", "invoice.pdf", "application/octet-stream"),
            (b"", "a.txt", "application/octet-stream"),
        ] {
            assert_eq!(sniff(head, name).mime, mime, "{name}");
        }
    }

    proptest! {
        #[test]
        fn no_content_hurts(head in prop::collection::vec(any::<u8>(), 0..64), name in ".*") {
            sniff(&head, &name);
        }
    }
}
