//! The model: an agent that says an answer at a pace, and remembers when it said what.

use futures_util::StreamExt;
use host_mock::host::{Agent, Answer, Delta, Script, Step};
use host_sdk::InboundMessage;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// The pace of a usual model, in tokens a second.
pub const PACE: f64 = 40.0;

/// How long a usual model thinks before its first token.
pub const THINKS: Duration = Duration::from_millis(500);

/// What is said, and how fast.
#[derive(Clone, Debug)]
pub struct Saying {
    /// The answer.
    pub text: String,
    /// How many tokens a second; an English word is one, and so is a Chinese character.
    pub tokens_per_second: f64,
    /// How long the model thinks before the first.
    pub thinks: Duration,
}

impl Saying {
    /// An answer of so many words, each of which is another.
    #[must_use]
    pub fn words(count: usize, tokens_per_second: f64, thinks: Duration) -> Self {
        let words: Vec<_> = (1..=count).map(|number| format!("w{number:04}")).collect();
        Self { text: words.join(" "), tokens_per_second, thinks }
    }

    /// What is done for it, step by step.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        vec![
            Step::Pause(self.thinks),
            Step::TokensPerSecond(self.tokens_per_second),
            Step::say(self.text.clone()),
        ]
    }
}

/// When an answer was begun, and when each of its tokens was said.
#[derive(Clone, Debug)]
pub struct Timed {
    /// When the turn began.
    pub begun: Instant,
    /// When each token was said, and how many bytes of the answer were said by then.
    pub tokens: Vec<(Instant, usize)>,
}

/// The agent. Clones remember together.
#[derive(Clone)]
pub struct Model {
    script: Script,
    said: Arc<Mutex<HashMap<String, Timed>>>,
}

impl Model {
    /// An agent that says the same to everyone.
    #[must_use]
    pub fn new(saying: &Saying) -> Self {
        Self { script: Script::new(vec![saying.steps()]), said: Arc::default() }
    }

    /// When the answer to a message was said.
    #[must_use]
    pub fn timed(&self, message: &str) -> Option<Timed> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).get(message).cloned()
    }
}

impl Agent for Model {
    fn answer(&self, message: &InboundMessage) -> Answer {
        let (said, id) = (self.said.clone(), message.id.clone());
        let timed = Timed { begun: Instant::now(), tokens: Vec::new() };
        said.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), timed);
        let answer = self.script.answer(message).inspect(move |delta| {
            let Delta::Text(text) = delta else { return };
            let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(timed) = said.get_mut(&id) else { return };
            let before = timed.tokens.last().map_or(0, |(_, bytes)| *bytes);
            timed.tokens.push((Instant::now(), before + text.len()));
        });
        Answer::new(answer)
    }
}
