//! One open account, as a host holds it.

use super::{
    gate::Gate,
    pending::{Pending, Slot},
};
use crate::{
    abi::{ChannelBox, Crossing, RawDone},
    done::Done,
    value::{
        Applied, Attachment, ChannelError, ErrorCode, Json, LocalFile, OutboundMessage, Receipt, Report,
        StopReason, StreamUpdate,
    },
};
use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// Callbacks that were under way when the plugin said it had stopped get this long to return.
const CALLBACK_GRACE: Duration = Duration::from_millis(100);

/// One open account. Clones share it; dropping the last one ends it without a goodbye.
#[derive(Clone)]
pub struct Channel(Arc<Inner>);

struct Inner {
    raw: ChannelBox,
    gate: Arc<Gate>,
    asked: Asked,
    finished: AtomicBool,
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
        Self(Arc::new(Inner { raw, gate, asked: Asked::default(), finished: AtomicBool::new(false) }))
    }

    /// Sets the account going; answered when it runs.
    pub fn start(&self) -> Pending<()> {
        if !self.0.finished.load(Ordering::Relaxed) {
            self.0.gate.open();
        }
        self.ask(|done| self.0.raw.start(done))
    }

    /// Ends the account. Answered with `Ok` when it is silent: no callback runs or will run, and
    /// everything that was asked has been answered. Answered with `Timeout` when it was not silent
    /// by the deadline; it is not heard any more all the same, and cannot be started again.
    pub fn stop(&self, why: StopReason, deadline: Duration) -> Pending<()> {
        let (pending, slot) = Pending::new();
        let inner = self.0.clone();
        let until = Instant::now() + deadline;
        let done = Done::<()>::new(move |stopped| {
            if matches!(&stopped, Err(error) if error.code == ErrorCode::State) {
                return slot.fill(stopped); // not stopped by this call
            }
            let wait = until.saturating_duration_since(Instant::now()).max(CALLBACK_GRACE);
            let quiet = inner.gate.close(wait);
            inner.asked.cancel_all();
            let outcome = stopped.and_then(|()| quiet.then_some(()).ok_or_else(still_inside));
            inner.finished.store(outcome.is_err(), Ordering::Relaxed);
            drop(inner);
            slot.fill(outcome);
        });
        self.0.raw.stop(why, deadline.into(), done.into_raw());
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

    /// Brings the bytes behind an inbound attachment into a file.
    pub fn fetch(&self, attachment: Attachment) -> Pending<LocalFile> {
        self.ask(|done| self.0.raw.fetch(attachment.into_raw(), done))
    }

    /// Examines configuration, credentials and platform; also before `start`.
    pub fn probe(&self) -> Pending<Report> {
        self.ask(|done| self.0.raw.probe(done))
    }

    /// Counters and gauges by name.
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

fn still_inside() -> ChannelError {
    ChannelError::new(ErrorCode::Timeout, "a callback of the host is still running")
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
