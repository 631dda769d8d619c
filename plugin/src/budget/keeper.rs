//! Writes down from time to time what was spent, and tells the host.

use super::Budget;
use crate::stream::Tally;
use host_sdk::{StatusPatch, channel::Host};
use serde_json::Value;
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::time::{MissedTickBehavior, interval};

/// A process that is killed forgets what it spent in so long at most.
const EVERY: Duration = Duration::from_secs(10);

/// One account's part in keeping a budget.
pub(crate) struct Keeper {
    budget: Arc<Budget>,
    /// Knows how many messages came.
    tally: Arc<Tally>,
    /// How many of them are counted.
    counted: AtomicU64,
    /// What the host was told last.
    told: Mutex<Value>,
}

impl Keeper {
    /// Keeps `budget`, to which the messages of `tally` belong from now on.
    pub(crate) fn new(budget: Arc<Budget>, tally: Arc<Tally>) -> Self {
        let counted = AtomicU64::new(tally.messages());
        Self { budget, tally, counted, told: Mutex::default() }
    }

    /// Keeps it for ever; `picture` is what the host is told.
    pub(crate) async fn run(&self, host: &Host, picture: impl Fn() -> Value) {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.keep(host).await;
            self.tell(host, picture());
        }
    }

    /// Writes it down now.
    pub(crate) async fn keep(&self, host: &Host) {
        let messages = self.tally.messages();
        let before = self.counted.swap(messages, Relaxed);
        self.budget.count_messages(messages.saturating_sub(before));
        if !self.budget.is_news() {
            return;
        }
        let budget = Arc::clone(&self.budget);
        if let Err(error) = host.blocking(move || budget.save()).await {
            tracing::error!(error = %error, "what DingTalk calls cost is not written down");
        }
    }
    /// Tells the host, unless nothing but the time has changed, with which every forecast does.
    fn tell(&self, host: &Host, picture: Value) {
        let mut lasting = picture.clone();
        for pot in ["apiCalls", "messages"] {
            lasting[pot]["forecast"].take();
        }
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if *told != lasting {
            *told = lasting;
            drop(told);
            host.status(StatusPatch::new().with("budget", picture));
        }
    }
}
