//! What the host does when a plugin calls.

use super::{
    Address,
    log::Log,
    record::{Event, Record},
    reluctance::Reluctance,
    status::StatusBoard,
    stops::Stops,
};
use host_sdk::{
    Accepted, Action, ActionAnswer, Done, InboundMessage, LogLine, StatusPatch, host::Events, inbox::Inbox,
};
use std::sync::Arc;
use tokio::runtime::Handle;

/// Listens to one account. Holds no way back to it, so that dropping the account drops this.
pub(super) struct Ears {
    pub(super) account: Address,
    pub(super) inbox: Inbox,
    pub(super) board: StatusBoard,
    pub(super) record: Record,
    pub(super) log: Log,
    pub(super) reluctance: Reluctance,
    pub(super) runtime: Handle,
    pub(super) stops: Stops,
}

impl Events for Ears {
    fn receive(&self, message: InboundMessage, answer: Done<Accepted>) {
        let inbox = self.inbox.clone();
        let offer = move |message, answer| inbox.offer(message, answer);
        self.reluctance.pass(message, answer, &self.runtime, offer);
    }

    fn action(&self, action: Action, answer: Done<ActionAnswer>) {
        let accepted = action.kind == "stop" && self.stops.stop(&action.turn, &action.actor.id);
        self.record.note(&self.account, Event::Action { action: Arc::new(action) });
        answer.answer(Ok(ActionAnswer { accepted, ..ActionAnswer::default() }));
    }

    fn status(&self, patch: StatusPatch) {
        self.board.patch(&self.account, patch);
    }

    fn log(&self, line: &LogLine<'_>) {
        self.log.pass_on(Some(&self.account), line);
    }
}
