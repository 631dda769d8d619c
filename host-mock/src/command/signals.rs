//! When somebody wants a command to end.

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
#[cfg(windows)]
use tokio::signal::windows::{CtrlC as Signal, ctrl_c};

/// Ctrl-C, and the system's requests to end this process. What comes after this was made is not missed, also
/// where nobody waits for it yet.
pub(super) struct Ending(Vec<Signal>);

impl Ending {
    /// Listens from now on. A request that cannot be noticed here ends the process as it always does.
    #[cfg(unix)]
    pub(super) fn listen() -> Self {
        let kinds = [SignalKind::interrupt(), SignalKind::terminate()];
        Self(kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect())
    }

    /// Listens from now on. A request that cannot be noticed here ends the process as it always does.
    #[cfg(windows)]
    pub(super) fn listen() -> Self {
        Self(ctrl_c().into_iter().collect())
    }

    /// Waits for the next request.
    pub(super) async fn asked(&mut self) {
        std::future::poll_fn(|context| {
            let ready = self.0.iter_mut().map(|signal| signal.poll_recv(context));
            // All are polled, so that each wakes.
            ready.fold(std::task::Poll::Pending, |all, one| if all.is_ready() { all } else { one })
        })
        .await;
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use rustix::process::{Signal, getpid, kill_process};

    #[tokio::test]
    async fn a_request_that_comes_before_somebody_waits_for_it_is_heard() {
        let mut ending = Ending::listen();
        kill_process(getpid(), Signal::TERM).unwrap();
        ending.asked().await;
    }
}
