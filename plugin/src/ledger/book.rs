//! What the ledger knows, as a value: entries go in, answers come out.

use super::{
    entry::{AnswerKey, Card, CardEnd, Entry, Fate, Sent, Upto},
    index::Index,
    shelf::{Bounds, INDEXED, Kept, Shelf},
};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const ANSWERS: Bounds = Bounds { count: 20_000, bytes: 16 << 20, age_ms: 30 * DAY_MS };

/// All that is known of one answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Answer {
    key: AnswerKey,
    at: i64,
    cards: Vec<Card>,
    /// So much of it was said, or may have been.
    said: Option<Upto>,
    /// A part that was about to be sent, and of which nothing was heard since.
    sending: Option<Sending>,
    ended: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Sending {
    upto: Upto,
    last: bool,
}

impl Kept for Answer {
    fn weight(&self) -> usize {
        let cards: usize = self.cards.iter().map(Card::weight).sum();
        size_of::<Self>() + INDEXED + 2 * self.key.weight() + cards
    }

    fn since_ms(&self) -> i64 {
        self.at
    }
}

/// What is known of an answer that is to be given, or given again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// Its cards so far, in order.
    pub(crate) cards: Vec<Card>,
    /// So much of it was said in messages and on cards that are complete, or may have been.
    pub(crate) said: Option<Upto>,
    /// It was given to its end, or may have been.
    pub(crate) ended: bool,
}

impl Known {
    /// What of `text` is still to be said. Where the text is not the one that was begun (an agent that is
    /// asked again finds other words), that is all of it: half an answer of other words answers nothing.
    pub(crate) fn missing<'a>(&self, text: &'a str) -> &'a str {
        self.said.as_ref().and_then(|said| said.rest_of(text)).unwrap_or(text)
    }
}

/// What the ledger knows.
#[derive(Clone, Debug)]
pub(super) struct Book {
    answers: Shelf<Answer>,
    by_key: HashMap<AnswerKey, u64>,
    by_card: HashMap<String, u64>,
    sent: Index,
    /// Cards that were forgotten before they were over, because there was too much.
    forgotten_open: u64,
}

impl Default for Book {
    fn default() -> Self {
        Self {
            answers: Shelf::new(ANSWERS),
            by_key: HashMap::new(),
            by_card: HashMap::new(),
            sent: Index::default(),
            forgotten_open: 0,
        }
    }
}

impl Book {
    /// The entry as it is written: a growing text as what it has grown by.
    pub(super) fn condensed(&self, entry: Entry) -> Entry {
        let Entry::CardShows { card, text } = entry else { return entry };
        let shown = self.card(&card).map_or("", |card| &card.shows);
        let keep = if text.starts_with(shown) { shown.len() } else { 0 };
        Entry::CardGrows { card, keep: keep as u64, more: text[keep..].to_owned() }
    }

    /// Takes in what was, or will be, written down at `at_ms`.
    pub(super) fn apply(&mut self, entry: Entry, at_ms: i64) {
        match entry {
            Entry::CardOpened { answer, card } => self.open_card(answer, *card, at_ms),
            Entry::CardDelivered { card, carrier } => self.change_card(&card, |card| card.carrier = carrier),
            Entry::CardShows { card, text } => self.change_card(&card, |card| card.shows = text),
            Entry::CardGrows { card, keep, more } => self.change_card(&card, |card| {
                let keep = usize::try_from(keep).unwrap_or(usize::MAX);
                card.shows.truncate(card.shows.floor_char_boundary(keep));
                card.shows.push_str(&more);
            }),
            Entry::CardOver { card, end } => self.end_card(&card, end, at_ms),
            Entry::Sending { answer, upto, last } => {
                self.change(answer, at_ms, |answer| answer.sending = Some(Sending { upto, last }));
            }
            Entry::Settled { answer, upto, last, fate } => self.change(answer, at_ms, |answer| {
                answer.sending = None;
                if fate != Fate::Failed {
                    answer.said = Some(upto);
                    answer.ended |= last;
                }
            }),
            Entry::Ended { answer } => self.change(answer, at_ms, |answer| answer.ended = true),
            Entry::Sent(sent) => self.sent.add(sent, at_ms),
            Entry::Whole(answer) => self.restore(*answer),
        }
        self.make_room(at_ms);
    }

    /// What an earlier process left is for whoever comes first; what it was sending may have arrived.
    pub(super) fn inherit(&mut self) {
        for answer in self.answers.iter_mut() {
            answer.cards.iter_mut().for_each(|card| card.left = card.end.is_none());
            if let Some(Sending { upto, last }) = answer.sending.take() {
                answer.said = Some(upto);
                answer.ended |= last;
            }
        }
    }

    pub(super) fn known(&self, key: &AnswerKey) -> Known {
        let Some(answer) = self.by_key.get(key).and_then(|place| self.answers.get(*place)) else {
            return Known::default();
        };
        Known { cards: answer.cards.clone(), said: answer.said.clone(), ended: answer.ended }
    }

    pub(super) fn card(&self, id: &str) -> Option<&Card> {
        self.answer_of(id)?.cards.iter().find(|card| card.id == id)
    }

    /// The answer that a card belongs to.
    pub(super) fn answer_key_of(&self, card: &str) -> Option<&AnswerKey> {
        self.answer_of(card).map(|answer| &answer.key)
    }

