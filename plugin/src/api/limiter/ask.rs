//! What a call says of itself when it asks to go, and what it is told.

use super::{Family, cards::CardId};
use crate::error::Limit;
use std::time::Instant;

/// How much a call matters, most first. Calls of one priority go in the order in which they asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Priority {
    /// The whole text of an answer, and the end of its card.
    Final,
    /// What people have not seen anything of yet: a new card, a message.
    Deliver,
    /// What only accompanies an answer: a notice, an emotion, a button's state.
    Status,
    /// A state of a growing answer, which a newer one will replace.
    Partial,
}

/// A call that wants to go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ask {
    pub(super) family: Family,
    pub(super) priority: Priority,
    /// The card it is about, if that grows.
    pub(super) card: Option<CardId>,
}

/// A place in the queue of one API, in the order of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    pub(super) priority: Priority,
    /// Since when it is wanted.
    pub(super) since: Instant,
    pub(super) number: u64,
}

/// The right to make one call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grant {
    pub(super) family: Family,
    pub(super) at: Instant,
    pub(super) courage: Courage,
}

/// How sure it is that DingTalk takes a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Courage {
    /// So many were taken before.
    Usual,
    /// More than that, on the way to finding out.
    Bold,
    /// One more within a second than ever: taken, it proves that so many are.
    Proof,
}

/// Whether a call may go.
#[derive(Clone, Copy, Debug)]
pub(super) enum Turn {
    Go(Grant),
    /// It is the first of those who wait, and may go then.
    At(Instant),
    /// Not before something else happens.
    Later,
}

/// What became of a call, as far as limits go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Accepted,
    Refused(Limit),
    /// Nobody knows.
    Unknown,
}
