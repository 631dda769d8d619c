//! How a channel ends: a goodbye, then silence, and proof of it.

use super::{
    caught,
    instance::{Instance, Life, locked, panicked},
    log::within,
};
use crate::{
    channel::Channel,
    value::{ChannelError, ErrorCode, Result, StopReason},
};
use std::{
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

/// A stop that has no time left still looks once whether all is silent.
const LAST_LOOK: Duration = Duration::from_millis(10);

impl<C: Channel> Instance<C> {
    async fn lanes_flushed(&self) {
        loop {
            let quiet = self.lanes_quiet.notified();
            if locked(&self.lanes).is_quiet() {
                return;
            }
            quiet.await;
        }
    }

    /// Ends everything, on a thread of its own so that no stuck worker can keep it from answering.
    pub(super) fn stop_by(self: &Arc<Self>, why: StopReason, was: Life, deadline: Instant) -> Result<()> {
        let left = || deadline.saturating_duration_since(Instant::now());
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
}
