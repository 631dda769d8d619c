//! For channel authors: implement [`Channel`], then [`export_channel!`](crate::export_channel).
//!
//! The runtime, the panics, the shutdown and the coalescing of streams are handled by this crate,
//! once, so a channel is ordinary async Rust.

mod handle;
mod newer;
mod tasks;

pub use handle::Host;
pub use newer::{Awaiting, Newer};
pub(crate) use tasks::Tasks;

use crate::value::{
    Applied, Attachment, ChannelError, Descriptor, DirectoryListing, DirectoryQuery, Handle, Json, LocalFile,
    OpenContext, OutboundMessage, Recall, Receipt, Registration, Report, Resolved, Result, StopReason,
    StreamUpdate,
};
use std::{future::Future, sync::Arc};

/// One account on one platform.
///
/// Its futures run on the library's runtime, which all of its accounts share. A panic in any of
/// them fails that one call and nothing else. Whatever runs besides is started with
/// [`Host::spawn`], so that it ends when the channel stops.
pub trait Channel: Sized + Send + Sync + 'static {
    /// What all accounts of the loaded library share: made for the first, dropped with the last.
    type Shared: Default + Send + Sync + 'static;

    /// Says what this plugin is. `sdk` is filled in by this crate.
    fn describe() -> Descriptor;

    /// Says what `config`, the section `channels.<id>` as written, means. Reads nothing, and
    /// answers no secret.
    fn resolve(config: &Json) -> Resolved;

    /// Takes one account's configuration in: no I/O, nothing spawned.
    ///
    /// # Errors
    /// When the account cannot be opened with this configuration.
    fn open(context: OpenContext, shared: Arc<Self::Shared>, host: Host) -> Result<Self>;

    /// Sets the account going; answers when it runs. Whether it is connected is only status.
    fn start(&self) -> impl Future<Output = Result<()>> + Send;

    /// Says goodbye. Tasks that are still there afterwards are dropped. Never runs beside `start`:
    /// one that is under way is dropped first.
    fn stop(&self, why: StopReason) -> impl Future<Output = ()> + Send;

    /// Sends a whole message. Messages and final updates to one conversation come in call order,
    /// each when the one before has been answered.
    fn send(&self, message: OutboundMessage) -> impl Future<Output = Result<Receipt>> + Send;

    /// Shows one state of a growing answer. Of one stream, one call at a time; updates that come
    /// meanwhile replace each other, and `newer` tells that one is waiting.
    fn stream_update(
        &self,
        update: StreamUpdate,
        newer: &mut Newer,
    ) -> impl Future<Output = Result<Receipt>> + Send;

    /// Takes a changed configuration in, as far as it can without being opened anew. One call at a time, in
    /// call order: the last one holds.
    fn reconfigure(&self, _config: Json) -> impl Future<Output = Result<Applied>> + Send {
        async { Ok(Applied::NeedsReopen) }
    }

    /// Brings the bytes behind an inbound attachment into a file. Asked twice for one attachment, it may
    /// answer with the same file.
    ///
    /// # Errors
    /// With `extra.notice` where the sender should be told: the `kind` and `params` of a notice to send.
    fn fetch(&self, _attachment: Attachment) -> impl Future<Output = Result<LocalFile>> + Send {
        async { Err(ChannelError::unsupported("fetch")) }
    }

    /// Takes back what was sent. Once more of the same does no harm.
    ///
    /// # Errors
    /// `Rejected` when something is still to be seen, with the id of each and why.
    fn recall(&self, _recall: Recall) -> impl Future<Output = Result<()>> + Send {
        async { Err(ChannelError::unsupported("recall")) }
    }

    /// Whom it can write to, of those that it has heard of or whose list the platform gives. Also works before
    /// `start`.
    fn directory(&self, _query: DirectoryQuery) -> impl Future<Output = Result<DirectoryListing>> + Send {
        async { Err(ChannelError::unsupported("directory")) }
    }

    /// Examines configuration, credentials and platform. Also works before `start`.
    fn probe(&self) -> impl Future<Output = Result<Report>> + Send {
        async { Err(ChannelError::unsupported("probe")) }
    }

    /// Has the platform make what the account needs, while a person looks on: begins with an empty ticket, and goes
    /// on with the one of the last answer. Asked of a channel that was opened for this (`extra.registers` of the
    /// context), which is never started. Since 1.1.
    ///
    /// # Errors
    /// When it cannot go on; then the person types in what registering would have given.
    fn register(&self, _ticket: Handle) -> impl Future<Output = Result<Registration>> + Send {
        async { Err(ChannelError::unsupported("register")) }
    }

    /// Counters, gauges and histograms by name; `extra.metrics` of the descriptor says what they mean, as the module
    /// `host::catalogue` reads it. Called on the host's thread; must not block.
    fn metrics(&self) -> Json {
        Json::default()
    }
}
