//! What a session wants done, and what it has to tell.

use super::{frame::Ack, link::LinkId};
use crate::api::gateway::Invitation;
use std::time::Duration;

/// What the driver is to do, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Ask for an invitation; answer with [`on_opened`](super::session::Session::on_opened).
    Open,
    /// Connect; answer with [`on_dialled`](super::session::Session::on_dialled).
    Dial {
        /// The link to be.
        link: LinkId,
        /// Where to.
        invitation: Invitation,
    },
    /// Send an answer.
    Send {
        /// On the link that delivered the frame.
        link: LinkId,
        /// The answer.
        ack: Ack,
    },
    /// Send a WebSocket ping.
    Ping {
        /// Where.
        link: LinkId,
    },
    /// Send a WebSocket close and forget the link.
    HangUp {
        /// Which.
        link: LinkId,
        /// Why.
        why: Ending,
    },
    /// Tell the host.
    Report(Change),
}

/// Why we end a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The channel stops.
    Stopping,
    /// It gave no sign of life.
    Silent,
    /// DingTalk had said goodbye, or it was replaced, and its time to drain is over.
    Drained,
    /// It came too late to be of use.
    Unwanted,
}

impl Ending {
    /// Why, for people.
    pub(super) fn clause(self) -> &'static str {
        match self {
            Self::Stopping => "the channel stops",
            Self::Silent => "the connection gave no sign of life",
            Self::Drained => "DingTalk renews the connection",
            Self::Unwanted => "the connection came too late",
        }
    }
}

/// A change in the connection that the host may want to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// The first attempt has begun.
    Starting,
    /// A WebSocket is up.
    Up,
    /// The last one has gone.
    Down {
        /// Why.
        loss: Loss,
        /// Whether a person is needed before there can be another.
        blocked: bool,
    },
    /// An attempt failed; another follows by itself.
    Setback {
        /// Why, and what to do about it.
        why: String,
        /// Whether some link still stands.
        connected: bool,
    },
    /// A person has to do something; it is tried again once a minute.
    Blocked {
        /// Why, and what to do about it.
        why: String,
    },
    /// The machine had been asleep for about so long; every link is being verified.
    Woken {
        /// How far the clock on the wall had run ahead.
        asleep: Duration,
    },
    /// Something arrived, if only a sign of life.
    Activity,
    /// A message or a card callback arrived.
    Inbound,
    /// It is over.
    Stopped,
}

/// How a link ended without our doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Loss {
    /// A clause for people.
    pub(crate) why: String,
    /// The WebSocket's close code, if there was one.
    pub(crate) code: Option<u16>,
}

impl Loss {
    /// A loss without a close code.
    pub(super) fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), code: None }
    }
}
