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
mod recovery;
mod surfaces;
mod text;

pub(crate) use growing::Growing;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use mark::any_file as any_marks;
pub(crate) use recovery::recover;
pub(crate) use surfaces::{Plan, Surfaces};
pub(crate) use text::{deliver, deliver_as_robot, deliver_once};

use crate::{
    card::request::Ending,
    error::Error,
    ledger::{AnswerKey, Entry},
    message::ReplyHandle,
};
use cards::{Cards, Progress, Stand};
use host_sdk::{Outcome, Phase, Receipt, StreamUpdate, channel::Newer};
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
        let surface = match place() {
            Some(place) => Surface::Cards(Box::new(Cards::new(place, known, surfaces))),
            None => Surface::Messages,
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
        if ending.is_none() {
            surfaces.working(&self.to, &update.stream);
            return self.show(&update.status, ending, surfaces, newer).await;
        }
        surfaces.replying(&self.to).await;
        let outcome = self.show(&update.status, ending, surfaces, newer).await;
        surfaces.ended(&self.to, &update.stream);
        let receipt = outcome?;
        if receipt.parts.iter().all(|part| part.outcome != Outcome::Failed) {
            surfaces.ledger().jot(Entry::Ended { answer: self.answer.clone() });
        }
        Ok(receipt)
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
        if ending.is_some() && !self.text.is_empty() {
            return deliver_once(surfaces, &self.to, &self.text, &self.answer).await;
        }
        let said = surfaces.ledger().known(&self.answer).said.map_or(0, |said| said.bytes());
        if ending.is_none() && said == 0 {
            surfaces.waiting(&self.to);
        }
        Ok(Receipt { shown: said, ..Receipt::default() })
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
