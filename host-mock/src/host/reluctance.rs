//! A host that takes messages slowly, or not at all for a while, as a busy or a full one does.

use host_sdk::{Accepted, Done, InboundMessage};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::runtime::Handle;

/// How willingly messages are taken in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// At once.
    #[default]
    Prompt,
    /// Half of this time passes before a message is written down, the other half before that is answered: a
    /// host that dies meanwhile may have it, and the plugin does not know.
    Slow(Duration),
    /// Not at all for now.
    Refusing,
}

/// The mood of a host, which can change while it runs. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Reluctance(Arc<Mutex<Mood>>);

impl Reluctance {
    /// Changes the mood, for messages that come from now on.
    pub fn set(&self, mood: Mood) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = mood;
    }

    /// The mood.
    pub fn mood(&self) -> Mood {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Passes an offer on as the mood is. Does not block.
    pub(super) fn pass(
        &self,
        message: InboundMessage,
        answer: Done<Accepted>,
        runtime: &Handle,
        offer: impl FnOnce(InboundMessage, Done<Accepted>) + Send + 'static,
    ) {
        match self.mood() {
            Mood::Prompt => offer(message, answer),
            Mood::Refusing => answer.answer(Ok(Accepted::Refused)),
            Mood::Slow(takes) => {
                let (half, answering) = (takes / 2, runtime.clone());
                let late = Done::new(move |accepted| {
                    answering.spawn(async move {
                        tokio::time::sleep(half).await;
                        answer.answer(accepted);
                    });
                });
                runtime.spawn(async move {
                    tokio::time::sleep(half).await;
                    offer(message, late);
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{sync::oneshot, time::Instant};

    /// When a message was written down, and when that was answered and how.
    async fn passed(mood: Mood) -> (Option<Duration>, Duration, Accepted) {
        let (reluctance, began) = (Reluctance::default(), Instant::now());
        reluctance.set(mood);
        let (tell, told) = oneshot::channel();
        let (write, written) = oneshot::channel();
        let answer = Done::new(move |accepted| drop(tell.send(accepted)));
        reluctance.pass(InboundMessage::default(), answer, &Handle::current(), move |_, answer| {
            let _unheard = write.send(began.elapsed());
            answer.answer(Ok(Accepted::New));
        });
        let accepted = told.await.unwrap().unwrap();
        (written.await.ok(), began.elapsed(), accepted)
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_host_writes_a_message_down_in_the_middle_of_its_time() {
        let second = Duration::from_secs(1);
        assert_eq!(passed(Mood::Slow(2 * second)).await, (Some(second), 2 * second, Accepted::New));
    }

    #[tokio::test(start_paused = true)]
    async fn a_prompt_host_takes_no_time_and_a_refusing_one_writes_nothing() {
        assert_eq!(passed(Mood::Prompt).await, (Some(Duration::ZERO), Duration::ZERO, Accepted::New));
        assert_eq!(passed(Mood::Refusing).await, (None, Duration::ZERO, Accepted::Refused));
    }
}
