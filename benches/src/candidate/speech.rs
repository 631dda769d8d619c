//! Answers that grow as a model speaks, one to each message.

use host_sdk::{
    InboundMessage, Phase, Receipt, StreamUpdate,
    host::{Channel, Pending},
};
use std::{
    hint::black_box,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    runtime::Handle,
    time::{MissedTickBehavior, interval},
};

/// A token, as models of Chinese have them.
const TOKEN: &str = "回答";

/// What is said to each message.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// How many tokens.
    pub tokens: usize,
    /// How many of them a second.
    pub per_second: u32,
    /// Whether the plugin is told; without, all of it is done but that.
    pub aloud: bool,
}

/// Who answers.
pub(super) struct Speaker {
    manner: Manner,
    channel: OnceLock<Channel>,
    runtime: Handle,
    said: AtomicUsize,
    ended: AtomicUsize,
}

impl Speaker {
    /// Must be made in a runtime, in which answers are then given.
    pub(super) fn new(manner: Manner) -> Arc<Self> {
        let runtime = Handle::current();
        let [said, ended] = [0, 0].map(AtomicUsize::new);
        Arc::new(Self { manner, channel: OnceLock::new(), runtime, said, ended })
    }

    /// Says, once, what answers go to.
    pub(super) fn speaks_to(&self, channel: &Channel) {
        // There is one account.
        let _said_before = self.channel.set(channel.clone());
    }

    /// Begins to answer; says on standard output how many answers have been said, and how many have ended, which is
    /// when the plugin says that all of it is seen, whenever one has.
    pub(super) fn answer(self: &Arc<Self>, message: InboundMessage) {
        let speaker = self.clone();
        self.runtime.spawn(async move {
            let seen = speaker.speak(message).await;
            println!("said {}", speaker.said.fetch_add(1, Ordering::Relaxed) + 1);
            let seen = match seen {
                Some(seen) => seen.await.map(drop),
                None => Ok(()),
            };
            match seen {
                Ok(()) => println!("ended {}", speaker.ended.fetch_add(1, Ordering::Relaxed) + 1),
                Err(error) => println!("failed: {error}"),
            }
        });
    }

    /// What becomes of the last words, where anybody is told.
    async fn speak(&self, message: InboundMessage) -> Option<Pending<Receipt>> {
        let channel = self.channel.get()?;
        let mut ticks = interval(Duration::from_secs(1) / self.manner.per_second);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let (mut text, mut seen) = (String::new(), None);
        for seq in 0..self.manner.tokens {
            ticks.tick().await;
            text.push_str(TOKEN);
            let phase = if seq + 1 == self.manner.tokens { Phase::Done } else { Phase::Open };
            let update = StreamUpdate {
                turn: message.id.clone(),
                stream: message.id.clone(),
                seq: seq as u64,
                phase,
                text: text.clone(),
                conversation: message.conversation.clone(),
                reply: message.reply.clone(),
                ..StreamUpdate::default()
            };
            if self.manner.aloud {
                // Each takes the place of the one before: what is waited for is the last.
                seen = Some(channel.stream_update(update));
            } else {
                black_box(update);
            }
        }
        seen
    }
}
