//! An answer on a card.

use super::{Plan, Surfaces};
use crate::{
    api::{
        Priority,
        card::{CreateAndDeliver, NewCard, Space, Streaming, Update},
    },
    card::{
        content::Template,
        driver::{self, CardCalls, Driven},
        session::{Ending, Outcome, Request, Session},
    },
    clock,
    error::{Error, Result},
    markdown::{self, Surface},
    message::ReplyHandle,
    wording::Wording,
};
use host_sdk::{Outcome as Fate, Receipt, ReceiptPart, channel::Newer};
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use uuid::Uuid;

/// What receipts call this surface.
const SURFACE: &str = "card";

/// A pace that leaves only the first text and the last.
const NO_PARTIALS: Duration = Duration::from_hours(24);

/// An answer on a card.
pub(super) struct CardReply {
    /// `None` until the first update says what the card begins with.
    session: Option<Session>,
    card: Card,
}

/// What it takes to talk about a card.
struct Card {
    template: Template,
    out_track_id: String,
    space: Space,
    robot_code: String,
    /// DingTalk's id of the delivered card.
    carrier_id: Mutex<String>,
}

/// How far an update came.
pub(super) enum Progress {
    Shown(Receipt),
    /// The card will not show the answer; this much of it can be seen.
    GivenUp {
        shown: String,
    },
}

impl CardReply {
    /// A card for the answer to `to`; `None` where there can be none.
    pub(super) fn new(to: &ReplyHandle, surfaces: &Surfaces) -> Option<Self> {
        if surfaces.plan() == Plan::Text {
            return None;
        }
        let template = surfaces.template();
        let space = if to.is_group() {
            Space::Group(to.conversation_id.clone())
        } else {
            Space::Person(to.staff_id.clone()?)
        };
        let card = Card {
            template,
            out_track_id: Uuid::new_v4().to_string(),
            space,
            robot_code: surfaces.robot_code(to).to_owned(),
            carrier_id: Mutex::default(),
        };
        Some(Self { session: None, card })
    }

    /// Shows one state of the answer.
    pub(super) async fn update(
        &mut self,
        text: &str,
        ending: Option<Ending>,
        surfaces: &Surfaces,
        newer: &mut Newer,
    ) -> Progress {
        let wording = surfaces.wording();
        if self.session.is_none() && ending.is_some_and(|ending| text.is_empty() && ending != Ending::Failed)
        {
            return Progress::Shown(Receipt::default()); // a silent turn needs no card
        }
        let pace = surfaces.pace().unwrap_or(NO_PARTIALS);
        let session = self.session.get_or_insert_with(|| Session::new(text, pace, clock::now()));
        match ending {
            None => session.push(text),
            Some(ending) => {
                let said = if text.trim().is_empty() { session.text().to_owned() } else { text.to_owned() };
                session.finish(last_text(&said, ending, wording), ending);
            }
        }
        self.drive(surfaces, newer).await
    }

    /// The update that was under way is not waited for any more.
    pub(super) fn interrupt(&mut self) {
        if let Some(session) = &mut self.session {
            session.abandon();
        }
    }

    /// Ends the card with what it shows.
    pub(super) async fn seal(&mut self, surfaces: &Surfaces) {
        let Some(session) = &mut self.session else { return };
        let interrupted = surfaces.wording().interrupted();
        let text = match session.shown() {
            "" => interrupted.to_owned(),
            shown => format!("{shown}\n\n{interrupted}"),
        };
        session.finish(&text, Ending::Cancelled);
        let (_nobody, mut newer) = Newer::channel();
        self.drive(surfaces, &mut newer).await;
    }

