//! A panic stops at the boundary, wherever it comes from.

use crate::{
    ears::{SOON, message, open, started, status, update},
    plugin,
};
use host_sdk::{
    Accepted, Action, ActionAnswer, Attachment, Done, ErrorCode, InboundMessage, Json, LogLine, OpenContext,
    Phase, Result, StatusPatch, StopReason, StreamUpdate, host::Events,
};

/// A call that is told what to do.
type Call<'a> = &'a dyn Fn(&str) -> Result<()>;

#[test]
fn a_panic_in_a_call_is_its_error_and_the_next_one_works() {
    let (channel, heard) = started("echo");
    let growing = |order: &str| StreamUpdate { stream: order.into(), ..update(1, Phase::Open, order) };
    let attachment = |order: &str| Attachment { name: order.into(), ..Default::default() };
    let calls: [(&str, Call<'_>); 4] = [
        ("send", &|order| channel.send(message(order)).wait(SOON).map(drop)),
        ("stream_update", &|order| channel.stream_update(growing(order)).wait(SOON).map(drop)),
        ("reconfigure", &|order| channel.reconfigure(Json::new(&order)).wait(SOON).map(drop)),
        ("fetch", &|order| channel.fetch(attachment(order)).wait(SOON).map(drop)),
    ];
    for (name, call) in calls {
        let error = call("panic").unwrap_err();
        assert_eq!(error.code, ErrorCode::Panicked);
        assert_eq!(error.message, format!("`{name}` panicked: as told"));
        assert_eq!(status(&heard, "lastError"), error.message);
        call("something else").unwrap();
    }
}

#[test]
fn a_panic_at_the_start_leaves_a_channel_that_can_be_asked_and_stopped() {
    let (channel, heard) = open("start panic").unwrap();
    for _ in 0..2 {
        assert_eq!(channel.start().wait(SOON).unwrap_err().code, ErrorCode::Panicked);
        assert_eq!(status(&heard, "lastError"), "`start` panicked: as told");
    }
    assert!(channel.probe().wait(SOON).unwrap().ok);
    assert_eq!(channel.send(message("x")).wait(SOON).unwrap_err().code, ErrorCode::State);
    channel.stop(StopReason::Shutdown, SOON).wait(SOON).unwrap();
}

#[test]
fn a_panic_of_a_probe_is_no_obstacle_to_the_start() {
    let (channel, _heard) = open("probe panic").unwrap();
    assert_eq!(channel.probe().wait(SOON).unwrap_err().code, ErrorCode::Panicked);
    channel.start().wait(SOON).unwrap();
}

#[test]
fn a_panic_of_the_goodbye_becomes_status_and_the_channel_stops_all_the_same() {
    let (channel, heard) = started("stop panic");
    channel.stop(StopReason::Shutdown, SOON).wait(SOON).unwrap();
    assert_eq!(status(&heard, "lastError"), "`stop` panicked: as told");
    channel.start().wait(SOON).unwrap();
}

#[test]
fn a_panic_beside_the_calls_becomes_status() {
    let (channel, heard) = started("echo");
    for (order, task) in [("spawn panic", "task"), ("timer panic", "timer")] {
        channel.send(message(order)).wait(SOON).unwrap();
        assert_eq!(status(&heard, "lastError"), format!("`{task}` panicked: as told"));
    }
}

#[test]
fn a_panic_in_blocking_work_is_the_error_of_whoever_waits_for_it() {
    let (channel, _heard) = started("echo");
    let error = channel.send(message("blocking panic")).wait(SOON).unwrap_err();
    assert_eq!(error.code, ErrorCode::Panicked);
    assert!(error.message.contains("as told"), "{error}");
    assert!(channel.send(message("fine")).wait(SOON).is_ok());
}

#[test]
fn panics_outside_of_tasks_are_typed_errors_too() {
    assert_eq!(open("open panic").unwrap_err().code, ErrorCode::Panicked);
    assert_eq!(open("open wrong").unwrap_err().code, ErrorCode::Config);
    assert_eq!(plugin().resolve(&Json::from_text("\"panic\"")).unwrap_err().code, ErrorCode::Panicked);
    assert!(plugin().resolve(&Json::default()).is_ok());
    let (channel, heard) = open("metrics panic").unwrap();
    assert!(channel.metrics().is_empty());
    assert_eq!(status(&heard, "lastError"), "`metrics` panicked: as told");
}

#[test]
fn a_channel_that_panics_while_it_is_dropped_takes_nobody_with_it() {
    let (never_started, _heard) = open("drop panic").unwrap();
    drop(never_started);
    let (running, _heard) = started("drop panic");
    running.stop(StopReason::Shutdown, SOON).wait(SOON).unwrap();
    drop(running);
}

#[test]
fn what_a_panic_throws_may_panic_once_more_when_it_is_dropped() {
    let (channel, heard) = started("echo");
    for order in ["throw a bomb", "blocking bomb"] {
        let error = channel.send(message(order)).wait(SOON).unwrap_err();
        assert_eq!(error.code, ErrorCode::Panicked, "{error}");
        assert!(error.message.ends_with("panicked: (no message)"), "{error}");
    }
    assert_eq!(status(&heard, "lastError"), "`send` panicked: (no message)");
    channel.send(message("spawn a bomb")).wait(SOON).unwrap();
    assert_eq!(status(&heard, "lastError"), "`task` panicked: (no message)");
    assert!(channel.send(message("fine")).wait(SOON).is_ok());
}

/// A host that throws one at whatever it hears, and whose own end is one.
struct Bomber;

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("the host's");
    }
}

