//! What we said, by the ids under which people may quote it.

use super::{
    entry::Sent,
    shelf::{Bounds, INDEXED, Kept, Shelf, held},
};
use std::collections::HashMap;

const BOUNDS: Bounds = Bounds { count: 20_000, bytes: 8 << 20, age_ms: 30 * 24 * 60 * 60 * 1000 };
/// Of one message this much is kept, in bytes: a quote reminds, it does not repeat.
const TEXT: usize = 4096;

/// What we said.
#[derive(Clone, Debug)]
pub(super) struct Index {
    messages: Shelf<Message>,
    by_id: HashMap<String, u64>,
}

#[derive(Clone, Debug)]
struct Message {
    at: i64,
    sent: Sent,
}

impl Kept for Message {
    fn weight(&self) -> usize {
        let ids: usize = self.sent.ids.iter().map(|id| size_of::<String>() + INDEXED + 2 * held(id)).sum();
        size_of::<Self>() + ids + held(&self.sent.conversation) + held(&self.sent.text)
    }

    fn since_ms(&self) -> i64 {
        self.at
    }
}

impl Default for Index {
    fn default() -> Self {
        Self { messages: Shelf::new(BOUNDS), by_id: HashMap::new() }
    }
}

impl Index {
    /// Adds a message, or the beginning of a long one. One without an id could not be found.
    pub(super) fn add(&mut self, mut sent: Sent, at: i64) {
        sent.ids.retain(|id| !id.is_empty());
        if sent.ids.is_empty() {
            return;
        }
        if sent.text.len() > TEXT {
            sent.text.truncate(sent.text.floor_char_boundary(TEXT));
            sent.text.shrink_to_fit();
            sent.cut = true;
        }
        let ids = sent.ids.clone();
        let place = self.messages.add(Message { at, sent });
        self.by_id.extend(ids.into_iter().map(|id| (id, place)));
    }

    pub(super) fn get(&self, id: &str) -> Option<&Sent> {
        Some(&self.messages.get(*self.by_id.get(id)?)?.sent)
    }

    pub(super) fn make_room(&mut self, now_ms: i64) {
        while let Some(message) = self.messages.overflow(now_ms) {
            for id in &message.sent.ids {
                // A later message may have taken the id over.
                if self.by_id.get(id).is_some_and(|place| self.messages.get(*place).is_none()) {
                    self.by_id.remove(id);
                }
            }
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (i64, &Sent)> {
        self.messages.iter().map(|message| (message.at, &message.sent))
    }

    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.messages.bytes()
    }
}
