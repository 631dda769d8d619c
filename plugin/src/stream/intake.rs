//! What becomes of a pushed message until the host has it: each is handed over until it is taken,
//! in order within its conversation, and every push of it is answered after that.

mod lanes;
mod memory;
mod step;

use lanes::Lanes;
use memory::{Known, Memory, Name};
use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    time::{Duration, Instant},
};
pub(super) use step::{Push, Refusal, Step, Taken, Ticket, Verdict};

/// Messages that wait for the host, all conversations together, in number and in bytes as pushed.
const WAITING: usize = 10_000;
const WAITING_BYTES: usize = 32 * 1024 * 1024;
/// Pushes of one message that are answered when it is accepted; more would be a flood.
const PUSHES: usize = 16;
/// The host appends within milliseconds; one that takes this long is asked again.
const HAND_OVER: Duration = Duration::from_secs(30);
/// The first wait before a message is handed over again. It doubles, up to the longest.
const FIRST_REST: Duration = Duration::from_millis(250);
const LONGEST_REST: Duration = Duration::from_secs(10);
/// After so long the next one of the conversation is to show whether it is the message or the host. The
/// tries follow each other at once: only an outage that ends just between them makes them change places.
/// (Silence shows nothing: a host that is slow may end it between the two.)
const STUBBORN: Duration = Duration::from_secs(60);
/// A message that the host would not take for so long is given up.
const PERSEVERANCE: Duration = Duration::from_secs(24 * 60 * 60);

/// Messages on their way to the host, and those it has taken.
///
/// ```text
///            turn comes                    taken, however late
///   Queued -----------> WithHost{until} ------------------------> Accepted --age or number--> forgotten
///                        ^          |                                ^
///         rest is over,  |          | refused, or no answer          | an answer that was given up
///         or another was |          v                                |
///         taken          +--- Resting{until} ------------------------+
///                                   |
///                                   +--a day of refusals--> given up
///
///   once it parts: Resting -> WithHost, and refused -> Queued, which is where it is left
/// ```
///
/// The first of a conversation is with the host or resting; the others are queued behind it. Only when
/// the first was refused for [`STUBBORN`], the second is tried after each of its refusals: if that one is
/// taken, the first *stands aside*: it is still handed over, but nobody waits for it any more.
#[derive(Debug)]
pub(super) struct Intake<R, M> {
    pending: HashMap<u64, Pending<R, M>>,
    lanes: Lanes,
    memory: Memory,
    /// By when the host has to have answered, and by when a rest ends.
    with_host: BTreeSet<(Instant, u64)>,
    resting: BTreeSet<(Instant, u64)>,
    retrying: usize,
    bytes: usize,
    /// From the first that found no room until half of it is free.
    crowded: bool,
    next: u64,
    /// Whether each is handed over once more at most.
    parting: bool,
    steps: VecDeque<Step<R, M>>,
}

#[derive(Debug)]
struct Pending<R, M> {
    message_id: String,
    /// `None` for a message without any id.
    name: Option<Name>,
    conversation: String,
    message: M,
    bytes: usize,
    receipts: Vec<R>,
    stage: Stage,
    attempts: u32,
    /// When the host first did not take it.
    refused: Option<Instant>,
    /// Whether the host took what came after it: it is the message, not the host.
    aside: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Queued,
    WithHost { until: Instant },
    Resting { until: Instant },
}

impl<R, M> Default for Intake<R, M> {
    fn default() -> Self {
        Self {
            pending: HashMap::new(),
            lanes: Lanes::default(),
            memory: Memory::default(),
            with_host: BTreeSet::new(),
            resting: BTreeSet::new(),
            retrying: 0,
            bytes: 0,
            crowded: false,
            next: 0,
            parting: false,
            steps: VecDeque::new(),
        }
    }
}

impl<R: Clone, M: Clone> Intake<R, M> {
    /// What to do next, until `None`.
    pub(super) fn next_step(&mut self) -> Option<Step<R, M>> {
        self.steps.pop_front()
    }