impl Events for Bomber {
    fn receive(&self, _: InboundMessage, _: Done<Accepted>) {
        std::panic::panic_any(Bomb);
    }
    fn status(&self, _: StatusPatch) {
        std::panic::panic_any(Bomb);
    }
}

impl Drop for Bomber {
    fn drop(&mut self) {
        panic!("the host's");
    }
}

#[test]
fn what_a_panic_of_the_host_s_throws_does_no_harm_to_the_channel_either() {
    let context = OpenContext { account: "echo".into(), ..Default::default() };
    let channel = plugin().open(context, Bomber).unwrap();
    channel.start().wait(SOON).unwrap();
    channel.send(message("offer")).wait(SOON).unwrap();
    channel.send(message("hang")).then(|_| std::panic::panic_any(Bomb));
    channel.stop(StopReason::Shutdown, SOON).wait(SOON).unwrap();
}

/// A host that panics at whatever it hears.
struct Clumsy;

impl Events for Clumsy {
    fn receive(&self, _: InboundMessage, _: Done<Accepted>) {
        panic!("the host's");
    }
    fn action(&self, _: Action, _: Done<ActionAnswer>) {
        panic!("the host's");
    }
    fn status(&self, _: StatusPatch) {
        panic!("the host's");
    }
    fn log(&self, _: &LogLine<'_>) {
        panic!("the host's");
    }
}

#[test]
fn a_panic_of_the_host_s_is_no_answer_and_no_harm_to_the_channel() {
    let context = OpenContext { account: "echo".into(), ..Default::default() };
    let channel = plugin().open(context, Clumsy).unwrap();
    channel.start().wait(SOON).unwrap();
    channel.send(message("offer")).wait(SOON).unwrap();
    channel.send(message("report")).wait(SOON).unwrap();
    let unanswered = channel.send(message("act")).wait(SOON).unwrap_err();
    assert_eq!(unanswered.code, ErrorCode::Cancelled);
    channel.stop(StopReason::Shutdown, SOON).wait(SOON).unwrap();
}

#[test]
fn a_host_that_panics_over_one_answer_still_gets_the_others() {
    let (channel, _heard) = started("echo");
    let hanging: Vec<_> = (0..20).map(|_| channel.send(message("hang"))).collect();
    let mut waited_for = Vec::new();
    for (number, pending) in hanging.into_iter().enumerate() {
        if number % 2 == 0 { pending.then(|_| panic!("the host's")) } else { waited_for.push(pending) }
    }
    channel.stop(StopReason::Shutdown, SOON).wait(SOON).unwrap();
    for pending in waited_for {
        assert_eq!(pending.wait(SOON).unwrap_err().code, ErrorCode::Cancelled);
    }
}
