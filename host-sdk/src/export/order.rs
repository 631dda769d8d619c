//! Whole messages and final updates to one conversation take effect in call order.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio_util::sync::CancellationToken;

/// Hands out tickets, one queue per conversation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Order(Arc<Mutex<Tails>>);

#[derive(Debug, Default)]
struct Tails {
    issued: u64,
    /// The last ticket of each conversation that has any.
    last: HashMap<String, (u64, CancellationToken)>,
}

/// A place in a conversation's queue. Dropping it lets the next one go.
#[derive(Debug)]
pub(crate) struct Ticket {
    order: Order,
    conversation: String,
    number: u64,
    before: Option<CancellationToken>,
    over: CancellationToken,
}

impl Order {
    /// Takes the next place in the queue of `conversation`, at once.
    pub(crate) fn ticket(&self, conversation: &str) -> Ticket {
        let mut tails = self.tails();
        tails.issued += 1;
        let (number, over) = (tails.issued, CancellationToken::new());
        let before = tails.last.insert(conversation.to_owned(), (number, over.clone()));
        let before = before.map(|(_, token)| token);
        Ticket { order: self.clone(), conversation: conversation.to_owned(), number, before, over }
    }

    fn tails(&self) -> std::sync::MutexGuard<'_, Tails> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket {
    /// Waits until all tickets before this one are gone.
    pub(crate) async fn turn(&mut self) {
        if let Some(before) = &self.before {
            before.cancelled().await;
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        // Dropped out of turn (its task was ended): whoever waits for it waits for those before.
        if let Some(before) = self.before.take().filter(|before| !before.is_cancelled())
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let over = self.over.clone();
            runtime.spawn(async move {
                before.cancelled().await;
                over.cancel();
            });
        } else {
            self.over.cancel();
        }
        let mut tails = self.order.tails();
        if tails.last.get(&self.conversation).is_some_and(|(number, _)| *number == self.number) {
            tails.last.remove(&self.conversation);
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
    fn nothing_is_kept_of_a_conversation_whose_tickets_are_gone() {
        let order = Order::default();
        let (first, second) = (order.ticket("a"), order.ticket("a"));
        drop(first);
        drop(second);
        assert!(order.tails().last.is_empty());
    }
}
