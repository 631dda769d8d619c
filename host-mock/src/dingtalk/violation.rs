//! Rules that a client must keep although the service may not say so.

use std::fmt;

use super::record::Moment;

/// A rule of the protocol that a client broke.
#[derive(Debug, Clone)]
pub struct Violation {
    /// When the fake noticed.
    pub moment: Moment,
    /// The rule.
    pub rule: Rule,
    /// What the client did.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} (DingTalk protocol, {}): {}", self.rule, self.rule.section(), self.detail)
    }
}

/// The rules that the fake watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// Only calls that exist are made.
    KnownApi,
    /// A ticket opens one connection and is never used again.
    TicketOnce,
    /// A frame is a JSON object with a `code` and `headers` that name the message it answers.
    AckShape,
    /// An ACK names a frame that was sent on the same connection.
    AckOnItsConnection,
    /// A `ping` comes back with the same `data`.
    PingEchoed,
    /// A `ping` is answered at all; one may be missed.
    PingAnswered,
    /// A card callback is answered in [time](super::Settings::card_callback_time).
    CardCallbackInTime,
    /// One streaming call per card is in flight at most.
    OneStreamingCallInFlight,
    /// A card is finalised once at most.
    FinalizedOnce,
    /// No streaming call follows the one that finalised or failed the card.
    NothingStreamedAfterTheEnd,
    /// A `guid` stands for one update.
    GuidPerUpdate,
    /// A card does not go back from finished or failed.
    NoWayBack,
    /// A robot code belongs to the app whose token is used.
    OwnRobot,
    /// The access token is not sent to a file server.
    TokenStaysHome,
}

impl Rule {
    /// The section of the protocol document that states the rule.
    #[must_use]
    pub fn section(self) -> &'static str {
        match self {
            Self::KnownApi => "§13.3",
            Self::TicketOnce => "§2.1",
            Self::AckShape | Self::AckOnItsConnection => "§2.4",
            Self::PingEchoed | Self::PingAnswered => "§2.5",
            Self::CardCallbackInTime => "§8.8",
            Self::OneStreamingCallInFlight | Self::GuidPerUpdate => "§8.6",
            Self::FinalizedOnce | Self::NothingStreamedAfterTheEnd => "§0.1",
            Self::NoWayBack => "§13.3",
            Self::OwnRobot => "§6.4",
            Self::TokenStaysHome => "§7.1",
        }
    }
}
