//! One count for all accounts of an application, kept on disk.

use super::{
    count::{Count, Kind, Pot},
    level::{Level, Reading},
};
use crate::{
    clock,
    config::Caps,
    error::{Error, ErrorKind},
    state_file::{Content, StateError, StateFile},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

const FORMAT: u32 = 1;

/// The budgets of all applications, by the DingTalk they belong to and their Client ID.
#[derive(Default)]
pub(crate) struct Budgets {
    /// A budget lives as long as some account holds it, so there are never more than accounts.
    known: Mutex<HashMap<(String, String), Weak<Budget>>>,
}

/// What one application has spent, and where that is written down.
pub(crate) struct Budget {
    name: String,
    count: Mutex<Count>,
    /// Something was counted since it was written down.
    is_news: AtomicBool,
    /// Where it is written down; held while that is done, so not for a worker thread.
    kept: Mutex<Kept>,
    is_kept: AtomicBool,
}

/// What is left of an application's API calls.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    pub(crate) level: Level,
    /// DingTalk has said today that there are none.
    pub(crate) exhausted: bool,
    /// How many there were this month …
    pub(crate) month: u64,
    /// … of how many, if there is such a number.
    pub(crate) cap: Option<u64>,
}

#[derive(Default)]
struct Kept {
    file: Option<StateFile>,
    /// That writing fails was told.
    told: bool,
}

impl Budgets {
    /// The budget of the application `client_id` at the DingTalk `base`.
    pub(crate) fn of(&self, base: &str, client_id: &str) -> Arc<Budget> {
        let key = (base.to_owned(), client_id.to_owned());
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(budget) = known.get(&key).and_then(Weak::upgrade) {
            return budget;
        }
        known.retain(|_, budget| budget.strong_count() > 0);
        let budget = Arc::new(Budget {
            name: file_name(&key),
            count: Mutex::default(),
            is_news: AtomicBool::new(false),
            kept: Mutex::default(),
            is_kept: AtomicBool::new(false),
        });
        known.insert(key, Arc::downgrade(&budget));
        budget
    }
}

/// Client ID and DingTalk, in characters that every file system takes.
fn file_name((base, client_id): &(String, String)) -> String {
    let plain = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    format!("budget-{}-{}.json", plain(client_id), plain(base))
}

