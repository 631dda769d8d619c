//! An agent that says what a test tells it, when it tells it.

use super::agent::{Agent, Answer, Delta};
use futures_util::stream;
use host_sdk::InboundMessage;
use std::time::Duration;
use tokio::{
    sync::{Mutex, mpsc},
    time::timeout,
};

/// How many turns may wait for the test, and how many deltas for the turn.
const QUEUE: usize = 10_000;
/// More than a turn that comes takes: a test that waits for one in vain fails, and does not hang.
const PATIENCE: Duration = Duration::from_secs(60);

/// An agent whose every word is said by a [`PuppetMaster`].
#[derive(Debug)]
pub struct Puppet(mpsc::Sender<PuppetTurn>);

/// Speaks for a [`Puppet`].
#[derive(Debug)]
pub struct PuppetMaster(Mutex<mpsc::Receiver<PuppetTurn>>);

/// One turn of a [`Puppet`]. It is complete when this is dropped.
#[derive(Debug)]
pub struct PuppetTurn {
    message: InboundMessage,
    deltas: mpsc::Sender<Delta>,
}

impl Puppet {
    /// An agent, and who speaks for it.
    pub fn new() -> (Self, PuppetMaster) {
        let (turns, waiting) = mpsc::channel(QUEUE);
        (Self(turns), PuppetMaster(Mutex::new(waiting)))
    }
}

impl Agent for Puppet {
    fn answer(&self, message: &InboundMessage) -> Answer {
        let (deltas, coming) = mpsc::channel(QUEUE);
        // With nobody to speak for it any more, the answer ends without a word.
        drop(self.0.try_send(PuppetTurn { message: message.clone(), deltas }));
        let next = |mut coming: mpsc::Receiver<Delta>| async move { Some((coming.recv().await?, coming)) };
        Answer::new(stream::unfold(coming, next))
    }
}

impl PuppetMaster {
    /// The next turn that begins; `None` once the agent is gone, or when none begins within a minute.
    pub async fn next_turn(&self) -> Option<PuppetTurn> {
        timeout(PATIENCE, self.0.lock().await.recv()).await.ok().flatten()
    }
}

impl PuppetTurn {
    /// The message that is to be answered.
    pub fn message(&self) -> &InboundMessage {
        &self.message
    }

    /// Says more.
    pub fn say(&self, text: impl Into<String>) {
        self.delta(Delta::Text(text.into()));
    }

    /// Says what it is doing.
    pub fn status(&self, status: impl Into<String>) {
        self.delta(Delta::Status(status.into()));
    }

    /// Ends the turn: all is said.
    pub fn done(self) {
        drop(self);
    }

    /// Ends the turn without a final answer.
    pub fn no_final(self) {
        self.delta(Delta::NoFinal);
    }

    /// Ends the turn with a failure.
    pub fn fail(self, sentence: impl Into<String>) {
        self.delta(Delta::Failed(sentence.into()));
    }

    fn delta(&self, delta: Delta) {
        // The turn may have been stopped: then nobody listens.
        drop(self.deltas.try_send(delta));
    }
}
