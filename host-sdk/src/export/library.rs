//! What all channels of one loaded library share: the runtime, and the author's `Shared`.

use crate::{
    channel::Channel,
    contain::{Contained, contained},
    value::{ChannelError, ErrorCode, Result},
};
use std::{
    fmt, io,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};
use tokio::runtime::{Builder, Handle, Runtime};

/// Enough for every account: they wait for the network, and file I/O has threads of its own.
const WORKERS: usize = 2;
/// Threads for blocking work, when there is any.
const BLOCKING_THREADS: usize = 16;
/// How long the last channel's end waits for the runtime's threads.
const END: Duration = Duration::from_secs(1);

/// Where a library keeps what its channels share, while any channel lives; it holds nothing itself.
pub struct LibrarySlot<C: Channel>(Mutex<Weak<Library<C>>>);

impl<C: Channel> LibrarySlot<C> {
    /// An empty slot, for a `static`.
    #[expect(clippy::new_without_default, reason = "for a static, where `Default` is of no use")]
    pub const fn new() -> Self {
        Self(Mutex::new(Weak::new()))
    }

    /// What the living channels share, made anew if there is none.
    pub(crate) fn library(&self) -> Arc<Library<C>> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slot.upgrade().unwrap_or_else(|| {
            let library =
                Arc::new(Library { shared: Contained::new(Arc::default()), runtime: Mutex::default() });
            *slot = Arc::downgrade(&library);
            library
        })
    }
}

impl<C: Channel> fmt::Debug for LibrarySlot<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LibrarySlot")
    }
}

/// The runtime and the author's shared value; dropped with the last channel.
pub(crate) struct Library<C: Channel> {
    pub(crate) shared: Contained<Arc<C::Shared>>,
    runtime: Mutex<Option<Runtime>>,
}

impl<C: Channel> Library<C> {
    /// The runtime, if any call has needed it.
    pub(crate) fn running(&self) -> Option<Handle> {
        let runtime = self.runtime.lock().unwrap_or_else(PoisonError::into_inner);
        runtime.as_ref().map(|runtime| runtime.handle().clone())
    }

    /// The runtime, started by the first call that needs it.
    pub(crate) fn runtime(&self) -> Result<Handle> {
        let mut runtime = self.runtime.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(runtime) = &*runtime {
            return Ok(runtime.handle().clone());
        }
        // Where the system has no thread to give tokio panics, and this is called while a call crosses.
        let started = contained(build::<C>).map_err(io::Error::other).flatten().map_err(|error| {
            let what = "the system gave no threads for the plugin; free some resources and try again";
            ChannelError::new(ErrorCode::Internal, what).because(&error)
        })?;
        Ok(runtime.insert(started).handle().clone())
    }
}

fn build<C: Channel>() -> io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .max_blocking_threads(BLOCKING_THREADS)
        .thread_name(name::<C>())
        .enable_all()
        .build()
}

/// What the runtime's threads are called. It is asked for while a call crosses, so it may not panic.
fn name<C: Channel>() -> String {
    contained(|| C::describe().id).unwrap_or_else(|_| "channel".to_owned())
}

impl<C: Channel> Drop for Library<C> {
    fn drop(&mut self) {
        let Some(runtime) = self.runtime.get_mut().unwrap_or_else(PoisonError::into_inner).take() else {
            return;
        };
        // A runtime cannot wait for itself, which is where a callback drops the last channel.
        match Handle::try_current() {
            Ok(_) => runtime.shutdown_background(),
            Err(_) => runtime.shutdown_timeout(END),
        }
    }
}
