//! What an account can answer on, decided for each answer.

use super::{
    mark::Marks,
    notice::Notices,
    permission::{Cards, Standing},
};
use crate::{
    api::{Api, emotion::Emotion},
    budget::Level,
    card::content::Template,
    clock,
    config::{LiveAccount, ReplyOptions},
    error::Error,
    ledger::Ledger,
    message::ReplyHandle,
    wording::Wording,
};
use host_sdk::channel::Host;
use serde_json::Value;
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// At a stop marks are taken off messages for so long; what is left the next start takes off.
const WITHDRAWAL: Duration = Duration::from_secs(3);

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
    account: LiveAccount,
    ledger: Ledger,
    cards: Mutex<Cards>,
    level: Mutex<Level>,
    notices: Notices,
    marks: Marks,
}

/// By how much the pace is slower where the budget runs out.
const WIDER: u32 = 3;

impl Surfaces {
    /// Those of `account`, as it is just now, behind `api`; what is said goes into `ledger`.
    pub(crate) fn new(api: Api, account: LiveAccount, ledger: Ledger) -> Self {
        let (cards, level) = (Mutex::default(), Mutex::default());
        Self { api, account, ledger, cards, level, notices: Notices::new(), marks: Marks::new() }
    }

    /// Does what happens beside the answers, for ever; little things that must survive the process
    /// are kept in `directory`.
    pub(crate) async fn attend(&self, host: &Host, directory: PathBuf) {
        tokio::join!(self.notices.run(self), self.marks.run(&self.api, host, directory));
    }

    /// Takes back what must not outlive the account's work.
    pub(crate) async fn withdraw(&self) {
        if tokio::time::timeout(WITHDRAWAL, self.marks.end_all()).await.is_err() {
            tracing::info!("some messages keep their mark until the next start");
        }
    }

    /// What happens to the budget, for the status.
    pub(crate) fn budget(&self) -> Value {
        self.api.budget().picture(self.level(), self.options().caps)
    }

    /// The way to DingTalk.
    pub(crate) fn api(&self) -> &Api {
        &self.api
    }

    /// The options that hold just now.
    pub(crate) fn options(&self) -> Arc<ReplyOptions> {
        self.account.get().replies.clone()
    }

    /// What was said, and what is known of it.
    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Our own sentences.
    pub(crate) fn wording(&self) -> Wording {
        self.options().wording
    }

    /// The robot that answers the message behind `to`.
    pub(crate) fn robot_code<'a>(&'a self, to: &'a ReplyHandle) -> &'a str {
        to.robot_code.as_deref().unwrap_or_else(|| self.api.client_id())
    }

    /// How the next answer is shown. Asked once for each answer: where cards were refused for lack
    /// of a permission, one answer now and then finds out whether they still are.
    pub(super) fn plan(&self) -> Plan {
        let options = self.options();
        if !options.enable_ai_card {
            return Plan::Text;
        }
        let plan = self.affordable(&options);
        if plan != Plan::Text && self.cards().next_answer(clock::now()) == Standing::Refused {
            return Plan::Text;
        }
        plan
    }

    /// The least time between two updates of a card that grows now; `None` when it is only to be
    /// shown its whole text. That cards are switched off is for those that come.
    pub(super) fn pace(&self) -> Option<Duration> {
        match self.affordable(&self.options()) {
            Plan::Streamed { pace } => Some(pace),
            Plan::TwoCalls | Plan::Text => None,
        }
    }

    /// The template of a new card.
    pub(super) fn template(&self) -> Template {
        let options = self.options();
        Template { id: options.card_template_id.clone(), key: options.card_template_key.clone() }
    }

    /// Whom an answer in a group mentions, by user id; `None` for nobody.
    pub(super) fn mention<'a>(&self, to: &'a ReplyHandle) -> Option<&'a str> {
        let staff_id = to.staff_id.as_deref().filter(|_| to.is_group());
        staff_id.filter(|_| self.options().mention_sender)
    }

    /// A turn works on the answer `stream` to `to`.
    pub(super) fn working(&self, to: &ReplyHandle, stream: &str) {
        let options = self.options();
        let Some(name) = options.thinking_mark.as_ref().filter(|_| self.level() == Level::Ample) else {
            return; // also where it was switched off meanwhile: `ended` takes it back
        };
        self.marks.begin(&to.msg_id, stream, || Emotion {
            robot_code: self.robot_code(to).to_owned(),
            conversation_id: to.conversation_id.clone(),
            msg_id: to.msg_id.clone(),
            name: name.clone(),
        });
    }

    /// A turn works on an answer to `to` of which nothing will be seen until it is complete.
    pub(super) fn waiting(&self, to: &ReplyHandle) {
        if let Some(delay) = self.options().long_task_notice {
            self.notices.arm(to, delay);
        }
    }

    /// A reply to `to` goes out, or there will be none: whoever waits need not be told any more.
    pub(crate) async fn replying(&self, to: &ReplyHandle) {
        self.notices.settle(&to.msg_id).await;
    }

    /// The answer `stream` to `to` has ended, whatever came of it.
    pub(super) fn ended(&self, to: &ReplyHandle, stream: &str) {
        self.marks.end(&to.msg_id, stream);
    }

    /// Whether answers prefer the robot to the session webhook, which counts as a message.
    pub(super) fn spares_webhooks(&self) -> bool {
        self.api.budget().spares_webhooks(self.level(), self.options().caps)
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

    /// The best that the budget allows.
    fn affordable(&self, options: &ReplyOptions) -> Plan {
        match self.level() {
            Level::Ample => Plan::Streamed { pace: options.update_interval },
            Level::Wide => Plan::Streamed { pace: options.update_interval.saturating_mul(WIDER) },
            Level::TwoCalls => Plan::TwoCalls,
            Level::Text => Plan::Text,
        }
    }

    /// What an answer may cost now.
    fn level(&self) -> Level {
        let mut level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        let before = *level;
        *level = self.api.budget().level(before, self.options().caps);
        if *level != before {
            let (now, client_id) = (level.word(), self.api.client_id());
            tracing::warn!(
                client_id,
                now,
                before = before.word(),
                "answers change with the budget of API calls"
            );
        }
        *level
    }

    fn cards(&self) -> MutexGuard<'_, Cards> {
        self.cards.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
