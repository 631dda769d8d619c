//! The words in which a card's session speaks: what to send, and what became of it.

use std::time::{Duration, Instant};

/// What a card shows at one time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Face {
    /// The words of the answer, as DingTalk is to show them. Empty: none yet.
    pub(crate) text: String,
    /// How far into the answer they reach, in bytes.
    pub(crate) reach: usize,
    /// What the agent is doing just now, shown apart from the words; empty if nothing.
    pub(crate) status: String,
}

impl Face {
    /// Whether there are words of the answer on it.
    pub(crate) fn has_words(&self) -> bool {
        !self.text.is_empty()
    }
}

/// How an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Done,
    Failed,
    Cancelled,
}

/// What is to be sent, before it is decided in which words: those are fixed when it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Intent {
    Create,
    /// More words.
    Partial,
    /// The same words, while the agent does something else.
    Status,
    Final,
    Close,
    Retract,
    GiveUp,
}

/// What to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// Create the card and deliver it. Without words it shows that the work has begun.
    /// `is_plain`: it is not meant to be updated, and gets no button, so that its last text ends it.
    Create { face: Face, is_plain: bool },
    /// Replace what it shows. `ending` is there on the last time.
    Stream { revision: u32, face: Face, ending: Option<Ending> },
    /// Put it into its last state, with its whole text.
    Close { face: Face, ending: Ending },
    /// Take a card back on which nothing was said.
    Retract,
    /// End a card that will not show the whole text, or of which it is not known whether it exists:
    /// it keeps the words of `shown`, and says that the answer goes on below.
    GiveUp { shown: Face },
}

impl Request {
    /// The words that people see by it, if it brings any.
    pub(crate) fn face(&self) -> Option<&Face> {
        match self {
            Self::Create { face, .. } | Self::Stream { face, .. } | Self::Close { face, .. } => Some(face),
            Self::Retract | Self::GiveUp { .. } => None,
        }
    }

    /// Whether a newer text may take its place.
    pub(crate) fn is_partial(&self) -> bool {
        matches!(self, Self::Stream { ending: None, .. })
    }
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Send this, as soon as it may leave.
    Send(Intent),
    /// Nothing before this time, unless something is told.
    Wait(Instant),
    /// Nothing until something is told.
    Rest,
    Over(Outcome),
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Accepted,
    /// There is such a card already: made by a request whose answer was lost, or by a process that is
    /// gone. What it shows is not known.
    Exists,
    /// Not now; trying again after this long may help.
    Later(Duration),
    /// As `Later`, but it may have been carried out all the same.
    Lost(Duration),
    /// As `Lost`; a second time in a row it is for ever.
    Odd(Duration),
    /// Not ever.
    Refused,
}

/// How it came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The card shows the whole text, and has ended.
    Shown,
    /// It was taken back; nothing had been said on it.
    Retracted,
    /// The answer has to go another way.
    GivenUp {
        /// What people see of it on the card.
        shown: Face,
        /// Whether the card may still look as if it grew.
        open: bool,
    },
}
