//! What an account can answer on, decided for each answer.

use super::permission::{Cards, Standing};
use crate::{
    api::Api,
    card::content::Template,
    clock,
    config::{LiveOptions, ReplyOptions},
    error::Error,
    ledger::Ledger,
    message::ReplyHandle,
    wording::Wording,
};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// How an answer is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// On a card that is updated once per `pace` at most.
    Streamed {
        /// The least time between two updates.
        pace: Duration,
    },
    /// On a card that is created, and next shows the whole answer.
    TwoCalls,
    /// As messages, once the answer is complete.
    Text,
}

/// One account's ways to answer.
pub(crate) struct Surfaces {
    api: Api,
    options: LiveOptions,
    ledger: Ledger,
    cards: Mutex<Cards>,
}

impl Surfaces {
    /// Those of the account behind `api`, as `options` say just now; what is said goes into `ledger`.
    pub(crate) fn new(api: Api, options: LiveOptions, ledger: Ledger) -> Self {
        Self { api, options, ledger, cards: Mutex::default() }
    }

    /// The way to DingTalk.
    pub(crate) fn api(&self) -> &Api {
        &self.api
    }

    /// The options that hold just now.
    pub(crate) fn options(&self) -> Arc<ReplyOptions> {
        self.options.get()
    }

    /// What was said, and what is known of it.
    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Our own sentences.
    pub(crate) fn wording(&self) -> Wording {
        self.options.get().wording
    }

    /// The robot that answers the message behind `to`.
    pub(crate) fn robot_code<'a>(&'a self, to: &'a ReplyHandle) -> &'a str {
        to.robot_code.as_deref().unwrap_or_else(|| self.api.client_id())
    }

    /// How the next answer is shown. Asked once for each answer: where cards were refused for lack
    /// of a permission, one answer now and then finds out whether they still are.
    pub(super) fn plan(&self) -> Plan {
        let options = self.options.get();
        let plan = self.affordable(&options);
        if plan != Plan::Text && self.cards().next_answer(clock::now()) == Standing::Refused {
            return Plan::Text;
        }
        plan
    }

    /// The least time between two updates of a card that grows now; `None` when it is only to be
    /// shown its whole text.
    pub(super) fn pace(&self) -> Option<Duration> {
        match self.affordable(&self.options.get()) {
            Plan::Streamed { pace } => Some(pace),
            Plan::TwoCalls | Plan::Text => None,
        }
    }

    /// The template of a new card.
    pub(super) fn template(&self) -> Template {
        let options = self.options.get();
        Template { id: options.card_template_id.clone(), key: options.card_template_key.clone() }
    }

    /// Whom an answer in a group mentions, by user id; `None` for nobody.
    pub(super) fn mention<'a>(&self, to: &'a ReplyHandle) -> Option<&'a str> {
        let staff_id = to.staff_id.as_deref().filter(|_| to.is_group());
        staff_id.filter(|_| self.options.get().mention_sender)
    }

    /// A card was created.
    pub(super) fn card_accepted(&self) {
        self.cards().accepted();
    }

    /// A card was refused for `error`.
    pub(super) fn card_refused(&self, error: &Error) {
        if error.is_permission() {
            self.cards().refused(clock::now());
        }
    }

    /// The best that the options and the budget allow.
    fn affordable(&self, options: &ReplyOptions) -> Plan {
        if !options.enable_ai_card {
            return Plan::Text;
        }
        Plan::Streamed { pace: options.update_interval }
    }

    fn cards(&self) -> MutexGuard<'_, Cards> {
        self.cards.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
