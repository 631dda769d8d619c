//! The agent: whoever makes up the answers.

use futures_util::{Stream, stream};
use host_sdk::InboundMessage;
use std::{collections::BTreeMap, fmt, pin::Pin, sync::Arc};

/// Makes up the answers. Called once per message that is to be answered.
pub trait Agent: Send + Sync + 'static {
    /// Begins to answer `message`.
    fn answer(&self, message: &InboundMessage) -> Answer;

    /// Begins to answer `message` as the agent that the configuration calls `id`; whoever is only one answers as
    /// ever.
    fn answer_as(&self, id: &str, message: &InboundMessage) -> Answer {
        let _one_and_the_same = id;
        self.answer(message)
    }
}

/// The next piece of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delta {
    /// More text, to be appended.
    Text(String),
    /// What the agent is doing now, apart from the text; empty once it is done with that.
    Status(String),
    /// The turn ends without a final answer, as where the agent answers by its tools alone: what was said so far
    /// was all there is to see. Nothing follows.
    NoFinal,
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

/// Several agents, told apart by the ids that the configuration gives them.
#[derive(Clone, Default)]
pub struct Crew(BTreeMap<String, Arc<dyn Agent>>);

impl Crew {
    /// Has `agent` answer wherever the configuration says `id`.
    #[must_use]
    pub fn with(mut self, id: &str, agent: impl Agent) -> Self {
        self.0.insert(id.to_owned(), Arc::new(agent));
        self
    }
}

impl Agent for Crew {
    /// Who is not there says so.
    fn answer(&self, _: &InboundMessage) -> Answer {
        Answer::at_once(vec![Delta::Failed("there is no such agent".into())])
    }

    fn answer_as(&self, id: &str, message: &InboundMessage) -> Answer {
        self.0.get(id).map_or_else(|| self.answer(message), |agent| agent.answer(message))
    }
}

impl fmt::Debug for Crew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
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
