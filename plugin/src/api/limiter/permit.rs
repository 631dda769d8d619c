//! What whoever may call holds: the turn of one call, and the share of a card that grows.

use super::{
    Family, Priority,
    ask::{Answer, Ask, Grant},
    cards::CardId,
    gate::Gate,
};
use crate::{
    clock,
    error::{Error, ErrorKind, Result},
};
use std::{sync::Arc, time::Duration};

/// The right to make one call now. Dropped unused it goes to the next.
#[must_use = "it is the turn of one call"]
pub(crate) struct Permit {
    gate: Arc<Gate>,
    family: Family,
    state: State,
}

#[derive(Clone, Copy)]
enum State {
    Unused(Grant),
    Sent(Grant),
    Answered,
}

impl Permit {
    pub(super) fn new(gate: Arc<Gate>, grant: Grant) -> Self {
        Self { gate, family: grant.family, state: State::Unused(grant) }
    }

    /// Which API it may call.
    pub(crate) fn family(&self) -> Family {
        self.family
    }

    /// The call leaves; perhaps for the second time, with another token.
    pub(crate) fn sent(&mut self) {
        match self.state {
            State::Unused(grant) => self.state = State::Sent(grant),
            State::Sent(grant) => self.gate.state().limiter.again(grant, clock::now()),
            State::Answered => {}
        }
    }

    /// This came of it.
    pub(crate) fn heard<T>(mut self, outcome: &Result<T>) {
        self.settle(answer(outcome.as_ref().err()));
    }

    fn settle(&mut self, answer: Answer) {
        let (State::Unused(grant) | State::Sent(grant)) = self.state else { return };
        let mut gate = self.gate.state();
        match self.state {
            State::Sent(_) => gate.limiter.on_answer(grant, answer, clock::now()),
            State::Unused(_) | State::Answered => gate.limiter.give_back(grant),
        }
        gate.ring(grant.family);
        drop(gate);
        self.state = State::Answered;
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.settle(Answer::Unknown);
    }
}

/// What a failure, if any, says of DingTalk's limits.
fn answer(error: Option<&Error>) -> Answer {
    let Some(error) = error else { return Answer::Accepted };
    match error.kind() {
        ErrorKind::RateLimited { limit, .. } => Answer::Refused(*limit),
        ErrorKind::Auth { .. }
        | ErrorKind::Permission { .. }
        | ErrorKind::Quota
        | ErrorKind::Rejected { .. } => Answer::Accepted, // it was judged by what it wants
        _ => Answer::Unknown,
    }
}

/// A card that grows, for as long as it does.
pub(crate) struct Live {
    gate: Arc<Gate>,
    /// Where its texts go.
    family: Family,
    card: CardId,
}

impl Live {
    pub(super) fn new(gate: Arc<Gate>, family: Family, card: CardId) -> Self {
        Self { gate, family, card }
    }

    /// How long to leave between two partial texts: `base`, or longer while so many cards grow that
    /// each gets its turn less often.
    pub(crate) fn pace(&self, base: Duration) -> Duration {
        self.gate.state().limiter.pace(self.family, base, clock::now())
    }

    /// Waits until a call of this card may go. Who drops this future gives up the turn, but a card
    /// that asks again for a [`Partial`](Priority::Partial) keeps its place in the order.
    pub(crate) async fn permit(&self, family: Family, priority: Priority) -> Permit {
        self.gate.admit(Ask { family, priority, card: Some(self.card) }).await
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.gate.state().limiter.leave(self.card);
    }
}
