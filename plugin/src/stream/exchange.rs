//! The Stream of one account as a value: what happens on its connection, and what that means for
//! messages. Everything but the sockets, the clocks and the host.

use super::{
    action::{Action, Change, Loss},
    bulletin::{Bulletin, Readings},
    frame::{Answer, Body, Frame},
    hesitation::Hesitation,
    intake::{Intake, Push, Refusal, Step, Taken, Ticket, Verdict},
    job::Job,
    link::LinkId,
    receipt::Receipt,
    session::Session,
    setback::Setback,
    settings::Settings,
    tally::Tally,
};
use crate::{
    api::gateway::Invitation,
    clock::Moment,
    message::{card_action, inbound},
};
use host_sdk::{Accepted, InboundMessage};
use std::{collections::VecDeque, sync::Arc, time::Instant};

/// The Stream of one account.
pub(super) struct Exchange {
    session: Session,
    intake: Intake<Receipt, Arc<InboundMessage>>,
    bulletin: Bulletin,
    tally: Arc<Tally>,
    acts: VecDeque<Job>,
    hesitation: Hesitation,
}

impl Exchange {
    /// A connection whose first attempt is the first job.
    pub(super) fn new(settings: Settings, tally: Arc<Tally>) -> Self {
        Self {
            session: Session::new(settings),
            intake: Intake::default(),
            bulletin: Bulletin::default(),
            tally,
            acts: VecDeque::new(),
            hesitation: Hesitation::default(),
        }
    }

    /// What to do next, until `None`.
    pub(super) fn next_job(&mut self, at: Moment) -> Option<Job> {
        loop {
            if let Some(action) = self.session.next_action() {
                match action {
                    Action::Report(change) => self.report(&change, at),
                    action => return Some(Job::Connection(action)),
                }
            } else if let Some(job) = self.acts.pop_front() {
                return Some(job);
            } else if let Some(step) = self.intake.next_step() {
                match step {
                    Step::HandOver { ticket, message, receipts } => {
                        self.tally.hand_overs.count();
                        return Some(Job::HandOver { ticket, message, receipts });
                    }
                    Step::Acknowledge(receipt) => self.acknowledge(&receipt, at.now),
                    Step::PutOff { message_id, why, attempts } => {
                        self.put_off(&message_id, why, attempts, at.now);
                    }
                    Step::Aside { message_id } => tracing::warn!(
                        msg_id = message_id,
                        "the host takes others and not this message: its conversation goes on without it"
                    ),
                    Step::GivenUp { message_id } => self.given_up(&message_id),
                }
            } else {
                self.relieved(at.now);
                self.bulletin.note(self.readings());
                return self.bulletin.take(at.now).map(Job::Tell);
            }
        }
    }

    /// When [`on_time`](Self::on_time) has something to do.
    pub(super) fn deadline(&self) -> Option<Instant> {
        [self.session.deadline(), self.intake.deadline(), self.bulletin.deadline()]
            .into_iter()
            .flatten()
            .min()
    }

    /// Whether it was stopped, and the host has been asked once more for all that it had not taken.
    pub(super) fn has_parted(&self) -> bool {
        self.session.is_closed() && self.intake.deadline().is_none()
    }

    /// What the owner wants from now on.
    pub(super) fn on_settings(&mut self, settings: Settings, at: Moment) {
        self.session.on_settings(settings, at.now);
    }

    /// Both clocks, before anything else that happens.
    pub(super) fn on_clock(&mut self, at: Moment) {
        self.session.on_clock(at.now, at.unix_ms);
    }

    /// The deadline has come.
    pub(super) fn on_time(&mut self, at: Moment) {
        self.session.on_time(at.now);
        self.intake.on_time(at.now);
    }

    /// An invitation came, or did not.
    pub(super) fn on_opened(&mut self, outcome: Result<Invitation, Setback>, at: Moment) {
        self.session.on_opened(outcome, at.now);
    }

