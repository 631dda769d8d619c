//! What becomes of a pushed message until the host has it: each is handed over once, in order
//! within its conversation, and every push of it is answered once the host has taken it.

use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};

/// Accepted messages that are remembered, to know them when they are pushed again.
const REMEMBERED: usize = 10_000;
/// How long they are remembered.
const MEMORY: Duration = Duration::from_secs(24 * 60 * 60);
/// Messages that wait for the host, all conversations together.
const WAITING: usize = 1000;
/// Pushes of one message that are answered when it is accepted; more would be a flood.
const PUSHES: usize = 16;

/// One push of a message. `R` is what it takes to answer this push, `M` the message.
#[derive(Debug)]
pub(crate) struct Push<R, M> {
    /// The message's id; empty if DingTalk gave none.
    pub(crate) message_id: String,
    /// The frame's id, if it has one.
    pub(crate) frame_id: Option<String>,
    /// The conversation, within which order is kept.
    pub(crate) conversation: String,
    /// How to answer the push; `None` when it cannot be answered.
    pub(crate) receipt: Option<R>,
    /// The message.
    pub(crate) message: M,
}

/// A message as long as it is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Ticket(u64);

/// What the driver is to do, in order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step<R, M> {
    /// Give the message to the host; answer with [`Intake::on_answer`].
    HandOver {
        /// Which.
        ticket: Ticket,
        /// The message.
        message: M,
    },
    /// Answer a push: the host has the message.
    Acknowledge(R),
}

/// What a push turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A message not seen before.
    New,
    /// Pushed again while the host has not answered yet.
    Joined,
    /// Pushed again after the host took it.
    Duplicate,
    /// Too many wait already: it is left to be pushed again.
    Full,
}

/// Whether the host took a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It has it, now or from before.
    Yes,
    /// It does not, for now.
    No,
}

/// Messages on their way to the host, and those it has taken.
///
/// ```text
///   offer --> Pending --taken--> Accepted --age or number--> forgotten
///                |
///                +--refused--> forgotten: the next push is a new message
/// ```
#[derive(Debug)]
pub(crate) struct Intake<R, M> {
    entries: HashMap<Ticket, Entry<R, M>>,
    names: HashMap<Name, Ticket>,
    /// Conversations with something pending; the first of each is with the host.
    lanes: HashMap<String, VecDeque<Ticket>>,
    /// Accepted messages, oldest first.
    accepted: VecDeque<(Instant, Ticket)>,
    next: u64,
    steps: VecDeque<Step<R, M>>,
}

#[derive(Debug)]
struct Entry<R, M> {
    /// What it is known by; `None` for a message without any id, which is never a duplicate.
    name: Option<Name>,
    state: State<R, M>,
}

#[derive(Debug)]
enum State<R, M> {
    Pending {
        conversation: String,
        receipts: Vec<R>,
        /// Until it is handed over.
        message: Option<M>,
    },
    Accepted,
}

/// What a message is known by. A frame's id does not outlive its push, so it serves only where
/// there is no better one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Name {
    Message(String),
    Frame(String),
}

impl<R, M> Default for Intake<R, M> {
    fn default() -> Self {
        Self {
            entries: HashMap::new(),
            names: HashMap::new(),
            lanes: HashMap::new(),
            accepted: VecDeque::new(),
            next: 0,
            steps: VecDeque::new(),
        }
    }
}

impl<R, M> Intake<R, M> {
    /// What to do next, until `None`.
    pub(crate) fn next_step(&mut self) -> Option<Step<R, M>> {
        self.steps.pop_front()
    }

    /// Messages that the host has not answered for.
    pub(crate) fn waiting(&self) -> usize {
        self.entries.len() - self.accepted.len()
    }

    /// A message was pushed.
    pub(crate) fn offer(&mut self, push: Push<R, M>, now: Instant) -> Verdict {
        self.forget_old(now);
        let name = name(&push);
        if let Some(ticket) = name.as_ref().and_then(|name| self.names.get(name)).copied() {
            return self.join(ticket, push.receipt);
        }
        if self.waiting() >= WAITING {
            return Verdict::Full;
        }
        self.admit(name, push);
        Verdict::New
    }

