//! The accounts that run: opened, started, found by their address, stopped.

use super::{
    Address, HostError, Options, ears::Ears, log::Log, plan::Planned, postman::Postman, record::Record,
    state::State, status::StatusBoard, stops::Stops, turn::Job,
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
use tokio::{runtime::Handle, sync::mpsc, time::Instant};

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
}

/// The accounts that run. Clones share them.
///
/// Whoever answers asks for the channel each time, so that an answer reaches the account also
/// after it has been opened anew.
#[derive(Clone, Debug, Default)]
pub(super) struct Accounts(Arc<RwLock<BTreeMap<Address, Account>>>);

impl Accounts {
    pub(super) fn get(&self, address: &Address) -> Option<Account> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(address).cloned()
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
        self.0.read().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }

    /// Takes all of them out.
    pub(super) fn take_all(&self) -> BTreeMap<Address, Account> {
        std::mem::take(&mut *self.0.write().unwrap_or_else(PoisonError::into_inner))
    }

    fn insert(&self, address: Address, account: Account) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(address, account);
    }
}

/// What opening an account takes.
pub(super) struct Opener<'a> {
    pub(super) options: &'a Options,
    pub(super) state: State,
    pub(super) writers: Writers,
    /// Until when an inbox may still be a predecessor's.
    pub(super) until: Instant,
    pub(super) board: &'a StatusBoard,
    pub(super) record: &'a Record,
    pub(super) log: &'a Log,
    pub(super) accounts: &'a Accounts,
    pub(super) jobs: &'a mpsc::UnboundedSender<Job>,
}

impl Opener<'_> {
    /// Opens an account, with nothing of it running yet, and puts in line what it had left unanswered.
    pub(super) async fn open(&self, planned: &Planned) -> Result<(), HostError> {
        let address = &planned.address;
        let postman = self.postman(address);
        let opened = self.inbox(address, &postman).await?;
        let (inbox, left) = opened.map_err(|error| HostError::NoneStarted {
            failed: vec![format!("{address} cannot be opened: {error}")],
        })?;
        let stops = Stops::default();
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
        match planned.plugin.open(self.context(planned)?, ears) {
            Ok(channel) => {
                self.accounts.insert(address.clone(), Account { channel, inbox, stops });
                left.into_iter().for_each(|waiting| postman.bring(waiting));
                Ok(())
            }
            Err(error) => {
                close(inbox).await;
                Err(HostError::NoneStarted { failed: vec![failure(address, "opened", &error)] })
            }
        }
    }

    /// Opens the inbox, and waits for as long as a predecessor may take to give it up.
    pub(super) async fn inbox(
        &self,
        address: &Address,
        postman: &Postman,
    ) -> Result<Result<(Inbox, Vec<Arc<Waiting>>), InboxError>, HostError> {
        let file = self.state.inbox(address)?;
        let mut waits = false;
        loop {
            match self.attempt(file.clone(), postman.clone()).await {
                Err(error) if error.is_in_use() && Instant::now() < self.until => {
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
        let sentence = format!("waits for at most {} s: {error}", DEADLINE.as_secs());
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

/// Starts all accounts side by side. Those that fail are taken out and told about.
pub(super) async fn start_all(accounts: &Accounts) -> Vec<String> {
    let starts = accounts.addresses().into_iter().filter_map(|address| {
        let account = accounts.get(&address)?;
        Some(async move { (in_time(account.channel.start()).await, address) })
    });
    let mut failed = Vec::new();
    for (started, address) in join_all(starts).await {
        let Err(error) = started else { continue };
        failed.push(failure(&address, "started", &error));
        let removed = accounts.0.write().unwrap_or_else(PoisonError::into_inner).remove(&address);
        if let Some(account) = removed {
            close(account.inbox).await;
        }
    }
    failed
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

async fn close(inbox: Inbox) {
    // There is nobody who could do more about it: it is logged.
    drop(inbox.close().await);
}

async fn in_time<T>(pending: impl Future<Output = ChannelResult<T>>) -> ChannelResult<T> {
    let late = |_| ChannelError::new(host_sdk::ErrorCode::Timeout, format!("no answer within {DEADLINE:?}"));
    tokio::time::timeout(DEADLINE, pending).await.map_err(late)?
}

fn failure(address: &Address, done: &str, error: &ChannelError) -> String {
    let causes = error.causes.replace('\n', ": ");
    let because = if causes.is_empty() { "" } else { ": " };
    format!("{address} cannot be {done}: {error}{because}{causes}")
}
