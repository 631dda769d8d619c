//! Whole messages and final updates to one conversation take effect in call order.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio_util::sync::CancellationToken;

/// Hands out tickets, one queue per conversation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Order(Arc<Mutex<Queues>>);

#[derive(Debug, Default)]
struct Queues {
    issued: u64,
    /// The tickets of each conversation that has any, each with what tells it that it is its turn.
    waiting: HashMap<String, BTreeMap<u64, CancellationToken>>,
}

/// A place in a conversation's queue. Dropping it, in turn or not, gives it up.
#[derive(Debug)]
pub(crate) struct Ticket {
    order: Order,
    conversation: String,
    number: u64,
    turn: CancellationToken,
}

impl Order {
    /// Takes the next place in the queue of `conversation`, at once.
    pub(crate) fn ticket(&self, conversation: &str) -> Ticket {
        let mut queues = self.queues();
        queues.issued += 1;
        let (number, turn) = (queues.issued, CancellationToken::new());
        let queue = queues.waiting.entry(conversation.to_owned()).or_default();
        if queue.is_empty() {
            turn.cancel();
        }
        queue.insert(number, turn.clone());
        Ticket { order: self.clone(), conversation: conversation.to_owned(), number, turn }
    }

    fn queues(&self) -> MutexGuard<'_, Queues> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket {
    /// Waits until all tickets before this one are gone.
    pub(crate) async fn turn(&self) {
        self.turn.cancelled().await;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut queues = self.order.queues();
        let Some(queue) = queues.waiting.get_mut(&self.conversation) else { return };
        queue.remove(&self.number);
        match queue.first_key_value() {
            Some((_, next)) => next.cancel(),
            None => drop(queues.waiting.remove(&self.conversation)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        future::Future,
        pin::pin,
        task::{Context, Waker},
    };

    /// Polls a future once, without a runtime.
    fn poll_once(future: impl Future<Output = ()>) -> bool {
        pin!(future).poll(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    #[test]
    fn a_ticket_waits_for_those_before_it_in_its_conversation_only() {
        let order = Order::default();
        let first = order.ticket("a");
        let second = order.ticket("a");
        let other = order.ticket("b");

        assert!(poll_once(first.turn()));
        assert!(poll_once(other.turn()));
        assert!(!poll_once(second.turn()));

        drop(first);
        assert!(poll_once(second.turn()));
    }

    #[test]
    fn a_ticket_that_is_given_up_lets_nobody_overtake() {
        let order = Order::default();
        let first = order.ticket("a");
        let given_up = order.ticket("a");
        let third = order.ticket("a");

        drop(given_up);
        assert!(poll_once(first.turn()));
        assert!(!poll_once(third.turn()), "the first one is still there");
        drop(first);
        assert!(poll_once(third.turn()));
    }

    #[test]
    fn nothing_is_kept_of_a_conversation_whose_tickets_are_gone() {
        let order = Order::default();
        let (first, second) = (order.ticket("a"), order.ticket("a"));
        drop(first);
        drop(second);
        assert!(order.queues().waiting.is_empty());
    }
}
