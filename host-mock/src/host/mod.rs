//! A simulated OpenClaw host.
//!
//! It reads `openclaw.json`, loads the plugins it finds, opens and starts their accounts, writes
//! every message down before it says that it took it, decides who may talk, has an agent answer, and
//! drives the channel while the answer grows. It is a host like any other: it knows nothing of any platform.

mod accounts;
mod address;
mod admission;
mod agent;
mod chronicle;
mod command;
mod conduct;
mod config;
mod course;
mod doorman;
mod ears;
mod environment;
mod error;
mod examination;
mod files;
mod log;
mod measures;
mod opener;
mod options;
mod pairings;
mod plan;
mod plugins;
mod postman;
mod proactive;
mod puppet;
mod queueing;
mod ready;
mod record;
mod reload;
mod reluctance;
mod reply;
mod review;
mod routing;
mod script;
mod shape;
mod sight;
mod snapshot;
mod state;
mod status;
mod stops;
#[cfg(test)]
mod tests;
mod text;
mod turn;
mod turns;
mod wait;
mod withheld;

pub use address::Address;
pub use agent::{Agent, Answer, Crew, Delta, Echo};
pub use command::Command;
pub use config::{ChannelSection, Config, PluginGates};
pub use error::HostError;
pub(crate) use examination::Deaf;
pub use examination::{Examination, Examined};
pub use log::{LogEntry, LogSink};
pub use options::{ConfigSource, Options, PluginSource};
pub use pairings::{Pairings, Waits};
pub use puppet::{Puppet, PuppetMaster, PuppetTurn};
pub use queueing::{QueueMode, Queueing};
pub use record::{Event, RecordSink, Recorded, TurnEnd};
pub use reluctance::{Mood, Reluctance};
pub use review::{Found, Review, Reviewed, found, installed};
pub use routing::{DmScope, MatchedBy, Origin, Peer, PeerKind, Route, Routing};
pub(crate) use script::play;
pub use script::{Script, Step};
pub use snapshot::{AccountSnapshot, Snapshot};
pub(crate) use text::parse_json5;