    /// How to answer the pushes of a message so far, for whoever answers them as soon as the host
    /// has taken it. Those that join later are answered by [`on_answer`](Self::on_answer).
    pub(crate) fn take_receipts(&mut self, ticket: Ticket) -> Vec<R> {
        match self.entries.get_mut(&ticket).map(|entry| &mut entry.state) {
            Some(State::Pending { receipts, .. }) => std::mem::take(receipts),
            Some(State::Accepted) | None => Vec::new(),
        }
    }

    /// The host's answer to a hand-over.
    pub(crate) fn on_answer(&mut self, ticket: Ticket, taken: Taken, now: Instant) {
        let Some(mut entry) = self.entries.remove(&ticket) else { return };
        let State::Pending { conversation, receipts, .. } = entry.state else {
            self.entries.insert(ticket, entry); // answered twice
            return;
        };
        match taken {
            Taken::Yes => {
                self.steps.extend(receipts.into_iter().map(Step::Acknowledge));
                entry.state = State::Accepted;
                self.entries.insert(ticket, entry);
                self.accepted.push_back((now, ticket));
            }
            Taken::No => self.forget_name(entry.name),
        }
        self.advance(&conversation);
        self.forget_old(now);
    }

    fn join(&mut self, ticket: Ticket, receipt: Option<R>) -> Verdict {
        match self.entries.get_mut(&ticket).map(|entry| &mut entry.state) {
            Some(State::Pending { receipts, .. }) => {
                receipts.extend(receipt.filter(|_| receipts.len() < PUSHES));
                Verdict::Joined
            }
            Some(State::Accepted) | None => {
                self.steps.extend(receipt.map(Step::Acknowledge));
                Verdict::Duplicate
            }
        }
    }

    fn admit(&mut self, name: Option<Name>, push: Push<R, M>) {
        let ticket = Ticket(self.next);
        self.next += 1;
        if let Some(name) = name.clone() {
            self.names.insert(name, ticket);
        }
        let lane = self.lanes.entry(push.conversation.clone()).or_default();
        lane.push_back(ticket);
        let is_first = lane.len() == 1;
        let state = State::Pending {
            conversation: push.conversation,
            receipts: push.receipt.into_iter().collect(),
            message: Some(push.message),
        };
        self.entries.insert(ticket, Entry { name, state });
        if is_first {
            self.hand_over(ticket);
        }
    }

    /// The first of a conversation was answered for: the next one's turn.
    fn advance(&mut self, conversation: &str) {
        let Some(lane) = self.lanes.get_mut(conversation) else { return };
        lane.pop_front();
        match lane.front().copied() {
            Some(next) => self.hand_over(next),
            None => drop(self.lanes.remove(conversation)),
        }
    }

    fn hand_over(&mut self, ticket: Ticket) {
        if let Some(Entry { state: State::Pending { message, .. }, .. }) = self.entries.get_mut(&ticket) {
            self.steps.extend(message.take().map(|message| Step::HandOver { ticket, message }));
        }
    }

    fn forget_old(&mut self, now: Instant) {
        while let Some((since, ticket)) = self.accepted.front().copied()
            && (self.accepted.len() > REMEMBERED || now >= since + MEMORY)
        {
            self.accepted.pop_front();
            if let Some(entry) = self.entries.remove(&ticket) {
                self.forget_name(entry.name);
            }
        }
    }

    fn forget_name(&mut self, name: Option<Name>) {
        if let Some(name) = name {
            self.names.remove(&name);
        }
    }
}

fn name<R, M>(push: &Push<R, M>) -> Option<Name> {
    if push.message_id.is_empty() {
        return push.frame_id.clone().map(Name::Frame);
    }
    Some(Name::Message(push.message_id.clone()))
}

#[cfg(test)]
mod tests;