    /// When [`on_time`](Self::on_time) has something to do.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let first = |set: &BTreeSet<(Instant, u64)>| set.first().map(|(until, _)| *until);
        first(&self.with_host).into_iter().chain(first(&self.resting)).min()
    }

    /// Messages that the host has not taken.
    pub(super) fn waiting(&self) -> usize {
        self.pending.len()
    }

    /// Those of them that it was asked to take, and did not, as far as that is not their own fault.
    pub(super) fn retrying(&self) -> usize {
        self.retrying
    }

    /// A message was pushed.
    pub(super) fn offer(&mut self, push: Push<R, M>, now: Instant) -> Verdict {
        self.memory.forget_old(now);
        let name = self.memory.name(&push.message_id, push.frame_id.as_deref());
        match name.and_then(|name| self.memory.find(name)) {
            Some(Known::Accepted) => {
                self.steps.extend(push.receipt.map(Step::Acknowledge));
                Verdict::Duplicate
            }
            Some(Known::Pending(number)) => {
                if let Some(pending) = self.pending.get_mut(&number) {
                    pending.receipts.extend(push.receipt.filter(|_| pending.receipts.len() < PUSHES));
                }
                Verdict::Joined
            }
            None if self.waiting() >= WAITING || self.bytes + push.bytes > WAITING_BYTES => {
                Verdict::Full { first: !std::mem::replace(&mut self.crowded, true) }
            }
            None => {
                self.admit(name, push, now);
                Verdict::New
            }
        }
    }

    /// The host's answer to a hand-over, be it late.
    pub(super) fn on_answer(&mut self, ticket: Ticket, taken: Taken, now: Instant) {
        let Some(pending) = self.pending.get(&ticket.number) else { return };
        let is_awaited =
            matches!(pending.stage, Stage::WithHost { .. }) && pending.attempts == ticket.attempt;
        match taken {
            Taken::Yes => {
                let refused = self.first_before(ticket.number);
                self.accept(ticket.number, now);
                if let Some(refused) = refused {
                    self.stand_aside(refused, now);
                }
                self.encourage(now);
            }
            Taken::No if is_awaited => self.put_off(ticket.number, Refusal::Said, now),
            Taken::No => {} // another attempt is under way, or will be
        }
    }

    /// The deadline has come.
    pub(super) fn on_time(&mut self, now: Instant) {
        while let Some((until, number)) = self.with_host.first().copied()
            && now >= until
        {
            self.put_off(number, Refusal::Silent, now);
        }
        while let Some((until, number)) = self.resting.first().copied()
            && now >= until
        {
            self.hand_over(number, now);
        }
    }

    /// It is about to end: what rests is handed over at once, and what is refused from now on stays
    /// where it is, with all that is queued behind it.
    pub(super) fn part(&mut self, now: Instant) {
        self.parting = true;
        while let Some((_, number)) = self.resting.first().copied() {
            self.hand_over(number, now);
        }
    }

    fn admit(&mut self, name: Option<Name>, push: Push<R, M>, now: Instant) {
        let number = self.next;
        self.next += 1;
        self.bytes += push.bytes;
        if let Some(name) = name {
            self.memory.wait(name, number);
        }
        let is_first = self.lanes.join(&push.conversation, number);
        let pending = Pending {
            message_id: push.message_id,
            name,
            conversation: push.conversation,
            message: push.message,
            bytes: push.bytes,
            receipts: push.receipt.into_iter().collect(),
            stage: Stage::Queued,
            attempts: 0,
            refused: None,
            aside: false,
        };
        self.pending.insert(number, pending);
        if is_first {
            self.hand_over(number, now);
        }
    }

    fn hand_over(&mut self, number: u64, now: Instant) {
        self.enter(number, Stage::WithHost { until: now + HAND_OVER });
        let Some(pending) = self.pending.get_mut(&number) else { return };
        pending.attempts += 1;
        self.steps.push_back(Step::HandOver {
            ticket: Ticket { number, attempt: pending.attempts },
            message: pending.message.clone(),
            receipts: pending.receipts.clone(),
        });
    }

    fn accept(&mut self, number: u64, now: Instant) {
        let receipts = self.pending.get_mut(&number).map(|pending| std::mem::take(&mut pending.receipts));
        self.steps.extend(receipts.unwrap_or_default().into_iter().map(Step::Acknowledge));
        if let Some(name) = self.leave(number, now).and_then(|pending| pending.name) {
            self.memory.accept(name, now);
        }
    }

    fn put_off(&mut self, number: u64, why: Refusal, now: Instant) {
        let Some(pending) = self.pending.get_mut(&number) else { return };
        let (message_id, attempts) = (pending.message_id.clone(), pending.attempts);
        if pending.refused.is_none() {
            self.retrying += 1;
        }
        let since = *pending.refused.get_or_insert(now);
        if now >= since + PERSEVERANCE {
            return self.give_up(number, message_id, now);
        }
        let ends_here = self.parting || self.first_before(number).is_some();
        let stage = if ends_here { Stage::Queued } else { Stage::Resting { until: now + rest(attempts) } };
        self.enter(number, stage);
        self.steps.push_back(Step::PutOff { message_id, why, attempts });
        if why == Refusal::Said && now >= since + STUBBORN {
            self.try_second(number, now);
        }
    }

    /// The first of a conversation was refused once more, as it was for long: the one behind it is tried.
    fn try_second(&mut self, first: u64, now: Instant) {
        let Some(pending) = self.pending.get(&first) else { return };
        let second = self.lanes.second_after(&pending.conversation, first);
        if let Some(second) = second.filter(|second| self.is_queued(*second)) {
            self.hand_over(second, now);
        }
    }

    fn give_up(&mut self, number: u64, message_id: String, now: Instant) {
        let Some(pending) = self.leave(number, now) else { return };
        if let Some(name) = pending.name {
            self.memory.forget(name);
        }
        self.steps.push_back(Step::GivenUp { message_id });
    }

    /// The host takes messages: the one that would have rested least need not wait any longer. It
    /// will encourage the next, so that a host that works again has everything soon.
    fn encourage(&mut self, now: Instant) {
        let mut resting = self.resting.iter().map(|(_, number)| *number);
        if let Some(number) = resting.find(|number| self.pending.get(number).is_some_and(|it| !it.aside)) {
            self.hand_over(number, now);
        }
    }

    /// A message is done with: the next one's turn, if it was the first of its conversation.
    fn leave(&mut self, number: u64, now: Instant) -> Option<Pending<R, M>> {
        self.enter(number, Stage::Queued);
        let pending = self.pending.remove(&number)?;
        self.bytes -= pending.bytes;
        self.crowded &= self.waiting() > WAITING / 2 || self.bytes > WAITING_BYTES / 2;
        self.retrying -= usize::from(pending.refused.is_some() && !pending.aside);
        self.step_out(number, &pending.conversation, now);
        Some(pending)
    }

    /// A message is no longer waited for by those behind it in its conversation.
    fn step_out(&mut self, number: u64, conversation: &str, now: Instant) {
        let next = self.lanes.leave(conversation, number);
        if let Some(next) = next.filter(|next| self.is_queued(*next)) {
            self.hand_over(next, now);
        }
    }

    /// The host took the one behind it: so it is not the host that does not want it.
    fn stand_aside(&mut self, first: u64, now: Instant) {
        let Some(pending) = self.pending.get_mut(&first) else { return };
        pending.aside = true;
        self.retrying -= usize::from(pending.refused.is_some());
        let conversation = pending.conversation.clone();
        self.steps.push_back(Step::Aside { message_id: pending.message_id.clone() });
        self.step_out(first, &conversation, now);
    }

    fn first_before(&self, second: u64) -> Option<u64> {
        self.lanes.first_before(&self.pending.get(&second)?.conversation, second)
    }

    fn is_queued(&self, number: u64) -> bool {
        self.pending.get(&number).is_some_and(|pending| pending.stage == Stage::Queued)
    }

    fn enter(&mut self, number: u64, stage: Stage) {
        let Some(pending) = self.pending.get_mut(&number) else { return };
        match std::mem::replace(&mut pending.stage, stage) {
            Stage::Queued => false,
            Stage::WithHost { until } => self.with_host.remove(&(until, number)),
            Stage::Resting { until } => self.resting.remove(&(until, number)),
        };
        match stage {
            Stage::Queued => false,
            Stage::WithHost { until } => self.with_host.insert((until, number)),
            Stage::Resting { until } => self.resting.insert((until, number)),
        };
    }
}

/// How long a message rests that was refused so often.
fn rest(attempts: u32) -> Duration {
    FIRST_REST.saturating_mul(1 << attempts.saturating_sub(1).min(6)).min(LONGEST_REST)
}

#[cfg(test)]
mod tests;
