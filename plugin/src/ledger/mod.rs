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
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod claims;
mod desk;
mod entry;
mod hash;
mod index;
mod journal;
mod keeper;
mod ledgers;
mod place;
mod shelf;

pub(crate) use book::Known;
pub(crate) use entry::{AnswerKey, Card, CardEnd, Entry, Fate, Sent, Upto};
pub(crate) use ledgers::Ledgers;

use crate::clock;
use desk::{Desk, Standing};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// How long an answer waits for the disk before it goes on without.
const PATIENCE: Duration = Duration::from_secs(1);

/// One account's ledger. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Ledger(Arc<Desk>);

impl Ledger {
    /// One that forgets with the process.
    pub(crate) fn in_memory() -> Self {
        Self::default()
    }

    /// Writes `entry` down; returns once it would survive a kill of this process. Where it cannot be
    /// written it is known all the same, and nobody waits for long: an answer that can be given is given.
    pub(crate) async fn note(&self, entry: Entry) {
        let number = self.desk().note(entry, clock::unix_ms());
        self.desk().called.notify_one();
        if let Some(number) = number
            && timeout(PATIENCE, self.desk().written(number)).await.is_err()
        {
            tracing::warn!("the disk is slow: an answer went on before it was written down");
        }
    }

    /// As [`note`](Self::note), without waiting.
    pub(crate) fn jot(&self, entry: Entry) {
        self.desk().note(entry, clock::unix_ms());
        self.desk().called.notify_one();
    }

    /// What is known of an answer.
    pub(crate) fn known(&self, answer: &AnswerKey) -> Known {
        self.desk().ask(|book| book.known(answer))
    }

    /// Takes on the open card of an answer that an earlier process began. Nobody else gets it then.
    pub(crate) fn adopt(&self, answer: &AnswerKey) -> Option<Card> {
        self.desk().ask(|book| book.adopt(answer))
    }

    /// A card and its answer, by the card's `outTrackId`; also one that is over.
    pub(crate) fn card(&self, id: &str) -> Option<(AnswerKey, Card)> {
        self.desk().ask(|book| Some((book.answer_key_of(id)?.clone(), book.card(id)?.clone())))
    }

    /// Leaves an open card that its answer could not end, and calls whoever tries again.
    pub(crate) fn leave(&self, card: &str) {
        self.give_back(card);
        self.desk().left.notify_one();
    }

    /// Leaves an open card that whoever adopted it could not end.
    pub(crate) fn give_back(&self, card: &str) {
        self.desk().ask(|book| book.leave(card));
    }

    /// The open cards that were left and that nobody has adopted.
    pub(crate) fn left(&self) -> Vec<(AnswerKey, Card)> {
        self.desk().ask(|book| book.left())
    }

    /// What we said under one of `ids`.
    pub(crate) fn sent<'a>(&self, ids: impl IntoIterator<Item = &'a str>) -> Option<Sent> {
        self.desk().ask(|book| book.sent(ids))
    }

    /// How much it knows, and where it is kept.
    pub(crate) fn snapshot(&self) -> Value {
        let (figures, noted) = self.desk().figures();
        let kept = match self.desk().standing() {
            Standing::Disk => "disk",
            _ => "memory",
        };
        json!({
            "kept": kept,
            "noted": noted,
            "answers": figures.answers,
            "openCards": figures.open_cards,
            "forgottenOpenCards": figures.forgotten_open_cards,
            "sent": figures.sent,
            "bytes": figures.bytes,
        })
    }

    fn desk(&self) -> &Desk {
        &self.0
    }
}
