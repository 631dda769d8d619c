//! What crosses, in both directions.

use crate::ears::{Heard, SOON, message, open, started, status, until};
use host_sdk::{Accepted, ErrorCode, StopReason};
use std::time::Duration;

#[test]
fn a_message_crosses_and_the_answer_comes_back() {
    let (_channel, heard) = started("echo");
    let answer = until(&heard, |heard| match heard {
        Heard::Message(message, answer) => {
            assert_eq!(message.text, "hello");
            Some(answer)
        }
        _ => None,
    });
    answer.answer(Ok(Accepted::New));
    assert_eq!(status(&heard, "accepted"), "new");
}

#[test]
fn a_message_that_the_host_never_answers_counts_as_refused() {
    let (_channel, heard) = started("echo");
    until(&heard, |heard| matches!(heard, Heard::Message(..)).then_some(())); // drops the answer
    assert_eq!(status(&heard, "accepted"), "refused");
}

#[test]
fn a_log_line_arrives_at_the_host_of_its_channel() {
    let (_one, heard_by_one) = started("one");
    let (_two, heard_by_two) = started("two");
    for (heard, account) in [(heard_by_one, "one"), (heard_by_two, "two")] {
        let line = until(&heard, |heard| match heard {
            Heard::Log(line) => Some(line),
            _ => None,
        });
        assert!(line.contains("started") && line.contains(account), "{line}");
    }
}

#[test]
fn probing_works_before_the_start_and_sending_does_not() {
    let (channel, _heard) = open("echo").unwrap();
    assert!(channel.probe().wait(SOON).unwrap().ok);
    assert_eq!(channel.send(message("x")).wait(SOON).unwrap_err().code, ErrorCode::State);
}

#[test]
fn a_start_that_found_no_room_can_be_tried_again() {
    let (channel, _heard) = open("probe hang").unwrap();
    let hanging: Vec<_> = (0..8192).map(|_| channel.probe()).collect();
    for _ in 0..2 {
        let error = channel.start().wait(SOON).unwrap_err();
        assert_eq!((error.code, error.is_retryable()), (ErrorCode::Busy, true), "{error}");
    }
    channel.stop(StopReason::Reload, SOON).wait(SOON).unwrap();
    for probe in hanging {
        assert_eq!(probe.wait(Duration::ZERO).unwrap_err().code, ErrorCode::Cancelled);
    }
    channel.start().wait(SOON).unwrap();
}

#[test]
fn a_start_that_fails_leaves_nothing_running() {
    let (channel, heard) = open("start fail").unwrap();
    assert_eq!(channel.start().wait(SOON).unwrap_err().code, ErrorCode::Config);
    assert_eq!(status(&heard, "listener"), "ended");
    assert_eq!(channel.start().wait(SOON).unwrap_err().code, ErrorCode::Config, "it may be tried again");
}
