//! A stop leaves nothing behind, or says what is left.

use crate::{
    ears::{Heard, SOON, alone_with_a_thread, message, open, started, status, until, update},
    plugin,
};
use host_sdk::{
    Accepted, Action, ActionAnswer, Done, ErrorCode, InboundMessage, LogLine, OpenContext, Phase,
    StatusPatch, StopReason, StreamUpdate, host::Events,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, RecvTimeoutError, TryRecvError},
    },
    time::{Duration, Instant},
};

/// For a stop that something makes use up two thirds of its time, on a machine that has other things to do.
const UNHURRIED: Duration = Duration::from_secs(6);

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
    let _alone = alone_with_a_thread();
    let (channel, heard) = started("echo");
    let busy = channel.send(message("busy report"));
    assert_eq!(status(&heard, "reported"), "busy");
    let deadline = Duration::from_millis(100);
    let error = channel.stop(StopReason::Shutdown, deadline).wait(SOON).unwrap_err();
    assert_eq!(error.code, ErrorCode::Timeout, "{error}");
    assert_eq!(busy.wait(Duration::ZERO).unwrap_err().code, ErrorCode::Cancelled);
    assert_eq!(channel.start().wait(SOON).unwrap_err().code, ErrorCode::State);
    while heard.try_recv().is_ok() {}
    channel.metrics(); // lets the task go on
    drop(channel);
    // The ears are dropped when the last task is over; it reports before that, and is not heard.
    assert_eq!(heard.recv_timeout(SOON).unwrap_err(), RecvTimeoutError::Disconnected);
}

/// Aborts the process at the first callback after its channel has stopped.
struct Unforgiving {
    stopped: Arc<AtomicBool>,
    told: mpsc::Sender<StatusPatch>,
}

impl Unforgiving {
    fn hears(&self) {
        if self.stopped.load(Ordering::SeqCst) {
            eprintln!("a callback after the stop was answered");
            std::process::abort();
        }
    }
}

impl Events for Unforgiving {
    fn receive(&self, _: InboundMessage, answer: Done<Accepted>) {
        self.hears();
        answer.answer(Ok(Accepted::New));
    }

    fn action(&self, _: Action, answer: Done<ActionAnswer>) {
        self.hears();
        answer.answer(Ok(ActionAnswer::default()));
    }

    fn status(&self, patch: StatusPatch) {
        self.hears();
        let _test_is_over = self.told.send(patch);
    }

    fn log(&self, _: &LogLine<'_>) {
        self.hears();
    }
}

#[test]
fn after_a_stop_that_timed_out_a_host_that_aborts_at_a_callback_lives() {
    let _alone = alone_with_a_thread();
    let (told, statuses) = mpsc::channel();
    let stopped = Arc::new(AtomicBool::new(false));
    let context = OpenContext { account: "late".into(), ..Default::default() };
    let channel = plugin().open(context, Unforgiving { stopped: stopped.clone(), told }).unwrap();
    channel.start().wait(SOON).unwrap();
    let late = channel.send(message("busy callbacks"));
    while statuses.recv_timeout(SOON).unwrap().get("reported").is_none() {}

    let (answered, answer) = mpsc::channel();
    channel.stop(StopReason::Shutdown, Duration::from_millis(100)).then(move |outcome| {
        stopped.store(true, Ordering::SeqCst);
        answered.send(outcome).unwrap();
    });
    assert_eq!(answer.recv_timeout(SOON).unwrap().unwrap_err().code, ErrorCode::Timeout);
    assert_eq!(late.wait(Duration::ZERO).unwrap_err().code, ErrorCode::Cancelled);

    // The late task receives, acts, reports and logs all the same; the metrics, which let it go on, tell
    // when it has.
    let until = Instant::now() + SOON;
    while !channel.metrics().as_str().contains("called back") {
        assert!(Instant::now() < until, "the late task never ended");
        std::thread::yield_now();
    }
}

#[test]
fn when_a_stop_is_answered_the_tasks_of_the_channel_have_been_dropped() {
    let (channel, heard) = started("echo");
    channel.send(message("spawn last words")).wait(SOON).unwrap();
    channel.stop(StopReason::Shutdown, SOON).wait(SOON).unwrap();
    // Nothing is heard after the answer, so the listener's last words came before it.
    let ended = heard.try_iter().any(|heard| match heard {
        Heard::Status(patch) => patch.get("listener").is_some_and(|words| words == "ended"),
        _ => false,
    });
    assert!(ended, "a task was still there");
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
    let _alone = alone_with_a_thread();
    let (channel, heard) = started("echo");
    channel.send(message("spawn busy")).wait(SOON).unwrap();
    assert_eq!(status(&heard, "reported"), "busy");
    let error = channel.stop(StopReason::Shutdown, Duration::from_millis(50)).wait(SOON).unwrap_err();
    assert_eq!(error.code, ErrorCode::Timeout);
    // Other tests have the other thread, so that more may be late.
    assert!(error.message.contains("listener"), "{error}");
    assert_eq!(status(&heard, "lastError"), error.message);
    channel.metrics(); // lets the task go on
}

#[test]
fn a_goodbye_that_keeps_its_thread_is_found() {
    let _alone = alone_with_a_thread();
    let (busy, _heard) = started("stop busy");
    let error = busy.stop(StopReason::Shutdown, UNHURRIED / 2).wait(SOON).unwrap_err();
    assert!(error.message.rsplit(": ").next().unwrap().contains("stop"), "{error}");
    busy.metrics(); // lets it go on
}

#[test]
fn a_goodbye_that_only_hangs_is_cut_short() {
    let (hanging, _heard) = started("stop hang");
    hanging.stop(StopReason::Shutdown, UNHURRIED).wait(SOON).unwrap();
}

#[test]
fn a_host_may_wait_for_ever() {
    let (channel, _heard) = started("echo");
    channel.stop(StopReason::Shutdown, Duration::MAX).wait(SOON).unwrap();
}

#[test]
fn stopping_twice_at_once_is_one_stop_and_a_start_waits_for_it() {
    let (channel, _heard) = started("stop hang");
    let first = channel.stop(StopReason::Shutdown, UNHURRIED);
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
    channel.stop(StopReason::Shutdown, SOON).wait(SOON).unwrap();
    assert_eq!(status(&heard, "stopped"), "shutdown", "an author's `stop` has `start` behind it");
    assert_eq!(start.wait(Duration::ZERO).unwrap_err().code, ErrorCode::Cancelled);
}

#[test]
fn blocking_work_is_waited_for_and_named() {
    let _alone = alone_with_a_thread();
    let (channel, heard) = started("echo");
    let busy = channel.send(message("blocking busy"));
    assert_eq!(status(&heard, "reported"), "busy");
    let error = channel.stop(StopReason::Shutdown, Duration::from_millis(50)).wait(SOON).unwrap_err();
    assert!(error.message.contains("blocking work"), "{error}");
    assert!(busy.wait(Duration::ZERO).is_err());
    channel.metrics(); // lets it end
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
    channel.stop(StopReason::Reload, UNHURRIED).wait(SOON).unwrap();
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
