//! The accounts that run: found by their address, exchanged, stopped.

use super::{Address, HostError, doorman::Doorman, stops::Stops};
use futures_util::future::join_all;
use host_sdk::{ChannelError, Result as ChannelResult, StopReason, host::Channel, inbox::Inbox};
use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use tokio::sync::watch;

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
    /// Whether it is being opened right now, or anew: it has to be waited for.
    is_opening: bool,
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

    pub(super) fn insert(&self, address: Address, account: Account) {
        self.change(|running| running.insert(address, account));
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

    /// An account that may be spoken to: waits while it is being opened.
    pub(super) async fn ready(&self, address: &Address) -> Option<Account> {
        let mut changed = self.changed.subscribe();
        loop {
            let account = self.get(address)?;
            if !account.is_opening {
                return Some(account);
            }
            drop(account);
            changed.changed().await.ok()?;
        }
    }

    /// Waits while an account of this generation is being opened anew; whether it was.
    pub(super) async fn successor(&self, address: &Address, generation: u64) -> bool {
        let mut changed = self.changed.subscribe();
        loop {
            match self.get(address) {
                Some(account) if account.generation != generation => return true,
                Some(account) if account.is_opening => {}
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
    /// One that was opened and has not started yet.
    pub(super) fn opened(
        channel: Channel,
        inbox: Inbox,
        stops: Stops,
        doorman: Doorman,
        is_default: bool,
    ) -> Self {
        let doorman = Arc::new(doorman);
        Self { channel, inbox, stops, doorman, is_default, generation: 0, is_opening: true }
    }

    /// It may be spoken to from here on.
    pub(super) fn has_started(&mut self) {
        self.is_opening = false;
    }

    /// It is being opened anew: what is said to it meanwhile is for its successor.
    pub(super) fn is_reopening(&mut self) {
        self.is_opening = true;
    }

    /// The channel that takes its place from here on.
    pub(super) fn succeeds(&mut self, channel: Channel) {
        self.channel = channel;
        self.generation += 1;
        self.is_opening = false;
    }
}

/// Stops accounts side by side, and says which did not stop in order.
pub(super) async fn stop_all(
    accounts: BTreeMap<Address, Account>,
    why: StopReason,
    deadline: Duration,
) -> Vec<(String, ChannelError)> {
    let stops = accounts.into_iter().map(|(address, account)| async move {
        let stopped = account.channel.stop(why, deadline).await;
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

pub(super) async fn in_time<T>(
    deadline: Duration,
    pending: impl Future<Output = ChannelResult<T>>,
) -> ChannelResult<T> {
    let late = |_| ChannelError::new(host_sdk::ErrorCode::Timeout, format!("no answer within {deadline:?}"));
    tokio::time::timeout(deadline, pending).await.map_err(late)?
}
