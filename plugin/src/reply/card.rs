//! One card of an answer: its session, and its requests as calls to DingTalk.

use super::{Surfaces, place::Place};
use crate::{
    api::{
        Priority,
        card::{CreateAndDeliver, NewCard, Space, Streaming, Update},
        limiter::{Live, Permit},
    },
    card::{
        Pace,
        driver::{self, CardCalls, Driven},
        request::{Ending, Face, Intent, Outcome, Request},
        session::Session,
    },
    clock,
    error::{Error, Result},
    ledger::{self, AnswerKey, CardEnd, Entry, Fate, Upto},
    markdown,
};
use host_sdk::{Outcome as Delivery, ReceiptPart, channel::Newer};
use std::{
    sync::{Mutex, PoisonError},
    time::Instant,
};
use uuid::Uuid;

/// What receipts call this surface.
const SURFACE: &str = "card";

/// One card of an answer.
pub(super) struct Card {
    pub(super) session: Session,
    wire: Wire,
}

/// What it takes to talk to DingTalk about a card.
struct Wire {
    place: Place,
    facts: ledger::Card,
    /// Where its part of the answer begins, in bytes.
    from: usize,
    /// Part of the name of every update, so that one of an earlier process is not taken for its repetition.
    names: Uuid,
    /// DingTalk's id of the delivered card.
    carrier: Mutex<String>,
    live: Live,
    /// Since when there are words that it does not show.
    behind: Mutex<Option<Instant>>,
}

/// What a card is about to show belongs to this answer.
#[derive(Clone, Copy)]
pub(super) struct Said<'a> {
    /// The whole answer so far.
    pub(super) text: &'a str,
    /// What the card is of the answer.
    pub(super) role: Role,
}

/// What a card is of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It ends at a cut, and another one goes on.
    Part,
    /// The last one, as far as known.
    Last,
    /// It is ended although the answer may yet be given, to a turn that is played again.
    Sealed,
}

impl Card {
    /// A new card that begins with `face`, the answer's number `number`, whose part begins at `from`.
    pub(super) fn new(place: &Place, number: u32, from: usize, face: Face, surfaces: &Surfaces) -> Self {
        let wire = Wire::new(place, place.facts(number, from, surfaces), surfaces);
        Self { session: Session::new(face, wire.pace(surfaces)), wire }
    }

    /// A card that an earlier process began. `is_final`: its last text may have been streamed.
    pub(super) fn adopted(place: &Place, facts: ledger::Card, is_final: bool, surfaces: &Surfaces) -> Self {
        let is_there = !facts.carrier.is_empty();
        let wire = Wire::new(place, facts, surfaces);
        let (face, pace) = (Face::default(), wire.pace(surfaces));
        let session =
            if is_there { Session::adopted(face, pace, is_final) } else { Session::doubtful(face, pace) };
        Self { session, wire }
    }

    /// Its part of the answer begins so far into the text.
    pub(super) fn begins_at(&mut self, from: usize) {
        self.wire.from = from;
    }

    /// Has the session do what it can.
    pub(super) async fn drive(&mut self, said: Said<'_>, surfaces: &Surfaces, newer: &mut Newer) -> Driven {
        if self.session.wanted().text != self.session.shown().text {
            self.wire.falls_behind();
        }
        let mut failure = None;
        let calls = Calls { wire: &self.wire, surfaces, said };
        let driven = driver::drive(&mut self.session, &calls, newer, &mut failure).await;
        if let Driven::Over(outcome) = &driven {
            self.wire.note_end(outcome, said, self.session.shown(), surfaces);
            if matches!(outcome, Outcome::GivenUp { .. }) {
                explain(failure.as_ref(), surfaces);
            }
        }
        driven
    }

    /// How it appears in a receipt.
    pub(super) fn part(&self) -> ReceiptPart {
        let carrier = self.wire.carrier();
        let id = if carrier.is_empty() { self.wire.facts.id.clone() } else { carrier };
        ReceiptPart::new(id, SURFACE, Delivery::Delivered)
    }
}

fn explain(failure: Option<&Error>, surfaces: &Surfaces) {
    let Some(error) = failure else { return };
    surfaces.card_refused(error);
    tracing::warn!(error = %error, "no card for this answer, what is missing goes out as a message");
}

