//! A push is acknowledged when the host has taken the message: not earlier, and not later.

use host_mock::dingtalk::Settings;
use host_sdk::{
    Accepted, Done, InboundMessage, LogLevel, LogLine, StopReason,
    host::{Channel, Events},
};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use tempfile::TempDir;
use tests::{Watched, context, plugin, section};
use tokio::{
    sync::{Notify, mpsc},
    time::timeout,
};

/// More than anything here takes; what comes later never comes.
const SOON: Duration = Duration::from_secs(20);

type Offered = (InboundMessage, Done<Accepted>);

/// A host that takes messages when the test says so, and has no agent at all.
struct Hesitant {
    offers: mpsc::UnboundedSender<Offered>,
    warned: Arc<Notify>,
}

impl Events for Hesitant {
    fn receive(&self, message: InboundMessage, answer: Done<Accepted>) {
        let _test_is_over = self.offers.send((message, answer));
    }

    fn log(&self, line: &LogLine<'_>) {
        if line.level == LogLevel::Warn {
            self.warned.notify_one();
        }
    }
}

struct Opened {
    dingtalk: Watched,
    channel: Channel,
    offers: mpsc::UnboundedReceiver<Offered>,
    warned: Arc<Notify>,
    _state: TempDir,
}

impl Opened {
    /// The next message that the host is offered.
    async fn offered(&mut self) -> Offered {
        let offered = timeout(SOON, self.offers.recv()).await;
        offered.expect("no message was offered").expect("the channel is open")
    }

    /// Waits until the plugin has warned of something.
    async fn warned(&self) {
        timeout(SOON, self.warned.notified()).await.expect("there was no warning");
    }
}

async fn opened() -> Opened {
    let dingtalk = Watched::start(Settings::default()).await;
    let state = tempfile::tempdir().unwrap();
    let context = context("default", &section(&dingtalk), state.path());
    let (sender, offers) = mpsc::unbounded_channel();
    let warned = Arc::new(Notify::new());
    let plugin = tokio::task::spawn_blocking(plugin).await.unwrap();
    let channel = plugin.open(context, Hesitant { offers: sender, warned: warned.clone() }).unwrap();
    channel.start().await.unwrap();
    dingtalk.connected().await;
    Opened { dingtalk, channel, offers, warned, _state: state }
}

fn acknowledged(dingtalk: &Watched, id: &str) -> bool {
    dingtalk.look(|view| view.push(id).is_some_and(|push| push.ack().is_some()))
}

#[tokio::test]
async fn a_push_is_acknowledged_after_the_hosts_accept_and_without_waiting_for_an_agent() {
    let mut world = opened().await;
    let asked = world.dingtalk.says("Lin", "hello");
    let (message, answer) = world.offered().await;
    assert_eq!(message.id, asked);

    // While the host hesitates the connection goes on: a later push of another conversation is
    // offered and acknowledged, this one is not.
    let other = world.dingtalk.says_in_group("Release crew", "Mo", "and I?");
    let (_, other_answer) = world.offered().await;
    other_answer.answer(Ok(Accepted::New));
    world.dingtalk.acked(&other).await;
    assert!(!acknowledged(&world.dingtalk, &asked), "acknowledged before the host took it");

    answer.answer(Ok(Accepted::New));
    world.dingtalk.acked(&asked).await;
}

#[tokio::test]
async fn a_message_is_offered_once_the_previous_one_of_its_conversation_is_taken() {
    let mut world = opened().await;
    world.dingtalk.says("Lin", "first");
    world.dingtalk.says("Lin", "second");
    let (first, answer) = world.offered().await;
    assert_eq!(first.text, "first");
    let other = world.dingtalk.says_in_group("Release crew", "Mo", "elsewhere");
    let (elsewhere, _) = world.offered().await;
    assert_eq!(elsewhere.id, other, "the second message waits, another conversation does not");

    answer.answer(Ok(Accepted::New));
    let (second, _) = world.offered().await;
    assert_eq!(second.text, "second");
}

#[tokio::test]
async fn a_refused_message_is_not_acknowledged_and_is_offered_again_when_it_is_pushed_again() {
    let mut world = opened().await;
    let asked = world.dingtalk.says("Lin", "hello");
    let (_, answer) = world.offered().await;
    answer.answer(Ok(Accepted::Refused));
    // A push that comes while the refusal is still on its way to the plugin shares its fate.
    world.warned().await;
    world.dingtalk.push_again(&asked);
    let (again, answer) = world.offered().await;
    assert_eq!(again.id, asked);
    assert!(!acknowledged(&world.dingtalk, &asked));
    answer.answer(Ok(Accepted::New));
    world.dingtalk.acked(&asked).await;
}

#[tokio::test]
async fn stopping_says_goodbye_to_dingtalk_at_once() {
    let world = opened().await;
    let stopping = world.channel.stop(StopReason::Shutdown, Duration::from_secs(5));
    stopping.await.unwrap();
    world.dingtalk.disconnected().await;
    let ending =
        world.dingtalk.look(|view| view.connections().next().and_then(|connection| connection.closed));
    assert!(format!("{ending:?}").contains("1000"), "{ending:?}");
}

#[tokio::test]
async fn one_library_serves_two_bots_that_do_not_share_anything_visible() {
    let mut one = opened().await;
    let mut two = opened().await;
    let to_one = one.dingtalk.says("Lin", "to one");
    let to_two = two.dingtalk.says("Lin", "to two");
    assert_eq!(one.offered().await.0.id, to_one);
    assert_eq!(two.offered().await.0.id, to_two);
    let probe = one.channel.probe().await.unwrap();
    assert_eq!(json!(probe.ok), json!(true));
}
