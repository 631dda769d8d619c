//! How long this disk takes to keep something, which is the most of what a durable ACK waits for.

use std::{
    fs::File,
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

/// Appends 1 KiB to a file in `folder`, and waits until it is safe there.
pub(crate) fn sync(folder: &Path) -> Duration {
    let mut file = File::options().create(true).append(true).open(folder.join("disk")).unwrap();
    let began = Instant::now();
    file.write_all(&[b'x'; 1024]).unwrap();
    file.sync_data().unwrap();
    began.elapsed()
}