    /// A link is up, or is not.
    pub(super) fn on_dialled(&mut self, link: LinkId, outcome: Result<(), Setback>, at: Moment) {
        self.session.on_dialled(link, outcome, at.now);
    }

    /// A link ended without our doing.
    pub(super) fn on_lost(&mut self, link: LinkId, loss: Loss, at: Moment) {
        self.session.on_lost(link, loss, at.now);
    }

    /// Something that is no frame arrived.
    pub(super) fn on_sign_of_life(&mut self, link: LinkId, at: Moment) {
        self.session.on_sign_of_life(link, at.now);
    }

    /// The answer to a ping arrived.
    pub(super) fn on_pong(&mut self, link: LinkId, at: Moment) {
        self.session.on_pong(link, at.now);
    }

    /// A text frame arrived.
    pub(super) fn on_text(&mut self, link: LinkId, text: &str, at: Moment) {
        self.tally.frames.count();
        let Ok(frame) = Frame::decode(text) else {
            self.tally.unreadable.count();
            tracing::warn!(%link, bytes = text.len(), "a frame is not DingTalk's JSON");
            return self.session.on_sign_of_life(link, at.now);
        };
        self.count(&frame);
        if let Some(frame) = self.session.on_frame(link, frame, at.now) {
            self.deliver(link, frame, at);
        }
    }

    /// The host's answer to a hand-over, be it late.
    pub(super) fn on_answer(&mut self, ticket: Ticket, accepted: Accepted, at: Moment) {
        let taken = if is_taken(accepted) { Taken::Yes } else { Taken::No };
        self.intake.on_answer(ticket, taken, at.now);
    }

    /// It is known what to answer to a card callback, or time to answer.
    pub(super) fn on_acted(&mut self, receipt: &Receipt, response: Option<&str>) {
        if let Some(ack) = receipt.claim() {
            let ack = response.map_or_else(|| ack.clone(), |response| ack.clone().with_response(response));
            self.session.acknowledge(receipt.link(), ack);
        }
    }

    /// Ends every connection. What waits is offered to the host once more: it can no longer be
    /// acknowledged, so nobody may ever push it again.
    pub(super) fn stop(&mut self, at: Moment) {
        self.session.stop();
        self.intake.part(at.now);
    }

    /// The host has had its time: what it has not taken is left unacknowledged.
    pub(super) fn leave(&self) {
        let left = self.intake.waiting();
        if left > 0 {
            self.tally.left.add(left);
            tracing::warn!(
                left,
                "stopped with messages that the host had not taken; they are not acknowledged"
            );
        }
    }

    fn count(&self, frame: &Frame) {
        match &frame.body {
            Body::Disconnect { reason } => tracing::info!(reason, "DingTalk renews the connection"),
            Body::Event { .. } => self.tally.events.count(),
            Body::Unknown { kind, topic } => {
                self.tally.unknown.count();
                tracing::debug!(kind, topic, "a frame of an unknown kind");
            }
            Body::Ping { .. } | Body::Robot { .. } | Body::CardCallback { .. } => {}
        }
    }

    fn deliver(&mut self, link: LinkId, frame: Frame, at: Moment) {
        let receipt = match frame.answer() {
            Answer::WhenAccepted(ack) | Answer::WhenActed(ack) => Some(Receipt::new(link, ack, at.now)),
            Answer::Now(_) | Answer::Never => None,
        };
        match frame.body {
            Body::Robot { data } => self.offer(frame.message_id, receipt, &data, at),
            Body::CardCallback { data } => self.act(receipt, &data),
            Body::Ping { .. } | Body::Disconnect { .. } | Body::Event { .. } | Body::Unknown { .. } => {}
        }
    }

    fn act(&mut self, receipt: Option<Receipt>, data: &str) {
        self.tally.card_actions.count();
        match card_action::decode(data) {
            Ok(action) => self.acts.push_back(Job::Act { receipt, action: Box::new(action) }),
            Err(reason) => {
                self.tally.undecodable_card_actions.count();
                tracing::warn!(reason, "a card callback could not be understood");
                receipt.iter().for_each(|receipt| self.on_acted(receipt, None));
            }
        }
    }

