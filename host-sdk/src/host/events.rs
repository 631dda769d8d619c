//! What a host listens to.

use super::gate::Gate;
use crate::{
    abi::{Crossing, RawDone, RawHost, RawLogLine},
    contain::Contained,
    done::Done,
    value::{
        Accepted, Action, ActionAnswer, InboundMessage, LogField, LogLine, StatusPatch,
        raw::{RawAction, RawActionAnswer, RawInboundMessage},
    },
};
use abi_stable::std_types::RString;
use std::sync::Arc;

/// What a host listens to, per channel. Called on the plugin's threads, several at once; no
/// method may block. A panic is caught and counts as no answer.
pub trait Events: Send + Sync + 'static {
    /// A message arrived. Answer `New` when it is durable: the plugin then tells the platform.
    fn receive(&self, message: InboundMessage, answer: Done<Accepted>);

    /// A person did something to a card.
    fn action(&self, _action: Action, answer: Done<ActionAnswer>) {
        answer.answer(Ok(ActionAnswer::default()));
    }

    /// The channel's status changed.
    fn status(&self, _patch: StatusPatch) {}

    /// The channel logged a line. Must not log through the plugin.
    fn log(&self, _line: &LogLine<'_>) {}
}

/// A host's events behind the vtable and the gate.
pub(crate) struct Listening<E> {
    pub(crate) events: Contained<E>,
    pub(crate) gate: Arc<Gate>,
}

impl<E: Events> RawHost for Listening<E> {
    fn receive(&self, message: RawInboundMessage, done: RawDone<Accepted>) {
        // Behind a closed gate `done` is dropped, and so answered.
        self.gate.pass(|| self.events.receive(InboundMessage::from_raw(message), Done::from_raw(done)));
    }

    fn action(&self, action: RawAction, done: RawDone<RawActionAnswer>) {
        self.gate.pass(|| self.events.action(Action::from_raw(action), Done::from_raw(done)));
    }

    fn status(&self, patch: RString) {
        self.gate.pass(|| self.events.status(StatusPatch::from_raw(patch)));
    }

    fn log(&self, line: &RawLogLine<'_>) {
        self.gate.pass(|| self.events.log(&log_line(line)));
    }
}

pub(crate) fn log_line<'a>(line: &'a RawLogLine<'_>) -> LogLine<'a> {
    LogLine {
        level: line.level,
        target: line.target.as_str(),
        message: line.message.as_str(),
        fields: (line.fields.iter())
            .map(|field| LogField { name: field.name.as_str(), value: field.value.as_str() })
            .collect(),
    }
}
