//! The accounts that run: opened, started, found by their address, stopped.

use super::{
    Address, HostError, Options, Pairings, doorman::Doorman, ears::Ears, log::Log, plan::Planned,
    postman::Postman, record::Record, state::State, status::StatusBoard, stops::Stops, turn::Job,
};
use futures_util::future::join_all;
use host_sdk::{
    ChannelError, HostInfo, Lifecycle, LogLevel, OpenContext, Result as ChannelResult, StatusPatch,
    StopReason,
    host::Channel,
    inbox::{Inbox, InboxError, Waiting, Writers},
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use tokio::{
    runtime::Handle,
    sync::{mpsc, watch},
    time::Instant,
};

/// How long a channel may take to start or to stop, as in OpenClaw.
pub(super) const DEADLINE: Duration = Duration::from_secs(5);
/// How often a successor looks whether its predecessor has given up its inbox.
const LOOK: Duration = Duration::from_millis(50);

/// One account that runs.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) channel: Channel,
    pub(super) inbox: Inbox,
    pub(super) stops: Stops,
    pub(super) doorman: Arc<Doorman>,
    /// Whether it is the one that is meant where none is named.
    pub(super) is_default: bool,
    /// How often it was opened anew.
    generation: u64,
    /// Whether it is being opened anew right now.
    is_reopening: bool,
}

/// The accounts that run. Clones share them.
///
/// Whoever answers asks for the channel each time, so that an answer reaches the account also
/// after it has been opened anew.
#[derive(Clone, Debug, Default)]
pub(super) struct Accounts {
    running: Arc<RwLock<BTreeMap<Address, Account>>>,
    changed: Arc<watch::Sender<()>>,
}

impl Accounts {
    pub(super) fn get(&self, address: &Address) -> Option<Account> {
        self.running.read().unwrap_or_else(PoisonError::into_inner).get(address).cloned()
    }

    /// The account that `name` means, as in [`Address::is_called`].
    pub(super) fn called(&self, name: &str) -> Result<Address, HostError> {
        let known = self.addresses();
        let found = known.iter().find(|address| address.is_called(name)).cloned();
        found.ok_or_else(|| HostError::UnknownAccount {
            name: name.to_owned(),
            known: known.iter().map(ToString::to_string).collect(),
        })
    }

    pub(super) fn addresses(&self) -> Vec<Address> {
        self.running.read().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }

    /// Takes all of them out.
    pub(super) fn take_all(&self) -> BTreeMap<Address, Account> {
        self.change(std::mem::take)
    }

    /// Takes one out.
    pub(super) fn take(&self, address: &Address) -> Option<Account> {
        self.change(|running| running.remove(address))
    }

    /// How often an account was opened anew.
    pub(super) fn generation(&self, address: &Address) -> u64 {
        self.get(address).map(|account| account.generation).unwrap_or_default()
    }

    /// Waits while an account of this generation is being opened anew; whether it was.
    pub(super) async fn successor(&self, address: &Address, generation: u64) -> bool {
        let mut changed = self.changed.subscribe();
        loop {
            match self.get(address) {
                Some(account) if account.generation != generation => return true,
                Some(account) if account.is_reopening => {}
                _ => return false,
            }
            if changed.changed().await.is_err() {
                return false;
            }
        }
    }

    /// Changes one of them; whether it runs.
    pub(super) fn alter(&self, address: &Address, alter: impl FnOnce(&mut Account)) -> bool {
        self.change(|running| running.get_mut(address).map(alter).is_some())
    }

    fn change<T>(&self, change: impl FnOnce(&mut BTreeMap<Address, Account>) -> T) -> T {
        let changed = change(&mut self.running.write().unwrap_or_else(PoisonError::into_inner));
        self.changed.send_replace(());
        changed
    }
}

impl Account {
    /// It is being opened anew: what is said to it meanwhile is for its successor.
    pub(super) fn is_reopening(&mut self) {
        self.is_reopening = true;
    }

    /// The channel that takes its place from here on.
    pub(super) fn succeeds(&mut self, channel: Channel) {
        self.channel = channel;
        self.generation += 1;
        self.is_reopening = false;
    }
}

/// What opening an account takes.
#[derive(Clone)]
pub(super) struct Opener {
    pub(super) options: Options,
    pub(super) state: State,
    pub(super) writers: Writers,
    /// How long an inbox may still be a predecessor's.
    pub(super) patience: Duration,
    pub(super) board: StatusBoard,
    pub(super) record: Record,
    pub(super) log: Log,
    pub(super) accounts: Accounts,
    pub(super) jobs: mpsc::UnboundedSender<Job>,
}

impl Opener {
    /// Opens an account, with nothing of it running yet, and puts in line what it had left unanswered.
    pub(super) async fn open(&self, planned: &Planned) -> Result<(), HostError> {
        let address = &planned.address;
        let file = Pairings::at(&self.options.state_dir).of(address)?;
        let doorman = Doorman::new(address.clone(), planned.rules.clone(), file, self.log.clone());
        let postman = self.postman(address);
        let opened = self.inbox(address, &postman).await?;
        let (inbox, left) = opened.map_err(|error| HostError::NoneStarted {
            failed: vec![format!("{address} cannot be opened: {error}")],
        })?;
        let stops = Stops::default();
        match self.channel(planned, &inbox, &stops) {
            Ok(channel) => {
                let (doorman, is_default) = (Arc::new(doorman), planned.is_default);
                let (generation, is_reopening) = (0, false);
                let account =
                    Account { channel, inbox, stops, doorman, is_default, generation, is_reopening };
                self.accounts.change(|running| running.insert(address.clone(), account));
                left.into_iter().for_each(|waiting| postman.bring(waiting));
                Ok(())
            }
            Err(reason) => {
                close(inbox).await;
                Err(HostError::NoneStarted { failed: vec![reason] })
            }
        }
    }

