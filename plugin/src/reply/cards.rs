//! An answer on cards: on one, or on one after the other when it is long.
//!
//! A card ends where the text was cut, and the next one goes on from there. Cuts never move, and what an
//! ended card shows stays. An agent that takes back words which an ended card shows has its new text
//! begin anew, whole, on the present card.

use super::{
    Surfaces,
    card::{Card, Role, Said},
    place::Place,
};
use crate::{
    card::{
        driver::Driven,
        request::{Ending, Face, Outcome},
    },
    ledger::{self, Known, Upto},
    markdown::{self, Cut, Part, Surface},
};
use host_sdk::{Receipt, ReceiptPart, channel::Newer};

/// Characters of a status line.
const STATUS: usize = 120;

/// An answer on cards.
pub(super) struct Cards {
    place: Place,
    /// The present card's number.
    number: u32,
    /// Where the present card's part begins.
    from: Cut,
    /// What stands before it: on cards that have ended, or said by an earlier process.
    before: Option<Upto>,
    present: Option<Card>,
    /// What the present card shows of an earlier process.
    left: String,
    /// Where the next one begins, once the present card ends at a cut, and what stands before that.
    next: Option<(Cut, Upto)>,
    /// The cards that have ended, and how far they reach.
    parts: Vec<ReceiptPart>,
    reach: usize,
}

/// One state of an answer.
#[derive(Clone, Copy)]
pub(super) struct Stand<'a> {
    /// The whole text so far.
    pub(super) text: &'a str,
    /// What the agent is doing.
    pub(super) status: &'a str,
    pub(super) ending: Option<Ending>,
}

/// How far an update came.
pub(super) enum Progress {
    Shown(Receipt),
    /// Cards will not show more of the answer.
    GivenUp,
}

impl Cards {
    /// An answer of which this much is `known` from an earlier process.
    pub(super) fn new(place: Place, known: Known, surfaces: &Surfaces) -> Self {
        let numbers = known.cards.iter().map(|card| card.number + 1);
        let mut cards = Self {
            number: numbers.max().unwrap_or_default(),
            from: Cut::start(),
            before: known.said,
            present: None,
            left: String::new(),
            next: None,
            parts: Vec::new(),
            reach: 0,
            place,
        };
        if let Some(facts) = surfaces.ledger().adopt(&cards.place.answer) {
            cards.adopt(facts, surfaces);
        }
        cards
    }

    /// Shows one state of the answer.
    pub(super) async fn update(
        &mut self,
        stand: Stand<'_>,
        surfaces: &Surfaces,
        newer: &mut Newer,
    ) -> Progress {
        loop {
            let role = self.prepare(stand, surfaces);
            let Some(card) = &mut self.present else { return Progress::Shown(self.receipt()) };
            match card.drive(Said { text: stand.text, role }, surfaces, newer).await {
                Driven::Rests => return Progress::Shown(self.receipt()),
                Driven::Overtaken => {
                    return Progress::Shown(Receipt { overtaken: true, ..self.receipt() });
                }
                Driven::Over(Outcome::Shown) => self.turn_over(),
                Driven::Over(Outcome::Retracted) => self.present = None,
                Driven::Over(Outcome::GivenUp { .. }) => return Progress::GivenUp,
            }
            if role == Role::Last {
                return Progress::Shown(self.receipt());
            }
        }
    }

    /// The update that was under way is not waited for any more.
    pub(super) fn interrupt(&mut self) {
        if let Some(card) = &mut self.present {
            card.session.abandon();
        }
    }

    /// Ends the present card with what it shows, and `sentence`; one that was ending already, with its text.
    pub(super) async fn seal(&mut self, text: &str, sentence: &str, surfaces: &Surfaces) {
        let Some(card) = &mut self.present else { return };
        let (_nobody, mut newer) = Newer::channel();
        if card.session.is_ending() {
            let role = if self.next.is_some() { Role::Part } else { Role::Last };
            card.drive(Said { text, role }, surfaces, &mut newer).await;
            return;
        }
        let shown = card.session.shown().clone();
        let sealed =
            if shown.has_words() { format!("{}\n\n{sentence}", shown.text) } else { sentence.into() };
        card.session.finish(Face { text: sealed, ..shown }, Ending::Cancelled);
        card.drive(Said { text, role: Role::Sealed }, surfaces, &mut newer).await;
    }

