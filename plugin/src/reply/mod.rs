//! One answer on its way to people: on a card that grows, or as messages when it is complete.

mod card;
mod growing;
mod mark;
mod notice;
mod permission;
mod recent;
mod recovery;
mod surfaces;
mod text;

pub(crate) use growing::Growing;
pub(crate) use recovery::recover;
pub(crate) use surfaces::{Plan, Surfaces};
pub(crate) use text::{deliver, deliver_as_robot};

use crate::{card::session::Ending, error::Error, message::ReplyHandle};
use card::{CardReply, Progress};
use host_sdk::{Phase, Receipt, StreamUpdate, channel::Newer};

/// One answer that grows.
pub(crate) struct Reply {
    to: ReplyHandle,
    surface: Surface,
}

enum Surface {
    Card(Box<CardReply>),
    /// Messages, once the answer is complete; `shown` of it was seen on a card before.
    Text {
        shown: String,
    },
}

impl Reply {
    /// An answer to the message behind `to`, on the best surface there is.
    pub(crate) fn new(to: ReplyHandle, surfaces: &Surfaces) -> Self {
        let surface = match CardReply::new(&to, surfaces) {
            Some(card) => Surface::Card(Box::new(card)),
            None => Surface::Text { shown: String::new() },
        };
        Self { to, surface }
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
        let ending = ending(update.phase);
        if ending.is_none() {
            surfaces.working(&self.to, &update.stream);
            return self.show(update, ending, surfaces, newer).await;
        }
        surfaces.replying(&self.to).await;
        let outcome = self.show(update, ending, surfaces, newer).await;
        surfaces.ended(&self.to, &update.stream);
        outcome
    }

    async fn show(
        &mut self,
        update: &StreamUpdate,
        ending: Option<Ending>,
        surfaces: &Surfaces,
        newer: &mut Newer,
    ) -> Result<Receipt, Error> {
        if let Surface::Card(card) = &mut self.surface {
            match card.update(&update.text, ending, surfaces, newer).await {
                Progress::Shown(receipt) => {
                    surfaces.replying(&self.to).await;
                    return Ok(receipt);
                }
                Progress::GivenUp { shown } => self.surface = Surface::Text { shown },
            }
        }
        let Surface::Text { shown } = &self.surface else { return Ok(Receipt::default()) };
        if ending.is_none() && shown.is_empty() {
            surfaces.waiting(&self.to);
        }
        let rest = update.text.strip_prefix(shown.as_str()).unwrap_or(&update.text);
        match ending {
            Some(_) if !rest.trim().is_empty() => deliver(surfaces, &self.to, rest).await,
            Some(Ending::Failed) if shown.is_empty() => {
                deliver(surfaces, &self.to, surfaces.wording().turn_failed()).await
            }
            _ => Ok(Receipt { shown: shown.len() as u64, ..Receipt::default() }),
        }
    }

    /// The update that was under way is not waited for any more.
    pub(crate) fn interrupt(&mut self) {
        if let Surface::Card(card) = &mut self.surface {
            card.interrupt();
        }
    }

    /// Ends a card that nobody will end any more; without one there is nothing to end.
    pub(crate) async fn seal(&mut self, surfaces: &Surfaces) {
        if let Surface::Card(card) = &mut self.surface {
            card.seal(surfaces).await;
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
