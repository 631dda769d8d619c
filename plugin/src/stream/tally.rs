//! What a connection has seen, counted.

use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counters of one account's connection since the start, for metrics.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Connections that came up.
    pub(super) connected: Counter,
    /// Attempts that failed.
    pub(super) setbacks: Counter,
    /// Frames of all kinds.
    pub(super) frames: Counter,
    /// Frames that are not JSON.
    pub(super) unreadable: Counter,
    /// Frames of a kind this version does not know.
    pub(super) unknown: Counter,
    /// Events of the organisation.
    pub(super) events: Counter,
    /// Messages given to the host.
    pub(super) messages: Counter,
    /// Messages pushed again.
    pub(super) repeated: Counter,
    /// Messages that make no sense.
    pub(super) undecodable: Counter,
    /// Messages the host did not take.
    pub(super) refused: Counter,
    /// Messages for which there was no room.
    pub(super) overflowed: Counter,
    /// What people did to cards.
    pub(super) card_actions: Counter,
    /// Those of them that the host answered too late.
    pub(super) late_card_actions: Counter,
}

/// A number that only grows.
#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn count(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    fn value(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

impl Tally {
    /// The counters by name.
    pub(crate) fn snapshot(&self) -> Value {
        json!({
            "connected": self.connected.value(),
            "setbacks": self.setbacks.value(),
            "frames": self.frames.value(),
            "unreadable": self.unreadable.value(),
            "unknown": self.unknown.value(),
            "events": self.events.value(),
            "messages": self.messages.value(),
            "repeated": self.repeated.value(),
            "undecodable": self.undecodable.value(),
            "refused": self.refused.value(),
            "overflowed": self.overflowed.value(),
            "cardActions": self.card_actions.value(),
            "lateCardActions": self.late_card_actions.value(),
        })
    }
}
