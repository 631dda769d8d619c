//! One answer on its way to people: on cards that grow, or as messages when it is complete.
//!
//! [`Reply`] is the answer. It begins on the surface that [`Surfaces`] plans: `cards` shows it on one
//! [`card`] after the other, each driven by a session of its own; `text` sends what cards do not show, all
//! of it or the rest. What was said where is in the ledger, so nothing is said twice, whichever surface
//! gave up and whichever process died. [`Growing`] keeps answers between two updates.

mod card;
mod cards;
mod growing;
mod mark;
mod notice;
mod permission;
mod place;
mod recent;
mod surfaces;
mod text;

pub(crate) use growing::Growing;
pub(crate) use surfaces::{Plan, Surfaces};
pub(crate) use text::{deliver, deliver_once};

use crate::{
    card::request::Ending,
    error::Error,
    ledger::{AnswerKey, Entry},
    message::ReplyHandle,
};
use cards::{Cards, Progress, Stand};
use host_sdk::{Phase, Receipt, StreamUpdate, channel::Newer};
use place::Place;

/// One answer that grows.
pub(crate) struct Reply {
    to: ReplyHandle,
    answer: AnswerKey,
    /// Of the newest update.
    seq: u64,
    /// The newest text that says something.
    text: String,
    surface: Surface,
}

enum Surface {
    Cards(Box<Cards>),
    /// Messages, once the answer is complete.
    Messages,
    /// It was given to its end before.
    Given,
}

impl Reply {
    /// The answer to the message behind `to` that begins with `update`, on the best surface there is.
    pub(crate) fn new(to: ReplyHandle, update: &StreamUpdate, surfaces: &Surfaces) -> Self {
        let answer = AnswerKey::new(&to.msg_id, &update.stream);
        let known = surfaces.ledger().known(&answer);
        let place = || {
            let place = Place::of(&to, &answer, &update.turn, surfaces)?;
            (surfaces.plan() != Plan::Text).then_some(place)
        };
        let surface = if known.ended {
            Surface::Given
        } else {
            match place() {
                Some(place) => Surface::Cards(Box::new(Cards::new(place, known, surfaces))),
                None => Surface::Messages,
            }
        };
        Self { to, answer, seq: 0, text: String::new(), surface }
    }

    /// Shows one state of the answer.
    ///
    /// # Errors
    /// When a complete answer could be shown nowhere.
    pub(crate) async fn update(
        &mut self,
        update: &StreamUpdate,
        surfaces: &Surfaces,
        newer: &mut Newer,
    ) -> Result<Receipt, Error> {
        if update.seq < self.seq {
            return Ok(Receipt::overtaken());
        }
        self.seq = update.seq;
        if !update.text.trim().is_empty() {
            self.text.clone_from(&update.text);
        }
        let ending = ending(update.phase);
        if ending == Some(Ending::Failed) && self.text.is_empty() {
            surfaces.wording().turn_failed().clone_into(&mut self.text);
        }
        self.begin(&update.stream, ending, surfaces).await;
        let outcome = self.show(&update.status, ending, surfaces, newer).await;
        if ending.is_some() {
            surfaces.ended(&self.to, &update.stream);
        }
        let receipt = outcome?;
        let went_through = receipt.parts.iter().all(|part| part.outcome != host_sdk::Outcome::Failed);
        if ending.is_some() && went_through {
            surfaces.ledger().jot(Entry::Ended { answer: self.answer.clone() });
        }
        Ok(receipt)
    }

    /// What goes before a state of the answer: the mark before the first words, and before the last
    /// ones the end of waiting.
    async fn begin(&self, stream: &str, ending: Option<Ending>, surfaces: &Surfaces) {
        match (&self.surface, ending) {
            (Surface::Given, _) => {}
            (_, None) => surfaces.working(&self.to, stream),
            (_, Some(_)) => surfaces.replying(&self.to).await,
        }
    }

    async fn show(
        &mut self,
        status: &str,
        ending: Option<Ending>,
        surfaces: &Surfaces,
        newer: &mut Newer,
    ) -> Result<Receipt, Error> {
        if let Surface::Cards(cards) = &mut self.surface {
            let stand = Stand { text: &self.text, status, ending };
            match cards.update(stand, surfaces, newer).await {
                Progress::Shown(receipt) => {
                    surfaces.replying(&self.to).await;
                    return Ok(receipt);
                }
                Progress::GivenUp => self.surface = Surface::Messages,
            }
        }
        match (&self.surface, ending) {
            (Surface::Messages, None) if self.said(surfaces) == 0 => {
                surfaces.waiting(&self.to);
                Ok(Receipt::default())
            }
            (Surface::Messages, Some(_)) if !self.text.is_empty() => {
                deliver_once(surfaces, &self.to, &self.text, &self.answer).await
            }
            _ => Ok(Receipt { shown: self.said(surfaces), ..Receipt::default() }),
        }
    }

    /// How many bytes of the answer were said in an earlier process, or on a card that was given up.
    fn said(&self, surfaces: &Surfaces) -> u64 {
        surfaces.ledger().known(&self.answer).said.map_or(0, |said| said.bytes())
    }

    /// The update that was under way is not waited for any more.
    pub(crate) fn interrupt(&mut self) {
        if let Surface::Cards(cards) = &mut self.surface {
            cards.interrupt();
        }
    }

    /// Ends a card that nobody will end any more; without one there is nothing to end.
    pub(crate) async fn seal(&mut self, surfaces: &Surfaces) {
        if let Surface::Cards(cards) = &mut self.surface {
            cards.seal(&self.text, surfaces.wording().interrupted(), surfaces).await;
        }
    }
}

fn ending(phase: Phase) -> Option<Ending> {
    match phase {
        Phase::Open => None,
        Phase::Failed => Some(Ending::Failed),
        Phase::Cancelled => Some(Ending::Cancelled),
        _ => Some(Ending::Done),
    }
}
