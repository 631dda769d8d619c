//! What waits for what, and what takes whose place.

use crate::ears::{SOON, message, started, update};
use host_sdk::{Json, Phase, StreamUpdate};

/// An update that is shown once a permit is there.
fn waiting(seq: u64, phase: Phase, text: &str) -> StreamUpdate {
    StreamUpdate { status: "wait".into(), ..update(seq, phase, text) }
}

#[test]
fn the_newest_update_is_shown_and_the_overtaken_one_says_so() {
    let (channel, _heard) = started("echo");
    let first = channel.stream_update(waiting(1, Phase::Open, "1"));
    channel.metrics(); // lets the first pass
    assert!(!first.wait(SOON).unwrap().overtaken);

    // Whether the second one is taken up before the third comes is chance; that the third, the
    // final one, is shown last and the fourth never is not.
    let _second = channel.stream_update(waiting(2, Phase::Open, "2"));
    let third = channel.stream_update(waiting(3, Phase::Done, "3"));
    let fourth = channel.stream_update(update(4, Phase::Open, "4"));
    assert!(fourth.wait(SOON).unwrap().overtaken);
    channel.metrics();
    channel.metrics();
    third.wait(SOON).unwrap();
    let shown: Vec<String> = channel.metrics().parse().unwrap();
    assert_eq!(shown.last().unwrap(), "3");
}

#[test]
fn an_update_in_progress_learns_that_the_final_one_waits() {
    let (channel, _heard) = started("echo");
    let partial = channel.stream_update(update(1, Phase::Open, "until final"));
    let last = channel.stream_update(update(2, Phase::Done, "whole"));
    partial.wait(SOON).unwrap();
    last.wait(SOON).unwrap();
}

#[test]
fn messages_and_final_updates_of_a_conversation_come_in_call_order() {
    let (channel, _heard) = started("echo");
    let answer = channel.stream_update(waiting(1, Phase::Done, "answer"));
    let after = channel.send(message("after"));
    channel.metrics(); // lets the answer pass
    answer.wait(SOON).unwrap();
    after.wait(SOON).unwrap();
    let shown: Vec<String> = channel.metrics().parse().unwrap();
    assert_eq!(shown, ["answer", "after"]);
}

#[test]
fn changed_configurations_are_taken_in_one_after_the_other() {
    let (channel, _heard) = started("echo");
    let sections: Vec<String> =
        std::iter::once("wait".to_owned()).chain((1..20).map(|number| number.to_string())).collect();
    let changes: Vec<_> = sections.iter().map(|section| channel.reconfigure(Json::new(section))).collect();
    channel.metrics(); // lets the first pass
    for change in changes {
        change.wait(SOON).unwrap();
    }
    let taken_in: Vec<String> = channel.metrics().parse().unwrap();
    assert_eq!(taken_in, sections);
}
