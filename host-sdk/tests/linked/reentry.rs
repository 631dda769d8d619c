//! A host that calls back in from where it was called.

use crate::{
    ears::{SOON, alone_with_a_thread, message, open, started},
    plugin,
};
use host_sdk::{
    Accepted, Action, ActionAnswer, Done, ErrorCode, InboundMessage, Json, LogLine, OpenContext, Result,
    StatusPatch, StopReason,
    host::{Channel, Events},
};
use std::{
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

/// For a stop that waits for whoever asked for it.
const TOO_SHORT: Duration = Duration::from_millis(300);

/// How a host stops its channel from inside of a callback.
#[derive(Clone, Copy)]
enum Manner {
    Asks,
    WaitsForIt,
}

/// What brings about each callback, when it is sent.
const CALLBACKS: [(&str, &str); 4] =
    [("receive", "offer"), ("action", "act"), ("status", "report"), ("log", "log")];

struct Impatient {
    callback: &'static str,
    manner: Manner,
    /// Taken by the first callback of the right name that finds it.
    channel: Arc<Mutex<Option<Channel>>>,
    stopped: mpsc::Sender<Result<()>>,
}

impl Impatient {
    fn called(&self, callback: &str) {
        if callback != self.callback {
            return;
        }
        let Some(channel) = self.channel.lock().unwrap().take() else { return };
        let stopped = self.stopped.clone();
        let stop = |within| channel.stop(StopReason::Shutdown, within);
        match self.manner {
            Manner::Asks => stop(SOON).then(move |outcome| stopped.send(outcome).unwrap()),
            Manner::WaitsForIt => stopped.send(stop(TOO_SHORT).wait(SOON)).unwrap(),
        }
    }
}

impl Events for Impatient {
    fn receive(&self, _: InboundMessage, answer: Done<Accepted>) {
        self.called("receive");
        answer.answer(Ok(Accepted::New));
    }

    fn action(&self, _: Action, answer: Done<ActionAnswer>) {
        self.called("action");
        answer.answer(Ok(ActionAnswer::default()));
    }

    fn status(&self, _: StatusPatch) {
        self.called("status");
    }

    fn log(&self, _: &LogLine<'_>) {
        self.called("log");
    }
}

/// What a stop from inside of `callback`, which `order` brings about, came to.
fn stopped_from_inside(callback: &'static str, order: &str, manner: Manner) -> Result<()> {
    let (stopped, outcome) = mpsc::channel();
    let known = Arc::new(Mutex::new(None));
    let context = OpenContext { account: "echo".into(), ..Default::default() };
    let host = Impatient { callback, manner, channel: known.clone(), stopped };
    let channel = plugin().open(context, host).unwrap();
    channel.start().wait(SOON).unwrap();
    *known.lock().unwrap() = Some(channel.clone());
    // The stop may be faster than the answer to what brought it about.
    drop(channel.send(message(order)));
    outcome.recv_timeout(SOON).unwrap()
}

#[test]
fn any_callback_may_ask_for_a_stop() {
    for (callback, order) in CALLBACKS {
        stopped_from_inside(callback, order, Manner::Asks)
            .unwrap_or_else(|error| panic!("{callback}: {error}"));
    }
}

#[test]
fn a_callback_that_waits_for_its_own_end_is_told_that_it_took_too_long() {
    let _alone = alone_with_a_thread();
    for (callback, order) in CALLBACKS {
        let error = stopped_from_inside(callback, order, Manner::WaitsForIt).unwrap_err();
        assert_eq!(error.code, ErrorCode::Timeout, "{callback}: {error}");
    }
}

#[test]
fn an_answer_may_ask_for_a_stop() {
    let (channel, _heard) = started("echo");
    let (stopped, outcome) = mpsc::channel();
    let stopping = channel.clone();
    channel.send(message("x")).then(move |_| {
        stopping.stop(StopReason::Shutdown, SOON).then(move |outcome| stopped.send(outcome).unwrap());
    });
    outcome.recv_timeout(SOON).unwrap().unwrap();
}

#[test]
fn the_last_handle_may_be_dropped_by_its_own_answer() {
    let (channel, _heard) = started("echo");
    let (dropped, told) = mpsc::channel();
    let last = channel.clone();
    channel.send(message("x")).then(move |_| {
        drop(last);
        dropped.send(()).unwrap();
    });
    drop(channel);
    told.recv_timeout(SOON).unwrap();
    // The library works on, also where that was its only channel.
    let (another, _heard) = open("echo").unwrap();
    assert!(another.probe().wait(SOON).unwrap().ok);
}

#[test]
fn an_answer_to_a_cancelled_update_may_ask_again() {
    let (channel, _heard) = started("echo");
    let (answered, told) = mpsc::channel();
    let again = channel.clone();
    channel.stream_update(crate::ears::update(1, host_sdk::Phase::Open, "hang")).then(move |cancelled| {
        assert_eq!(cancelled.unwrap_err().code, ErrorCode::Cancelled);
        let next = crate::ears::update(2, host_sdk::Phase::Open, "next");
        again.stream_update(next).then(move |next| answered.send(next).unwrap());
    });
    channel.stop(StopReason::Reload, Duration::from_secs(9)).wait(SOON).unwrap();
    assert!(told.recv_timeout(SOON).unwrap().is_err());
}

/// A host that asks what can be asked at once, while it is told a line.
struct Curious {
    channel: Arc<Mutex<Option<Channel>>>,
    learnt: mpsc::Sender<(Json, Result<Channel>)>,
}

impl Events for Curious {
    fn receive(&self, _: InboundMessage, answer: Done<Accepted>) {
        answer.answer(Ok(Accepted::New));
    }

    fn log(&self, _: &LogLine<'_>) {
        let Some(channel) = self.channel.lock().unwrap().take() else { return };
        self.learnt.send((channel.metrics(), open("echo").map(|(channel, _heard)| channel))).unwrap();
    }
}

#[test]
fn a_host_may_ask_for_metrics_and_open_accounts_while_it_is_told_a_line() {
    let (learnt, told) = mpsc::channel();
    let known = Arc::new(Mutex::new(None));
    let context = OpenContext { account: "echo".into(), ..Default::default() };
    let channel = plugin().open(context, Curious { channel: known.clone(), learnt }).unwrap();
    channel.start().wait(SOON).unwrap();
    *known.lock().unwrap() = Some(channel.clone());
    channel.send(message("log")).wait(SOON).unwrap();
    let (metrics, another) = told.recv_timeout(SOON).unwrap();
    assert!(!metrics.is_empty());
    assert!(another.unwrap().probe().wait(SOON).unwrap().ok);
    channel.stop(StopReason::Shutdown, SOON).wait(SOON).unwrap();
}
