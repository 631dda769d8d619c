//! Who may stop a turn, and how it learns of it.

use host_sdk::InboundMessage;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// One account's turns that are under way; as many as run side by side.
#[derive(Clone, Debug, Default)]
pub(super) struct Stops {
    speaking: Arc<Mutex<HashMap<String, UnderWay>>>,
    /// How many turns there are, those included whose last words are being delivered.
    playing: Arc<watch::Sender<usize>>,
}

/// A turn, until this is dropped.
#[derive(Debug)]
pub(super) struct Playing(Arc<watch::Sender<usize>>);

#[derive(Debug)]
struct UnderWay {
    /// Who asked: nobody else may stop it.
    asker: String,
    stop: CancellationToken,
}

/// An agent at work, until this is dropped.
#[derive(Debug)]
pub(super) struct Running {
    stops: Stops,
    turn: String,
}

impl Stops {
    /// A turn begins.
    pub(super) fn playing(&self) -> Playing {
        self.playing.send_modify(|count| *count += 1);
        Playing(self.playing.clone())
    }

    /// How many turns there are.
    pub(super) fn count(&self) -> usize {
        *self.playing.borrow()
    }

    /// Waits until there is no turn.
    pub(super) async fn idle(&self) {
        // Its sender is here: it does not end.
        drop(self.playing.subscribe().wait_for(|count| *count == 0).await);
    }

    /// The turn `turn` begins to answer `message`; `stop` is cancelled when somebody stops it who may.
    pub(super) fn begin(&self, turn: &str, message: &InboundMessage, stop: CancellationToken) -> Running {
        let under_way = UnderWay { asker: message.sender.id.clone(), stop };
        self.turns().insert(turn.to_owned(), under_way);
        Running { stops: self.clone(), turn: turn.to_owned() }
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

    /// Stops all of them, whoever asked.
    pub(super) fn stop_all(&self) {
        self.turns().values().for_each(|under_way| under_way.stop.cancel());
    }

    fn turns(&self) -> MutexGuard<'_, HashMap<String, UnderWay>> {
        self.speaking.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Playing {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
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
        let stop = CancellationToken::new();
        let running = stops.begin("t", &message, stop.clone());
        assert!(!stops.stop("t", "user0002") && !stop.is_cancelled());
        assert!(stops.stop("t", "user0001") && stop.is_cancelled());
        drop(running);
        assert!(!stops.stop("t", "user0001"));
    }
}
