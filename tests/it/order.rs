//! A push is acknowledged when the host has taken the message: not earlier, and not later.

use host_mock::dingtalk::Settings;
use host_sdk::{
    Accepted, Done, InboundMessage, StopReason,
    host::{Channel, Events},
};
use serde_json::json;
use std::time::Duration;
use tempfile::TempDir;
use tests::{Watched, context, plugin, section};
use tokio::{sync::mpsc, time::timeout};

/// More than anything here takes; what comes later never comes.
const SOON: Duration = Duration::from_secs(60);

type Offered = (InboundMessage, Done<Accepted>);

/// A host that takes messages when the test says so, and has no agent at all.
struct Hesitant(mpsc::UnboundedSender<Offered>);

impl Events for Hesitant {
    fn receive(&self, message: InboundMessage, answer: Done<Accepted>) {
        let _test_is_over = self.0.send((message, answer));
    }
}

struct Opened {
    dingtalk: Watched,
    channel: Channel,
    offers: mpsc::UnboundedReceiver<Offered>,
    _state: TempDir,
}

impl Opened {
    /// The next message that the host is offered.
    async fn offered(&mut self) -> Offered {
        let offered = timeout(SOON, self.offers.recv()).await;
        offered.expect("no message was offered").expect("the channel is open")
    }
}

async fn opened() -> Opened {
    let dingtalk = Watched::start(Settings::default()).await;
    let state = tempfile::tempdir().unwrap();
    let context = context("default", &section(&dingtalk), state.path());
    let (sender, offers) = mpsc::unbounded_channel();
    let plugin = tokio::task::spawn_blocking(plugin).await.unwrap();
    let channel = plugin.open(context, Hesitant(sender)).unwrap();
    channel.start().await.unwrap();
    dingtalk.connected().await;
    Opened { dingtalk, channel, offers, _state: state }
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
    let (elsewhere, _hesitates) = world.offered().await;
    assert_eq!(elsewhere.id, other, "the second message waits, another conversation does not");

    answer.answer(Ok(Accepted::New));
    let (second, _) = world.offered().await;
    assert_eq!(second.text, "second");
}

#[tokio::test]
async fn a_refused_message_is_offered_again_by_itself_and_acknowledged_then() {
    let mut world = opened().await;
    let asked = world.dingtalk.says("Lin", "first");
    world.dingtalk.says("Lin", "second");
    for _ in 0..3 {
        let (again, answer) = world.offered().await;
        assert_eq!(again.id, asked, "nothing of the conversation overtakes it");
        answer.answer(Ok(Accepted::Refused));
    }
    let (_, answer) = world.offered().await;
    assert!(!acknowledged(&world.dingtalk, &asked));
    answer.answer(Ok(Accepted::New));
    world.dingtalk.acked(&asked).await;
    assert_eq!(world.offered().await.0.text, "second");
}

#[tokio::test]
async fn a_message_that_the_host_still_thinks_about_at_a_stop_is_taken_and_so_is_the_next() {
    let mut world = opened().await;
    let first = world.dingtalk.says("Lin", "first");
    let second = world.dingtalk.says("Lin", "second");
    let (offered, answer) = world.offered().await;
    assert_eq!(offered.id, first);
    world.dingtalk.wait_for(|view| view.push(&second)?.deliveries.first().map(|_| ())).await;
    // Read before the stop: both are frames of one connection, and this one is answered after them.
    let elsewhere = world.dingtalk.says_in_group("Release crew", "Mo", "elsewhere");
    let (_, other_answer) = world.offered().await;
    other_answer.answer(Ok(Accepted::New));
    world.dingtalk.acked(&elsewhere).await;

    let stopping = world.channel.stop(StopReason::Reload, Duration::from_secs(5));
    world.dingtalk.disconnected().await;
    answer.answer(Ok(Accepted::New));
    let (offered, answer) = world.offered().await;
    assert_eq!(offered.id, second);
    answer.answer(Ok(Accepted::New));
    stopping.await.unwrap();
}

#[tokio::test]
async fn a_message_of_two_mebibytes_arrives_whole() {
    let mut world = opened().await;
    let text = "é".repeat(1024 * 1024);
    let asked = world.dingtalk.says("Lin", &text);
    let (message, answer) = world.offered().await;
    assert!(message.text == text, "{} bytes", message.text.len());
    answer.answer(Ok(Accepted::New));
    world.dingtalk.acked(&asked).await;
}

#[tokio::test]
async fn a_push_that_comes_again_joins_the_refused_message() {
    let mut world = opened().await;
    let asked = world.dingtalk.says("Lin", "hello");
    let (_, answer) = world.offered().await;
    answer.answer(Ok(Accepted::Refused));
    world.dingtalk.push_again(&asked);
    let (_, answer) = world.offered().await;
    answer.answer(Ok(Accepted::New));
    world.dingtalk.acked(&asked).await;
    world.dingtalk.says("Lin", "next");
    assert_eq!(world.offered().await.0.text, "next", "it was offered no third time");
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
