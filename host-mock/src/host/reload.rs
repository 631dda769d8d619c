//! The configuration changes while the host runs: what differs is applied, account by account.

use super::{
    Address, Config, HostError,
    accounts::{self, Account},
    conduct::Conduct,
    opener::Opener,
    plan::{Plan, Planned},
    sight::{self, Seen, Sight},
    snapshot::Roster,
    stops::Stops,
};
use futures_util::future::join_all;
use host_sdk::{Applied, LogLevel, StatusPatch, StopReason, host::Plugin};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval, timeout},
};

/// How often the file is looked at.
const LOOK: Duration = Duration::from_millis(250);

/// Applies what changes in the configuration.
pub(super) struct Reload {
    pub(super) file: PathBuf,
    pub(super) opener: Opener,
    pub(super) plugins: Vec<Plugin>,
    pub(super) conducting: watch::Sender<Arc<Conduct>>,
    pub(super) roster: Roster,
    /// The accounts that are to run.
    pub(super) planned: BTreeMap<Address, Planned>,
}

impl Reload {
    /// Watches the file for ever; `text` is what it held when the host started.
    pub(super) async fn run(mut self, text: String) {
        let mut sight = Sight::new(text);
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            let file = self.file.clone();
            let Ok(now) = tokio::task::spawn_blocking(move || sight::look(&file)).await else { continue };
            if let Some(changed) = sight.sees(now) {
                self.changed(changed).await;
            }
        }
    }

    async fn changed(&mut self, seen: &Seen) {
        match read(&self.file, seen) {
            Ok(config) => self.apply(&config).await,
            Err(error) => self.say(LogLevel::Error, format!("{error}. Until then everything stays as it is")),
        }
    }

    async fn apply(&mut self, config: &Config) {
        let may_run = |plugin: &&Plugin| config.gates().closed_to(&plugin.descriptor().id).is_none();
        let plugins: Vec<_> = self.plugins.iter().filter(may_run).cloned().collect();
        let plan = Plan::make(config, &plugins);
        plan.warnings.iter().chain(&plan.reasons).for_each(|line| self.say(LogLevel::Warn, line));
        self.conducting.send_replace(config.conduct().clone());
        self.roster.is(&plan);
        let wanted: BTreeMap<_, _> =
            plan.accounts.into_iter().map(|planned| (planned.address.clone(), planned)).collect();
        // Before anything is waited for: who may not write any more must not, however long other accounts take.
        wanted.values().for_each(|planned| self.admits(planned));
        let gone =
            self.opener.accounts.addresses().into_iter().filter(|running| !wanted.contains_key(running));
        let stopped = join_all(gone.map(|address| self.stop(address))).await;
        let changed = join_all(wanted.values().map(|planned| self.account(planned))).await;
        self.planned = wanted;
        let done: Vec<_> = stopped.into_iter().chain(changed.into_iter().flatten()).collect();
        let done =
            if done.is_empty() { "nothing of it concerns an account".to_owned() } else { done.join("; ") };
        self.say(LogLevel::Info, format!("the configuration has changed: {done}"));
    }

    /// Who may write to an account, from here on.
    fn admits(&self, planned: &Planned) {
        if let Some(running) = self.opener.accounts.get(&planned.address) {
            running.doorman.obeys(planned.rules.clone());
        }
    }

    /// One account that is not to run any more; its turns have time to end.
    async fn stop(&self, address: Address) -> String {
        if let Some(running) = self.opener.accounts.get(&address) {
            self.drained(&address, &running.stops, "stops").await;
        }
        let Some(account) = self.opener.accounts.take(&address) else { return String::new() };
        let stopped = account.channel.stop(StopReason::Disabled, self.deadline()).await;
        // What they were at is in the inbox, for when the account runs again.
        account.stops.stop_all();
        accounts::close(account.inbox).await;
        self.opener.board.patch(&address, StatusPatch::new().with("running", false).connected(false));
        match stopped {
            Ok(()) => format!("{address} has stopped"),
            Err(error) => format!("{address} has not stopped in order: {error}"),
        }
    }

    /// One account that is to run; what was done, if anything.
    async fn account(&self, planned: &Planned) -> Option<String> {
        let address = &planned.address;
        let Some(running) = self.opener.accounts.get(address) else { return Some(self.open(planned).await) };
        self.opener.accounts.alter(address, |account| account.is_default = planned.is_default);
        let before = self.planned.get(address)?;
        if before.section.as_str() == planned.section.as_str() {
            return None;
        }
        let asked =
            accounts::in_time(self.deadline(), running.channel.reconfigure(planned.section.clone())).await;
        drop(running);
        Some(match asked {
            Ok(Applied::Live) => format!("{address} goes on with it"),
            Ok(Applied::Reconnecting) => format!("{address} connects anew"),
            Ok(_) => self.reopen(planned).await,
            Err(error) => {
                format!("{address} could not take it in ({error}), and {}", self.reopen(planned).await)
            }
        })
    }

    async fn open(&self, planned: &Planned) -> String {
        let address = &planned.address;
        let opened = match self.opener.open(planned).await {
            Ok(()) => self.opener.start(address).await,
            Err(HostError::NoneStarted { failed }) => Err(failed.join("; ")),
            Err(error) => Err(error.to_string()),
        };
        match opened {
            Ok(()) => format!("{address} has started"),
            Err(reason) => self.failed(address, reason),
        }
    }

    /// Opens an account anew once its turns have ended, or have had their time. What is said to it meanwhile
    /// is said to its successor, and the inbox stays open.
    async fn reopen(&self, planned: &Planned) -> String {
        let (accounts, address) = (&self.opener.accounts, &planned.address);
        let Some(old) = accounts.get(address) else { return self.open(planned).await };
        self.drained(address, &old.stops, "is opened anew").await;
        accounts.alter(address, Account::is_reopening);
        if let Err(error) = old.channel.stop(StopReason::Reload, self.deadline()).await {
            self.say(LogLevel::Warn, format!("{address} has not stopped in order: {error}"));
        }
        let started = match self.opener.channel(planned, &old.inbox, &old.stops) {
            Ok(channel) => accounts::in_time(self.deadline(), channel.start())
                .await
                .map(|()| channel)
                .map_err(|error| error.to_string()),
            Err(reason) => Err(reason),
        };
        match started {
            Ok(channel) => {
                accounts.alter(address, |account| account.succeeds(channel));
                format!("{address} was opened anew")
            }
            Err(reason) => {
                if let Some(account) = accounts.take(address) {
                    accounts::close(account.inbox).await;
                }
                self.failed(address, reason)
            }
        }
    }

    /// Waits until the turns of an account have ended, or have had their time.
    async fn drained(&self, address: &Address, stops: &Stops, what: &str) {
        if stops.count() > 0 {
            self.say(LogLevel::Info, format!("{address} {what} when its answers have ended"));
        }
        drop(timeout(self.opener.options.drain, stops.idle()).await);
    }

    fn deadline(&self) -> Duration {
        self.opener.options.deadline
    }

    fn failed(&self, address: &Address, reason: String) -> String {
        self.opener.log.say(LogLevel::Error, Some(address), &reason);
        self.opener.board.patch(address, StatusPatch::new().connected(false).last_error(Some(reason)));
        format!("{address} does not run")
    }

    fn say(&self, level: LogLevel, sentence: impl ToString) {
        self.opener.log.say(level, None, sentence.to_string());
    }
}

fn read(file: &Path, seen: &Seen) -> Result<Config, HostError> {
    match seen {
        Ok(text) => Config::from_text(file, text, &|name| std::env::var(name).ok()),
        Err(reason) => Err(HostError::ConfigUnreadable { file: file.to_owned(), reason: reason.clone() }),
    }
}
