//! A local file on its way out: read piece by piece, on a thread that may block.

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

    pub(super) fn file(&self) -> &File {
        &self.opened.file
    }

    /// What an upload of it would bring.
    #[cfg(test)]
    pub(super) fn read(&self) -> Vec<u8> {
        let read = std::sync::Mutex::new(Vec::new());
        let takes = |piece: Bytes| {
            read.lock().unwrap().extend_from_slice(&piece);
            true
        };
        pump(|buffer, place| read_at(self.file(), buffer, place), self.size(), takes).unwrap();
        read.into_inner().unwrap()
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
        let (file, failed) = (self.file.clone(), self.failed.clone());
        let read = move || {
            let read_at = |buffer: &mut [u8], place| read_at(file.file(), buffer, place);
            let whole = pump(read_at, file.size(), |piece| tell.blocking_send(piece).is_ok());
            failed.store(whole.is_err(), Ordering::Relaxed);
        };
        let host = self.host.clone();
        self.host.spawn("reading a file", async move {
            // A panic is in the status; the upload ends early for it.
            let _read = host.blocking(read).await;
        });
        told
    }
}

/// Reads `size` bytes and passes them on in order, until `takes` says that nobody wants more.
fn pump(
    read_at: impl Fn(&mut [u8], u64) -> io::Result<usize>,
    size: u64,
    takes: impl Fn(Bytes) -> bool,
) -> io::Result<()> {
    let mut place = 0;
    while place < size {
        let mut piece = vec![0; PIECE.min(usize::try_from(size - place).unwrap_or(PIECE))];
        let read = match read_at(&mut piece, place) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        piece.truncate(read);
        place += read as u64;
        if !takes(piece.into()) {
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
    use std::{
        sync::{Mutex, atomic::AtomicUsize, mpsc::sync_channel},
        thread,
    };

    #[test]
    fn a_file_is_passed_on_whole_and_in_order() {
        let content: Vec<u8> = (0..PIECE * 3 + 7).map(|number| number as u8).collect();
        let read_at = |buffer: &mut [u8], place: u64| {
            let from = &content[place as usize..];
            let length = from.len().min(buffer.len()).min(50_000); // as a slow disk does
            buffer[..length].copy_from_slice(&from[..length]);
            Ok(length)
        };
        let passed = Mutex::new(Vec::new());
        let takes = |piece: Bytes| {
            passed.lock().unwrap().extend_from_slice(&piece);
            true
        };
        pump(read_at, content.len() as u64, takes).unwrap();
        assert!(passed.into_inner().unwrap() == content);
    }

    #[test]
    fn of_a_large_file_never_more_than_four_pieces_are_in_memory() {
        const SIZE: usize = 20 * 1024 * 1024;
        let in_memory = AtomicUsize::new(0);
        let most = AtomicUsize::new(0);
        let read_at = |buffer: &mut [u8], _| {
            assert!(buffer.len() <= PIECE);
            let now = in_memory.fetch_add(1, Ordering::SeqCst) + 1;
            most.fetch_max(now, Ordering::SeqCst);
            Ok(buffer.len())
        };
        let (tell, told) = sync_channel::<Bytes>(WAITING);
        thread::scope(|scope| {
            scope.spawn(|| {
                for piece in told {
                    thread::yield_now(); // the network is slower than the disk
                    drop(piece);
                    in_memory.fetch_sub(1, Ordering::SeqCst);
                }
            });
            pump(read_at, SIZE as u64, |piece| tell.send(piece).is_ok()).unwrap();
            drop(tell);
        });
        assert!(most.load(Ordering::SeqCst) <= WAITING + 2, "{most:?}");
    }

    #[test]
    fn a_file_that_shrinks_is_an_error_and_one_that_nobody_takes_is_not_read_on() {
        let ends = |_: &mut [u8], place: u64| Ok(if place == 0 { 10 } else { 0 });
        assert_eq!(pump(ends, 20, |_| true).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        let reads = AtomicUsize::new(0);
        let read_at = |buffer: &mut [u8], _| {
            reads.fetch_add(1, Ordering::SeqCst);
            Ok(buffer.len())
        };
        pump(read_at, 1 << 40, |_| false).unwrap();
        assert_eq!(reads.into_inner(), 1);
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
