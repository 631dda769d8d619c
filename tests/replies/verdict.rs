//! What a person saw of an answer in the end, as the fake DingTalk shows it, and whether that is right.

use crate::words::read;
use host_mock::dingtalk::{Card, Message, Moment, Via, View};
use std::fmt;

/// Where a part of an answer was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// On a card.
    Card,
    /// In a message through the session webhook.
    Webhook,
    /// In a message of the robot.
    Robot,
}

/// What one conversation shows of an answer.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// How many words the answer has.
    pub(crate) said: usize,
    /// Every card and message that was not taken back, in the order in which they appeared.
    pub(crate) parts: Vec<Part>,
    /// The `outTrackId`s of cards that people see as growing still.
    pub(crate) open: Vec<String>,
}

/// A card or a message.
pub(crate) struct Part {
    pub(crate) place: Place,
    /// The numbers of the answer's words on it.
    pub(crate) words: Vec<usize>,
    /// What else it says.
    pub(crate) rest: String,
}

impl Verdict {
    /// Looks at a conversation in which an answer of `said` words was given.
    pub(crate) fn of(view: View<'_>, conversation: &str, said: usize) -> Self {
        let seen = |card: &&Card| card.is_in(conversation);
        let cards = view.cards().filter(seen).map(|card| (appeared(card, conversation), of_card(card)));
        let messages = view.messages().filter(|it| it.conversation == conversation && it.recalled.is_none());
        let mut parts: Vec<_> = cards.chain(messages.map(|it| (it.sent, of_message(it)))).collect();
        parts.sort_by_key(|(moment, _)| *moment);
        let open = view.open_cards().filter(seen).map(|card| card.out_track_id.clone());
        Self { said, parts: parts.into_iter().map(|(_, part)| part).collect(), open: open.collect() }
    }

    /// Every word was seen, in order, and none twice; and no card stayed open.
    pub(crate) fn is_whole(&self) -> bool {
        self.words().eq(1..=self.said) && self.open.is_empty()
    }

    /// The answer was seen whole and once, in these places, and nothing was said beside it.
    #[track_caller]
    pub(crate) fn whole_on(&self, places: &[Place]) {
        self.whole();
        assert_eq!(self.places(), places, "{self:#?}");
        let rests: Vec<_> = self.parts.iter().filter(|it| !it.rest.is_empty()).collect();
        assert!(rests.is_empty(), "beside the answer: {rests:#?}");
    }

    /// The answer was seen whole and once, wherever; sentences of the plugin's own may be beside it.
    #[track_caller]
    pub(crate) fn whole(&self) {
        assert!(self.open.is_empty(), "cards that stayed open: {self:#?}");
        assert!(self.words().eq(1..=self.said), "not whole, or not once: {self:#?}");
    }

    /// The places in which words of it were seen, or only a sentence beside it.
    pub(crate) fn places(&self) -> Vec<Place> {
        self.parts.iter().map(|part| part.place).collect()
    }

    /// What was said beside it, on all parts together.
    pub(crate) fn beside(&self) -> String {
        self.parts.iter().map(|part| part.rest.as_str()).collect::<Vec<_>>().join(" ").trim().to_owned()
    }

    fn words(&self) -> impl Iterator<Item = usize> {
        self.parts.iter().flat_map(|part| part.words.iter().copied())
    }
}

/// Short enough to be read: the runs of words that follow each other.
impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.place)?;
        for run in self.words.chunk_by(|word, next| *next == word + 1) {
            if let (Some(first), Some(last)) = (run.first(), run.last()) {
                write!(f, " {first}–{last}")?;
            }
        }
        if self.rest.is_empty() { Ok(()) } else { write!(f, " and {:?}", self.rest) }
    }
}

fn appeared(card: &Card, conversation: &str) -> Moment {
    let carrier = card.carriers.iter().find(|carrier| carrier.conversation == conversation);
    carrier.map_or(card.created, |carrier| carrier.delivered)
}

fn of_card(card: &Card) -> Part {
    part(Place::Card, card.text())
}

fn of_message(message: &Message) -> Part {
    let place = match message.via {
        Via::Webhook => Place::Webhook,
        Via::Robot => Place::Robot,
    };
    part(place, message.text())
}

fn part(place: Place, text: &str) -> Part {
    let read = read(text);
    Part { place, words: read.words, rest: read.rest }
}
