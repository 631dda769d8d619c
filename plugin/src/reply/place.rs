//! Where the cards of an answer are shown.

use super::Surfaces;
use crate::{
    api::card::Space,
    card::content::Template,
    ledger::{self, AnswerKey},
    message::ReplyHandle,
};

/// What the cards of one answer have in common.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) answer: AnswerKey,
    pub(super) template: Template,
    pub(super) space: Space,
    pub(super) robot_code: String,
    /// Whom the first card mentions: user id and name.
    pub(super) mentions: Option<(String, String)>,
    turn: String,
    conversation: String,
}

impl Place {
    /// Where the answer to `to` is shown on cards; `None` for a person who is not of the organisation, to
    /// whom none can be delivered.
    pub(super) fn of(to: &ReplyHandle, answer: &AnswerKey, turn: &str, surfaces: &Surfaces) -> Option<Self> {
        let space = if to.is_group() {
            Space::Group(to.conversation_id.clone())
        } else {
            Space::Person(to.staff_id.clone()?)
        };
        let name = |id: &str| to.sender_nick.clone().unwrap_or_else(|| id.to_owned());
        Some(Self {
            answer: answer.clone(),
            template: surfaces.template(),
            space,
            robot_code: surfaces.robot_code(to).to_owned(),
            mentions: surfaces.mention(to).map(|id| (id.to_owned(), name(id))),
            turn: turn.to_owned(),
            conversation: to.conversation_id.clone(),
        })
    }

    /// What the ledger keeps of the card number `number`, whose part of the answer begins at `from`.
    pub(super) fn facts(&self, number: u32, from: usize, surfaces: &Surfaces) -> ledger::Card {
        ledger::Card {
            id: self.answer.card_id(surfaces.api().client_id(), number),
            number,
            from: from as u64,
            turn: self.turn.clone(),
            template: self.template.id.clone(),
            key: self.template.key.clone(),
            robot_code: self.robot_code.clone(),
            conversation: self.conversation.clone(),
            group: matches!(self.space, Space::Group(_)),
            ..ledger::Card::default()
        }
    }
}
