//! What the host did, in one order: for tests, and for whoever watches.

use super::{Address, Command, Route, chronicle::Chronicle, turn::is_stopped};
use host_sdk::{
    Accepted, Action, ChannelError, InboundMessage, OutboundMessage, Outcome, Phase, Recall, Receipt,
    access::Admission,
};
use std::{fmt, sync::Arc};
use tokio::time::Instant;

/// How many entries are kept.
const KEPT: usize = 100_000;

/// One thing that happened.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Its place in the one order, from 1.
    pub order: u64,
    /// When.
    pub at: Instant,
    /// Of which account.
    pub account: Address,
    /// What.
    pub event: Event,
}

/// What can happen.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// The plugin offered a message and is about to be answered so; a new one is on disk by then.
    Offered {
        /// The message.
        message: Arc<InboundMessage>,
        /// The answer.
        answer: Accepted,
    },
    /// A message that an earlier run of the host had taken but not answered is worked on again.
    Replayed {
        /// The message.
        message: Arc<InboundMessage>,
    },
    /// The author of a message may have it answered.
    Admitted {
        /// The message's id.
        message: String,
        /// Who answers, and in which session.
        route: Route,
        /// Whether its author may give commands.
        command_authorised: bool,
    },
    /// A message is a command.
    Command {
        /// The message's id.
        message: String,
        /// Which.
        command: Command,
        /// Whether its author may give it: else nothing happens.
        authorised: bool,
    },
    /// A message is answered by a turn that another one began: it has joined it, or waited for the same turn.
    Joined {
        /// The message's id.
        message: String,
        /// The id of the message that began the turn.
        turn: String,
    },
    /// A message is not answered any more: somebody stopped its session, or said something newer.
    GivenUp {
        /// The message's id.
        message: String,
    },
    /// A message is not answered, because of who wrote it or where.
    TurnedAway {
        /// The message's id.
        message: String,
        /// Why not.
        admission: Admission,
        /// Which notice its author got, if they did.
        notice: Option<String>,
    },
    /// A message whose content the platform does not tell is not answered.
    Withheld {
        /// The message's id.
        message: String,
        /// Which notice its author got, if they did.
        notice: Option<String>,
    },
    /// The answer to a replayed message had been given to its end already: the agent is not asked again.
    AnsweredBefore {
        /// The message's id, which is also the turn's.
        turn: String,
        /// The answer's stream.
        stream: String,
    },
    /// Somebody pressed a button or the like.
    Action {
        /// What it was.
        action: Arc<Action>,
    },
    /// The agent begins to answer a message.
    TurnStarted {
        /// The message's id, which is also the turn's.
        turn: String,
        /// The answer's stream.
        stream: String,
    },
    /// An answer is complete, or failed, and the plugin has said what became of it.
    TurnEnded(Arc<TurnEnd>),
    /// The host said something without having been asked.
    Sent {
        /// What it was.
        message: Arc<OutboundMessage>,
        /// What the plugin says became of it.
        receipt: Result<Receipt, ChannelError>,
    },
    /// The host took something back.
    Recalled {
        /// What it was.
        recall: Arc<Recall>,
        /// Whether all of it is gone.
        outcome: Result<(), ChannelError>,
    },
}

/// How a turn ended.
#[derive(Clone, Debug)]
pub struct TurnEnd {
    /// The id of the message that it answered.
    pub turn: String,
    /// The answer's stream.
    pub stream: String,
    /// How the agent ended.
    pub phase: Phase,
    /// The whole answer.
    pub text: String,
    /// How many updates the plugin was given, the first and the last included.
    pub updates: u64,
    /// What the plugin says became of the last one.
    pub receipt: Result<Receipt, ChannelError>,
}

impl TurnEnd {
    /// Whether the answer is left to the next start, because the account was stopped before it was
    /// delivered: the message stays in the inbox.
    pub fn is_left(&self) -> bool {
        self.receipt.as_ref().is_err_and(is_stopped)
    }

    /// Whether the whole answer is where people can see it.
    pub fn arrived(&self) -> bool {
        self.receipt.as_ref().is_ok_and(|receipt| {
            !receipt.parts.is_empty()
                && receipt.parts.iter().all(|part| part.outcome == Outcome::Delivered)
                && receipt.shown >= self.text.len() as u64
        })
    }
}

impl fmt::Display for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{} {} ", self.order, self.account)?;
        match &self.event {
            Event::Offered { message, answer } => write!(f, "offered {}: {answer:?}", message.id),
            Event::Replayed { message } => write!(f, "replayed {}", message.id),
            Event::Admitted { message, route, .. } => {
                write!(f, "admitted {message}: {} in {}", route.agent, route.session)
            }
            Event::Command { message, command, authorised } => {
                let may = if *authorised { "may" } else { "may not" };
                write!(f, "{message} is the command {command:?}, which its author {may} give")
            }
            Event::Joined { message, turn } => write!(f, "{message} joined turn {turn}"),
            Event::GivenUp { message } => write!(f, "{message} is given up"),
            Event::TurnedAway { message, admission, notice } => {
                write!(f, "turned {message} away, {admission}")?;
                notice.as_ref().map_or(Ok(()), |notice| write!(f, ", told so ({notice})"))
            }
            Event::Withheld { message, notice } => {
                write!(f, "{message} was withheld by the platform")?;
                notice.as_ref().map_or(Ok(()), |notice| write!(f, ", its author told so ({notice})"))
            }
            Event::AnsweredBefore { turn, .. } => write!(f, "turn {turn} had been answered before"),
            Event::Action { action } => write!(f, "action {} ({})", action.kind, action.id),
            Event::TurnStarted { turn, .. } => write!(f, "turn {turn} started"),
            Event::Sent { receipt: Ok(receipt), .. } => write!(f, "sent, in {} parts", receipt.parts.len()),
            Event::Sent { receipt: Err(error), .. } => write!(f, "not sent: {error}"),
            Event::Recalled { recall, outcome: Ok(()) } => write!(f, "took {} back", recall.ids.join(", ")),
            Event::Recalled { outcome: Err(error), .. } => write!(f, "not taken back: {error}"),
            Event::TurnEnded(end) => match &end.receipt {
                Ok(receipt) => write!(
                    f,
                    "turn {} ended ({:?}) after {} updates, {} of {} bytes shown",
                    end.turn,
                    end.phase,
                    end.updates,
                    receipt.shown,
                    end.text.len()
                ),
                Err(error) => write!(f, "turn {} ended ({:?}), not delivered: {error}", end.turn, end.phase),
            },
        }
    }
}

/// Is called with everything that happens, as it happens and in order. It must not block, nor ask the host.
pub type RecordSink = Arc<dyn Fn(&Recorded) + Send + Sync>;

/// Everything that happened. Clones share it.
#[derive(Clone)]
pub(super) struct Record {
    entries: Arc<Chronicle<Recorded>>,
    sink: Option<RecordSink>,
}

impl Record {
    #[cfg(test)]
    pub(super) fn new() -> Self {
        Self::telling(None)
    }

    /// A record whose every entry is also told to `sink`.
    pub(super) fn telling(sink: Option<RecordSink>) -> Self {
        Self { entries: Arc::new(Chronicle::new(KEPT)), sink }
    }

    pub(super) fn note(&self, account: &Address, event: Event) {
        self.entries.append(|order| {
            let recorded = Recorded { order, at: Instant::now(), account: account.clone(), event };
            if let Some(sink) = &self.sink {
                sink(&recorded);
            }
            recorded
        });
    }

    pub(super) fn entries(&self) -> &Chronicle<Recorded> {
        &self.entries
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.entries.fmt(f)
    }
}