impl Wire {
    fn new(place: &Place, facts: ledger::Card, surfaces: &Surfaces) -> Self {
        let carrier = Mutex::new(facts.carrier.clone());
        let (names, live) = (Uuid::new_v4(), surfaces.api().enter());
        let from = usize::try_from(facts.from).unwrap_or(usize::MAX);
        Self { place: place.clone(), facts, from, names, carrier, live, behind: Mutex::default() }
    }

    fn pace(&self, surfaces: &Surfaces) -> Pace {
        surfaces.pace().map_or(Pace::Never, |base| Pace::Every(self.live.pace(base)))
    }

    fn falls_behind(&self) {
        self.behind.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(clock::now);
    }

    /// It shows what it was told; since when it did not, if it was behind.
    fn catches_up(&self) -> Option<Instant> {
        self.behind.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn carrier(&self) -> String {
        self.carrier.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn answer(&self) -> AnswerKey {
        self.place.answer.clone()
    }

    fn note_end(&self, outcome: &Outcome, said: Said<'_>, shown: &Face, surfaces: &Surfaces) {
        let upto = match outcome {
            Outcome::Shown => Some(Upto::of(said.upto(shown.reach))),
            Outcome::Retracted => None,
            // Only so much was said after all: the rest is for another surface.
            Outcome::GivenUp { shown, .. } => {
                Some(Upto::of(said.upto(shown.reach.max(self.from)).trim_end()))
            }
        };
        let end = match outcome {
            Outcome::GivenUp { open: true, .. } => None,
            Outcome::GivenUp { shown, .. } if !shown.has_words() && self.carrier().is_empty() => {
                Some(CardEnd::Never)
            }
            Outcome::GivenUp { shown, .. } if !shown.has_words() => Some(CardEnd::Withdrawn),
            Outcome::Retracted => Some(CardEnd::Withdrawn),
            Outcome::Shown | Outcome::GivenUp { .. } => Some(CardEnd::Shown),
        };
        let ledger = surfaces.ledger();
        if let Some(upto) = upto.filter(|_| said.role != Role::Sealed) {
            let last = said.role == Role::Last && *outcome == Outcome::Shown;
            ledger.jot(Entry::Settled { answer: self.answer(), upto, last, fate: Fate::Delivered });
        }
        match end {
            Some(end) => ledger.jot(Entry::CardOver { card: self.facts.id.clone(), end }),
            None => {
                // What was refused had been noted before it left.
                let text = said.text.get(self.from..shown.reach).unwrap_or_default().to_owned();
                ledger.jot(Entry::CardShows { card: self.facts.id.clone(), text });
                ledger.leave(&self.facts.id);
            }
        }
    }
}

impl<'a> Said<'a> {
    /// The answer up to there.
    fn upto(self, reach: usize) -> &'a str {
        self.text.get(..reach).unwrap_or(self.text)
    }
}

/// A card's requests as calls to DingTalk.
struct Calls<'a> {
    wire: &'a Wire,
    surfaces: &'a Surfaces,
    said: Said<'a>,
}

impl CardCalls for Calls<'_> {
    /// `None` for a recall, which asks for itself.
    type Permit = Option<Permit>;

    async fn permit(&self, intent: Intent) -> Option<Permit> {
        let (family, priority) = match intent {
            Intent::Create => (CreateAndDeliver::FAMILY, Priority::Deliver),
            Intent::Partial => (Streaming::FAMILY, Priority::Partial),
            Intent::Status => (Streaming::FAMILY, Priority::Status),
            Intent::Final => (Streaming::FAMILY, Priority::Final),
            Intent::Close | Intent::GiveUp => (Update::FAMILY, Priority::Final),
            Intent::Retract => return None,
        };
        Some(self.wire.live.permit(family, priority).await)
    }

    fn pace(&self) -> Pace {
        self.wire.pace(self.surfaces)
    }

    async fn perform(&self, request: &Request, permit: Option<Permit>) -> Result<()> {
        let outcome = self.carry_out(request, permit).await;
        let shows =
            matches!(request, Request::Create { .. } | Request::Stream { .. } | Request::Close { .. });
        if outcome.is_ok()
            && shows
            && let Some(since) = self.wire.catches_up()
        {
            self.surfaces.api().times().card.count(clock::now().saturating_duration_since(since));
        }
        outcome
    }
}

