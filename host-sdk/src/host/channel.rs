//! One open account, as a host holds it.

use super::{
    gate::Gate,
    pending::{Pending, Slot},
};
use crate::{
    abi::{ChannelBox, Crossing, RawDone},
    done::Done,
    value::{
        Applied, Attachment, ChannelError, DirectoryListing, DirectoryQuery, ErrorCode, Handle, Json,
        LocalFile, OutboundMessage, Recall, Receipt, Registration, Report, Result, StopReason, StreamUpdate,
    },
};
use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

/// Callbacks that were under way when the plugin said it had stopped get this long to return.
const CALLBACK_GRACE: Duration = Duration::from_millis(100);
/// A plugin that has not answered a stop so long after its deadline is not waited for.
const PLUGIN_GRACE: Duration = Duration::from_secs(1);
/// Whoever would wait for ever waits this long.
const LONGEST: Duration = Duration::from_hours(24);

/// One open account. Clones share it; dropping the last one ends it without a goodbye.
#[derive(Clone)]
pub struct Channel(Arc<Inner>);

struct Inner {
    raw: ChannelBox,
    gate: Arc<Gate>,
    asked: Asked,
    standing: Mutex<Standing>,
}

/// What may be asked of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Anything.
    Usable,
    /// Neither a start nor another stop: the gate will close.
    Stopping,
    /// Nothing: it did not stop in time, and would be heard again.
    Finished,
}

type Cancel = Box<dyn FnOnce(ChannelError) + Send>;

/// Everything that waits for an answer, so that a stop can give one.
#[derive(Default)]
struct Asked {
    last: AtomicU64,
    open: Mutex<HashMap<u64, Cancel>>,
}

impl Asked {
    fn open(&self) -> MutexGuard<'_, HashMap<u64, Cancel>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cancel_all(&self) {
        let open: Vec<_> = self.open().drain().collect();
        for (_, cancel) in open {
            cancel(ChannelError::new(ErrorCode::Cancelled, "the channel was stopped"));
        }
    }
}

impl Channel {
    pub(super) fn new(raw: ChannelBox, gate: Arc<Gate>) -> Self {
        let standing = Mutex::new(Standing::Usable);
        Self(Arc::new(Inner { raw, gate, asked: Asked::default(), standing }))
    }

    /// Sets the account going; answered when it runs.
    pub fn start(&self) -> Pending<()> {
        // Held while the plugin is asked, so that a stop comes wholly before or after.
        let standing = self.0.standing();
        if let Err(error) = standing.usable() {
            return Pending::ready(Err(error));
        }
        self.0.gate.open();
        self.ask(|done| self.0.raw.start(done))
    }

    /// Ends the account. Answered with `Ok` when it is silent: no callback runs or will run, and
    /// everything that was asked has been answered. Answered with `Timeout` when it was not silent
    /// by the deadline, with what kept it; it is not heard any more all the same, and cannot be
    /// started again. Answered with `State` when it is being stopped already.
    pub fn stop(&self, why: StopReason, deadline: Duration) -> Pending<()> {
        let deadline = deadline.min(LONGEST);
        let mut standing = self.0.standing();
        if let Err(error) = standing.usable() {
            return Pending::ready(Err(error));
        }
        *standing = Standing::Stopping;
        let (tell, told) = mpsc::sync_channel(1);
        let done = Done::<()>::new(move |stopped| {
            let _not_waited_for = tell.send(stopped);
        });
        let until = Instant::now() + deadline;
        self.0.raw.stop(why, deadline.into(), done.into_raw());
        drop(standing);

        let (pending, slot) = Pending::new();
        let (inner, answer) = (self.0.clone(), slot.clone());
        // On a thread of ours: what is promised here must not depend on the plugin.
        let waiting = move || {
            let stopped = told.recv_timeout(deadline + PLUGIN_GRACE).unwrap_or_else(|_| Err(unanswered()));
            let outcome = inner.silence(stopped, until);
            drop(inner); // so that whoever is answered can drop the last one
            answer.fill(outcome);
        };
        if thread::Builder::new().name("channel-stopping".to_owned()).spawn(waiting).is_err() {
            slot.fill(self.0.silence(Err(no_thread()), Instant::now()));
        }
        pending
    }

    /// Sends a whole message.
    pub fn send(&self, message: OutboundMessage) -> Pending<Receipt> {
        self.ask(|done| self.0.raw.send(message.into_raw(), done))
    }

    /// Shows one state of a growing answer. Never blocks; a newer update takes the place of one
    /// that has not left yet, which is then answered as overtaken.
    pub fn stream_update(&self, update: StreamUpdate) -> Pending<Receipt> {
        self.ask(|done| self.0.raw.stream_update(update.into_raw(), done))
    }

    /// Takes a changed section `channels.<id>` in, as far as it can without being opened anew.
    pub fn reconfigure(&self, config: Json) -> Pending<Applied> {
        self.ask(|done| self.0.raw.reconfigure(config.into_raw(), done))
    }

    /// Brings the bytes behind an inbound attachment into a file. Where the sender should be told why that
    /// did not work, the error's `extra.notice` has the `kind` and `params` of a notice to send.
    pub fn fetch(&self, attachment: Attachment) -> Pending<LocalFile> {
        self.ask(|done| self.0.raw.fetch(attachment.into_raw(), done))
    }

    /// Takes back what was sent. A channel that cannot answers `Unsupported`.
    pub fn recall(&self, recall: Recall) -> Pending<()> {
        self.ask(|done| self.0.raw.recall(recall.into_raw(), done))
    }