    async fn drive(&mut self, surfaces: &Surfaces, newer: &mut Newer) -> Progress {
        let Self { session: Some(session), card } = self else { return Progress::Shown(Receipt::default()) };
        let mut failure = None;
        let driven = driver::drive(session, &Calls { card, surfaces }, newer, &mut failure).await;
        let shown = session.shown().len();
        match driven {
            Driven::Rests | Driven::Over(Outcome::Shown) => Progress::Shown(card.receipt(shown)),
            Driven::Overtaken => Progress::Shown(Receipt { overtaken: true, ..card.receipt(shown) }),
            Driven::Over(Outcome::NotCreated | Outcome::Broken { .. }) => {
                give_up(surfaces, failure.as_ref());
                Progress::GivenUp { shown: session.shown().to_owned() }
            }
        }
    }
}

impl Card {
    fn receipt(&self, shown: usize) -> Receipt {
        let carrier = self.carrier_id.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let id = if carrier.is_empty() { self.out_track_id.clone() } else { carrier };
        let part = ReceiptPart::new(id, SURFACE, Fate::Delivered);
        Receipt { parts: vec![part], shown: shown as u64, ..Receipt::default() }
    }
}

/// A card never ends empty.
fn last_text(text: &str, ending: Ending, wording: Wording) -> &str {
    match ending {
        _ if !text.trim().is_empty() => text,
        Ending::Done => wording.no_answer(),
        Ending::Failed => wording.turn_failed(),
        Ending::Cancelled => wording.cancelled(),
    }
}

fn give_up(surfaces: &Surfaces, failure: Option<&Error>) {
    let Some(error) = failure else { return };
    surfaces.card_refused(error);
    tracing::warn!(error = %error, "no card for this answer, it goes out as a message");
}

/// A card's requests as calls to DingTalk.
struct Calls<'a> {
    card: &'a Card,
    surfaces: &'a Surfaces,
}

impl CardCalls for Calls<'_> {
    async fn perform(&self, request: &Request) -> Result<()> {
        let (api, id, template) = (self.surfaces.api(), &self.card.out_track_id, &self.card.template);
        match request {
            Request::Create { text } => {
                let carrier = api
                    .create_card(
                        api.permit(CreateAndDeliver::FAMILY, Priority::Deliver).await,
                        &self.new_card(text),
                    )
                    .await?;
                self.surfaces.card_accepted();
                *self.card.carrier_id.lock().unwrap_or_else(PoisonError::into_inner) = carrier;
                Ok(())
            }
            Request::Stream { revision, text, ending } => {
                let update = Streaming {
                    out_track_id: id.clone(),
                    guid: format!("{id}-{revision}"),
                    key: template.key.clone(),
                    content: markdown::whole(text, Surface::CARD),
                    is_full: true,
                    is_finalize: ending.is_some(),
                    is_error: *ending == Some(Ending::Failed),
                };
                let priority = if ending.is_some() { Priority::Final } else { Priority::Partial };
                api.stream_card(api.permit(Streaming::FAMILY, priority).await, &update).await
            }
            Request::Close { text, ending } => {
                let text = markdown::whole(text, Surface::CARD);
                let permit = api.permit(Update::FAMILY, Priority::Final).await;
                api.update_card(permit, &Update::by_key(id, template.ended(&text, *ending))).await
            }
            Request::Withdraw => {
                let instead = self.surfaces.wording().answered_below();
                let permit = api.permit(Update::FAMILY, Priority::Final).await;
                api.update_card(permit, &Update::by_key(id, template.ended(instead, Ending::Cancelled))).await
            }
        }
    }
}

impl Calls<'_> {
    fn new_card(&self, text: &str) -> CreateAndDeliver {
        let thinking = self.surfaces.wording().thinking();
        let growing = !text.is_empty();
        let text = if growing { text } else { thinking };
        CreateAndDeliver::from(NewCard {
            variables: self.card.template.created(&markdown::whole(text, Surface::CARD), growing),
            template: self.card.template.id.clone(),
            out_track_id: self.card.out_track_id.clone(),
            robot_code: self.card.robot_code.clone(),
            space: self.card.space.clone(),
            summary: markdown::title(text, thinking),
        })
    }
}
