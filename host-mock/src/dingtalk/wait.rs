//! Waiting for something to happen, without sleeping.

use std::fmt;
use std::panic::Location;
use std::time::Duration;

use super::DingTalk;
use super::card::Card;
use super::endpoint::Endpoint;
use super::gateway::{Ack, ConnectionId, Delivery};
use super::record::{Call, Message, Reaction};
use super::view::View;

/// What was waited for did not happen; its `Display` tells what did.
#[derive(Debug)]
pub struct TimedOut {
    what: String,
    after: Duration,
    report: String,
}

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no {} within {:?}; {}", self.what, self.after, self.report)
    }
}

impl std::error::Error for TimedOut {}

impl DingTalk {
    /// Looks at everything recorded so far; `look` must not call the fake.
    pub fn look<T>(&self, look: impl FnOnce(View<'_>) -> T) -> T {
        self.shared.look(|world| look(View(world)))
    }

    /// Waits until `look` finds something; it is asked again after every change and must not call the fake.
    ///
    /// # Panics
    ///
    /// After [`Settings::patience`](super::Settings::patience), with what did happen.
    #[track_caller]
    pub fn wait_for<T>(&self, look: impl FnMut(View<'_>) -> Option<T>) -> impl Future<Output = T> {
        self.expect("what was waited for".into(), look)
    }

    /// Waits until `look` finds something, but not longer than `patience`.
    ///
    /// # Errors
    ///
    /// If it found nothing in time.
    pub async fn try_wait_for<T>(
        &self,
        patience: Duration,
        mut look: impl FnMut(View<'_>) -> Option<T>,
    ) -> Result<T, TimedOut> {
        let mut versions = self.shared.versions();
        let found = async {
            loop {
                // Marked as seen before the look, so that a change in between wakes the next turn.
                versions.borrow_and_update();
                if let Some(found) = self.look(&mut look) {
                    return found;
                }
                if versions.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        let result = tokio::time::timeout(patience, found).await;
        result.map_err(|_| TimedOut {
            what: "what was waited for".into(),
            after: patience,
            report: self.look(|view| view.report()),
        })
    }

    /// Waits for something that has a name.
    #[track_caller]
    fn expect<T>(&self, what: String, look: impl FnMut(View<'_>) -> Option<T>) -> impl Future<Output = T> {
        let caller = Location::caller();
        async move {
            match self.try_wait_for(self.patience, look).await {
                Ok(found) => found,
                Err(error) => panic!("{caller}: {}", TimedOut { what, ..error }),
            }
        }
    }

    /// Waits for a live Stream connection; the newest one.
    #[track_caller]
    pub fn connected(&self) -> impl Future<Output = ConnectionId> {
        self.expect("live Stream connection".into(), |view| Some(view.live_connections().next_back()?.id))
    }

    /// Waits until `count` Stream connections have been opened in all; the newest one.
    #[track_caller]
    pub fn connected_times(&self, count: usize) -> impl Future<Output = ConnectionId> {
        let what = format!("{count} Stream connections");
        self.expect(what, move |view| Some(view.connections().nth(count.checked_sub(1)?)?.id))
    }

    /// Waits until no Stream connection is open, draining ones included.
    #[track_caller]
    pub fn disconnected(&self) -> impl Future<Output = ()> {
        self.expect("end of all Stream connections".into(), |view| {
            view.connections().all(|connection| connection.closed.is_some()).then_some(())
        })
    }

    /// Waits until a push was handed to a connection; the first delivery.
    #[track_caller]
    pub fn delivered(&self, id: &str) -> impl Future<Output = Delivery> {
        self.expect(format!("delivery of {id}"), move |view| view.push(id)?.deliveries.first().cloned())
    }

    /// Waits until a push was acknowledged; the first ACK.
    #[track_caller]
    pub fn acked(&self, id: &str) -> impl Future<Output = Ack> {
        self.expect(format!("ACK of {id}"), move |view| view.push(id)?.ack().cloned())
    }

    /// Waits for an answered call to an endpoint; the first one.
    #[track_caller]
    pub fn answered(&self, endpoint: Endpoint) -> impl Future<Output = Call> {
        self.expect(format!("answered {endpoint}"), move |view| {
            view.calls_to(endpoint).find(|call| call.answered.is_some()).cloned()
        })
    }

    /// Waits for a message in a conversation, named by its id, a group's title or a person; the first one.
    #[track_caller]
    pub fn message_to(&self, place: &str) -> impl Future<Output = Message> {
        self.expect(format!("message to {place}"), move |view| view.messages_in(place).next().cloned())
    }

    /// Waits until a conversation has `count` messages; all it has by then.
    #[track_caller]
    pub fn messages_to(&self, place: &str, count: usize) -> impl Future<Output = Vec<Message>> {
        self.expect(format!("{count} messages to {place}"), move |view| {
            let messages: Vec<_> = view.messages_in(place).cloned().collect();
            (messages.len() >= count).then_some(messages)
        })
    }

    /// Waits for an emotion under a message.
    #[track_caller]
    pub fn reaction_to(&self, msg_id: &str) -> impl Future<Output = Reaction> {
        self.expect(format!("emotion under {msg_id}"), move |view| {
            view.reactions().find(|reaction| reaction.msg_id == msg_id).cloned()
        })
    }

    /// Waits for a card to be shown in a conversation, named by its id, a group's title or a person; the
    /// newest one.
    #[track_caller]
    pub fn card_in(&self, place: &str) -> impl Future<Output = Card> {
        self.expect(format!("card in {place}"), move |view| newest_card_in(view, place).cloned())
    }

    /// Waits for a card that was shown in the conversation of a message after that message; the first one.
    #[track_caller]
    pub fn card_of(&self, msg_id: &str) -> impl Future<Output = Card> {
        self.expect(format!("card of {msg_id}"), move |view| card_after(view, msg_id).cloned())
    }

    /// Waits until the newest card is finished, by `isFinalize` or by an update.
    #[track_caller]
    pub fn finished_card(&self) -> impl Future<Output = Card> {
        self.expect("finished card".into(), |view| {
            view.cards().next_back().filter(|card| card.state == super::CardState::Finished).cloned()
        })
    }

    /// Waits until the first card after a message is finished or failed.
    #[track_caller]
    pub fn ended_card_of(&self, msg_id: &str) -> impl Future<Output = Card> {
        self.expect(format!("end of the card of {msg_id}"), move |view| {
            card_after(view, msg_id).filter(|card| card.has_ended()).cloned()
        })
    }

    /// Waits until an update has set the newest card's `flowStatus` to finished or failed.
    #[track_caller]
    pub fn closed_card(&self) -> impl Future<Output = Card> {
        self.expect("closed card".into(), |view| {
            view.cards().next_back().filter(|card| card.closed.is_some()).cloned()
        })
    }

    /// Waits until the newest card shows this text.
    #[track_caller]
    pub fn card_showing(&self, text: &str) -> impl Future<Output = Card> {
        self.expect(format!("card showing {text:?}"), move |view| {
            view.cards().next_back().filter(|card| card.text() == text).cloned()
        })
    }
}

fn newest_card_in<'a>(view: View<'a>, place: &str) -> Option<&'a Card> {
    let conversation = view.0.conversation(place);
    view.cards().rev().find(|card| card.is_in(&conversation))
}

fn card_after<'a>(view: View<'a>, msg_id: &str) -> Option<&'a Card> {
    let push = view.push(msg_id)?;
    let conversation = push.conversation()?;
    view.cards().find(|card| card.created > push.queued && card.is_in(conversation))
}
