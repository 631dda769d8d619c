//! What crosses.

use host_sdk::{Conversation, Handle, InboundMessage, OutboundMessage, Sender, StreamUpdate};

/// A message of 1 KiB, the same as the channel `pulse` makes.
pub(crate) fn inbound(number: u32) -> InboundMessage {
    InboundMessage {
        id: format!("message {number}"),
        conversation: Conversation { id: "conversation".into(), ..Default::default() },
        sender: Sender { id: "user0001".into(), name: "Lin".into(), ..Default::default() },
        text: "x".repeat(1024),
        reply: Handle::new("an address to answer to"),
        ..Default::default()
    }
}

/// A message of the host's.
pub(crate) fn outbound(text: &str) -> OutboundMessage {
    let conversation = Conversation { id: "conversation".into(), ..Default::default() };
    OutboundMessage { conversation: Some(conversation), text: text.to_owned(), ..Default::default() }
}

/// A state of an answer, so long.
pub(crate) fn update(kibibytes: usize) -> StreamUpdate {
    StreamUpdate {
        turn: "turn".into(),
        stream: "answer".into(),
        text: "x".repeat(kibibytes * 1024),
        conversation: Conversation { id: "conversation".into(), ..Default::default() },
        reply: Handle::new("an address to answer to"),
        ..Default::default()
    }
}
