//! Turns that end without an answer: no card is left that spins or is empty.

use crate::Stand;
use host_mock::host::PuppetTurn;
use host_sdk::Phase;
use serde_json::json;

/// How an agent may end without an answer, what it said before, and what is to be seen then.
type Silent = (&'static str, fn(PuppetTurn), &'static [&'static str]);

const SILENT: [Silent; 6] = [
    ("not a word", |turn| turn.done(), &[]),
    ("NO_REPLY", |turn| speak(turn, &["NO", "_", "REPLY"]).done(), &[]),
    ("only tools", |turn| work(turn).done(), &[]),
    ("only tools, and no final", |turn| work(turn).no_final(), &[]),
    ("no final", |turn| turn.no_final(), &[]),
    ("a preview and no final", |turn| speak(turn, &["Let me", " look"]).no_final(), &["Let me look"]),
];

fn speak(turn: PuppetTurn, tokens: &[&str]) -> PuppetTurn {
    tokens.iter().for_each(|token| turn.say(*token));
    turn
}

fn work(turn: PuppetTurn) -> PuppetTurn {
    ["reading the file", "asking the weather", ""].iter().for_each(|status| turn.status(*status));
    turn
}

/// What is seen of each such turn, and then of a normal one.
async fn seen_of_each(stand: Stand) {
    let mut all = Vec::new();
    for (number, (what, silent, shown)) in SILENT.into_iter().enumerate() {
        stand.says("bot", "Lin", what);
        silent(stand.agent.next_turn().await.unwrap());
        let end = stand.host.wait_turn(number + 1).await.unwrap();
        assert!(end.receipt.is_ok(), "{what}: {:?}", end.receipt);
        all.extend(shown.iter().map(ToString::to_string));
        assert_eq!(stand.seen("bot"), all, "{what}");
    }
    let no_token = stand.dingtalk.look(|view| {
        let texts = view.cards().flat_map(|card| &card.history).map(|step| format!("{step:?}"));
        texts.filter(|step| step.contains("NO_")).count()
    });
    assert_eq!(no_token, 0, "nobody saw the word for silence grow");
    stand.says("bot", "Lin", "hello");
    stand.agent.next_turn().await.unwrap().say("Hello, Lin.");
    assert_eq!(stand.host.wait_turn(SILENT.len() + 1).await.unwrap().phase, Phase::Done);
    all.push("Hello, Lin.".to_owned());
    assert_eq!(stand.seen("bot"), all);
    stand.end().await;
}

#[tokio::test]
async fn a_turn_without_an_answer_leaves_no_card_and_one_with_a_preview_ends_it() {
    seen_of_each(Stand::of(|_| {}).await).await;
}

#[tokio::test]
async fn a_turn_without_an_answer_sends_no_message_and_one_with_a_preview_what_was_said() {
    let plain =
        |config: &mut serde_json::Value| config["channels"]["dingtalk"]["enableAICard"] = json!(false);
    seen_of_each(Stand::of(plain).await).await;
}

#[tokio::test]
async fn what_only_begins_like_the_word_for_silence_is_said() {
    let stand = Stand::of(|_| {}).await;
    stand.says("bot", "Lin", "shall I?");
    speak(stand.agent.next_turn().await.unwrap(), &["NO", ", rather not."]).done();
    stand.host.wait_turn(1).await.unwrap();
    assert_eq!(stand.seen("bot"), ["NO, rather not."]);
    stand.end().await;
}