impl Budget {
    /// A call of the interface at `path` goes out.
    pub(crate) fn call(&self, path: &str) -> Charge<'_> {
        Charge { budget: self, kind: Kind::of(path), is_open: true }
    }

    /// An answer through a session webhook goes out.
    pub(crate) fn webhook(&self) -> Charge<'_> {
        Charge { budget: self, kind: Kind::Webhook, is_open: true }
    }

    /// Counts messages that the Stream connection brought.
    pub(crate) fn count_messages(&self, several: u64) {
        if several > 0 {
            self.add(Kind::Stream, several);
        }
    }

    /// The level after `level`, under `caps`. Where DingTalk has said today that there are no calls
    /// left, cards are left alone until tomorrow.
    pub(crate) fn level(&self, level: Level, caps: Caps) -> Level {
        let count = self.counted();
        if count.is_exhausted() {
            return Level::Text;
        }
        let part = |spent: u64, cap: Option<u64>| cap.map_or(0.0, |cap| spent as f64 / cap.max(1) as f64);
        let pot = Pot::ApiCalls;
        level.next(Reading {
            month: part(count.month(pot), caps.api_calls_per_month),
            forecast: part(count.forecast(pot, clock::unix_ms()), caps.api_calls_per_month),
            today: part(count.today(pot), caps.api_calls_per_day),
        })
    }

    /// Whether messages through webhooks are as good as used up, and API calls are not.
    pub(crate) fn spares_webhooks(&self, level: Level, caps: Caps) -> bool {
        let Some(cap) = caps.messages_per_month else { return false };
        let spent = self.counted().month(Pot::Messages);
        level < Level::Text && spent.saturating_mul(100) >= cap.saturating_mul(97)
    }

    /// For the status: what was spent, what will be, and what may be.
    pub(crate) fn picture(&self, level: Level, caps: Caps) -> Value {
        let kept = self.is_kept.load(Relaxed);
        let (count, now_ms) = (self.counted(), clock::unix_ms());
        let of = |pot| {
            json!({
                "today": count.today(pot),
                "month": count.month(pot),
                "forecast": count.forecast(pot, now_ms),
            })
        };
        let (mut calls, mut messages) = (of(Pot::ApiCalls), of(Pot::Messages));
        calls["monthCap"] = caps.api_calls_per_month.into();
        calls["dayCap"] = caps.api_calls_per_day.into();
        messages["monthCap"] = caps.messages_per_month.into();
        json!({
            "level": level.word(), "apiCalls": calls, "messages": messages,
            "exhausted": count.is_exhausted(), "kept": kept,
        })
    }

    /// What is left of API calls; `None` where another process counts them.
    pub(crate) fn standing(&self, caps: Caps) -> Option<Standing> {
        let is_kept = self.is_kept.load(Relaxed);
        let level = self.level(Level::Ample, caps);
        let count = self.counted();
        let (month, cap) = (count.month(Pot::ApiCalls), caps.api_calls_per_month);
        is_kept.then(|| Standing { level, exhausted: count.is_exhausted(), month, cap })
    }

    /// What was spent by kind, for metrics.
    pub(crate) fn by_kind(&self) -> Value {
        let count = self.counted();
        let [today, month] = count.by_kind();
        json!({ "today": today, "month": month })
    }

    /// Goes on from what `directory` holds, and keeps it there from now on. The first to say where
    /// is right. Not for a worker thread.
    pub(crate) fn keep_in(&self, directory: &Path) {
        let mut kept = self.kept();
        if kept.file.is_some() {
            return;
        }
        match self.open(directory) {
            Ok(file) => {
                kept.file = Some(file);
                self.is_kept.store(true, Relaxed);
            }
            Err(error) => {
                tracing::warn!("what DingTalk calls cost is only remembered until the end: {error}")
            }
        }
    }

    fn open(&self, directory: &Path) -> Result<StateFile, StateError> {
        let file = StateFile::own(directory, &self.name, FORMAT)?;
        match file.read()? {
            Content::Missing => {}
            Content::Known(earlier) => self.counting().go_on_from(earlier, clock::unix_ms()),
            Content::Damaged(aside) => {
                tracing::error!(aside = %aside.display(), "what DingTalk calls cost is counted anew: the file was damaged");
            }
        }
        Ok(file)
    }

    /// Whether there is something to write down.
    pub(crate) fn is_news(&self) -> bool {
        self.is_news.load(Relaxed)
    }

    /// Writes down what changed since the last time. Not for a worker thread.
    pub(crate) fn save(&self) {
        let mut kept = self.kept(); // before the count is read: a later one must not be overtaken
        if !self.is_news.swap(false, Relaxed) {
            return;
        }
        let count = self.counting().clone();
        let Some(Err(error)) = kept.file.as_ref().map(|file| file.write(&count)) else {
            kept.told = false;
            return;
        };
        self.is_news.store(true, Relaxed);
        if !std::mem::replace(&mut kept.told, true) {
            tracing::error!("what DingTalk calls cost cannot be written down: {error}");
        }
    }

    fn add(&self, kind: Kind, several: u64) {
        self.counting().add(kind, several, clock::unix_ms());
        self.is_news.store(true, Relaxed);
    }

    fn exhaust(&self) {
        let is_first = self.counting().exhaust(clock::unix_ms());
        self.is_news.store(true, Relaxed); // after it is counted: a save in between must not miss it
        if is_first {
            tracing::error!(
                "DingTalk refuses calls: the organisation's API calls of this month are used up. Answers go \
                 out through session webhooks where that is possible, and cards are tried again tomorrow; \
                 more calls can be bought in DingTalk's developer console"
            );
        }
    }

    /// What was counted, at the present day and month.
    fn counted(&self) -> MutexGuard<'_, Count> {
        let mut count = self.counting();
        count.turn_to(clock::unix_ms());
        count
    }

    fn counting(&self) -> MutexGuard<'_, Count> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One call on its way. Dropped before its answer came, it counts: DingTalk may have taken it.
#[must_use = "it counts when it is dropped"]
pub(crate) struct Charge<'a> {
    budget: &'a Budget,
    kind: Kind,
    is_open: bool,
}

impl Charge<'_> {
    /// The call was answered, or failed. What DingTalk refused for its rate, and what surely did not
    /// reach it, costs nothing.
    pub(crate) fn settle<T>(mut self, outcome: &Result<T, Error>) {
        self.is_open = costs(outcome);
        if outcome.as_ref().is_err_and(|error| matches!(error.kind(), ErrorKind::Quota)) {
            self.budget.exhaust();
        }
    }
}

impl Drop for Charge<'_> {
    fn drop(&mut self) {
        if self.is_open {
            self.budget.add(self.kind, 1);
        }
    }
}

