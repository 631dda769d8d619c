//! What was said, written down so that it survives `kill -9` between any two writes.
//!
//! One ledger per account. [`entry`] is what is written, [`book`] what is known because of it: which
//! cards are open and what they show, how much of each answer was said where, and what our own messages
//! say when people quote them.
//!
//! An entry is noted before the request that it speaks of leaves ([`Ledger::note`]), so the next process
//! knows of everything that may have happened, and takes what it knows no end of for done: nothing that
//! cannot be recalled is said twice.

mod book;
mod entry;
mod hash;
mod index;
mod shelf;

pub(crate) use book::Known;
pub(crate) use entry::{AnswerKey, Card, CardEnd, Entry, Fate, Sent, Upto};

use crate::clock;
use book::Book;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One account's ledger. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Ledger(Arc<Inner>);

#[derive(Default)]
struct Inner {
    book: Mutex<Book>,
}

impl Ledger {
    /// One that forgets with the process.
    pub(crate) fn in_memory() -> Self {
        Self::default()
    }

    /// Writes `entry` down; returns once it would survive a kill of this process. Where it cannot be
    /// written it is known all the same, and nobody waits for long: an answer that can be given is given.
    pub(crate) async fn note(&self, entry: Entry) {
        self.jot(entry);
    }

    /// As [`note`](Self::note), without waiting.
    pub(crate) fn jot(&self, entry: Entry) {
        let mut book = self.book();
        let entry = book.condensed(entry);
        book.apply(entry, clock::unix_ms());
    }

    /// What is known of an answer.
    pub(crate) fn known(&self, answer: &AnswerKey) -> Known {
        self.book().known(answer)
    }

    /// Takes on the open card of an answer that an earlier process began. Nobody else gets it then.
    pub(crate) fn adopt(&self, answer: &AnswerKey) -> Option<Card> {
        self.book().adopt(answer)
    }

    /// A card and its answer, by the card's `outTrackId`; also one that is over.
    pub(crate) fn card(&self, id: &str) -> Option<(AnswerKey, Card)> {
        let book = self.book();
        Some((book.answer_key_of(id)?.clone(), book.card(id)?.clone()))
    }

    /// The open cards that an earlier process left and nobody has adopted.
    pub(crate) fn left(&self) -> Vec<(AnswerKey, Card)> {
        self.book().left()
    }

    /// What we said under one of `ids`.
    pub(crate) fn sent<'a>(&self, ids: impl IntoIterator<Item = &'a str>) -> Option<Sent> {
        self.book().sent(ids)
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
