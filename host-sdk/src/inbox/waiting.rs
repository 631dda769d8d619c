//! A message that waits, without its content.

use crate::value::InboundMessage;
use serde::Deserialize;

/// A message that was accepted and waits to be worked on: what it takes to decide when. Its content
/// stays on disk until it is [read](super::Inbox::read).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub(super) number: u64,
    /// The message's id.
    pub id: String,
    /// The id of its conversation.
    pub conversation: String,
    /// Its thread, if it has one.
    pub thread: String,
    /// The id of who sent it.
    pub sender: String,
    /// How often a turn was started for it by earlier processes: one that never gets beyond this
    /// message may be what it dies of.
    pub attempts: u32,
    /// Whether an earlier process accepted it.
    pub replayed: bool,
}

impl Waiting {
    /// Its place in the order of acceptance, the same for as long as the message is unfinished.
    pub fn number(&self) -> u64 {
        self.number
    }

    pub(super) fn of(message: &InboundMessage, number: u64) -> Self {
        Self {
            number,
            id: message.id.clone(),
            conversation: message.conversation.id.clone(),
            thread: message.thread.clone(),
            sender: message.sender.id.clone(),
            attempts: 0,
            replayed: false,
        }
    }

    /// Reads it off a message as it is stored, and nothing else of that.
    pub(super) fn stored(number: u64, attempts: u32, body: &[u8]) -> serde_json::Result<Self> {
        let Head { id, conversation, thread, sender } = serde_json::from_slice(body)?;
        let (conversation, sender) = (conversation.id, sender.id);
        Ok(Self { number, id, conversation, thread, sender, attempts, replayed: true })
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Head {
    id: String,
    conversation: Named,
    thread: String,
    sender: Named,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Named {
    id: String,
}