    /// Whom the channel can write to, of those that it knows; also before `start`. A channel that does not know
    /// answers `Unsupported`.
    pub fn directory(&self, query: DirectoryQuery) -> Pending<DirectoryListing> {
        self.ask(|done| self.0.raw.directory(query.into_raw(), done))
    }

    /// Examines configuration, credentials and platform; also before `start`.
    pub fn probe(&self) -> Pending<Report> {
        self.ask(|done| self.0.raw.probe(done))
    }

    /// Has the platform make what the account needs, while a person looks on: begins with an empty ticket, and goes
    /// on with the one of the last answer, not before `ask_after_ms`. Asked of a channel that was opened with
    /// `extra.registers`, and not started. A channel that cannot answers `Unsupported`. Since 1.1.
    pub fn register(&self, ticket: Handle) -> Pending<Registration> {
        self.ask(|done| self.0.raw.register(ticket.into_raw(), done))
    }

    /// Counters, gauges and histograms by name. [`Catalogue`](super::Catalogue) says what they mean.
    pub fn metrics(&self) -> Json {
        Json::from_raw(self.0.raw.metrics())
    }

    fn ask<T: Crossing + Send + 'static>(&self, call: impl FnOnce(RawDone<T::Raw>)) -> Pending<T> {
        let (pending, slot) = Pending::new();
        let number = self.0.asked.last.fetch_add(1, Ordering::Relaxed);
        self.0.asked.open().insert(number, cancelling(slot.clone()));
        let inner = Arc::downgrade(&self.0);
        let done = Done::<T>::new(move |answer| {
            let asked = inner.upgrade().and_then(|inner| inner.asked.open().remove(&number));
            drop(asked);
            slot.fill(answer); // the first answer counts: a stop may have given one
        });
        call(done.into_raw());
        pending
    }
}

fn cancelling<T: Send + 'static>(slot: Arc<Slot<T>>) -> Cancel {
    Box::new(move |error| slot.fill(Err(error)))
}

impl Standing {
    fn usable(self) -> Result<()> {
        let what = match self {
            Self::Usable => return Ok(()),
            Self::Stopping => "the channel is stopping",
            Self::Finished => "the channel did not stop in time; open it anew",
        };
        Err(ChannelError::new(ErrorCode::State, what))
    }
}

impl Inner {
    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes the gate and answers what is asked still, now that the plugin has `stopped` or not.
    fn silence(&self, stopped: Result<()>, until: Instant) -> Result<()> {
        let wait = until.saturating_duration_since(Instant::now()).max(CALLBACK_GRACE);
        let quiet = self.gate.close(wait);
        self.asked.cancel_all();
        let outcome = stopped.and_then(|()| quiet.then_some(()).ok_or_else(still_inside));
        *self.standing() = if outcome.is_ok() { Standing::Usable } else { Standing::Finished };
        outcome
    }
}

fn still_inside() -> ChannelError {
    ChannelError::new(ErrorCode::Timeout, "a callback of the host is still running")
}

fn unanswered() -> ChannelError {
    ChannelError::new(ErrorCode::Timeout, "the plugin does not say whether it has stopped")
}

fn no_thread() -> ChannelError {
    let what = "the system gave no thread to wait for the stop; the channel is not heard any more";
    ChannelError::new(ErrorCode::Internal, what)
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.gate.close(Duration::ZERO);
        self.asked.cancel_all();
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Channel")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        abi::{RawChannel, RawChannel_TO},
        value::raw::{
            RawAttachment, RawDirectoryListing, RawDirectoryQuery, RawLocalFile, RawOutboundMessage,
            RawRecall, RawReceipt, RawReport, RawStreamUpdate,
        },
    };
    use abi_stable::{
        erased_types::TD_Opaque,
        std_types::{RDuration, RString},
    };

    /// A plugin that takes every question and answers none.
    #[derive(Default)]
    struct Mute {
        stops: Mutex<Vec<RawDone<()>>>,
        sends: Mutex<Vec<RawDone<RawReceipt>>>,
    }

    impl RawChannel for Mute {
        fn start(&self, _: RawDone<()>) {}
        fn stop(&self, _: StopReason, _: RDuration, done: RawDone<()>) {
            self.stops.lock().unwrap().push(done);
        }
        fn send(&self, _: RawOutboundMessage, done: RawDone<RawReceipt>) {
            self.sends.lock().unwrap().push(done);
        }
        fn stream_update(&self, _: RawStreamUpdate, _: RawDone<RawReceipt>) {}
        fn reconfigure(&self, _: RString, _: RawDone<Applied>) {}
        fn fetch(&self, _: RawAttachment, _: RawDone<RawLocalFile>) {}
        fn probe(&self, _: RawDone<RawReport>) {}
        fn metrics(&self) -> RString {
            RString::new()
        }
        fn recall(&self, _: RawRecall, _: RawDone<()>) {}
        fn directory(&self, _: RawDirectoryQuery, _: RawDone<RawDirectoryListing>) {}
    }

    #[test]
    fn a_plugin_that_never_answers_a_stop_is_not_waited_for() {
        let soon = Duration::from_secs(60);
        let gate = Arc::new(Gate::default());
        let channel = Channel::new(RawChannel_TO::from_value(Mute::default(), TD_Opaque), gate.clone());
        let asked = channel.send(OutboundMessage::default());

        let stop = channel.stop(StopReason::Shutdown, Duration::ZERO);

        assert_eq!(stop.wait(soon).unwrap_err().code, ErrorCode::Timeout);
        assert_eq!(asked.wait(Duration::ZERO).unwrap_err().code, ErrorCode::Cancelled);
        assert_eq!(gate.pass(|| ()), None, "it is not heard any more");
        assert_eq!(channel.start().wait(soon).unwrap_err().code, ErrorCode::State);
    }
}