    /// Tells the present card what to show, and makes it if there is something to show.
    fn prepare(&mut self, stand: Stand<'_>, surfaces: &Surfaces) -> Role {
        if self.present.as_ref().is_some_and(|card| card.session.is_ending()) {
            // What it ends with is settled.
            return if self.next.is_some() { Role::Part } else { Role::Last };
        }
        let status: String = stand.status.chars().take(STATUS).collect();
        let is_there = self.find_place(stand);
        let part = is_there.then(|| markdown::part(stand.text, &self.from, Surface::CARD)).flatten();
        let Some(Part { text, source, next }) = part else {
            return self.prepare_silence(status, stand, surfaces);
        };
        let face = Face { text, reach: source.end, status };
        let (number, from) = (self.number, self.from.at());
        let card =
            self.present.get_or_insert_with(|| Card::new(&self.place, number, from, face.clone(), surfaces));
        card.begins_at(from);
        let last = Face { status: String::new(), ..face.clone() };
        match (next, stand.ending) {
            (Some(next), _) => {
                card.session.finish(last, Ending::Done);
                let before = Upto::of(stand.text.get(..next.at()).unwrap_or_default());
                self.next = Some((next, before));
                return Role::Part;
            }
            (None, Some(ending)) => card.session.finish(last, ending),
            (None, None) => card.session.push(face),
        }
        Role::Last
    }

    /// As [`prepare`](Self::prepare), while there are no words for the present card.
    fn prepare_silence(&mut self, status: String, stand: Stand<'_>, surfaces: &Surfaces) -> Role {
        let face = Face { status, ..Face::default() };
        match (stand.ending, &mut self.present) {
            // The first card says that the turn runs; a further one waits for words.
            (None, None) if self.number == 0 => {
                self.present = Some(Card::new(&self.place, 0, 0, face, surfaces));
            }
            (None, Some(card)) if !card.session.wanted().has_words() => card.session.push(face),
            (Some(ending), Some(card)) => {
                let wording = surfaces.wording();
                let is_cancelled = ending == Ending::Cancelled;
                let face = |text: String| Face { text, ..Face::default() };
                if self.left.is_empty() {
                    let sentence = if is_cancelled { wording.cancelled() } else { wording.no_answer() };
                    card.session.dismiss(face(sentence.to_owned()), ending);
                } else if is_cancelled {
                    card.session.finish(face(self.left.clone()), ending);
                } else {
                    let text = format!("{}\n\n{}", self.left, wording.interrupted());
                    card.session.finish(face(text), ending);
                }
            }
            (_, _) => {}
        }
        Role::Last
    }

    /// Finds where in the text the present card's part begins; `false` while the text has not come so
    /// far, as that of a turn which is played again.
    fn find_place(&mut self, stand: Stand<'_>) -> bool {
        let Some(before) = &self.before else { return true };
        let at = usize::try_from(before.bytes()).unwrap_or(usize::MAX);
        if stand.text.len() < at && stand.ending.is_none() {
            return false;
        }
        if before.rest_of(stand.text).is_none() {
            self.before = None;
            self.from = Cut::start();
        } else if self.from.at() != at {
            let mut cuts = markdown::split(stand.text, Surface::CARD).filter_map(|part| part.next);
            self.from = cuts.find(|cut| cut.at() == at).unwrap_or_else(|| Cut::plain(at));
        }
        true
    }

    /// Takes on the open card of an earlier process.
    fn adopt(&mut self, facts: ledger::Card, surfaces: &Surfaces) {
        self.number = facts.number;
        let said = self.before.as_ref().map_or(0, Upto::bytes);
        let (from, shows) = (facts.from, markdown::whole(&facts.shows, Surface::CARD));
        let was_ending = said > from;
        let mut card = Card::adopted(&self.place, facts, was_ending, surfaces);
        if let Some(before) = self.before.take().filter(|_| was_ending) {
            let reach = usize::try_from(said).unwrap_or(usize::MAX);
            card.session.finish(Face { text: shows, reach, ..Face::default() }, Ending::Done);
            self.next = Some((Cut::start(), before));
        } else {
            shows.trim_end().clone_into(&mut self.left);
        }
        self.present = Some(card);
    }

    /// The present card has ended: on to the next one, if the text goes on.
    fn turn_over(&mut self) {
        let Some(card) = self.present.take() else { return };
        self.reach = self.reach.max(card.session.shown().reach);
        self.parts.push(card.part());
        self.number += 1;
        self.left.clear();
        if let Some((from, before)) = self.next.take() {
            self.from = from;
            self.before = Some(before);
        }
    }

    fn receipt(&self) -> Receipt {
        let present = self.present.as_ref();
        let parts = self.parts.iter().cloned().chain(present.map(Card::part)).collect();
        let shown = present.map_or(self.reach, |card| card.session.shown().reach.max(self.reach));
        Receipt { parts, shown: shown as u64, ..Receipt::default() }
    }
}
