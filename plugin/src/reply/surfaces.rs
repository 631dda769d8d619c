//! What an account can answer on.

use crate::{
    api::Api, card::content::Template, clock, error::Error, ledger::Ledger, message::ReplyHandle,
    wording::Wording,
};
use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// After DingTalk refused a card for lack of a permission the next ones go straight to text; so
/// often it is tried whether the permission was granted meanwhile.
const CARDS_AGAIN: Duration = Duration::from_secs(60);

/// One account's ways to answer.
pub(crate) struct Surfaces {
    api: Api,
    template: Option<Template>,
    pace: Duration,
    wording: Wording,
    ledger: Ledger,
    no_cards_until: Mutex<Option<Instant>>,
}

impl Surfaces {
    /// `template`: the card to answer on; `None` where cards are switched off. A card is updated
    /// once per `pace` at most.
    pub(crate) fn new(
        api: Api,
        template: Option<Template>,
        pace: Duration,
        wording: Wording,
        ledger: Ledger,
    ) -> Self {
        Self { api, template, pace, wording, ledger, no_cards_until: Mutex::default() }
    }

    pub(crate) fn api(&self) -> &Api {
        &self.api
    }

    pub(crate) fn wording(&self) -> Wording {
        self.wording
    }

    /// What was said, and what is known of it.
    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    pub(super) fn pace(&self) -> Duration {
        self.pace
    }

    /// The robot that answers the message behind `to`.
    pub(super) fn robot_code<'a>(&'a self, to: &'a ReplyHandle) -> &'a str {
        to.robot_code.as_deref().unwrap_or_else(|| self.api.client_id())
    }

    /// The template, if cards are switched on and not refused just now.
    pub(super) fn card_template(&self) -> Option<&Template> {
        let until = *self.no_cards_until.lock().unwrap_or_else(PoisonError::into_inner);
        self.template.as_ref().filter(|_| until.is_none_or(|until| clock::now() >= until))
    }

    /// A card was refused for `error`.
    pub(super) fn card_refused(&self, error: &Error) {
        if error.is_permission() {
            let until = clock::now() + CARDS_AGAIN;
            *self.no_cards_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
        }
    }
}
