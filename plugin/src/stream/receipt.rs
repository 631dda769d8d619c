//! The answer that a push is owed.

use super::{frame::Ack, link::LinkId};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

/// The answer to one push. The host's thread and the driver both hold it; whoever is first gives it.
#[derive(Clone, Debug)]
pub(super) struct Receipt {
    link: LinkId,
    ack: Ack,
    came: Instant,
    given: Arc<AtomicBool>,
}

impl Receipt {
    /// What a push is owed that `came` then on `link`.
    pub(super) fn new(link: LinkId, ack: Ack, came: Instant) -> Self {
        Self { link, ack, came, given: Arc::default() }
    }

    /// The link that delivered the push.
    pub(super) fn link(&self) -> LinkId {
        self.link
    }

    /// How long ago the push came.
    pub(super) fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.came)
    }

    /// The answer, for the first who asks.
    pub(super) fn claim(&self) -> Option<&Ack> {
        (!self.given.swap(true, Relaxed)).then_some(&self.ack)
    }
}
