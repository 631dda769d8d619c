//! A file on its way from DingTalk to the disk, one piece at a time.
//!
//! A piece is what the network brings at once. The next one is not taken before the disk has it, so that of a
//! file of any size one piece is in memory, and a thread is held for no longer than one is written: slow
//! downloads keep nobody else from the disk.

use super::{
    error::FetchError,
    place::{Arrived, Arriving, Place},
    tag::FileTag,
};
use crate::{
    api::{Api, message_file::Download},
    error::{Error, ErrorKind, Result},
    message::AttachmentHandle,
    secret::Secret,
};
use host_sdk::channel::Host;
use std::{collections::VecDeque, io, sync::Arc, time::Duration};
use tokio::time::{sleep, timeout};

/// A file that fails for a passing reason is asked for so often, each time at a fresh address.
const TRIES: u32 = 3;

/// How long each step may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// From the request to the head of its answer.
    pub(super) head: Duration,
    /// From one piece to the next.
    pub(super) idle: Duration,
    /// One attempt from its beginning to its end.
    pub(super) whole: Duration,
    /// Between two attempts.
    pub(super) pause: Duration,
}

impl Patience {
    /// 100 MB in ten minutes are 170 kB a second.
    pub(super) const USUAL: Self = Self {
        head: Duration::from_secs(8),
        idle: Duration::from_secs(10),
        whole: Duration::from_secs(600),
        pause: Duration::from_millis(500),
    };
}

/// Where DingTalk may have a file.
enum Source {
    Code(String),
    /// Of an old kind of picture.
    Address(Secret),
}

/// A file that is wanted.
pub(super) struct Wanted<'a> {
    pub(super) name: &'a str,
    pub(super) tag: &'a FileTag,
    pub(super) handle: &'a AttachmentHandle,
    /// The most bytes it may have.
    pub(super) most: u64,
}

/// What one attempt came to grief over.
enum Failed {
    /// DingTalk, or the way there.
    There(Error),
    /// The file came without content.
    Empty,
    /// Another attempt would fail alike.
    ForGood(FetchError),
}

impl Failed {
    /// Whether a fresh address may help.
    fn may_pass(&self) -> bool {
        match self {
            Self::There(error) => {
                error.retry_after().is_some() || matches!(error.kind(), ErrorKind::Protocol)
            }
            Self::Empty => true,
            Self::ForGood(_) => false,
        }
    }

    fn into_error(self, name: &str) -> FetchError {
        let name = name.to_owned();
        match self {
            Self::There(source) => FetchError::DingTalk { name, source },
            Self::Empty => FetchError::Empty { name },
            Self::ForGood(error) => error,
        }
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::There(error)
    }
}

/// Brings a file to the disk.
///
/// # Errors
/// When it is too large, when DingTalk does not give it, or when the disk does not take it.
pub(super) async fn download(
    host: &Host,
    api: &Api,
    place: &Arc<Place>,
    wanted: &Wanted<'_>,
    patience: Patience,
) -> Result<Arrived, FetchError> {
    let mut sources = sources(wanted.handle);
    let mut tries = 0;
    loop {
        let Some(source) = sources.front() else {
            return Err(FetchError::NoCode { name: wanted.name.to_owned() });
        };
        let failed = match attempt(host, api, place, wanted, source, patience).await {
            Ok(arrived) => return Ok(arrived),
            Err(failed) => failed,
        };
        let is_refused = matches!(&failed, Failed::There(error) if error.is_rejected());
        tries += 1;
        if is_refused && sources.len() > 1 {
            sources.pop_front(); // the other code may be better
        } else if tries < TRIES && failed.may_pass() {
            sleep(patience.pause * tries).await;
        } else {
            return Err(failed.into_error(wanted.name));
        }
    }
}

fn sources(handle: &AttachmentHandle) -> VecDeque<Source> {
    let codes = handle.download_codes.iter().cloned().map(Source::Code);
    codes.chain(handle.url.iter().map(|url| Source::Address(Secret::new(url)))).collect()
}

async fn attempt(
    host: &Host,
    api: &Api,
    place: &Arc<Place>,
    wanted: &Wanted<'_>,
    source: &Source,
    patience: Patience,
) -> Result<Arrived, Failed> {
    let address = match source {
        Source::Code(code) => api.locate_file(code, &wanted.handle.robot_code).await?,
        Source::Address(address) => address.clone(),
    };
    let mut download = in_time(patience.head, api.download(&address)).await?;
    let too_large = |size| FetchError::TooLarge { name: wanted.name.to_owned(), size, most: wanted.most };
    if let Some(length) = download.length().filter(|length| *length > wanted.most) {
        return Err(Failed::ForGood(too_large(Some(length))));
    }
    let disk = Disk { host, place, name: wanted.name };
    let (receiving, tag) = (place.clone(), wanted.tag.clone());
    let arriving = disk.does(move || receiving.receive(&tag)).await?;
    match timeout(patience.whole, feed(&mut download, arriving, &disk, wanted.most, patience.idle)).await {
        Ok(Ok(Fed::Whole(arrived))) if arrived.size > 0 => Ok(arrived),
        Ok(Ok(Fed::Whole(_))) => Err(Failed::Empty),
        Ok(Ok(Fed::TooMuch)) => Err(Failed::ForGood(too_large(None))),
        Ok(Err(failed)) => Err(failed),
        Err(_) => Err(late().into()),
    }
}

/// Where a file is written, by threads that may block.
struct Disk<'a> {
    host: &'a Host,
    place: &'a Place,
    /// What the file is called.
    name: &'a str,
}

impl Disk<'_> {
    async fn does<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> Result<T, Failed> {
        let done = self.host.blocking(work).await.map_err(FetchError::Ending).map_err(Failed::ForGood)?;
        let (name, root) = (self.name, self.place.root());
        done.map_err(|error| Failed::ForGood(FetchError::of_disk(name.to_owned(), root.to_owned(), error)))
    }
}

/// How far a file came.
enum Fed {
    Whole(Arrived),
    /// Beyond its limit, whatever its length had been said to be.
    TooMuch,
}

/// Brings a file to the disk as it arrives, until its end or its limit.
async fn feed(
    download: &mut Download<'_>,
    mut arriving: Arriving,
    disk: &Disk<'_>,
    most: u64,
    idle: Duration,
) -> Result<Fed, Failed> {
    loop {
        let piece = match in_time(idle, download.next()).await {
            Ok(Some(piece)) if arriving.size() + piece.len() as u64 <= most => piece,
            Ok(None) => return disk.does(move || arriving.end()).await.map(Fed::Whole),
            given_up => {
                let remove = move || {
                    drop(arriving);
                    Ok(())
                };
                disk.does(remove).await?;
                return given_up.map(|_| Fed::TooMuch).map_err(Failed::There);
            }
        };
        arriving = disk.does(move || arriving.write(&piece).map(|()| arriving)).await?;
    }
}

async fn in_time<T>(limit: Duration, step: impl Future<Output = Result<T>>) -> Result<T> {
    timeout(limit, step).await.unwrap_or_else(|_| Err(late()))
}

fn late() -> Error {
    Error::new(ErrorKind::Timeout { ambiguous: false }, "downloading a file")
}
