//! The tasks of one channel, so that all of them can be ended and waited for.

use std::future::Future;
use tokio::runtime::Handle;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The tasks between one opening, or stop, and the next stop.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tasks {
    tracker: TaskTracker,
    end: CancellationToken,
}

impl Tasks {
    pub(crate) fn spawn(&self, runtime: &Handle, task: impl Future<Output = ()> + Send + 'static) {
        let end = self.end.clone();
        self.tracker.spawn_on(
            async move {
                // `None`: ended from outside. The future is dropped, and with it what it owes.
                let _ended = end.run_until_cancelled(task).await;
            },
            runtime,
        );
    }

    pub(crate) fn spawn_blocking<T: Send + 'static>(
        &self,
        runtime: &Handle,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> tokio::task::JoinHandle<T> {
        self.tracker.spawn_blocking_on(work, runtime)
    }

    /// Drops every task at its next await, and takes no more.
    pub(crate) fn end(&self) {
        self.tracker.close();
        self.end.cancel();
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.end.is_cancelled()
    }

    /// How many are still there.
    pub(crate) fn len(&self) -> usize {
        self.tracker.len()
    }

    /// Waits, after [`end`](Self::end), until none is left.
    pub(crate) async fn gone(&self) {
        self.tracker.wait().await;
    }
}
