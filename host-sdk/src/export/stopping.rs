//! How a channel ends: a goodbye, then silence, and proof of it.

use super::{
    caught,
    instance::{Instance, Life, locked, panicked},
    log::within,
};
use crate::{
    channel::Channel,
    done::Done,
    value::{ChannelError, ErrorCode, Result, StopReason},
};
use std::{
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// A stop that has no time left still looks once whether all is silent.
const LAST_LOOK: Duration = Duration::from_millis(10);
/// Hosts that would wait for ever wait this long.
const LONGEST: Duration = Duration::from_hours(24);

/// A start that is under way, as a stop sees it: an author's `stop` never meets their `start`.
pub(super) struct Start {
    end: CancellationToken,
    over: mpsc::Receiver<()>,
}

/// A start that is under way, as it sees itself.
pub(super) struct Starting {
    end: CancellationToken,
    _until_over: mpsc::Sender<()>,
}

impl Start {
    pub(super) fn new() -> (Self, Starting) {
        let (end, (_until_over, over)) = (CancellationToken::new(), mpsc::channel());
        (Self { end: end.clone(), over }, Starting { end, _until_over })
    }

    /// Drops it at its next await, if it is not over; waits for that.
    fn end(self, wait: Duration) {
        self.end.cancel();
        // Nothing is ever sent: the other side is dropped, or it is late.
        let _over = self.over.recv_timeout(wait);
    }
}

impl Starting {
    pub(super) async fn unless_stopped<T>(&self, start: impl Future<Output = T>) -> Result<T> {
        let stopped = || ChannelError::new(ErrorCode::Cancelled, "the channel was stopped while it started");
        self.end.run_until_cancelled(start).await.ok_or_else(stopped)
    }
}

impl<C: Channel> Instance<C> {
    /// Ends everything, on a thread of its own so that no stuck worker can keep it from answering.
    pub(super) fn stop(self: &Arc<Self>, why: StopReason, was: Life, time: Duration, done: Done<()>) {
        let deadline = Instant::now() + time.min(LONGEST);
        let this = self.clone();
        let stopping = move || {
            let outcome = this.end(why, was, deadline);
            *locked(&this.life) = if outcome.is_ok() { Life::Opened } else { Life::Finished };
            drop(this); // so that whoever is answered can drop the last one
            done.answer(outcome);
        };
        if thread::Builder::new().name("channel-stop".to_owned()).spawn(stopping).is_err() {
            // The closure was dropped, which answered `Cancelled`.
            self.host.tasks().end();
            *locked(&self.life) = Life::Finished;
        }
    }

    fn end(self: &Arc<Self>, why: StopReason, was: Life, deadline: Instant) -> Result<()> {
        let left = || deadline.saturating_duration_since(Instant::now());
        if was == Life::Starting
            && let Some(start) = locked(&self.start).take()
        {
            start.end(left() / 3);
        }
        if was != Life::Opened {
            self.say_goodbye(why, left());
        }
        let tasks = self.host.tasks();
        tasks.end();
        let silent = tasks.gone(left().max(LAST_LOOK));
        // Dropped outside of the lock, for that gives answers, which may call back in.
        let unanswered = std::mem::take(&mut *locked(&self.lanes));
        drop(unanswered);
        if silent {
            return Ok(());
        }
        let sentence = format!("the channel did not stop in time, still busy: {}", tasks.names());
        self.host.report(&sentence);
        Err(ChannelError::new(ErrorCode::Timeout, sentence))
    }

    /// Lets the lanes show what they hold and the author say goodbye, for two thirds of `time`.
    fn say_goodbye(self: &Arc<Self>, why: StopReason, time: Duration) {
        let Some(runtime) = self.library.running() else { return };
        let (tell, told) = mpsc::sync_channel(1);
        let this = self.clone();
        // A task like any other: one that never ends is ended, one that never yields is found.
        let goodbye = within(self.host.clone(), async move {
            let _late = tokio::time::timeout(time / 3, this.lanes_flushed()).await;
            if let Err(panic) = caught(this.channel.stop(why)).await {
                panicked(&this.host, "stop", &panic);
            }
            let _gave_up = tell.send(());
        });
        self.host.tasks().spawn("stop", &runtime, goodbye);
        let _late = told.recv_timeout(time * 2 / 3);
    }

    async fn lanes_flushed(&self) {
        loop {
            let quiet = self.lanes_quiet.notified();
            if locked(&self.lanes).is_quiet() {
                return;
            }
            quiet.await;
        }
    }
}
