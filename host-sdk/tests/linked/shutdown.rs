//! A stop leaves nothing behind, or says what is left.

use crate::ears::{Heard, SOON, message, open, started, status, until, update};
use host_sdk::{ErrorCode, Phase, StopReason, StreamUpdate};
use std::{
    sync::mpsc::{RecvTimeoutError, TryRecvError},
    time::Duration,
};

#[test]
fn stopping_answers_everything_and_silences_the_channel() {
    let (channel, heard) = started("echo");
    let hanging = channel.send(message("hang"));
    channel.stop(StopReason::Reload, SOON).wait(SOON).unwrap();
    assert_eq!(hanging.wait(Duration::ZERO).unwrap_err().code, ErrorCode::Cancelled);
    assert_eq!(status(&heard, "stopped"), "reload");
    assert_eq!(channel.send(message("x")).wait(SOON).unwrap_err().code, ErrorCode::State);
}

#[test]
fn a_stopped_channel_starts_again() {
    let (channel, heard) = started("echo");
    channel.stop(StopReason::Reload, SOON).wait(SOON).unwrap();
    while heard.try_recv().is_ok() {}
    channel.start().wait(SOON).unwrap();
    until(&heard, |heard| matches!(heard, Heard::Message(..)).then_some(()));
    assert!(channel.send(message("x")).wait(SOON).is_ok());
}

#[test]
fn a_task_that_never_yields_makes_the_stop_time_out_and_is_not_heard() {
    let (channel, heard) = started("echo");
    let busy = channel.send(message("busy report"));
    until(&heard, |heard| matches!(heard, Heard::Log(_)).then_some(()));
    let deadline = Duration::from_millis(100);
    let error = channel.stop(StopReason::Shutdown, deadline).wait(SOON).unwrap_err();
    assert_eq!(error.code, ErrorCode::Timeout, "{error}");
    assert_eq!(busy.wait(Duration::ZERO).unwrap_err().code, ErrorCode::Cancelled);
    assert_eq!(channel.start().wait(SOON).unwrap_err().code, ErrorCode::State);
    while heard.try_recv().is_ok() {}
    drop(channel);
    // The ears are dropped when the last task is over; it reports before that, and is not heard.
    assert_eq!(heard.recv_timeout(SOON).unwrap_err(), RecvTimeoutError::Disconnected);
}

#[test]
fn dropping_the_channel_cancels_what_is_asked() {
    let (channel, _heard) = started("echo");
    let hanging = channel.send(message("hang"));
    drop(channel);
    assert_eq!(hanging.wait(SOON).unwrap_err().code, ErrorCode::Cancelled);
}

#[test]
fn two_hundred_channels_stop_together() {
    let channels: Vec<_> = (0..200).map(|number| started(&format!("account {number}"))).collect();
    let stops: Vec<_> =
        channels.iter().map(|(channel, _)| channel.stop(StopReason::Shutdown, SOON)).collect();
    for stop in stops {
        stop.wait(SOON).unwrap();
    }
}

#[test]
fn a_stop_that_times_out_says_what_hangs() {
    let (channel, heard) = started("echo");
    channel.send(message("spawn busy")).wait(SOON).unwrap();
    let error = channel.stop(StopReason::Shutdown, Duration::from_millis(50)).wait(SOON).unwrap_err();
    assert_eq!(error.code, ErrorCode::Timeout);
    // Other tests keep the same two workers busy, so that more may be late.
    assert!(error.message.contains("listener"), "{error}");
    assert_eq!(status(&heard, "lastError"), error.message);
}

#[test]
fn a_goodbye_that_keeps_its_thread_is_found_and_one_that_only_hangs_is_cut_short() {
    let (busy, _heard) = started("stop busy");
    let error = busy.stop(StopReason::Shutdown, Duration::from_millis(100)).wait(SOON).unwrap_err();
    assert!(error.message.rsplit(": ").next().unwrap().contains("stop"), "{error}");

    let (hanging, _heard) = started("stop hang");
    hanging.stop(StopReason::Shutdown, Duration::from_secs(1)).wait(SOON).unwrap();
}

#[test]
fn a_host_may_wait_for_ever() {
    let (channel, _heard) = started("echo");
    channel.stop(StopReason::Shutdown, Duration::MAX).wait(SOON).unwrap();
}

