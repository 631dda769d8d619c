//! What is written down.

use super::{
    hash,
    shelf::{INDEXED, held},
};
use serde::{Deserialize, Serialize};

/// Which answer: the message it answers, and which of that message's answers it is. The same after a
/// restart, as long as the host names its streams the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct AnswerKey {
    msg: String,
    stream: String,
}

impl AnswerKey {
    /// The answer `stream` to the message `msg_id`.
    pub(crate) fn new(msg_id: impl Into<String>, stream: impl Into<String>) -> Self {
        Self { msg: msg_id.into(), stream: stream.into() }
    }

    /// Something that is said once, by a name of its own: a notice, or a message with a key. `kind` keeps
    /// the names of different things apart.
    pub(crate) fn once(kind: &'static str, name: &str) -> Self {
        Self::new("", format!("{kind}/{name}"))
    }

    /// The host's name of the answer.
    pub(crate) fn stream(&self) -> &str {
        &self.stream
    }

    /// The `outTrackId` of the answer's card number `number`, from 0, of the app `client_id`. The same in
    /// every process, so that a card that was created is found again, whatever was written down.
    pub(crate) fn card_id(&self, client_id: &str, number: u32) -> String {
        hash::uuid(&[client_id, &self.msg, &self.stream, &number.to_string()]).to_string()
    }

    pub(super) fn weight(&self) -> usize {
        held(&self.msg) + held(&self.stream)
    }
}

/// The beginning of an answer's text: how long it is, and by which it is known again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Upto {
    bytes: u64,
    digest: String,
}

impl Upto {
    /// All of `text`.
    pub(crate) fn of(text: &str) -> Self {
        Self { bytes: text.len() as u64, digest: hash::short(text) }
    }

    /// What of `text` comes after it; `None` if `text` does not begin like this.
    pub(crate) fn rest_of<'a>(&self, text: &'a str) -> Option<&'a str> {
        let (head, rest) = text.split_at_checked(usize::try_from(self.bytes).ok()?)?;
        (hash::short(head) == self.digest).then_some(rest)
    }

    /// How long it is, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// What became of a part of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Fate {
    /// People can see it.
    Delivered,
    /// People may see it: it is not said again.
    Unknown,
    /// Nobody sees it.
    Failed,
}

/// How a card ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum CardEnd {
    /// It shows its text for good.
    Shown,
    /// There never was one.
    Never,
    /// It is there and shows nothing of the answer: recalled, or it points elsewhere.
    Withdrawn,
}

/// A card, with what it takes to go on with it or to end it from another process.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Card {
    /// Its `outTrackId`.
    pub(crate) id: String,
    /// Which of the answer's cards it is, from 0.
    pub(crate) number: u32,
    /// Where in the answer's text its part begins, in bytes.
    pub(crate) from: u64,
    /// The host's turn.
    pub(crate) turn: String,
    /// Its template, and the variable that takes the text.
    pub(crate) template: String,
    pub(crate) key: String,
    /// The robot that delivered it.
    pub(crate) robot_code: String,
    /// The conversation, and whether it is a group.
    pub(crate) conversation: String,
    pub(crate) group: bool,
    /// DingTalk's id of it, once it is known to be delivered.
    pub(crate) carrier: String,
    /// What of the answer it shows; kept until it is over.
    pub(crate) shows: String,
    /// How it ended.
    pub(crate) end: Option<CardEnd>,
    /// Its answer goes on without it, or an earlier process made it; and nobody has taken it on.
    #[serde(skip)]
    pub(crate) left: bool,
}

impl Card {
    pub(super) fn weight(&self) -> usize {
        let facts = [&self.turn, &self.template, &self.key, &self.robot_code, &self.conversation];
        let facts: usize = facts.map(|text| held(text)).iter().sum();
        size_of::<Self>() + INDEXED + 2 * held(&self.id) + facts + held(&self.carrier) + held(&self.shows)
    }
}

/// Something that people were shown, to be found again when they quote it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Sent {
    /// Every id that DingTalk may call it by: `processQueryKey`, `carrierId`, `outTrackId`, `msgId`.
    pub(crate) ids: Vec<String>,
    /// The conversation, or the person's staff id where only that is known.
    pub(crate) conversation: String,
    /// What it says, or its beginning.
    pub(crate) text: String,
    /// Whether `text` is only the beginning.
    pub(crate) cut: bool,
}

/// One thing to write down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Entry {
    /// A card is about to be created. A second entry for the same card changes nothing.
    CardOpened { answer: AnswerKey, card: Box<Card> },
    /// DingTalk has delivered it, and calls it `carrier`.
    CardDelivered { card: String, carrier: String },
    /// It is about to show this text.
    CardShows { card: String, text: String },
    /// It will not change any more.
    CardOver { card: String, end: CardEnd },
    /// A part of the answer is about to be sent: with it, the answer is said so far. `last`: that is all
    /// of it.
    Sending { answer: AnswerKey, upto: Upto, last: bool },
    /// What became of that part. A failed one leaves things as they were before it.
    Settled { answer: AnswerKey, upto: Upto, last: bool, fate: Fate },
    /// The whole answer is where people can see it, or there is nothing to say: it is not given again.
    Ended { answer: AnswerKey },
    /// People were shown something that they may quote.
    Sent(Sent),
    /// Of the text that a card shows, only what comes after the first `keep` bytes. How `CardShows` is
    /// written; nobody else has to say it.
    CardGrows { card: String, keep: u64, more: String },
    /// All that is known of an answer, when the file is written anew.
    Whole(Box<super::book::Answer>),
}
