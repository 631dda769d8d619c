//! Where calls wait for their turn.

use super::{
    Family, Priority,
    app::{Limiter, Ticket},
    ask::{Ask, Place, Turn},
    permit::{Live, Permit},
};
use crate::clock;
use serde_json::Value;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};
use tokio::{sync::Notify, time::sleep_until};

/// The gate of one app, shared by all accounts that use it.
#[derive(Default)]
pub(crate) struct Gate(Mutex<State>);

#[derive(Default)]
pub(super) struct State {
    pub(super) limiter: Limiter,
    /// What wakes those who wait.
    bells: HashMap<Place, Arc<Notify>>,
}

impl Gate {
    /// Waits until a call may go. Who drops this future gives up the place.
    pub(crate) async fn permit(self: &Arc<Self>, family: Family, priority: Priority) -> Permit {
        self.admit(Ask { family, priority, card: None }).await
    }

    /// A card begins to grow, whose texts go to `family`.
    pub(crate) fn enter(self: &Arc<Self>, family: Family) -> Live {
        let card = self.state().limiter.enter(clock::now());
        Live::new(Arc::clone(self), family, card)
    }

    /// What was learnt and what it cost, by API.
    pub(crate) fn snapshot(&self) -> Value {
        self.state().limiter.snapshot()
    }

    /// For how long no call of `family` will go, as far as known.
    pub(crate) fn closed_for(&self, family: Family) -> Duration {
        self.state().limiter.closed_for(family, clock::now())
    }

    pub(super) async fn admit(self: &Arc<Self>, ask: Ask) -> Permit {
        let waiting = Waiting::join(self, ask);
        loop {
            match waiting.turn() {
                Turn::Go(grant) => return Permit::new(Arc::clone(self), grant),
                Turn::At(when) => tokio::select! {
                    () = sleep_until(when.into()) => {}
                    () = waiting.bell.notified() => {}
                },
                Turn::Later => waiting.bell.notified().await,
            }
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whoever is first now looks again whether the turn has come.
    pub(super) fn ring(&self, family: Family) {
        if let Some(bell) = self.limiter.first(family).and_then(|place| self.bells.get(&place)) {
            bell.notify_one();
        }
    }
}

/// A call that waits. Dropped, it gives up its place.
struct Waiting<'a> {
    gate: &'a Gate,
    ticket: Ticket,
    bell: Arc<Notify>,
}

impl<'a> Waiting<'a> {
    fn join(gate: &'a Gate, ask: Ask) -> Self {
        let (bell, mut state) = (Arc::new(Notify::new()), gate.state());
        let ticket = state.limiter.ask(ask, clock::now());
        state.bells.insert(ticket.place(), Arc::clone(&bell));
        Self { gate, ticket, bell }
    }

    fn turn(&self) -> Turn {
        self.gate.state().limiter.turn(self.ticket, clock::now())
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut state = self.gate.state();
        state.limiter.withdraw(self.ticket);
        state.bells.remove(&self.ticket.place());
        state.ring(self.ticket.family());
    }
}

/// The gates of all apps in use. A gate lives as long as some account or card holds it.
#[derive(Default)]
pub(crate) struct Gates(Mutex<HashMap<App, Weak<Gate>>>);

/// Which DingTalk, and which app in it.
#[derive(PartialEq, Eq, Hash)]
struct App {
    api: String,
    client_id: String,
}

impl Gates {
    /// The gate of the app `client_id` at the DingTalk `api`.
    pub(crate) fn of(&self, api: &str, client_id: &str) -> Arc<Gate> {
        let app = App { api: api.to_owned(), client_id: client_id.to_owned() };
        let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(gate) = gates.get(&app).and_then(Weak::upgrade) {
            return gate;
        }
        gates.retain(|_, gate| gate.strong_count() > 0);
        let gate = Arc::new(Gate::default());
        gates.insert(app, Arc::downgrade(&gate));
        gate
    }

    /// The DingTalk `api` answers this machine nothing for a while, whatever the app.
    pub(crate) fn ban(&self, api: &str) {
        let gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let banned = gates.iter().filter(|(app, _)| app.api == api).filter_map(|(_, gate)| gate.upgrade());
        let banned: Vec<_> = banned.collect();
        drop(gates);
        let now = clock::now();
        banned.iter().for_each(|gate| gate.state().limiter.ban(now));
    }
}

#[cfg(test)]
mod tests;
