//! The answer that a push is owed.

use super::{frame::Ack, link::LinkId};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

/// The answer to one push. The host's thread and the driver both hold it; whoever is first gives it.
#[derive(Clone, Debug)]
pub(super) struct Receipt {
    link: LinkId,
    ack: Ack,
    given: Arc<AtomicBool>,
}

impl Receipt {
    /// What a push that came on `link` is owed.
    pub(super) fn new(link: LinkId, ack: Ack) -> Self {
        Self { link, ack, given: Arc::default() }
    }

    /// The link that delivered the push.
    pub(super) fn link(&self) -> LinkId {
        self.link
    }

    /// The answer, for the first who asks.
    pub(super) fn claim(&self) -> Option<&Ack> {
        (!self.given.swap(true, Relaxed)).then_some(&self.ack)
    }
}
