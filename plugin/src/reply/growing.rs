//! The answers that grow just now.

use super::Reply;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Notify;

/// Answers that grow at once, of all accounts. Past it the one that has rested longest ends: its
/// turn was given up without a last word.
const MOST: usize = 8192;

/// The answers of all accounts, so that a successor after a reload goes on with a card of its
/// predecessor.
#[derive(Clone, Default)]
pub(crate) struct Growing(Arc<Inner>);

#[derive(Default)]
struct Inner {
    replies: Mutex<Replies>,
    /// Somebody gave an answer back.
    returned: Notify,
}

#[derive(Default)]
struct Replies {
    by_key: HashMap<Key, Slot>,
    /// Counts the times that an answer was given back.
    clock: u64,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    owner: String,
    stream: String,
}

enum Slot {
    /// Between two updates.
    Resting { reply: Box<Reply>, since: u64 },
    /// In an update.
    Held,
}

/// An answer for the time of an update. Dropped, it goes back; [`finish`](Self::finish) ends it.
pub(crate) struct Held {
    growing: Growing,
    key: Key,
    reply: Option<Box<Reply>>,
}

impl Growing {
    /// Takes an answer for the time of an update; of one stream there is one at a time. An answer
    /// that is not known yet is made by `make`. Also answers with the one that had to make way.
    ///
    /// # Errors
    /// Those of `make`.
    pub(crate) fn hold<E>(
        &self,
        owner: &str,
        stream: &str,
        make: impl FnOnce() -> Result<Reply, E>,
    ) -> Result<(Held, Option<Reply>), E> {
        let key = Key { owner: owner.to_owned(), stream: stream.to_owned() };
        let mut replies = self.replies();
        let known = match replies.by_key.remove(&key) {
            Some(Slot::Resting { reply, .. }) => Some(reply),
            Some(Slot::Held) | None => None,
        };
        let reply = match known {
            Some(reply) => reply,
            None => Box::new(make()?),
        };
        let evicted = replies.make_room();
        replies.by_key.insert(key.clone(), Slot::Held);
        Ok((Held { growing: self.clone(), key, reply: Some(reply) }, evicted))
    }

    /// Waits until no answer of `owner` is in an update.
    pub(crate) async fn all_rest(&self, owner: &str) {
        loop {
            let returned = self.0.returned.notified();
            if !self.replies().holds(owner) {
                return;
            }
            returned.await;
        }
    }

    /// Takes all that rest of one owner out.
    pub(crate) fn take_all(&self, owner: &str) -> Vec<Reply> {
        let mut replies = self.replies();
        let taken = replies.by_key.extract_if(|key, slot| key.owner == owner && slot.rests());
        taken.filter_map(|(_, slot)| slot.into_reply()).collect()
    }

    /// Whether there is an answer of this stream.
    pub(crate) fn knows(&self, owner: &str, stream: &str) -> bool {
        self.replies().by_key.contains_key(&Key { owner: owner.to_owned(), stream: stream.to_owned() })
    }

    /// How many there are of one owner.
    pub(crate) fn count(&self, owner: &str) -> usize {
        self.replies().by_key.keys().filter(|key| key.owner == owner).count()
    }

    fn replies(&self) -> MutexGuard<'_, Replies> {
        self.0.replies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Replies {
    fn holds(&self, owner: &str) -> bool {
        self.by_key.iter().any(|(key, slot)| key.owner == owner && !slot.rests())
    }

    fn make_room(&mut self) -> Option<Reply> {
        if self.by_key.len() < MOST {
            return None;
        }
        let resting = self.by_key.iter().filter_map(|(key, slot)| match slot {
            Slot::Resting { since, .. } => Some((*since, key)),
            Slot::Held => None,
        });
        let oldest = resting.min_by_key(|(since, _)| *since).map(|(_, key)| key.clone())?;
        self.by_key.remove(&oldest)?.into_reply()
    }
}

impl Slot {
    fn rests(&self) -> bool {
        matches!(self, Self::Resting { .. })
    }

    fn into_reply(self) -> Option<Reply> {
        match self {
            Self::Resting { reply, .. } => Some(*reply),
            Self::Held => None,
        }
    }
}

impl Held {
    /// The answer.
    pub(crate) fn reply(&mut self) -> Option<&mut Reply> {
        self.reply.as_deref_mut()
    }

    /// Ends it: nothing follows.
    pub(crate) fn finish(mut self) {
        self.reply = None;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut replies = self.growing.replies();
        replies.by_key.remove(&self.key);
        if let Some(mut reply) = self.reply.take() {
            reply.interrupt();
            replies.clock += 1;
            let since = replies.clock;
            replies.by_key.insert(self.key.clone(), Slot::Resting { reply, since });
        }
        drop(replies);
        self.growing.0.returned.notify_waiters();
    }
}
