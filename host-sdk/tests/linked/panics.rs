//! A panic stops at the boundary, wherever it comes from.

use crate::ears::{SOON, message, open, started, status, update};
use host_sdk::{ErrorCode, Json, Phase, StopReason, host::Plugin};
use obedient::Obedient;

#[test]
fn a_panic_fails_its_call_and_the_next_one_works() {
    let (channel, heard) = started("echo");
    for outcome in [
        channel.send(message("panic")).wait(SOON).map(drop),
        channel.stream_update(update(1, Phase::Open, "panic")).wait(SOON).map(drop),
    ] {
        assert_eq!(outcome.unwrap_err().code, ErrorCode::Panicked);
    }
    assert!(status(&heard, "lastError").contains("as told"));
    assert!(channel.send(message("fine")).wait(SOON).is_ok());
}

#[test]
fn a_panic_in_a_spawned_task_becomes_status() {
    let (channel, heard) = started("echo");
    channel.send(message("spawn panic")).wait(SOON).unwrap();
    assert_eq!(status(&heard, "lastError"), "`task` panicked: as told");
}

#[test]
fn panics_outside_of_tasks_are_typed_errors_too() {
    assert_eq!(open("open panic").unwrap_err().code, ErrorCode::Panicked);
    assert_eq!(open("open wrong").unwrap_err().code, ErrorCode::Config);
    let plugin = Plugin::linked::<Obedient>().unwrap();
    assert_eq!(plugin.resolve(&Json::from_text("\"panic\"")).unwrap_err().code, ErrorCode::Panicked);
    let (channel, _heard) = open("metrics panic").unwrap();
    assert!(channel.metrics().is_empty());
}

#[test]
fn a_host_that_panics_over_one_answer_still_gets_the_others() {
    let (channel, _heard) = started("echo");
    let hanging: Vec<_> = (0..20).map(|_| channel.send(message("hang"))).collect();
    let mut waited_for = Vec::new();
    for (number, pending) in hanging.into_iter().enumerate() {
        if number % 2 == 0 { pending.then(|_| panic!("as told")) } else { waited_for.push(pending) }
    }
    channel.stop(StopReason::Shutdown, SOON).wait(SOON).unwrap();
    for pending in waited_for {
        assert_eq!(pending.wait(SOON).unwrap_err().code, ErrorCode::Cancelled);
    }
}

#[test]
fn a_channel_that_panics_while_it_is_dropped_takes_nobody_with_it() {
    let (never_started, _heard) = open("drop panic").unwrap();
    drop(never_started);
    let (running, _heard) = started("drop panic");
    running.stop(StopReason::Shutdown, SOON).wait(SOON).unwrap();
    drop(running);
}
