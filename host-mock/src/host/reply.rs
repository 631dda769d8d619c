//! An answer as far as it has come.

use super::{admission::Admitted, turn::Job};
use host_sdk::{Handle, InboundMessage, Json, Phase, StreamUpdate};
use serde_json::json;
use std::sync::{Arc, atomic::AtomicBool};

/// What an agent says that has nothing to say, as in OpenClaw: it is not shown.
const NO_REPLY: &str = "NO_REPLY";

/// An answer as far as it has come.
pub(super) struct Reply {
    pub(super) job: Job,
    /// Earlier messages that it answers, too.
    pub(super) with: Vec<Job>,
    pub(super) message: Arc<InboundMessage>,
    /// Who answers.
    pub(super) agent: String,
    pub(super) turn: String,
    pub(super) stream: String,
    pub(super) text: String,
    pub(super) status: String,
    pub(super) seq: u64,
    pub(super) trouble_told: Arc<AtomicBool>,
    /// How many answers its turn had before.
    place: usize,
    handle: Handle,
}

impl Reply {
    /// The first answer of the turn that `admitted` begins.
    pub(super) fn new(admitted: Admitted, message: Arc<InboundMessage>) -> Self {
        let Admitted { job, with, route, .. } = admitted;
        Self {
            turn: message.id.clone(),
            stream: format!("{}/{}", job.account.account, message.id),
            handle: message.reply.clone(),
            agent: route.agent,
            job,
            with,
            message,
            seq: 0,
            text: String::new(),
            status: String::new(),
            trouble_told: Arc::default(),
            place: 0,
        }
    }

    /// The next answer of the same turn, to a message that has joined it: through the same handle, and empty.
    pub(super) fn next(&self, joined: Admitted, message: Arc<InboundMessage>) -> Self {
        let place = self.place + 1;
        let first = Self::new(joined, message);
        Self {
            turn: self.turn.clone(),
            stream: format!("{}/{}/{place}", first.job.account.account, self.turn),
            handle: self.handle.clone(),
            place,
            ..first
        }
    }

    /// Ends the text with a sentence about why it ends.
    pub(super) fn break_off(&mut self, sentence: &str) {
        if !self.text.is_empty() {
            self.text.push_str("\n\n");
        }
        self.text.push_str(sentence);
    }

    /// Whether it may yet turn out that there is nothing to say.
    pub(super) fn may_be_nothing(&self) -> bool {
        let text = self.text.trim();
        !text.is_empty() && NO_REPLY.starts_with(text)
    }

    /// All is said: if that is that there is nothing to say, the text is empty.
    pub(super) fn is_complete(&mut self) {
        if self.text.trim() == NO_REPLY {
            self.text.clear();
        }
    }

    pub(super) fn update(&mut self, phase: Phase) -> StreamUpdate {
        self.seq += 1;
        StreamUpdate {
            turn: self.turn.clone(),
            stream: self.stream.clone(),
            seq: self.seq,
            phase,
            text: self.text.clone(),
            status: self.status.clone(),
            conversation: self.message.conversation.clone(),
            reply: self.handle.clone(),
            extra: self.besides(),
        }
    }

    /// Which messages it answers besides the one that its handle is of.
    fn besides(&self) -> Json {
        let joined = (self.place > 0).then_some(&self.message.id);
        let ids: Vec<_> = self.with.iter().map(|job| &job.waiting.id).chain(joined).collect();
        if ids.is_empty() { Json::default() } else { Json::new(&json!({"alsoAnswers": ids})) }
    }
}
