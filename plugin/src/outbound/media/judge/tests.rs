use super::*;
use crate::clock;
use host_sdk::ChannelError;
use std::{fs, io::Write, path::Path, time::Duration};
use tempfile::TempDir;

const MB: u64 = 1024 * 1024;
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR";

struct Desk {
    root: TempDir,
    judge: Judge,
}

impl Desk {
    fn new(largest: u64) -> Self {
        let root = tempfile::tempdir().unwrap();
        let judge = Judge { roots: Roots::new([root.path()]), largest };
        Self { root, judge }
    }

    fn file(&self, name: &str, content: &[u8]) -> Attachment {
        let path = self.root.path().join(name);
        fs::write(&path, content).unwrap();
        Attachment { path: path.to_str().unwrap().to_owned(), ..Attachment::default() }
    }

    /// A file of so many bytes that begins with `head`, of which only that is on the disk.
    fn of_size(&self, name: &str, head: &[u8], size: u64) -> Attachment {
        let attachment = self.file(name, head);
        fs::File::options().write(true).open(&attachment.path).unwrap().set_len(size).unwrap();
        attachment
    }

    /// What a file goes as, and under which name.
    fn shape(&self, attachment: &Attachment, as_voice: bool) -> Result<(MediaType, String), MediaError> {
        let parcel = self.judge.examine(attachment, as_voice)?;
        Ok((parcel.shape.kind(), parcel.name().to_owned()))
    }
}

fn a(kind: AttachmentKind, attachment: Attachment) -> Attachment {
    Attachment { kind, ..attachment }
}

fn wav(seconds: u32) -> Vec<u8> {
    let mut file = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
    file.extend([1_000_u32.to_le_bytes(), 1_000_u32.to_le_bytes()].concat());
    file.extend(b"\x01\0\x08\0data");
    file.extend((seconds * 1_000).to_le_bytes());
    file.resize(file.len() + seconds as usize * 1_000, 0);
    file
}

fn mp4() -> Vec<u8> {
    let header = [&[0; 12][..], &1_000_u32.to_be_bytes(), &4_000_u32.to_be_bytes()].concat();
    let header = [&[0, 0, 0, 28][..], b"mvhd", &header].concat();
    [b"\0\0\0\x0cftypisom\0\0\0\x24moov", header.as_slice()].concat()
}

#[test]
fn a_file_goes_as_what_its_content_is() {
    let desk = Desk::new(100 * MB);
    let picture = |name, content| a(AttachmentKind::Picture, desk.file(name, content));
    assert_eq!(desk.shape(&picture("a.jpg", PNG), false), Ok((MediaType::Image, "a.jpg".into())));
    assert_eq!(desk.shape(&picture("shot", PNG), false), Ok((MediaType::Image, "shot.png".into())));
    let webp = picture("a.webp", b"RIFF\x24\0\0\0WEBPVP8 ");
    assert_eq!(desk.shape(&webp, false), Ok((MediaType::File, "a.webp".into())));

    let sound = a(AttachmentKind::Audio, desk.file("hello", &wav(2)));
    assert_eq!(desk.shape(&sound, true), Ok((MediaType::Voice, "hello.wav".into())));
    assert_eq!(desk.shape(&sound, false), Ok((MediaType::File, "hello".into())));
    let song = a(AttachmentKind::Audio, desk.file("song.m4a", b"\0\0\0\x18ftypM4A "));
    assert_eq!(desk.shape(&song, true), Ok((MediaType::File, "song.m4a".into())));

    let named = Attachment { name: "季度报告.pdf".into(), ..desk.file("x7f3", b"%PDF-1.7") };
    assert_eq!(desk.shape(&named, false), Ok((MediaType::File, "季度报告.pdf".into())));
}

#[test]
fn a_video_needs_a_picture_to_stand_for_it() {
    let desk = Desk::new(100 * MB);
    let film = a(AttachmentKind::Video, desk.file("film.mp4", &mp4()));
    assert_eq!(desk.shape(&film, false), Ok((MediaType::File, "film.mp4".into())));
    let cover = desk.file("cover.png", PNG).path;
    let covered = |cover: &str| {
        let extra = host_sdk::Json::new(&serde_json::json!({ "cover": cover }));
        Attachment { extra, ..film.clone() }
    };
    assert_eq!(desk.shape(&covered(&cover), false), Ok((MediaType::Video, "film.mp4".into())));
    let large = desk.of_size("large.png", PNG, 20 * MB + 1).path;
    for unusable in ["/etc/hostname", &large, &film.path, ""] {
        let shape = desk.shape(&covered(unusable), false);
        assert_eq!(shape, Ok((MediaType::File, "film.mp4".into())), "{unusable}");
    }
}