    fn offer(&mut self, frame_id: Option<String>, receipt: Option<Receipt>, data: &str, at: Moment) {
        let message = match inbound::decode(data, at.unix_ms) {
            Ok(message) => message,
            Err(undecodable) => {
                self.tally.undecodable.count();
                tracing::warn!(frame_id, msg_id = undecodable.msg_id, "a message could not be understood");
                // Pushed again it would be no clearer.
                return receipt.iter().for_each(|receipt| self.acknowledge(receipt, at.now));
            }
        };
        // Never in a library that ships: a build that must be found out by whoever kills the host.
        if cfg!(feature = "mutant-ack-first") {
            receipt.iter().for_each(|receipt| self.acknowledge(receipt, at.now));
        }
        let push = Push {
            message_id: message.id.clone(),
            frame_id,
            conversation: message.conversation.id.clone(),
            receipt,
            message: Arc::new(message),
            bytes: data.len(),
        };
        match self.intake.offer(push, at.now) {
            Verdict::New => self.tally.messages.count(),
            Verdict::Joined | Verdict::Duplicate => self.tally.repeated.count(),
            Verdict::Full { first } => self.overflow(first),
        }
    }

    fn overflow(&self, first: bool) {
        self.tally.overflowed.count();
        if first {
            tracing::warn!(
                waiting = self.intake.waiting(),
                "no room for messages: the host takes none, or not fast enough; they are not acknowledged"
            );
        }
    }

    fn put_off(&mut self, msg_id: &str, why: Refusal, attempts: u32, now: Instant) {
        let why = match why {
            Refusal::Said => "the host did not take it",
            Refusal::Silent => "the host did not answer",
        };
        self.tally.refused.count();
        if self.hesitation.on_put_off(attempts, now) {
            tracing::warn!(
                msg_id,
                why,
                "a message waits, and is handed over again, as are any that follow it"
            );
        } else {
            tracing::debug!(msg_id, why, attempts, "a message waits");
        }
    }

    fn relieved(&mut self, now: Instant) {
        if let Some(messages) = self.hesitation.ended(self.intake.retrying(), now) {
            tracing::info!(messages, "none of the messages that had to wait is left");
        }
    }

    fn given_up(&self, msg_id: &str) {
        self.tally.given_up.count();
        tracing::error!(msg_id, "the host would not take a message for a day: it is given up");
    }

    fn acknowledge(&mut self, receipt: &Receipt, now: Instant) {
        if let Some(ack) = receipt.claim() {
            self.tally.acknowledged.count(receipt.age(now));
            self.session.acknowledge(receipt.link(), ack.clone());
        }
    }

    fn report(&mut self, change: &Change, at: Moment) {
        match change {
            Change::Up => {
                self.tally.connected.count();
                tracing::info!("connected");
            }
            Change::Setback { .. } => self.tally.setbacks.count(),
            Change::Blocked { .. } => {
                self.tally.setbacks.count();
                tracing::info!("waits for a person; tries again once a minute");
            }
            Change::Woken { asleep } => {
                self.tally.wakes.count();
                tracing::info!(
                    seconds = asleep.as_secs(),
                    "the machine has slept: asks DingTalk for a sign of life"
                );
            }
            _ => {}
        }
        self.bulletin.report(change, at.unix_ms);
    }

    fn readings(&self) -> Readings {
        Readings {
            open_links: self.session.open_links(),
            failures: self.session.failures(),
            round_trip: self.session.round_trip(),
            waiting: self.intake.waiting(),
            retrying: self.intake.retrying(),
        }
    }
}

/// Whether the host has the message.
pub(super) fn is_taken(accepted: Accepted) -> bool {
    matches!(accepted, Accepted::New | Accepted::Duplicate | Accepted::Dropped)
}

#[cfg(test)]
mod tests;
