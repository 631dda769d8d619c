//! A panic stops at the boundary, wherever it comes from.

use crate::{
    ears::{SOON, message, open, started, status, update},
    obedient::Obedient,
};
use host_sdk::{ErrorCode, Json, Phase, host::Plugin};

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
    channel.send(message("task")).wait(SOON).unwrap();
    assert_eq!(status(&heard, "lastError"), "`task` panicked: as told");
}

#[test]
fn panics_outside_of_tasks_are_typed_errors_too() {
    assert_eq!(open("panic").unwrap_err().code, ErrorCode::Panicked);
    assert_eq!(open("wrong").unwrap_err().code, ErrorCode::Config);
    let plugin = Plugin::linked::<Obedient>().unwrap();
    assert_eq!(plugin.resolve(&Json::from_text("\"panic\"")).unwrap_err().code, ErrorCode::Panicked);
    let (channel, _heard) = open("metrics panic").unwrap();
    assert!(channel.metrics().is_empty());
}
