//! What became of every message, computed from what the fake DingTalk and the agent wrote down.
//!
//! Everything here is values: the driver brings what was recorded, and [`Ledger::account`] says what it
//! means. Nothing that the plugin or the host counts is asked.

mod account;
mod answers;
mod fate;
mod order;
mod repeats;
#[cfg(test)]
mod tests;
mod unknown;

pub use account::{Account, Spread};
pub use fate::Fate;

use answers::{Answers, Shown};

use crate::witness::{Sight, Sighting};
use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

/// How long a frame may be on its way through two kernels and the reader of a busy machine. A frame that was
/// written this shortly before the network, or the plugin on being stopped, ended its connection may have
/// never been read.
pub const CROSSING: Duration = Duration::from_millis(500);

/// How long before a SIGKILL the host may not have written down yet that a turn has ended. The next process
/// then runs it again, unless the plugin's ledger knows that the answer was given.
pub const NOTING: Duration = Duration::from_secs(1);

/// A place in the fake DingTalk's one order, and its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Unique, and greater for what is later.
    pub seq: u64,
    /// Since the fake started.
    pub at: Duration,
}

/// One frame with a message, on one connection.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The connection's number.
    pub link: u64,
    /// When DingTalk gave it to the connection.
    pub sent: Moment,
    /// When TCP had all of it; `None` when it never had.
    pub written: Option<Moment>,
    /// When it was acknowledged.
    pub acked: Option<Moment>,
}

/// A message that was pushed.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its `msgId`.
    pub id: String,
    /// Its conversation.
    pub conversation: String,
    /// What it says, which no other message of a run does.
    pub text: String,
    /// When it was first to be pushed.
    pub queued: Moment,
    /// Each time it was pushed, in order.
    pub deliveries: Vec<Delivery>,
    /// Whether the host was asked to be prompt while it was under way.
    pub prompt: bool,
}

/// An answer that people see in a conversation: the text of the message that it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Where.
    pub conversation: String,
    /// What it says.
    pub text: String,
    /// When DingTalk took it, since the fake started.
    pub at: Duration,
}

/// A connection.
#[derive(Clone, Debug, Default)]
pub struct Link {
    /// The process that made it.
    pub life: u32,
    /// When it ended, for DingTalk.
    pub ended: Option<Duration>,
    /// When the network took it away without letting the plugin read the rest.
    pub severed: Option<Duration>,
    /// When it stopped carrying anything, with or without anybody noticing.
    pub dead: Option<Duration>,
}

/// How a process of the host ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// By SIGKILL.
    Killed,
    /// In order.
    Stopped,
}

/// A process of the host.
#[derive(Clone, Copy, Debug)]
pub struct Life {
    /// When it was told to end, or was killed, since the fake started.
    pub end: Duration,
    /// The same in microseconds since 1970.
    pub end_epoch: u64,
    /// How.
    pub ending: Ending,
}

/// Everything that was recorded.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// In the order of their first push.
    pub messages: Vec<Message>,
    /// What people were shown, in its order.
    pub answers: Vec<Answer>,
    /// By number.
    pub links: BTreeMap<u64, Link>,
    /// By number; a process that still runs is not in it.
    pub lives: BTreeMap<u32, Life>,
    /// The agent's record, in its order.
    pub sightings: Vec<Sighting>,
    /// From each trouble of a connection to the next connection, but for the other two.
    pub gaps: Vec<Duration>,
    /// The same where connecting itself was made to fail.
    pub refused_gaps: Vec<Duration>,
    /// From each stall to the next connection: how long a dead link went unnoticed.
    pub noticed: Vec<Duration>,
    /// The rules of DingTalk's protocol that were broken.
    pub violations: usize,
}

impl Ledger {
    /// What it all means.
    #[must_use]
    pub fn account(&self) -> Account {
        let began = self.first_began();
        let shown = Answers::of(&self.answers);
        let unknown = unknown::unknown(&self.sightings, &self.lives);
        let mut account = Account {
            pushed: self.messages.len(),
            duplicated: repeats::run_twice(&self.sightings, &self.lives),
            handed_over_again: repeats::handed_over_again(&self.sightings),
            replayed: repeats::replayed(&self.sightings),
            out_of_order: order::inversions(&self.messages, &began),
            violations: self.violations,
            ack: Spread::of(self.latencies()),
            noticed: Spread::of(self.noticed.clone()),
            gap: Spread::of(self.gaps.clone()),
            refused_gap: Spread::of(self.refused_gaps.clone()),
            ..Account::default()
        };
        for message in &self.messages {
            if began.contains_key(message.id.as_str()) {
                account.accepted += 1;
                account.unanswered += usize::from(self.is_unanswered(message));
                match shown.to(message, &self.lives) {
                    Shown::Once => {}
                    Shown::Never if unknown.contains(message.id.as_str()) => {
                        account.unknown_after_a_kill += 1
                    }
                    Shown::Never => account.without_answer.push(message.id.clone()),
                    Shown::AgainAfterKill => account.answered_again_after_a_kill += 1,
                    Shown::Twice => account.duplicated.push(message.id.clone()),
                }
                continue;
            }
            match self.fate(message) {
                Fate::Lost => account.lost.push(message.id.clone()),
                Fate::Killed => account.unacknowledged_at_a_kill += 1,
                Fate::Stopped => account.unacknowledged_at_a_stop += 1,
                Fate::Swallowed => account.swallowed += 1,
            }
        }
        account.duplicated.sort_unstable();
        account.duplicated.dedup();
        account
    }

    /// What became of a message that the agent has not seen.
    #[must_use]
    pub fn fate(&self, message: &Message) -> Fate {
        fate::fate(message, &self.links, &self.lives)
    }

    /// Whether a push of the message could have been read and answered, and was read, but not answered.
    #[must_use]
    pub fn is_unanswered(&self, message: &Message) -> bool {
        message.deliveries.iter().any(|delivery| {
            let link = self.links.get(&delivery.link);
            let open = link.is_none_or(|link| link.ended.is_none() && link.dead.is_none());
            open && delivery.written.is_some() && delivery.acked.is_none()
        })
    }

    /// The place in the record at which the agent first saw each message.
    fn first_began(&self) -> HashMap<&str, usize> {
        let mut first = HashMap::new();
        let began = self.sightings.iter().enumerate().filter(|(_, it)| it.sight == Sight::Began);
        for (place, sighting) in began {
            first.entry(sighting.message.as_str()).or_insert(place);
        }
        first
    }

    /// From TCP having a frame to its ACK, while the host was prompt.
    fn latencies(&self) -> Vec<Duration> {
        let prompt = self.messages.iter().filter(|message| message.prompt);
        let deliveries = prompt.flat_map(|message| &message.deliveries);
        let latency = |delivery: &Delivery| {
            let from = delivery.written.unwrap_or(delivery.sent);
            Some(delivery.acked?.at.saturating_sub(from.at))
        };
        deliveries.filter_map(latency).collect()
    }
}
