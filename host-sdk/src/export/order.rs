//! Whole messages and final updates to one conversation take effect in call order.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Notify;

/// Hands out tickets, one queue per conversation. As many tickets as calls are under way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Order(Arc<Mutex<Queues>>);

#[derive(Debug, Default)]
struct Queues {
    issued: u64,
    /// The conversations that have a ticket.
    waiting: HashMap<String, Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    numbers: BTreeSet<u64>,
    changed: Arc<Notify>,
}

/// A place in a conversation's queue, left by dropping it, in turn or not.
#[derive(Debug)]
pub(crate) struct Ticket {
    order: Order,
    conversation: String,
    number: u64,
    changed: Arc<Notify>,
}

impl Order {
    /// Takes the next place in the queue of `conversation`, at once.
    pub(crate) fn ticket(&self, conversation: &str) -> Ticket {
        let mut queues = self.queues();
        queues.issued += 1;
        let number = queues.issued;
        let queue = queues.waiting.entry(conversation.to_owned()).or_default();
        queue.numbers.insert(number);
        let changed = queue.changed.clone();
        Ticket { order: self.clone(), conversation: conversation.to_owned(), number, changed }
    }

    fn queues(&self) -> MutexGuard<'_, Queues> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket {
    /// Waits until all tickets before this one are gone.
    pub(crate) async fn turn(&mut self) {
        loop {
            let changed = self.changed.notified();
            if self.is_first() {
                return;
            }
            changed.await;
        }
    }

    fn is_first(&self) -> bool {
        let queues = self.order.queues();
        let first = queues.waiting.get(&self.conversation).and_then(|queue| queue.numbers.first());
        first.is_none_or(|first| *first == self.number)
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut queues = self.order.queues();
        if let Some(queue) = queues.waiting.get_mut(&self.conversation) {
            queue.numbers.remove(&self.number);
            if queue.numbers.is_empty() {
                queues.waiting.remove(&self.conversation);
            }
        }
        drop(queues);
        self.changed.notify_waiters();
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
        let mut first = order.ticket("a");
        let mut second = order.ticket("a");
        let mut other = order.ticket("b");

        assert!(poll_once(first.turn()));
        assert!(poll_once(other.turn()));
        assert!(!poll_once(second.turn()));

        drop(first);
        assert!(poll_once(second.turn()));
    }

    #[test]
    fn a_ticket_that_is_dropped_out_of_turn_lets_nobody_overtake() {
        let order = Order::default();
        let first = order.ticket("a");
        drop(order.ticket("a"));
        let mut third = order.ticket("a");
        assert!(!poll_once(third.turn()));
        drop(first);
        assert!(poll_once(third.turn()));
    }

    #[test]
    fn nothing_is_kept_of_a_conversation_whose_tickets_are_gone() {
        let order = Order::default();
        let (first, second) = (order.ticket("a"), order.ticket("a"));
        drop(second);
        drop(first);
        assert!(order.queues().waiting.is_empty());
    }
}