impl Calls<'_> {
    async fn carry_out(&self, request: &Request, permit: Option<Permit>) -> Result<()> {
        self.note(request).await;
        let (api, id) = (self.surfaces.api(), &self.wire.facts.id);
        let Some(permit) = permit else { return self.retract().await };
        match request {
            Request::Create { face, is_plain } => {
                let carrier = api.create_card(permit, &self.new_card(face, *is_plain)).await?;
                self.surfaces.card_accepted();
                self.note_delivery(carrier);
                Ok(())
            }
            Request::Stream { revision, face, ending } => {
                let update = Streaming {
                    out_track_id: id.clone(),
                    guid: format!("{}-{revision}", self.wire.names),
                    key: self.wire.place.template.key.clone(),
                    content: self.content(face),
                    is_full: true,
                    is_finalize: ending.is_some(),
                    is_error: *ending == Some(Ending::Failed),
                };
                api.stream_card(permit, &update).await
            }
            Request::Close { face, ending } => self.end(permit, &face.text, *ending).await,
            Request::GiveUp { shown } => {
                let wording = self.surfaces.wording();
                let text = match shown.text.as_str() {
                    "" => wording.answered_below().to_owned(),
                    shown => format!("{shown}\n\n{}", wording.continued_below()),
                };
                self.end(permit, &text, Ending::Failed).await
            }
            Request::Retract => Ok(()), // has gone without a permit
        }
    }
    /// Writes down what is about to leave, before it does.
    async fn note(&self, request: &Request) {
        let (ledger, wire) = (self.surfaces.ledger(), self.wire);
        let card = || wire.facts.id.clone();
        if let Request::Create { .. } = request {
            let card = Box::new(wire.facts.clone());
            ledger.note(Entry::CardOpened { answer: wire.answer(), card }).await;
        }
        if let Some(face) = request.face().filter(|face| face.has_words() && face.reach > 0) {
            let text = self.said.text.get(wire.from..face.reach).unwrap_or_default().to_owned();
            let shows = Entry::CardShows { card: card(), text };
            if request.is_partial() {
                return ledger.jot(shows); // the next one will say it all again
            }
            ledger.note(shows).await;
        }
        if self.said.role == Role::Sealed {
            return;
        }
        if let Request::Stream { face, ending: Some(_), .. } | Request::Close { face, .. } = request {
            let upto = Upto::of(self.said.upto(face.reach));
            let last = self.said.role == Role::Last;
            ledger.note(Entry::Sending { answer: wire.answer(), upto, last }).await;
        }
    }

    fn note_delivery(&self, carrier: String) {
        carrier.clone_into(&mut self.wire.carrier.lock().unwrap_or_else(PoisonError::into_inner));
        self.surfaces.ledger().jot(Entry::CardDelivered { card: self.wire.facts.id.clone(), carrier });
    }

    fn new_card(&self, face: &Face, is_plain: bool) -> CreateAndDeliver {
        let Place { template, space, robot_code, mentions, .. } = &self.wire.place;
        let wording = self.surfaces.wording();
        let has_button = self.surfaces.options().stop_button && !is_plain;
        let stop = has_button.then(|| wording.stop());
        CreateAndDeliver::from(NewCard {
            variables: template.created(&self.content(face), face.has_words(), stop),
            template: template.id.clone(),
            out_track_id: self.wire.facts.id.clone(),
            robot_code: robot_code.clone(),
            space: space.clone(),
            mentions: mentions.clone().filter(|_| self.wire.facts.number == 0),
            summary: markdown::title(&face.text, wording.thinking()),
        })
    }

    /// What the text's variable shows: the words, and below them what the agent is doing.
    fn content(&self, face: &Face) -> String {
        match (face.text.as_str(), face.status.as_str()) {
            ("", "") => self.surfaces.wording().thinking().to_owned(),
            ("", status) => status.to_owned(),
            (text, "") => text.to_owned(),
            (text, status) => format!("{text}\n\n> {status}"),
        }
    }

    async fn end(&self, permit: Permit, text: &str, ending: Ending) -> Result<()> {
        let variables = self.wire.place.template.ended(text, ending);
        self.surfaces.api().update_card(permit, &Update::by_key(&self.wire.facts.id, variables)).await
    }

    /// Takes the card back, by the id under which DingTalk delivered it.
    async fn retract(&self) -> Result<()> {
        let (api, place, carrier) = (self.surfaces.api(), &self.wire.place, self.wire.carrier());
        match &place.space {
            Space::Group(id) => api.recall_from_group(&place.robot_code, id, &[carrier]).await,
            Space::Person(_) => api.recall_from_people(&place.robot_code, &[carrier]).await,
        }
    }
}