/// Whether DingTalk counts a call. One that may or may not have arrived is taken for arrived.
fn costs<T>(outcome: &Result<T, Error>) -> bool {
    let Err(error) = outcome else { return true };
    match error.kind() {
        ErrorKind::RateLimited { .. } | ErrorKind::Quota | ErrorKind::Proxy { .. } => false,
        ErrorKind::Untrusted { .. } | ErrorKind::NoTrust | ErrorKind::CaFile { .. } => false,
        ErrorKind::Network { .. } | ErrorKind::Timeout { .. } => error.is_ambiguous(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Limit;
    use std::time::Duration;

    fn failed(kind: ErrorKind) -> Result<(), Error> {
        Err(Error::new(kind, "testing"))
    }

    fn month(budget: &Budget, pot: Pot) -> u64 {
        budget.counted().month(pot)
    }

    #[test]
    fn accounts_of_one_application_share_a_budget_and_others_do_not() {
        let budgets = Budgets::default();
        let one = budgets.of("https://api.dingtalk.com/", "ding1");
        assert!(Arc::ptr_eq(&one, &budgets.of("https://api.dingtalk.com/", "ding1")));
        assert!(!Arc::ptr_eq(&one, &budgets.of("https://api.dingtalk.com/", "ding2")));
        assert!(!Arc::ptr_eq(&one, &budgets.of("https://ding.example.com/", "ding1")));
        drop(one);
        budgets.of("https://api.dingtalk.com/", "ding3");
        assert_eq!(budgets.known.lock().unwrap().len(), 1);
    }

    #[test]
    fn what_dingtalk_does_not_count_costs_nothing() {
        let budget = Budgets::default().of("base", "ding1");
        let call = |outcome| budget.call("/v1.0/card/streaming").settle(&outcome);
        call(failed(ErrorKind::RateLimited { limit: Limit::Recipient, retry_after: Duration::ZERO }));
        call(failed(ErrorKind::Network { host: "h".into(), ambiguous: false }));
        call(failed(ErrorKind::Quota));
        assert_eq!(month(&budget, Pot::ApiCalls), 0);
        call(failed(ErrorKind::Timeout { ambiguous: true }));
        call(Ok(()));
        budget.webhook().settle(&Ok(()));
        assert_eq!((month(&budget, Pot::ApiCalls), month(&budget, Pot::Messages)), (2, 1));
    }

    #[test]
    fn a_call_whose_answer_nobody_waits_for_counts() {
        let budget = Budgets::default().of("base", "ding1");
        drop(budget.call("/v1.0/card/streaming"));
        assert_eq!(month(&budget, Pot::ApiCalls), 1);
    }

    #[test]
    fn a_budget_goes_on_where_its_predecessor_stopped() {
        let directory = tempfile::tempdir().unwrap();
        let budgets = Budgets::default();
        let budget = budgets.of("base", "ding1");
        budget.keep_in(directory.path());
        budget.count_messages(4);
        budget.save();
        assert!(!budget.is_news());
        drop(budget);

        let budget = budgets.of("base", "ding1");
        budget.count_messages(1);
        budget.keep_in(directory.path());
        assert_eq!(month(&budget, Pot::Messages), 5);
        assert_eq!(budget.picture(Level::Ample, Caps::default())["kept"], true);
    }

    #[test]
    fn where_another_process_keeps_the_count_it_is_only_remembered() {
        let directory = tempfile::tempdir().unwrap();
        let (one, other) = (Budgets::default().of("base", "ding1"), Budgets::default().of("base", "ding1"));
        one.keep_in(directory.path());
        other.keep_in(directory.path());
        assert_eq!(other.picture(Level::Ample, Caps::default())["kept"], false);
    }

    #[test]
    fn no_calls_left_means_no_cards_today_whatever_the_caps() {
        let budget = Budgets::default().of("base", "ding1");
        assert_eq!(budget.level(Level::Ample, Caps::default()), Level::Ample);
        budget.call("/v1.0/card/instances").settle(&failed(ErrorKind::Quota));
        assert_eq!(budget.level(Level::Ample, Caps::default()), Level::Text);
        assert_eq!(budget.picture(Level::Text, Caps::default())["exhausted"], true);
    }

    #[test]
    fn webhooks_are_spared_when_messages_run_out_before_calls_do() {
        let budget = Budgets::default().of("base", "ding1");
        let caps = Caps { messages_per_month: Some(100), ..Caps::default() };
        budget.count_messages(96);
        assert!(!budget.spares_webhooks(Level::Ample, caps));
        budget.count_messages(1);
        assert!(budget.spares_webhooks(Level::Ample, caps));
        assert!(!budget.spares_webhooks(Level::Text, caps), "then there is nothing to choose");
    }
}
