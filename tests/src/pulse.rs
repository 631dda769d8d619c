//! A second channel, `pulse`: a real library without a platform, see `fixtures/pulse`.

use host_sdk::{
    Accepted, Done, InboundMessage, LogLine, OpenContext, OutboundMessage,
    host::{Channel, Events, Plugin},
};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// The id of the channel.
pub const PULSE: &str = "pulse";

/// More than any answer of a channel without a platform takes.
pub const SOON: Duration = Duration::from_secs(60);

/// What one host, or one channel of a host, heard. Clones hear together.
#[derive(Clone, Debug, Default)]
pub struct Ears(Arc<Mutex<Vec<String>>>);

impl Ears {
    /// Takes all lines that were logged so far.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes a line as `level target message name=value …`.
    pub fn note(&self, line: &LogLine<'_>) {
        let mut text = format!("{:?} {} {}", line.level, line.target, line.message);
        for field in &line.fields {
            text.push_str(&format!(" {}={}", field.name, field.value));
        }
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(text);
    }
}

impl Events for Ears {
    fn receive(&self, _message: InboundMessage, answer: Done<Accepted>) {
        answer.answer(Ok(Accepted::New));
    }

    fn log(&self, line: &LogLine<'_>) {
        self.note(line);
    }
}

/// Opens and starts an account of `plugin`.
#[track_caller]
pub fn started(plugin: &Plugin, account: &str, events: impl Events) -> Channel {
    let context = OpenContext { account: account.to_owned(), ..Default::default() };
    let channel = plugin.open(context, events).expect("pulse opens anything");
    channel.start().wait(SOON).expect("pulse starts always");
    channel
}

/// Has the channel do what `order` says, and waits until it is done.
#[track_caller]
pub fn order(channel: &Channel, order: &str) {
    let message = OutboundMessage { text: order.to_owned(), ..Default::default() };
    channel.send(message).wait(SOON).unwrap_or_else(|error| panic!("{order}: {error}"));
}
