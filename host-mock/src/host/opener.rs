//! Opens and starts accounts.

use super::{
    Address, HostError, Options, Pairings,
    accounts::{Account, Accounts, close, in_time},
    doorman::Doorman,
    ears::Ears,
    log::Log,
    plan::Planned,
    postman::Postman,
    record::Record,
    state::State,
    status::StatusBoard,
    stops::Stops,
    turn::Job,
};
use futures_util::future::join_all;
use host_sdk::{
    ChannelError, HostInfo, Json, Lifecycle, LogLevel, OpenContext, StatusPatch,
    host::Channel,
    inbox::{Inbox, InboxError, Waiting, Writers},
};
use serde_json::json;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{runtime::Handle, sync::mpsc, time::Instant};

/// How often a successor looks whether its predecessor has given up its inbox.
const LOOK: Duration = Duration::from_millis(50);

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
    /// Opens and starts accounts; an error only if none of them runs then.
    pub(super) async fn run_all(&self, planned: &[Planned]) -> Result<(), HostError> {
        let mut failed = Vec::new();
        for account in planned {
            match self.open(account).await {
                Ok(()) => {}
                Err(HostError::NoneStarted { failed: reasons }) => failed.extend(reasons),
                Err(error) => return Err(error),
            }
        }
        let addresses = self.accounts.addresses();
        let started = join_all(addresses.iter().map(|address| self.start(address))).await;
        failed.extend(started.into_iter().filter_map(Result::err));
        if self.accounts.addresses().is_empty() {
            return Err(HostError::NoneStarted { failed });
        }
        failed.iter().for_each(|line| self.log.say(LogLevel::Error, None, line));
        Ok(())
    }

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
                let account = Account::opened(channel, inbox, stops, doorman, planned.is_default);
                self.accounts.insert(address.clone(), account);
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
        let context = open_context(&self.options, &self.state, planned)
            .map_err(|error| format!("{address} cannot be opened: {error}"))?;
        planned.plugin.open(context, ears).map_err(|error| failure(address, "opened", &error))
    }

    /// Starts an account that was opened; one that does not start is taken out, and the error is a sentence.
    pub(super) async fn start(&self, address: &Address) -> Result<(), String> {
        let Some(account) = self.accounts.get(address) else { return Ok(()) };
        let started = in_time(self.options.deadline, account.channel.start()).await;
        drop(account);
        let Err(error) = started else {
            self.accounts.alter(address, Account::has_started);
            return Ok(());
        };
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
}

/// What the account of `planned` is opened with.
pub(super) fn open_context(
    options: &Options,
    state: &State,
    planned: &Planned,
) -> Result<OpenContext, HostError> {
    let Planned { address, section, .. } = planned;
    Ok(OpenContext {
        account: address.account.clone(),
        config: section.clone(),
        state_dir: text(&state.of_account(address)?),
        shared_state_dir: text(&state.of_plugin(&address.channel)?),
        home: text(&options.home),
        media_roots: options.media_roots.iter().map(|root| text(root)).collect(),
        locale: options.locale.clone(),
        host: HostInfo {
            name: env!("CARGO_PKG_NAME").into(),
            version: env!("CARGO_PKG_VERSION").into(),
            ..HostInfo::default()
        },
        extra: extra(options),
    })
}

/// What an account is told besides.
fn extra(options: &Options) -> Json {
    let probe_ms = options.probe_time.map(|time| ("probeMs", json!(time.as_millis())));
    let free_bytes = options.free_bytes.map(|bytes| ("freeBytes", json!(bytes)));
    Json::new(&probe_ms.into_iter().chain(free_bytes).collect::<BTreeMap<_, _>>())
}

/// The boundary speaks UTF-8; any other path cannot be named there.
fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn failure(address: &Address, done: &str, error: &ChannelError) -> String {
    let causes = error.causes.replace('\n', ": ");
    let because = if causes.is_empty() { "" } else { ": " };
    format!("{address} cannot be {done}: {error}{because}{causes}")
}