use self::{
    accounts::Accounts,
    conduct::Conduct,
    log::Log,
    opener::Opener,
    plan::Plan,
    ready::{Ready, listen, read, writers},
    record::Record,
    reload::Reload,
    snapshot::Roster,
    state::State,
    status::StatusBoard,
    turn::Stage,
};
use host_sdk::{
    LogLevel, StatusPatch, StopReason,
    host::{Channel, LogSubscription},
    inbox::Figures,
};
use std::{fmt, sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

/// A running host. Dropping it ends it without a goodbye, as a crash would.
pub struct Host {
    accounts: Accounts,
    board: StatusBoard,
    roster: Roster,
    record: Record,
    log: Log,
    catalogues: measures::Catalogues,
    turns: JoinHandle<usize>,
    reloading: Option<JoinHandle<()>>,
    stopping: CancellationToken,
    patience: Duration,
    deadline: Duration,
    _subscriptions: Vec<LogSubscription>,
}

impl Host {
    /// Starts a host: it answers once every account that can be started has been.
    ///
    /// # Errors
    /// When the configuration, the plugins directory or the state directory is unusable, or no
    /// account can be started.
    pub async fn start(options: Options) -> Result<Self, HostError> {
        let log = Log::new(options.log_sink.clone());
        let Ready { config, text, plugins } = read(&options, &log).await?;
        let subscriptions = plugins.iter().filter_map(|plugin| listen(plugin, &options, &log)).collect();
        let plan = Plan::make(&config, &plugins);
        if plan.accounts.is_empty() {
            // What was only a warning, such as a misspelt key, may be the cause.
            let reasons = [plan.reasons, plan.warnings].concat();
            return Err(HostError::NothingToRun { file: config.file().to_owned(), reasons });
        }
        plan.warnings.iter().chain(&plan.reasons).for_each(|line| log.say(LogLevel::Warn, None, line));
        let (conducting, conduct) = watch::channel(config.conduct().clone());
        let (mut host, opener, begin) = Self::idle(options, conduct, log, subscriptions)?;
        host.roster.is(&plan);
        host.catalogues = measures::catalogues(&plugins);
        opener.run_all(&plan.accounts).await?;
        // Only now: what was left unanswered is in line before all that has come since.
        let _ended_already = begin.send(());
        if let Some(text) = text.filter(|_| config.reloads()) {
            let planned =
                plan.accounts.into_iter().map(|planned| (planned.address.clone(), planned)).collect();
            let (file, roster) = (config.file().to_owned(), host.roster.clone());
            let reload = Reload { file, opener, plugins, conducting, roster, planned };
            host.reloading = Some(tokio::spawn(reload.run(text)));
        }
        Ok(host)
    }

    /// A host without accounts, and what opens them. Turns begin when it is told so.
    fn idle(
        options: Options,
        conduct: watch::Receiver<Arc<Conduct>>,
        log: Log,
        subscriptions: Vec<LogSubscription>,
    ) -> Result<(Self, Opener, oneshot::Sender<()>), HostError> {
        let record = Record::telling(options.record_sink.clone());
        let (accounts, board) = (Accounts::default(), StatusBoard::default());
        // Bounded all the same: no inbox lets more in than it has room for unanswered messages.
        let (jobs, coming) = mpsc::unbounded_channel();
        let stopping = CancellationToken::new();
        let stage = Stage {
            accounts: accounts.clone(),
            agent: options.agent.clone(),
            conduct,
            record: record.clone(),
            log: log.clone(),
            locale: options.locale.clone(),
            stopping: stopping.clone(),
        };
        let opener = Opener {
            state: State::new(options.state_dir.clone()),
            writers: writers(&options.state_dir)?,
            patience: options.deadline,
            board: board.clone(),
            record: record.clone(),
            log: log.clone(),
            accounts: accounts.clone(),
            jobs,
            options,
        };
        let (begin, begun) = oneshot::channel();
        let turns = async move { if begun.await.is_ok() { turns::run(stage, coming).await } else { 0 } };
        let host = Self {
            accounts,
            board,
            roster: Roster::default(),
            record,
            log,
            catalogues: measures::Catalogues::default(),
            turns: tokio::spawn(turns),
            reloading: None,
            stopping,
            patience: opener.options.patience,
            deadline: opener.options.deadline,
            _subscriptions: subscriptions,
        };
        Ok((host, opener, begin))
    }

    /// The accounts that run.
    pub fn accounts(&self) -> Vec<Address> {
        self.accounts.addresses()
    }

    /// The channel of an account, to drive it by hand; `name` is `dingtalk/default`, or `default`
    /// alone.
    ///
    /// # Errors
    /// When no account is called so.
    pub fn channel(&self, name: &str) -> Result<Channel, HostError> {
        let address = self.accounts.called(name)?;
        let account = self.accounts.get(&address);
        let unknown = || HostError::UnknownAccount { name: name.to_owned(), known: Vec::new() };
        Ok(account.ok_or_else(unknown)?.channel)
    }

    /// What the inbox of an account has done, and has left to do.
    ///
    /// # Errors
    /// When no account is called so.
    pub fn inbox(&self, name: &str) -> Result<Figures, HostError> {
        let account = self.accounts.get(&self.accounts.called(name)?);
        Ok(account.map(|account| account.inbox.figures()).unwrap_or_default())
    }

    /// How all accounts are, those included that do not run.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::of(&self.roster, &self.accounts, &self.board)
    }

    /// What an account last said about itself.
    ///
    /// # Errors
    /// When no account is called so.
    pub fn status(&self, name: &str) -> Result<StatusPatch, HostError> {
        Ok(self.board.of(&self.accounts.called(name)?))
    }

    /// Everything that happened so far, in order.
    pub fn record(&self) -> Vec<Recorded> {
        self.record.entries().snapshot()
    }

    /// The log so far: the host's own lines and those of the plugins.
    pub fn log(&self) -> Vec<LogEntry> {
        self.log.lines().snapshot()
    }

    /// Stops every account and ends. Answers that are complete are still delivered. Turns whose agent
    /// still works are stopped where they stand; their messages are worked on again at the next start.
    ///
    /// # Errors
    /// When an account does not stop in order.
    pub async fn stop(self) -> Result<(), HostError> {
        self.stop_because(StopReason::Shutdown).await
    }

    /// As [`stop`](Self::stop), with the reason that the plugin is told.
    ///
    /// # Errors
    /// When an account does not stop in order.
    pub async fn stop_because(mut self, why: StopReason) -> Result<(), HostError> {
        self.stopping.cancel();
        if let Some(reloading) = self.reloading.take() {
            reloading.abort();
            // What it was at is over: nothing is opened from here on.
            drop(reloading.await);
        }
        // Those of turns that panicked are not known.
        let late = (&mut self.turns).await.unwrap_or_default();
        if late > 0 {
            let sentence = format!("{late} answers were still on their way: the next start gives them again");
            self.log.say(LogLevel::Warn, None, sentence);
        }
        let failed = accounts::stop_all(self.accounts.take_all(), why, self.deadline).await;
        if failed.is_empty() { Ok(()) } else { Err(HostError::NotStopped { failed }) }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.turns.abort();
        if let Some(reloading) = &self.reloading {
            reloading.abort();
        }
        for account in self.accounts.take_all().into_values() {
            drop(account.channel);
            // For one write at most: whoever opens the inbox next must find it closed.
            drop(account.inbox.close().wait(self.deadline));
        }
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").field("accounts", &self.accounts()).finish_non_exhaustive()
    }
}
