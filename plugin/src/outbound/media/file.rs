//! A local file on its way out, read piece by piece. A thread is held for no longer than one is read: slow
//! uploads keep nobody else from the disk.

use super::{known::Key, roots::Opened};
use crate::api::media::{MediaType, Upload};
use bytes::Bytes;
use host_sdk::channel::Host;
use std::{
    fs::File,
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::sync::mpsc;

/// A file is read in pieces of so many bytes.
const PIECE: usize = 64 * 1024;
/// So many pieces wait for the network at most; with the one being read and the one being sent there are
/// never more than four in memory.
const WAITING: usize = 2;

/// A file that may be sent.
#[derive(Debug)]
pub(super) struct LocalFile {
    opened: Opened,
    name: String,
}

impl LocalFile {
    pub(super) fn new(opened: Opened, name: String) -> Self {
        Self { opened, name }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn size(&self) -> u64 {
        self.opened.metadata.len()
    }

    /// The bytes at `place`, as many as one piece has, or as are left.
    pub(super) fn piece(&self, place: u64) -> io::Result<Bytes> {
        let left = self.size().saturating_sub(place);
        let mut piece = vec![0; PIECE.min(usize::try_from(left).unwrap_or(PIECE))];
        loop {
            match read_at(&self.opened.file, &mut piece, place) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => {
                    piece.truncate(read);
                    return Ok(piece.into());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// What tells it from what it was, or will be.
    pub(super) fn key(&self, kind: MediaType) -> Key {
        let modified = self.opened.metadata.modified().ok();
        Key { path: self.opened.path.clone(), modified, size: self.size(), kind }
    }
}

/// A file while it is uploaded.
pub(super) struct Reading {
    file: Arc<LocalFile>,
    host: Host,
    failed: Arc<AtomicBool>,
}

impl Reading {
    pub(super) fn new(file: Arc<LocalFile>, host: Host) -> Self {
        Self { file, host, failed: Arc::default() }
    }

    /// Whether the disk is the matter, not the network.
    pub(super) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }
}

impl Upload for Reading {
    fn name(&self) -> &str {
        self.file.name()
    }

    fn size(&self) -> u64 {
        self.file.size()
    }

    fn pieces(&self) -> mpsc::Receiver<Bytes> {
        let (tell, told) = mpsc::channel(WAITING);
        let (file, host, failed) = (self.file.clone(), self.host.clone(), self.failed.clone());
        self.host.spawn("reading a file", async move {
            let read = |place| {
                let (file, host) = (file.clone(), host.clone());
                async move {
                    let read = host.blocking(move || file.piece(place)).await;
                    read.unwrap_or_else(|error| Err(io::Error::other(error)))
                }
            };
            let whole = pump(read, file.size(), &tell).await;
            failed.store(whole.is_err(), Ordering::Relaxed);
            drop(tell); // not before: with it the upload ends, and asks why
        });
        told
    }
}

/// Has `size` bytes read and passes them on in order, until nobody wants more.
async fn pump<R: Future<Output = io::Result<Bytes>>>(
    read: impl Fn(u64) -> R,
    size: u64,
    tell: &mpsc::Sender<Bytes>,
) -> io::Result<()> {
    let mut place = 0;
    while place < size {
        let piece = read(place).await?;
        place += piece.len() as u64;
        if tell.send(piece).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// Two readings of one file do not move each other's place.
#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], place: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, place)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], place: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, place)
}

/// A name is shown with so many characters, its extension among them.
const LONGEST_NAME: usize = 100;
/// What follows the last dot is an extension up to so many characters.
const LONGEST_EXTENSION: usize = 10;

/// What a file is called for people: the last part of `name`, or of its path, without what no name has.
pub(super) fn display_name(name: &str, path: &Path) -> String {
    let own = path.file_name().unwrap_or_default().to_string_lossy();
    let name = if name.trim().is_empty() { &own } else { name };
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let clean: String = last.chars().filter(|&it| !it.is_control() && !turns_around(it)).collect();
    if clean.trim().is_empty() { "file".to_owned() } else { shortened(clean.trim()) }
}

/// Whether a character has what follows read in another order: a name must not look as if it ended otherwise.
fn turns_around(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A name of bearable length, with its extension.
fn shortened(name: &str) -> String {
    if name.chars().count() <= LONGEST_NAME {
        return name.to_owned();
    }
    let is_extension = |end: &str| end.chars().count() <= LONGEST_EXTENSION;
    let (stem, extension) = match name.rsplit_once('.').filter(|(_, end)| is_extension(end)) {
        Some((stem, end)) => (stem, format!(".{end}")),
        None => (name, String::new()),
    };
    let room = LONGEST_NAME - extension.chars().count();
    stem.chars().take(room).collect::<String>() + &extension
}

/// The extension of a name, in lower case; empty if it has none.
pub(super) fn extension(name: &str) -> String {
    let extension = Path::new(name).extension().unwrap_or_default();
    extension.to_string_lossy().to_lowercase()
}

/// `name` with `wanted` at its end, unless one of `good` is there.
pub(super) fn with_extension(name: String, wanted: &str, good: &[&str]) -> String {
    if good.contains(&extension(&name).as_str()) { name } else { format!("{name}.{wanted}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{cell::Cell, future::ready};

    #[tokio::test]
    async fn a_file_is_passed_on_whole_and_in_order() {
        let content: Vec<u8> = (0..PIECE * 3 + 7).map(|number| number as u8).collect();
        let read = |place: u64| {
            let from = &content[place as usize..];
            ready(Ok(Bytes::copy_from_slice(&from[..from.len().min(50_000)]))) // as a slow disk does
        };
        let (tell, mut told) = mpsc::channel(WAITING);
        let (mut passed, size) = (Vec::new(), content.len() as u64);
        let (pumped, ()) = tokio::join!(async move { pump(read, size, &tell).await }, async {
            while let Some(piece) = told.recv().await {
                passed.extend_from_slice(&piece);
            }
        });
        pumped.unwrap();
        assert!(passed == content);
    }

    #[tokio::test]
    async fn of_a_large_file_never_more_than_four_pieces_are_in_memory() {
        const SIZE: usize = 20 * 1024 * 1024;
        let (read, sent, most) = (Cell::new(0), Cell::new(0), Cell::new(0));
        let reading = |_| {
            read.set(read.get() + 1);
            most.set(most.get().max(read.get() - sent.get()));
            ready(Ok(Bytes::from_static(&[7; PIECE])))
        };
        let (tell, mut told) = mpsc::channel(WAITING);
        let (pumped, ()) = tokio::join!(async move { pump(reading, SIZE as u64, &tell).await }, async {
            while let Some(_piece) = told.recv().await {
                for _ in 0..3 {
                    tokio::task::yield_now().await; // the network is slower than the disk
                }
                sent.set(sent.get() + 1);
            }
        });
        pumped.unwrap();
        assert_eq!(sent.get(), SIZE / PIECE);
        assert!(most.get() <= WAITING + 2, "{most:?}");
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_read_is_an_error_and_one_that_nobody_takes_is_not_read_on() {
        let ends = |place| {
            ready(if place == 0 {
                Ok(Bytes::from_static(b"0123456789"))
            } else {
                Err(io::ErrorKind::UnexpectedEof.into())
            })
        };
        let (tell, _told) = mpsc::channel(WAITING);
        assert_eq!(pump(ends, 20, &tell).await.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        let reads = Cell::new(0);
        let read = |_| {
            reads.set(reads.get() + 1);
            ready(Ok(Bytes::from_static(b"piece")))
        };
        let (tell, told) = mpsc::channel(WAITING);
        drop(told);
        pump(read, 1 << 40, &tell).await.unwrap();
        assert_eq!(reads.get(), 1);
    }

    #[test]
    fn a_name_is_the_last_part_of_what_was_given() {
        let path = Path::new("/media/a1b2.pdf");
        for (given, name) in [
            ("", "a1b2.pdf"),
            ("报告 2026.pdf", "报告 2026.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\reports\\q1.xlsx", "q1.xlsx"),
            ("a\r\nb.txt", "ab.txt"),
            ("folder/", "file"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
            ("👩‍💻 家庭.png", "👩‍💻 家庭.png"),
            ("\0\u{2067}", "file"),
        ] {
            assert_eq!(display_name(given, path), name, "{given:?}");
        }
        let long = display_name(&format!("{}.pdf", "长".repeat(5_000)), path);
        assert_eq!((long.chars().count(), extension(&long).as_str()), (LONGEST_NAME, "pdf"));
        assert_eq!(display_name(&"x".repeat(5_000), path).len(), LONGEST_NAME);
        assert_eq!(extension("Report.PDF"), "pdf");
        assert_eq!(with_extension("photo".into(), "jpg", &["jpg", "jpeg"]), "photo.jpg");
        assert_eq!(with_extension("photo.JPEG".into(), "jpg", &["jpg", "jpeg"]), "photo.JPEG");
    }
}
