//! What messages are known by, so that one that is pushed again is recognised.

use std::{
    collections::{BTreeMap, VecDeque},
    hash::{BuildHasher, RandomState},
    time::{Duration, Instant},
};

/// Accepted messages that are remembered.
pub(super) const REMEMBERED: usize = 10_000;
/// How long they are remembered.
pub(super) const MEMORY: Duration = Duration::from_secs(24 * 60 * 60);

/// What a message is known by in one [`Memory`]: two hashes of its id, with keys that nobody else knows. Ten
/// thousand ids as text would take several times the room, in pieces among all that comes and goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name([u64; 2]);

/// What the id is of.
#[derive(Hash)]
enum Id<'a> {
    /// The message: all its pushes share it.
    Message(&'a str),
    /// The frame. It does not outlive its push, so it serves only where there is no better one.
    Frame(&'a str),
}

/// What is known of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// It waits for the host, under this number.
    Pending(u64),
    /// The host has it.
    Accepted,
}

/// The messages of one account that wait, or were accepted not too long ago.
#[derive(Debug, Default)]
pub(super) struct Memory {
    keys: [RandomState; 2],
    /// A tree, which has the size of what is in it, and not for ever twice that of the most there was.
    known: BTreeMap<Name, Known>,
    /// Accepted messages, oldest first.
    accepted: VecDeque<(Instant, Name)>,
}

impl Memory {
    /// The best name there is; `None` for a message without any id, which is never recognised.
    pub(super) fn name(&self, message_id: &str, frame_id: Option<&str>) -> Option<Name> {
        // Never in a library that ships: a build that must be found out by whoever counts answers.
        if cfg!(feature = "mutant-no-dedupe") {
            return None;
        }
        let id = match message_id {
            "" => Id::Frame(frame_id?),
            id => Id::Message(id),
        };
        Some(Name(self.keys.each_ref().map(|key| key.hash_one(&id))))
    }

    /// What is known of a message.
    pub(super) fn find(&self, name: Name) -> Option<Known> {
        self.known.get(&name).copied()
    }

    /// It waits for the host.
    pub(super) fn wait(&mut self, name: Name, number: u64) {
        self.known.insert(name, Known::Pending(number));
    }

    /// The host has it.
    pub(super) fn accept(&mut self, name: Name, now: Instant) {
        self.known.insert(name, Known::Accepted);
        self.accepted.push_back((now, name));
        self.forget_old(now);
    }

    /// It is as if it had never come.
    pub(super) fn forget(&mut self, name: Name) {
        self.known.remove(&name);
    }

    /// Forgets what is too old, or too much.
    pub(super) fn forget_old(&mut self, now: Instant) {
        while let Some((since, _)) = self.accepted.front()
            && (self.accepted.len() > REMEMBERED || now >= *since + MEMORY)
        {
            if let Some((_, name)) = self.accepted.pop_front() {
                self.known.remove(&name);
            }
        }
    }

    /// How many messages are known.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }
}
