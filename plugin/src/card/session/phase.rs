//! Where a card is in its life, and how its answer ends.

use crate::card::{
    patience::Limits,
    request::{Ending, Outcome},
};

/// Where a card is in its life. Every step that fails for good leads on to the next best one.
///
/// ```text
/// Planned ─► Creating ─► Growing ─────────── end ─────────────► Finalising ─► Closing ─► Over(Shown)
///               │           │ │                                  ▲    │
///               │           │ └─ end without a word ─► Retracting ────┼──────────────► Over(Retracted)
///               │           │ refused                                 │ refused
///               │           └─► Resting ── end ───────────────► Rescuing ────────────► Over(Shown)
///               │                                                     │ refused
///               ├─ an answer was lost: it may exist ───────────► GivingUp ───────────► Over(GivenUp)
///               └─ refused ──────────────────────────────────────────────────────────► Over(GivenUp)
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Planned {
        /// An earlier process may have created it.
        doubtful: bool,
    },
    Creating {
        /// An answer was lost, or not waited for: it may exist.
        doubtful: bool,
    },
    Growing,
    /// DingTalk refuses to stream to it; the whole text goes out with the closing.
    Resting,
    Retracting,
    Finalising,
    /// The last text was streamed.
    Closing,
    /// The last text could not be streamed: the closing has to bring it.
    Rescuing,
    GivingUp,
    Over(Outcome),
}

impl Phase {
    /// How often, and for how long, what it takes to leave it is tried; `None` for those that last.
    pub(super) fn limits(&self) -> Option<Limits> {
        match self {
            Self::Creating { .. } => Some(Limits::CREATING),
            Self::Retracting => Some(Limits::RETRACTING),
            Self::Finalising => Some(Limits::FINALISING),
            Self::Closing => Some(Limits::CLOSING),
            Self::Rescuing => Some(Limits::RESCUING),
            Self::GivingUp => Some(Limits::GIVING_UP),
            Self::Planned { .. } | Self::Growing | Self::Resting | Self::Over(_) => None,
        }
    }
}

/// How the answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    WithWords(Ending),
    /// Nothing was said; the words are a sentence in case the card cannot be taken back.
    InSilence(Ending),
}

impl End {
    pub(super) fn ending(self) -> Ending {
        match self {
            Self::WithWords(ending) | Self::InSilence(ending) => ending,
        }
    }
}
