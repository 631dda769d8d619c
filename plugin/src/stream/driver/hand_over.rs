//! A message in the hands of the host, and how its answer comes back.

use super::Event;
use crate::{
    clock,
    stream::{exchange::is_taken, intake::Ticket, receipt::Receipt, socket::Outgoing, tally::Tally},
};
use host_sdk::Accepted;
use std::{sync::Arc, time::Instant};
use tokio::sync::mpsc;

/// How to answer one push: the way to the socket that delivered it. Weak, for a socket that we hang up
/// must end although the host still thinks.
pub(super) type Way = (mpsc::WeakUnboundedSender<Outgoing>, Receipt);

/// The answer that the host owes for one attempt. Dropped, it is a refusal.
pub(super) struct Owed {
    ticket: Ticket,
    ways: Vec<Way>,
    begun: Instant,
    tally: Arc<Tally>,
    /// Bounded by the attempts under way. Gone once it was used.
    answers: Option<mpsc::UnboundedSender<Event>>,
}

impl Owed {
    pub(super) fn new(
        ticket: Ticket,
        ways: Vec<Way>,
        answers: mpsc::UnboundedSender<Event>,
        tally: Arc<Tally>,
    ) -> Self {
        Self { ticket, ways, begun: clock::now(), tally, answers: Some(answers) }
    }

    /// The host has answered. Its acknowledgements are on their way when this returns, and so before
    /// anybody works on the message.
    pub(super) fn answer(mut self, accepted: Accepted) {
        let now = clock::now();
        if is_taken(accepted) {
            let ways = std::mem::take(&mut self.ways);
            ways.into_iter().for_each(|way| acknowledge(way, &self.tally, now));
        }
        self.tally.handed_over.count(now.saturating_duration_since(self.begun));
        self.tell(accepted);
    }

    fn tell(&mut self, accepted: Accepted) {
        let Some(answers) = self.answers.take() else { return };
        answers.send(Event::Answered { ticket: self.ticket, accepted }).ok(); // the driver may have ended
    }
}

impl Drop for Owed {
    fn drop(&mut self) {
        self.tell(Accepted::Refused);
    }
}

fn acknowledge((way, receipt): Way, tally: &Tally, now: Instant) {
    if let Some(socket) = way.upgrade()
        && let Some(ack) = receipt.claim()
    {
        tally.acknowledged.count(receipt.age(now));
        socket.send(Outgoing::Text(ack.to_text())).ok(); // a socket that ended is lost by other means
    }
}
