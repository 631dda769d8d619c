//! A message in the hands of the host, and how its answer comes back.

use super::Event;
use crate::stream::{exchange::is_taken, intake::Ticket, receipt::Receipt, socket::Outgoing};
use host_sdk::Accepted;
use tokio::sync::mpsc;

/// How to answer one push: the way to the socket that delivered it. Weak, for a socket that we hang up
/// must end although the host still thinks.
pub(super) type Way = (mpsc::WeakUnboundedSender<Outgoing>, Receipt);

/// The answer that the host owes for one attempt. Dropped, it is a refusal.
pub(super) struct Owed {
    ticket: Ticket,
    ways: Vec<Way>,
    /// Bounded by the attempts under way. Gone once it was used.
    answers: Option<mpsc::UnboundedSender<Event>>,
}

impl Owed {
    pub(super) fn new(ticket: Ticket, ways: Vec<Way>, answers: mpsc::UnboundedSender<Event>) -> Self {
        Self { ticket, ways, answers: Some(answers) }
    }

    /// The host has answered. Its acknowledgements are on their way when this returns, and so before
    /// anybody works on the message.
    pub(super) fn answer(mut self, accepted: Accepted) {
        if is_taken(accepted) {
            self.ways.drain(..).for_each(acknowledge);
        }
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

fn acknowledge((way, receipt): Way) {
    if let Some(socket) = way.upgrade()
        && let Some(ack) = receipt.claim()
    {
        socket.send(Outgoing::Text(ack.to_text())).ok(); // a socket that ended is lost by other means
    }
}
