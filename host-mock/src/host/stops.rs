//! Who may stop a turn, and how it learns of it.

use host_sdk::InboundMessage;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio_util::sync::CancellationToken;

/// One account's turns that are under way; as many as run side by side.
#[derive(Clone, Debug, Default)]
pub(super) struct Stops(Arc<Mutex<HashMap<String, UnderWay>>>);

#[derive(Debug)]
struct UnderWay {
    /// Who asked: nobody else may stop it.
    asker: String,
    stop: CancellationToken,
}

/// A turn under way, until this is dropped.
#[derive(Debug)]
pub(super) struct Running {
    stops: Stops,
    turn: String,
    /// Cancelled when somebody stops the turn who may.
    pub(super) stop: CancellationToken,
}

impl Stops {
    /// The turn `turn` begins to answer `message`.
    pub(super) fn begin(&self, turn: &str, message: &InboundMessage) -> Running {
        let stop = CancellationToken::new();
        let under_way = UnderWay { asker: message.sender.id.clone(), stop: stop.clone() };
        self.turns().insert(turn.to_owned(), under_way);
        Running { stops: self.clone(), turn: turn.to_owned(), stop }
    }

    /// `actor` wants the turn stopped; whether they may, and it was under way.
    pub(super) fn stop(&self, turn: &str, actor: &str) -> bool {
        let turns = self.turns();
        let Some(under_way) = turns.get(turn).filter(|under_way| under_way.asker == actor) else {
            return false;
        };
        under_way.stop.cancel();
        true
    }

    fn turns(&self) -> MutexGuard<'_, HashMap<String, UnderWay>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stops.turns().remove(&self.turn);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_asked_stops_a_turn_and_only_while_it_is_under_way() {
        let stops = Stops::default();
        let mut message = InboundMessage::default();
        message.sender.id = "user0001".into();
        let running = stops.begin("t", &message);
        assert!(!stops.stop("t", "user0002") && !running.stop.is_cancelled());
        assert!(stops.stop("t", "user0001") && running.stop.is_cancelled());
        drop(running);
        assert!(!stops.stop("t", "user0001"));
    }
}
