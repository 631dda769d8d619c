//! How an update that is being shown learns that a newer one is waiting.

use tokio::sync::watch;

/// What waits behind the update that is being shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Awaiting {
    /// Nothing.
    #[default]
    Nothing,
    /// A newer text.
    Partial,
    /// The last text.
    Final,
}

/// Tells what waits behind the update that is being shown.
#[derive(Debug)]
pub struct Newer(watch::Receiver<Awaiting>);

impl Newer {
    /// For tests of a channel: a `Newer`, and what tells it.
    pub fn channel() -> (watch::Sender<Awaiting>, Self) {
        let (sender, receiver) = watch::channel(Awaiting::Nothing);
        (sender, Self(receiver))
    }

    pub(crate) fn new(receiver: watch::Receiver<Awaiting>) -> Self {
        Self(receiver)
    }

    /// What waits just now.
    pub fn awaiting(&self) -> Awaiting {
        *self.0.borrow()
    }

    /// Waits until any newer update waits. Never, once nothing more can come.
    pub async fn arrived(&mut self) {
        self.at_least(Awaiting::Partial).await;
    }

    /// Waits until the final update waits. Never, once nothing more can come.
    pub async fn final_arrived(&mut self) {
        self.at_least(Awaiting::Final).await;
    }

    async fn at_least(&mut self, least: Awaiting) {
        if self.0.wait_for(|awaiting| *awaiting >= least).await.is_err() {
            std::future::pending().await
        }
    }
}
