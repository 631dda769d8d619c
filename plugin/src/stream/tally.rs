//! What a connection has seen, counted.

use crate::histogram::Histogram;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counters of one account's connection since it was opened, for metrics.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Connections that came up.
    pub(super) connected: Counter,
    /// Attempts that failed.
    pub(super) setbacks: Counter,
    /// Times the machine had slept.
    pub(super) wakes: Counter,
    /// Frames of all kinds.
    pub(super) frames: Counter,
    /// Frames that are not JSON.
    pub(super) unreadable: Counter,
    /// Frames of a kind this version does not know.
    pub(super) unknown: Counter,
    /// Events of the organisation.
    pub(super) events: Counter,
    /// Messages for the host, each once.
    pub(super) messages: Counter,
    /// Messages pushed again.
    pub(super) repeated: Counter,
    /// Attempts to hand a message over.
    pub(super) hand_overs: Counter,
    /// Those that the host refused, or did not answer.
    pub(super) refused: Counter,
    /// Messages that make no sense.
    pub(super) undecodable: Counter,
    /// Messages for which there was no room.
    pub(super) overflowed: Counter,
    /// Messages that the host would not take for a day.
    pub(super) given_up: Counter,
    /// Messages that the host had not taken at a stop.
    pub(super) left: Counter,
    /// What people did to cards.
    pub(super) card_actions: Counter,
    /// Those that make no sense.
    pub(super) undecodable_card_actions: Counter,
    /// Those for which there was no room.
    pub(super) crowded_card_actions: Counter,
    /// Those that the host answered too late, to be shown by a call of their own.
    pub(super) late_card_actions: Counter,
    /// From a message's arrival to its acknowledgement.
    pub(super) acknowledged: Histogram,
    /// From handing a message over to the host's answer.
    pub(super) handed_over: Histogram,
}

/// A number that only grows.
#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn count(&self) {
        self.add(1);
    }

    pub(super) fn add(&self, several: usize) {
        self.0.fetch_add(u64::try_from(several).unwrap_or(u64::MAX), Relaxed);
    }

    fn value(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

impl Tally {
    /// Messages for the host so far, each once.
    pub(crate) fn messages(&self) -> u64 {
        self.messages.value()
    }

    /// How long things took, by name.
    pub(crate) fn times(&self) -> Value {
        json!({ "acknowledge": self.acknowledged.snapshot(), "handOver": self.handed_over.snapshot() })
    }

    /// Events of the organisation so far.
    pub(crate) fn events(&self) -> u64 {
        self.events.value()
    }

    /// The counters by name; under `drops` what did not reach the host, by reason.
    pub(crate) fn snapshot(&self) -> Value {
        json!({
            "connected": self.connected.value(),
            "setbacks": self.setbacks.value(),
            "wakes": self.wakes.value(),
            "frames": self.frames.value(),
            "unknown": self.unknown.value(),
            "events": self.events.value(),
            "messages": self.messages.value(),
            "repeated": self.repeated.value(),
            "handOvers": self.hand_overs.value(),
            "refused": self.refused.value(),
            "cardActions": self.card_actions.value(),
            "lateCardActions": self.late_card_actions.value(),
            "drops": {
                "unreadable": self.unreadable.value(),
                "undecodable": self.undecodable.value(),
                "overflowed": self.overflowed.value(),
                "givenUp": self.given_up.value(),
                "leftAtStop": self.left.value(),
                "undecodableCardActions": self.undecodable_card_actions.value(),
                "crowdedCardActions": self.crowded_card_actions.value(),
            },
        })
    }
}
