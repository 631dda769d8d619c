//! Turns and answers that a host may have beside each other: several answers to one message, and several
//! turns in one conversation.

use crate::opened::{Opened, opened};
use host_mock::dingtalk::{Card, CardState};
use host_sdk::{Accepted, Handle, InboundMessage, Phase, Receipt, StreamUpdate};
use serde_json::json;

/// A message of Lin's that the host has taken.
async fn asked(world: &mut Opened, text: &str) -> InboundMessage {
    world.dingtalk.says("Lin", text);
    let (message, answer) = world.messages.recv().await.unwrap();
    answer.answer(Ok(Accepted::New));
    message
}

/// One answer of a turn, told state by state.
struct Telling<'a> {
    world: &'a Opened,
    turn: String,
    stream: String,
    reply: Handle,
    seq: u64,
}

impl<'a> Telling<'a> {
    fn of(world: &'a Opened, message: &InboundMessage, stream: &str) -> Self {
        let (turn, reply) = (message.id.clone(), message.reply.clone());
        Self { world, turn, stream: stream.into(), reply, seq: 0 }
    }

    async fn is(&mut self, text: &str, phase: Phase) -> Receipt {
        self.seq += 1;
        let update = StreamUpdate {
            turn: self.turn.clone(),
            stream: self.stream.clone(),
            seq: self.seq,
            phase,
            text: text.into(),
            reply: self.reply.clone(),
            ..StreamUpdate::default()
        };
        self.world.channel.stream_update(update).await.unwrap()
    }
}

/// What stands on the cards in the end, in the order of their creation.
fn ended(world: &Opened) -> Vec<String> {
    let cards: Vec<Card> = world.dingtalk.look(|view| view.cards().cloned().collect());
    assert!(cards.iter().all(|card| card.state == CardState::Finished && card.closed.is_some()));
    cards.iter().map(|card| card.text().to_owned()).collect()
}

#[tokio::test]
async fn several_answers_of_one_turn_have_a_card_each_and_each_is_given_once() {
    let mut world = opened(json!({})).await;
    let message = asked(&mut world, "three things").await;
    let (mut first, mut second) =
        (Telling::of(&world, &message, "answer-1"), Telling::of(&world, &message, "answer-2"));
    first.is("The first", Phase::Open).await;
    first.is("The first thing.", Phase::Done).await;
    // The agent is at its tools for a while, and speaks anew; two of its answers grow at once.
    let mut third = Telling::of(&world, &message, "answer-3");
    second.is("The second", Phase::Open).await;
    third.is("The third", Phase::Open).await;
    second.is("The second thing.", Phase::Done).await;
    third.is("The third thing.", Phase::Done).await;
    let again = first.is("The first thing.", Phase::Done).await;
    assert!(again.parts.is_empty(), "said twice by the host, shown once: {again:?}");
    assert_eq!(ended(&world), ["The first thing.", "The second thing.", "The third thing."]);
    assert!(world.dingtalk.look(|view| view.messages().next().is_none()));
}

#[tokio::test]
async fn two_turns_at_once_in_one_conversation_do_not_touch_each_others_cards() {
    let mut world = opened(json!({})).await;
    let (one, two) = (asked(&mut world, "one").await, asked(&mut world, "two").await);
    let (mut first, mut second) =
        (Telling::of(&world, &one, "stream-1"), Telling::of(&world, &two, "stream-2"));
    for step in 1..=5 {
        let [of_first, of_second] =
            ["First", "Second"].map(|whose| format!("{whose}{}", " word".repeat(step)));
        tokio::join!(first.is(&of_first, Phase::Open), second.is(&of_second, Phase::Open));
    }
    let (of_first, of_second) =
        tokio::join!(first.is("First.", Phase::Done), second.is("Second.", Phase::Cancelled));
    assert_eq!((of_first.parts.len(), of_second.parts.len()), (1, 1));
    assert_ne!(of_first.parts[0].id, of_second.parts[0].id);
    let mut texts = ended(&world);
    texts.sort();
    assert_eq!(texts, ["First.", "Second."]);
    assert!(world.dingtalk.look(|view| view.messages().next().is_none()));
}

#[tokio::test]
async fn a_turn_that_goes_on_in_another_takes_its_empty_card_back() {
    let mut world = opened(json!({})).await;
    let (one, two) = (asked(&mut world, "one").await, asked(&mut world, "and two").await);
    let (mut first, mut second) =
        (Telling::of(&world, &one, "stream-1"), Telling::of(&world, &two, "stream-2"));
    first.is("", Phase::Open).await;
    second.is("", Phase::Open).await;
    // The host has the second turn answer both.
    first.is("", Phase::Cancelled).await;
    second.is("Both.", Phase::Done).await;
    let seen: Vec<_> = world.dingtalk.look(|view| {
        view.cards().filter(|card| card.recalled.is_none()).map(|card| card.text().to_owned()).collect()
    });
    assert_eq!(seen, ["Both."]);
    assert!(world.dingtalk.look(|view| view.open_cards().next().is_none()));
}

#[tokio::test]
async fn a_long_answer_that_is_written_anew_is_whole_on_the_card_that_grows() {
    let mut world = opened(json!({})).await;
    let message = asked(&mut world, "everything").await;
    let mut telling = Telling::of(&world, &message, "stream-1");
    let long = |word: &str, lines: usize| -> String {
        (0..lines).map(|line| format!("{word} line {line} of the whole story\n\n")).collect()
    };
    telling.is(&long("old", 600), Phase::Open).await;
    let anew = long("new", 500);
    telling.is(&anew, Phase::Open).await;
    telling.is(&anew, Phase::Done).await;
    let cards = ended(&world);
    let (old, new): (Vec<_>, Vec<_>) =
        cards.iter().map(String::as_str).partition(|text| text.contains("old"));
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(&new.join("\n")), words(&anew));
    assert!(!old.is_empty() && long("old", 600).starts_with(&old.join("\n\n")), "what had ended stays");
    assert!(cards.iter().all(|text| text.len() <= 8_800));
}
