//! Waiting for what a host does, without sleeping.

use super::{Event, Host, HostError, LogEntry, Recorded, TurnEnd};
use host_sdk::StatusPatch;
use std::{fmt, sync::Arc};

/// How many entries a failed wait shows.
const SHOWN: usize = 40;

impl Host {
    /// Waits until an account is connected to its platform.
    ///
    /// # Errors
    /// When it is not within the host's patience, or at once when it is blocked: that is, when a
    /// person has to do something first.
    pub async fn wait_connected(&self, name: &str) -> Result<(), HostError> {
        self.board.connected(&self.accounts.called(name)?, self.patience).await
    }

    /// Waits until the status of an account is as `wanted` and returns it.
    ///
    /// # Errors
    /// When it is not within the host's patience.
    pub async fn wait_status(
        &self,
        name: &str,
        mut wanted: impl FnMut(&StatusPatch) -> bool,
    ) -> Result<StatusPatch, HostError> {
        let address = self.accounts.called(name)?;
        let mut watch = self.board.watch(&address);
        let found = async {
            loop {
                // A copy: `wanted` may look at the board itself, which two readers on one thread cannot do while
                // somebody waits to write.
                let status = watch.borrow_and_update().clone();
                if wanted(&status) {
                    return Some(status);
                }
                watch.changed().await.ok()?;
            }
        };
        match tokio::time::timeout(self.patience, found).await {
            Ok(Some(status)) => Ok(status),
            _ => Err(HostError::WaitedInVain {
                what: format!("a status of {address}"),
                happened: format!("{:?}", self.board.of(&address)),
            }),
        }
    }

    /// Looks at everything that happened, now and after each event, until `find` finds something.
    /// `what` is what it looks for, for the message if it does not.
    ///
    /// # Errors
    /// When nothing is found within the host's patience.
    pub async fn wait_for<T>(
        &self,
        what: &str,
        find: impl FnMut(&[Recorded]) -> Option<T>,
    ) -> Result<T, HostError> {
        let found = self.record.entries().wait_for(self.patience, find).await;
        found.ok_or_else(|| self.in_vain(what, &self.record()))
    }

    /// Waits until the `count`th turn has ended, counted from 1 and from the start of the host.
    ///
    /// # Errors
    /// When it has not within the host's patience.
    pub async fn wait_turn(&self, count: usize) -> Result<Arc<TurnEnd>, HostError> {
        self.wait_for(&format!("the end of turn no. {count}"), |entries| {
            let mut ends = entries.iter().filter_map(|entry| match &entry.event {
                Event::TurnEnded(end) => Some(end),
                _ => None,
            });
            ends.nth(count.checked_sub(1)?).cloned()
        })
        .await
    }

    /// Waits until the message with this id has been answered, or its turn has ended otherwise.
    ///
    /// # Errors
    /// When it has not within the host's patience.
    pub async fn wait_answered(&self, message: &str) -> Result<Arc<TurnEnd>, HostError> {
        self.wait_for(&format!("the answer to {message}"), |entries| {
            entries.iter().rev().find_map(|entry| match &entry.event {
                Event::TurnEnded(end) if end.turn == message => Some(end.clone()),
                _ => None,
            })
        })
        .await
    }

    /// Looks at the log, now and after each line, until `find` finds something.
    ///
    /// # Errors
    /// When nothing is found within the host's patience.
    pub async fn wait_log<T>(
        &self,
        what: &str,
        find: impl FnMut(&[LogEntry]) -> Option<T>,
    ) -> Result<T, HostError> {
        let found = self.log.lines().wait_for(self.patience, find).await;
        found.ok_or_else(|| self.in_vain(what, &self.log()))
    }

    fn in_vain<T: fmt::Display>(&self, what: &str, entries: &[T]) -> HostError {
        let last = entries.iter().skip(entries.len().saturating_sub(SHOWN));
        let happened = last.map(|entry| format!("  {entry}\n")).collect();
        HostError::WaitedInVain { what: what.to_owned(), happened }
    }
}
