//! The answers that grow just now.

use super::Reply;
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// The answers of all accounts, so that a successor after a reload goes on with a card of its
/// predecessor. As many as the SDK has lanes: it opens no more, and every final update takes one
/// away.
#[derive(Default)]
pub(crate) struct Growing(Mutex<HashMap<Key, Reply>>);

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    account: String,
    stream: String,
}

impl Growing {
    /// Takes an answer out for the time of an update; of one stream there is one at a time.
    pub(crate) fn take(&self, account: &str, stream: &str) -> Option<Reply> {
        self.replies().remove(&Key { account: account.to_owned(), stream: stream.to_owned() })
    }

    /// Puts it back.
    pub(crate) fn put(&self, account: &str, stream: &str, reply: Reply) {
        self.replies().insert(Key { account: account.to_owned(), stream: stream.to_owned() }, reply);
    }

    /// Takes all of one account out.
    pub(crate) fn take_all(&self, account: &str) -> Vec<Reply> {
        self.replies().extract_if(|key, _| key.account == account).map(|(_, reply)| reply).collect()
    }

    /// How many there are of one account.
    pub(crate) fn count(&self, account: &str) -> usize {
        self.replies().keys().filter(|key| key.account == account).count()
    }

    fn replies(&self) -> MutexGuard<'_, HashMap<Key, Reply>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