    /// Opens the channel of an account; the error is a sentence.
    pub(super) fn channel(&self, planned: &Planned, inbox: &Inbox, stops: &Stops) -> Result<Channel, String> {
        let address = &planned.address;
        let ears = Ears {
            account: address.clone(),
            inbox: inbox.clone(),
            board: self.board.clone(),
            record: self.record.clone(),
            log: self.log.clone(),
            reluctance: self.options.reluctance.clone(),
            runtime: Handle::current(),
            stops: stops.clone(),
        };
        let context =
            self.context(planned).map_err(|error| format!("{address} cannot be opened: {error}"))?;
        planned.plugin.open(context, ears).map_err(|error| failure(address, "opened", &error))
    }

    /// Starts an account that was opened; one that does not start is taken out, and the error is a sentence.
    pub(super) async fn start(&self, address: &Address) -> Result<(), String> {
        let Some(account) = self.accounts.get(address) else { return Ok(()) };
        let Err(error) = in_time(account.channel.start()).await else { return Ok(()) };
        drop(account);
        if let Some(account) = self.accounts.take(address) {
            close(account.inbox).await;
        }
        Err(failure(address, "started", &error))
    }

    /// Opens the inbox, and waits for as long as a predecessor may take to give it up.
    pub(super) async fn inbox(
        &self,
        address: &Address,
        postman: &Postman,
    ) -> Result<Result<(Inbox, Vec<Arc<Waiting>>), InboxError>, HostError> {
        let file = self.state.inbox(address)?;
        let until = Instant::now() + self.patience;
        let mut waits = false;
        loop {
            match self.attempt(file.clone(), postman.clone()).await {
                Err(error) if error.is_in_use() && Instant::now() < until => {
                    if !std::mem::replace(&mut waits, true) {
                        self.tell_waiting(address, &error);
                    }
                    tokio::time::sleep(LOOK).await;
                }
                opened => {
                    if waits && opened.is_ok() {
                        self.board.patch(address, StatusPatch::new().last_error(None));
                    }
                    return Ok(opened);
                }
            }
        }
    }

    async fn attempt(
        &self,
        file: PathBuf,
        postman: Postman,
    ) -> Result<(Inbox, Vec<Arc<Waiting>>), InboxError> {
        let (settings, writers) = (self.options.inbox.clone(), self.writers.clone());
        let open = move || Inbox::open(file, settings, &writers, postman);
        match tokio::task::spawn_blocking(open).await {
            Ok(opened) => opened,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    fn tell_waiting(&self, address: &Address, error: &InboxError) {
        let sentence = format!("waits for at most {} s: {error}", self.patience.as_secs());
        self.log.say(LogLevel::Warn, Some(address), &sentence);
        let status = StatusPatch::new().lifecycle(Lifecycle::Starting).last_error(Some(sentence));
        self.board.patch(address, status);
    }

    pub(super) fn postman(&self, address: &Address) -> Postman {
        Postman {
            account: address.clone(),
            accounts: self.accounts.clone(),
            jobs: self.jobs.clone(),
            record: self.record.clone(),
            log: self.log.clone(),
        }
    }

    fn context(&self, planned: &Planned) -> Result<OpenContext, HostError> {
        let Planned { address, section, .. } = planned;
        Ok(OpenContext {
            account: address.account.clone(),
            config: section.clone(),
            state_dir: text(&self.state.of_account(address)?),
            shared_state_dir: text(&self.state.of_plugin(&address.channel)?),
            home: text(&self.options.home),
            media_roots: self.options.media_roots.iter().map(|root| text(root)).collect(),
            locale: self.options.locale.clone(),
            host: HostInfo {
                name: env!("CARGO_PKG_NAME").into(),
                version: env!("CARGO_PKG_VERSION").into(),
                ..HostInfo::default()
            },
            ..OpenContext::default()
        })
    }
}

/// The boundary speaks UTF-8; any other path cannot be named there.
fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Starts all accounts side by side, and says which did not.
pub(super) async fn start_all(opener: &Opener) -> Vec<String> {
    let addresses = opener.accounts.addresses();
    let started = join_all(addresses.iter().map(|address| opener.start(address))).await;
    started.into_iter().filter_map(Result::err).collect()
}

/// Stops accounts side by side, and says which did not stop in order.
pub(super) async fn stop_all(
    accounts: BTreeMap<Address, Account>,
    why: StopReason,
) -> Vec<(String, ChannelError)> {
    let stops = accounts.into_iter().map(|(address, account)| async move {
        let stopped = account.channel.stop(why, DEADLINE).await;
        // Only now is nothing offered any more.
        close(account.inbox).await;
        Some((address.to_string(), stopped.err()?))
    });
    join_all(stops).await.into_iter().flatten().collect()
}

pub(super) async fn close(inbox: Inbox) {
    // There is nobody who could do more about it: it is logged.
    drop(inbox.close().await);
}

pub(super) async fn in_time<T>(pending: impl Future<Output = ChannelResult<T>>) -> ChannelResult<T> {
    let late = |_| ChannelError::new(host_sdk::ErrorCode::Timeout, format!("no answer within {DEADLINE:?}"));
    tokio::time::timeout(DEADLINE, pending).await.map_err(late)?
}

fn failure(address: &Address, done: &str, error: &ChannelError) -> String {
    let causes = error.causes.replace('\n', ": ");
    let because = if causes.is_empty() { "" } else { ": " };
    format!("{address} cannot be {done}: {error}{because}{causes}")
}