    /// Takes the open card of `key` that an earlier process left, if nobody has.
    pub(super) fn adopt(&mut self, key: &AnswerKey) -> Option<Card> {
        let id = self.known(key).cards.into_iter().find(|card| card.left)?.id;
        self.change_card(&id, |card| card.left = false);
        self.card(&id).cloned()
    }

    /// Leaves an open card to whoever takes it.
    pub(super) fn leave(&mut self, card: &str) {
        self.change_card(card, |card| card.left = true);
    }

    /// The cards that were left, by an earlier process or this one, and that nobody has taken.
    pub(super) fn left(&self) -> Vec<(AnswerKey, Card)> {
        let cards =
            self.answers.iter().flat_map(|answer| answer.cards.iter().map(move |card| (answer, card)));
        cards.filter(|(_, card)| card.left).map(|(answer, card)| (answer.key.clone(), card.clone())).collect()
    }

    /// What was shown under one of `ids`.
    pub(super) fn sent<'a>(&self, ids: impl IntoIterator<Item = &'a str>) -> Option<Sent> {
        ids.into_iter().find_map(|id| self.sent.get(id).cloned().or_else(|| self.open(id)))
    }

    /// Every entry that it takes to know all this again.
    pub(super) fn entries(&self) -> impl Iterator<Item = (i64, Entry)> {
        let answers = self.answers.iter().map(|answer| (answer.at, Entry::Whole(Box::new(answer.clone()))));
        answers.chain(self.sent.iter().map(|(at, sent)| (at, Entry::Sent(sent.clone()))))
    }

    pub(super) fn figures(&self) -> Figures {
        let cards = || self.answers.iter().flat_map(|answer| &answer.cards);
        Figures {
            answers: self.answers.len(),
            open_cards: cards().filter(|card| card.end.is_none()).count(),
            sent: self.sent.len(),
            bytes: self.answers.bytes() + self.sent.bytes(),
            forgotten_open_cards: self.forgotten_open,
        }
    }

    /// A card that still grows is found by its ids too.
    fn open(&self, id: &str) -> Option<Sent> {
        let by_carrier =
            || self.answers.iter().flat_map(|answer| &answer.cards).find(|card| card.carrier == id);
        let card = self.card(id).or_else(by_carrier).filter(|card| card.end.is_none())?;
        Some(shown_by(card))
    }

    fn answer_of(&self, card: &str) -> Option<&Answer> {
        self.answers.get(*self.by_card.get(card)?)
    }

    fn open_card(&mut self, key: AnswerKey, card: Card, at_ms: i64) {
        if self.by_card.contains_key(&card.id) {
            return;
        }
        let place = self.place_of(key, at_ms);
        self.by_card.insert(card.id.clone(), place);
        self.answers.change(place, |answer| {
            answer.cards.reserve_exact(1); // most have one, and thousands are kept
            answer.cards.push(card);
        });
    }

    fn end_card(&mut self, id: &str, end: CardEnd, at_ms: i64) {
        let Some(card) = self.card(id) else { return };
        if end == CardEnd::Shown {
            let sent = shown_by(card);
            self.sent.add(sent, at_ms);
        }
        self.change_card(id, |card| {
            card.shows = String::new();
            card.end = Some(end);
            card.left = false;
        });
    }

    fn change_card(&mut self, id: &str, change: impl FnOnce(&mut Card)) {
        let Some(place) = self.by_card.get(id) else { return };
        self.answers.change(*place, |answer| {
            let card = answer.cards.iter_mut().find(|card| card.id == id);
            // Nothing happens to a card that is over.
            if let Some(card) = card.filter(|card| card.end.is_none()) {
                change(card);
            }
        });
    }

    fn change(&mut self, key: AnswerKey, at_ms: i64, change: impl FnOnce(&mut Answer)) {
        let place = self.place_of(key, at_ms);
        self.answers.change(place, change);
    }

    fn place_of(&mut self, key: AnswerKey, at_ms: i64) -> u64 {
        if let Some(place) = self.by_key.get(&key) {
            return *place;
        }
        let place = self.answers.add(Answer { key: key.clone(), at: at_ms, ..Answer::default() });
        self.by_key.insert(key, place);
        place
    }

    fn restore(&mut self, mut answer: Answer) {
        answer.cards.shrink_to_fit();
        let place = self.place_of(answer.key.clone(), answer.at);
        self.by_card.extend(answer.cards.iter().map(|card| (card.id.clone(), place)));
        self.answers.change(place, |known| *known = answer);
    }

    fn make_room(&mut self, now_ms: i64) {
        while let Some(answer) = self.answers.overflow(now_ms) {
            self.by_key.remove(&answer.key);
            for card in &answer.cards {
                self.by_card.remove(&card.id);
                self.forgotten_open += u64::from(card.end.is_none());
            }
        }
        self.sent.make_room(now_ms);
    }
}

fn shown_by(card: &Card) -> Sent {
    let ids = [&card.id, &card.carrier].into_iter().filter(|id| !id.is_empty()).cloned().collect();
    Sent { ids, conversation: card.conversation.clone(), text: card.shows.clone(), cut: false }
}

/// How much the ledger knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) answers: usize,
    pub(super) open_cards: usize,
    pub(super) sent: usize,
    pub(super) bytes: usize,
    pub(super) forgotten_open_cards: u64,
}

#[cfg(test)]
#[path = "book_tests.rs"]
mod tests;