#[test]
fn each_kind_has_its_limit_to_the_byte() {
    let desk = Desk::new(100 * MB);
    let sound = wav(1);
    for (kind, head, most) in [
        (AttachmentKind::Picture, PNG, 20 * MB),
        (AttachmentKind::Audio, sound.as_slice(), 2 * MB),
        (AttachmentKind::Video, b"film", 20 * MB),
        (AttachmentKind::File, b"text", 20 * MB),
    ] {
        for size in [most - 1, most] {
            let parcel = desk.shape(&a(kind, desk.of_size("exact", head, size)), true);
            assert!(parcel.is_ok(), "{kind:?} of {size}: {parcel:?}");
        }
        let error = desk.shape(&a(kind, desk.of_size("large", head, most + 1)), true).unwrap_err();
        let said = error.to_string();
        let (size, limit) = (format!("has {}.01 MB", most / MB), format!("at most {} MB", most / MB));
        assert!(said.contains("large") && said.contains(&limit), "{said}");
        assert!(said.contains(&size), "one byte too many is seen: {said}");
    }
    let empty = desk.shape(&desk.file("empty", b""), false).unwrap_err();
    assert_eq!(empty, MediaError::Empty { name: "empty".into() });
}

#[test]
fn a_file_that_is_far_too_large_is_refused_without_being_read() {
    let desk = Desk::new(u64::MAX);
    let head = b"#!AMR\n";
    let sound = a(AttachmentKind::Audio, desk.of_size("hour.amr", head, 1 << 40));
    let begun = clock::now();
    let error = desk.shape(&sound, true).unwrap_err();
    assert!(matches!(error, MediaError::TooLarge { .. }), "{error}");
    assert!(clock::now() - begun < Duration::from_secs(60), "reading it takes hours");
}

#[test]
fn the_configured_limit_counts_where_it_is_lower() {
    let desk = Desk::new(1_000);
    assert!(desk.shape(&desk.of_size("a", b"x", 1_000), false).is_ok());
    let error = desk.shape(&desk.of_size("a", b"x", 1_001), false).unwrap_err();
    assert!(error.to_string().contains("maxFileSizeMB"), "{error}");
    let none = Desk::new(0);
    assert!(none.shape(&none.file("a", b"x"), false).is_err());
}

#[test]
fn only_local_files_are_sent_and_a_url_says_so() {
    let desk = Desk::new(100 * MB);
    let inside = desk.file("a b.txt", b"x");
    let url = format!("file://{}", inside.path.replace(' ', "%20"));
    let by_url = Attachment { path: url, ..Attachment::default() };
    assert_eq!(desk.shape(&by_url, false), Ok((MediaType::File, "a b.txt".into())));
    let remote =
        Attachment { path: "https://example.org/a.png?token=s3cret".into(), ..Attachment::default() };
    let error = desk.shape(&remote, false).unwrap_err();
    assert!(matches!(&error, MediaError::Remote { .. }), "{error}");
    let outside = Attachment { path: "/etc/passwd".into(), ..Attachment::default() };
    let error = ChannelError::from(desk.shape(&outside, false).unwrap_err());
    assert!(error.message.starts_with("passwd is not in a directory"), "{error}");
}

#[test]
fn a_file_goes_as_it_was_when_it_was_judged_although_it_grows_or_vanishes_meanwhile() {
    let desk = Desk::new(100 * MB);
    let attachment = desk.file("log.txt", b"as it was");
    let parcel = desk.judge.examine(&attachment, false).unwrap();
    fs::OpenOptions::new().append(true).open(&attachment.path).unwrap().write_all(b", and more").unwrap();
    assert_eq!((parcel.file.size(), parcel.file.piece(0).unwrap().as_ref()), (9, &b"as it was"[..]));
    fs::remove_file(&attachment.path).unwrap();
    assert_eq!(parcel.file.piece(3).unwrap(), "it was");
}

#[test]
fn a_file_that_shrinks_meanwhile_cannot_be_read() {
    let desk = Desk::new(100 * MB);
    let attachment = desk.file("log.txt", b"as it was");
    let parcel = desk.judge.examine(&attachment, false).unwrap();
    fs::write(&attachment.path, "as").unwrap();
    assert_eq!(parcel.file.piece(0).unwrap(), "as");
    assert_eq!(parcel.file.piece(2).unwrap_err().kind(), std::io::ErrorKind::UnexpectedEof);
}

#[test]
fn whoever_does_not_get_a_file_can_be_told_of_it_with_its_size_and_the_limit() {
    let desk = Desk::new(1_024);
    let error = ChannelError::from(desk.shape(&desk.of_size("图.png", b"x", 2_048), false).unwrap_err());
    let told: serde_json::Value = error.extra.parse().unwrap();
    let params = serde_json::json!({"name": "图.png", "size": 2_048, "limit": 1_024});
    assert_eq!(told["notice"], serde_json::json!({"kind": "fileNotSent", "params": params}));
}

#[test]
fn a_path_is_read_as_it_is_written() {
    for (written, path) in [
        ("/media/a.png", Some("/media/a.png")),
        ("file:///media/%E5%9B%BE.png", Some("/media/图.png")),
        ("file://localhost/media/a.png", Some("/media/a.png")),
        ("http://127.0.0.1/a.png", None),
        ("data:image/png;base64,AAAA", Some("data:image/png;base64,AAAA")),
    ] {
        assert_eq!(local_path(written).as_deref(), path.map(Path::new), "{written}");
    }
}
