//! The agent: whoever makes up the answers.

use futures_util::{Stream, stream};
use host_sdk::InboundMessage;
use std::{fmt, pin::Pin};

/// Makes up the answers. Called once per message that is to be answered.
pub trait Agent: Send + Sync + 'static {
    /// Begins to answer `message`.
    fn answer(&self, message: &InboundMessage) -> Answer;
}

/// The next piece of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delta {
    /// More text, to be appended.
    Text(String),
    /// What the agent is doing now, apart from the text; empty once it is done with that.
    Status(String),
    /// The agent fails; this is what people should read about it. Nothing follows.
    Failed(String),
}

/// An answer as it grows. It is complete when the stream ends.
pub struct Answer(Pin<Box<dyn Stream<Item = Delta> + Send>>);

impl Answer {
    /// An answer that grows as `deltas` come.
    pub fn new(deltas: impl Stream<Item = Delta> + Send + 'static) -> Self {
        Self(Box::pin(deltas))
    }

    /// An answer whose pieces are all there at once.
    pub fn at_once(deltas: Vec<Delta>) -> Self {
        Self::new(stream::iter(deltas))
    }
}

impl Stream for Answer {
    type Item = Delta;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Delta>> {
        self.0.as_mut().poll_next(context)
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answer")
    }
}

/// Answers every message with its own text, at once.
#[derive(Clone, Copy, Debug, Default)]
pub struct Echo;

impl Agent for Echo {
    fn answer(&self, message: &InboundMessage) -> Answer {
        Answer::at_once(vec![Delta::Text(message.text.clone())])
    }
}
