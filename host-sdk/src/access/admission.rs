//! What becomes of a message, by who wrote it where.

use crate::value::InboundMessage;
use std::fmt;

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It is answered.
    Admit {
        /// Whether its author may give commands, such as `/new`.
        command_authorised: bool,
        /// What it is admitted on.
        grounds: Grounds,
    },
    /// Its author may ask to be let in: see [`Pairing::ask`](super::Pairing::ask).
    Pair,
    /// Its author is told that they may not write, and which id the owner has to list.
    Deny(Denial),
    /// Nothing happens.
    Ignore(Silence),
}

/// What a message is admitted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grounds {
    /// Its author is listed, by an id of theirs.
    Listed,
    /// The owner has approved its author.
    Paired,
    /// Everyone may write there.
    Everyone,
}

/// Why somebody may not write. Its `Display` is a sentence for the owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// `allowFrom` does not have them.
    NotInAllowFrom,
    /// `allowFrom` is empty, which admits nobody.
    EmptyAllowFrom,
    /// The group is not listed.
    GroupNotListed,
    /// The group's list of people does not have them.
    NotInGroupAllowFrom,
    /// The group's list of people is empty, or nothing is listed at all, which admits nobody.
    EmptyGroupAllowFrom,
    /// A list has their id in other letters, small for capital.
    OtherCase,
}

/// Why nothing happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// A bot wrote it: two of them would talk for ever.
    Bot,
    /// Its author has no id that could be let in.
    Nobody,
    /// `dmPolicy` is `disabled`.
    PrivateOff,
    /// `groupPolicy` is `disabled`.
    GroupsOff,
    /// The group's own `enabled` is false.
    GroupOff,
    /// The bot is not mentioned, and has to be.
    NotMentioned,
    /// Its author may not write, but did not speak to the bot either.
    NotAddressed(Denial),
}

impl Denial {
    /// The id that the owner has to list: the group's where it is the group that is not listed, else that
    /// of who wrote the message.
    pub fn id(self, message: &InboundMessage) -> &str {
        match self {
            Self::GroupNotListed => &message.conversation.id,
            _ => &message.sender.id,
        }
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotInAllowFrom => "`allowFrom` does not have them: add the id to let them in",
            Self::EmptyAllowFrom => "`allowFrom` is empty, which admits nobody: add the id to let them in",
            Self::GroupNotListed => "the group is not listed: add it to `groups` to let it in",
            Self::NotInGroupAllowFrom => {
                "the group's `allowFrom`, or else `groupAllowFrom`, does not have them: add the id to let them in"
            }
            Self::EmptyGroupAllowFrom => {
                "nobody is listed for groups, which admits nobody: add the group to `groups`, or people to \
                 `groupAllowFrom`"
            }
            Self::OtherCase => "their id is listed in other letters: capitals and small letters must agree",
        })
    }
}

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bot => "a bot wrote it",
            Self::Nobody => "its author has no id",
            Self::PrivateOff => "`dmPolicy` is disabled",
            Self::GroupsOff => "`groupPolicy` is disabled",
            Self::GroupOff => "the group is switched off",
            Self::NotMentioned => "it does not mention the bot",
            Self::NotAddressed(denial) => {
                return write!(f, "it does not mention the bot, and its author may not write: {denial}");
            }
        })
    }
}

impl fmt::Display for Admission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Admit { grounds, .. } => write!(f, "admitted ({grounds:?})"),
            Self::Pair => f.write_str("its author has to be approved"),
            Self::Deny(denial) => write!(f, "denied: {denial}"),
            Self::Ignore(silence) => write!(f, "ignored: {silence}"),
        }
    }
}
