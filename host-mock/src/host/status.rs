//! What each account last said about itself.

use super::{Address, HostError};
use host_sdk::StatusPatch;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::watch;

/// The statuses of all accounts. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct StatusBoard(Arc<Mutex<BTreeMap<Address, watch::Sender<StatusPatch>>>>);

impl StatusBoard {
    /// Applies a change on top of what was known.
    pub(super) fn patch(&self, account: &Address, patch: StatusPatch) {
        self.slot(account).send_modify(|status| status.merge(patch));
    }

    /// Everything known of an account.
    pub(super) fn of(&self, account: &Address) -> StatusPatch {
        self.slot(account).borrow().clone()
    }

    /// Every status from now on, the present one first.
    pub(super) fn watch(&self, account: &Address) -> watch::Receiver<StatusPatch> {
        self.slot(account).subscribe()
    }

    /// Waits until the account is connected. Gives up when it is blocked, since only a person can
    /// change that, and after `patience`.
    pub(super) async fn connected(&self, account: &Address, patience: Duration) -> Result<(), HostError> {
        let mut watch = self.watch(account);
        let decided = watch.wait_for(|status| is_connected(status) || is_blocked(status));
        // Neither in time: the status as it then is says why.
        drop(tokio::time::timeout(patience, decided).await);
        let status = self.of(account);
        if is_connected(&status) { Ok(()) } else { Err(not_connected(account, &status)) }
    }

    fn slot(&self, account: &Address) -> watch::Sender<StatusPatch> {
        self.slots().entry(account.clone()).or_default().clone()
    }

    fn slots(&self) -> MutexGuard<'_, BTreeMap<Address, watch::Sender<StatusPatch>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_connected(status: &StatusPatch) -> bool {
    status.get("connected") == Some(&Value::Bool(true))
}

fn is_blocked(status: &StatusPatch) -> bool {
    status.get("lifecycle").and_then(Value::as_str) == Some("blocked")
}

fn not_connected(account: &Address, status: &StatusPatch) -> HostError {
    let word = |key: &str| status.get(key).and_then(Value::as_str).map(str::to_owned);
    let disconnect = || status.get("lastDisconnect")?.get("error")?.as_str().map(str::to_owned);
    HostError::NotConnected {
        account: account.to_string(),
        lifecycle: word("lifecycle").unwrap_or_else(|| "no status yet".into()),
        reason: word("lastError")
            .or_else(disconnect)
            .unwrap_or_else(|| "it gives no reason; its log may".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use host_sdk::Lifecycle;

    fn account() -> Address {
        Address::new("x", "default")
    }

    #[test]
    fn a_patch_changes_its_own_keys_only() {
        let board = StatusBoard::default();
        board.patch(&account(), StatusPatch::new().connected(true).with("reconnectAttempts", 0));
        board.patch(&account(), StatusPatch::new().connected(false));
        let status = board.of(&account());
        assert_eq!(status.get("connected"), Some(&Value::Bool(false)));
        assert_eq!(status.get("reconnectAttempts"), Some(&Value::from(0)));
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_for_a_connection_ends_when_it_is_there() {
        let board = StatusBoard::default();
        let (account, patience) = (account(), Duration::from_secs(9));
        let (connected, ()) = tokio::join!(board.connected(&account, patience), async {
            board.patch(&account, StatusPatch::new().connected(true));
        });
        connected.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_blocked_account_is_not_waited_for_and_its_own_words_are_told() {
        let board = StatusBoard::default();
        let patch = StatusPatch::new()
            .lifecycle(Lifecycle::Blocked)
            .last_error(Some("the Client Secret is wrong: correct it".into()));
        board.patch(&account(), patch);
        let begun = tokio::time::Instant::now();
        let error = board.connected(&account(), Duration::from_secs(9)).await.unwrap_err().to_string();
        assert_eq!(error, "x/default is not connected (blocked): the Client Secret is wrong: correct it");
        assert_eq!(begun.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn patience_ends_with_the_last_known_reason() {
        let board = StatusBoard::default();
        board.patch(&account(), StatusPatch::new().lifecycle(Lifecycle::Recovering));
        let error = board.connected(&account(), Duration::from_secs(9)).await.unwrap_err().to_string();
        assert!(error.contains("recovering") && error.contains("log"), "{error}");
    }
}