#[test]
fn stopping_twice_at_once_is_one_stop_and_a_start_waits_for_it() {
    let (channel, _heard) = started("stop hang");
    let first = channel.stop(StopReason::Shutdown, Duration::from_secs(1));
    assert_eq!(channel.stop(StopReason::Shutdown, SOON).wait(SOON).unwrap_err().code, ErrorCode::State);
    assert_eq!(channel.start().wait(SOON).unwrap_err().code, ErrorCode::State);
    first.wait(SOON).unwrap();
    channel.stop(StopReason::Shutdown, SOON).wait(SOON).unwrap();
    channel.start().wait(SOON).unwrap();
}

#[test]
fn stopping_while_it_starts_answers_the_start_too() {
    let (channel, heard) = open("start hang").unwrap();
    let start = channel.start();
    until(&heard, |heard| matches!(heard, Heard::Log(_)).then_some(()));
    channel.stop(StopReason::Shutdown, Duration::from_secs(1)).wait(SOON).unwrap();
    assert_eq!(status(&heard, "stopped"), "shutdown", "an author's `stop` has `start` behind it");
    assert_eq!(start.wait(Duration::ZERO).unwrap_err().code, ErrorCode::Cancelled);
}

#[test]
fn blocking_work_is_waited_for_and_named() {
    let (channel, _heard) = started("echo");
    let busy = channel.send(message("blocking busy"));
    let error = channel.stop(StopReason::Shutdown, Duration::from_millis(50)).wait(SOON).unwrap_err();
    assert!(error.message.contains("blocking work"), "{error}");
    assert!(busy.wait(Duration::ZERO).is_err());
}

#[test]
fn a_stop_with_as_much_under_way_as_there_may_be_answers_all_of_it() {
    let (channel, _heard) = started("echo");
    let sends: Vec<_> = (0..9000).map(|_| channel.send(message("hang"))).collect();
    channel.stop(StopReason::Shutdown, SOON).wait(SOON).unwrap();
    let ends: Vec<_> = sends.into_iter().map(|send| send.wait(Duration::ZERO).unwrap_err().code).collect();
    let cancelled = ends.iter().filter(|code| **code == ErrorCode::Cancelled).count();
    let turned_away = ends.iter().filter(|code| **code == ErrorCode::Busy).count();
    assert!(turned_away > 0 && cancelled + turned_away == 9000, "{cancelled} and {turned_away}");
}

#[test]
fn thousands_of_open_streams_do_not_keep_a_channel_from_stopping() {
    let (channel, _heard) = started("echo");
    let shown = |number: u32, text| {
        let stream = number.to_string();
        channel.stream_update(StreamUpdate { stream, ..update(1, Phase::Open, text) })
    };
    let open: Vec<_> = (0..2000).map(|number| shown(number, "open")).collect();
    let hanging: Vec<_> = (2000..4000).map(|number| shown(number, "hang")).collect();
    for pending in open {
        pending.wait(SOON).unwrap();
    }
    channel.stop(StopReason::Reload, Duration::from_secs(1)).wait(SOON).unwrap();
    for pending in hanging {
        assert_eq!(pending.wait(Duration::ZERO).unwrap_err().code, ErrorCode::Cancelled);
    }
}

#[test]
fn an_answer_that_was_given_just_before_the_stop_is_shown() {
    let (channel, _heard) = started("echo");
    let partial = channel.stream_update(update(1, Phase::Open, "until final"));
    let last = channel.stream_update(update(2, Phase::Done, "whole"));
    channel.stop(StopReason::Shutdown, SOON).wait(SOON).unwrap();
    partial.wait(Duration::ZERO).unwrap();
    assert!(!last.wait(Duration::ZERO).unwrap().overtaken);
}

#[test]
fn dropping_without_a_stop_lets_go_of_the_host() {
    let (channel, heard) = started("echo");
    channel.send(message("spawn hang")).wait(SOON).unwrap();
    drop(channel);
    while let Ok(Heard::Message(..) | Heard::Status(_) | Heard::Log(_)) = heard.recv_timeout(SOON) {}
    assert_eq!(heard.try_recv().unwrap_err(), TryRecvError::Disconnected);
}
