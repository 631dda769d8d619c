//! Who may talk to an account, as far as its host does not decide it.

use crate::{failure::parse, listener::written};
use host_sdk::{
    InboundMessage,
    access::{Admission, Rules, Told},
};
use napi::Result;
use napi_derive::napi;
use serde::Serialize;
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

/// The rules of one account, and who was told lately that they may not write.
#[napi]
pub struct Doorman {
    rules: Rules,
    told: Mutex<Told>,
}

/// What becomes of a message, as it is written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Judged {
    /// `admit`, `pair`, `deny` or `ignore`.
    admission: &'static str,
    command_authorised: bool,
    /// The id that the owner would have to list; empty unless denied.
    id: String,
    /// Why, for the owner.
    why: String,
}

impl Doorman {
    pub(crate) fn new(rules: Rules) -> Self {
        Self { rules, told: Mutex::default() }
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[napi]
impl Doorman {
    /// Judges an `InboundMessage`; `paired` is whether the owner has approved who wrote it.
    #[napi]
    pub fn judge(&self, message: String, paired: bool) -> Result<String> {
        let message: InboundMessage = parse("an InboundMessage", &message)?;
        let admission = self.rules.judge(&message, |_| paired);
        let (word, command_authorised, id) = match admission {
            Admission::Admit { command_authorised, .. } => ("admit", command_authorised, ""),
            Admission::Pair => ("pair", false, ""),
            Admission::Deny(denial) => ("deny", false, denial.id(&message)),
            Admission::Ignore(_) => ("ignore", false, ""),
        };
        let why = admission.to_string();
        Ok(written(&Judged { admission: word, command_authorised, id: id.to_owned(), why }))
    }

    /// Whether a group has to mention the bot.
    #[napi]
    pub fn requires_mention(&self, group: String) -> bool {
        self.rules.group(&group).require_mention.unwrap_or(self.rules.require_mention)
    }

    /// Whether it is time to tell `whom` that they may not write; then it is not again for an hour.
    #[napi]
    pub fn is_due(&self, whom: String) -> bool {
        self.told().is_due(&whom, Instant::now())
    }

    /// They could not be told.
    #[napi]
    pub fn take_back(&self, whom: String) {
        self.told().take_back(&whom);
    }
}
