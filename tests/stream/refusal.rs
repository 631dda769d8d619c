//! F7 and F8: there is no connection to be had.

use super::{after, answered};
use host_mock::dingtalk::{Endpoint, Fault};
use serde_json::json;
use tests::World;

/// Loses the connection while the next attempts meet `fault`; a later one succeeds by itself.
async fn recovers(endpoint: Endpoint, fault: Fault, times: u32) {
    let world = World::start().await;
    let old = world.dingtalk().connected().await;
    world.dingtalk().on(endpoint).answer(fault).times(times);
    world.dingtalk().connections().reset();

    after(&world, old).await;

    let attempts = world.dingtalk().look(|view| view.calls_to(endpoint).count());
    assert!(attempts > 1 + times as usize, "the fault has struck: {attempts} attempts");
    let asked = world.dingtalk().says("Lin", "back again?");
    answered(&world, &asked).await;
    world.dingtalk().acked(&asked).await;
    world.end().await;
}

/// That they are tried again after a minute, and work then, is told by the tests of the plugin's own driver,
/// whose clock can be moved, and by long runs of the reliability proof.
#[tokio::test]
async fn f7_rejected_credentials_are_told_as_blocked_and_hold_up_no_stop() {
    let world = World::start().await;
    world.dingtalk().connected().await;
    world.dingtalk().on(Endpoint::OpenConnection).answer(Fault::refused(401, "authFailed")).once();
    world.dingtalk().connections().reset();

    let blocked = |status: &host_sdk::StatusPatch| status.get("lifecycle") == Some(&json!("blocked"));
    let status = world.host().wait_status("dingtalk/default", blocked).await.unwrap();

    let told = status.get("lastError").and_then(|told| told.as_str()).unwrap_or_default();
    assert!(told.contains("clientSecret"), "{told:?}");
    let attempts = world.dingtalk().look(|view| view.calls_to(Endpoint::OpenConnection).count());
    assert_eq!(attempts, 2, "it is not tried again and again");
    world.end().await;
}

#[tokio::test]
async fn f7_a_bad_request_is_survived() {
    recovers(Endpoint::OpenConnection, Fault::refused(400, "invalidParameter"), 1).await;
}

#[tokio::test]
async fn f7_a_page_of_html_is_survived() {
    recovers(Endpoint::OpenConnection, Fault::Html(400), 1).await;
}

#[tokio::test]
async fn f7_an_overloaded_gateway_is_survived() {
    recovers(Endpoint::OpenConnection, Fault::refused(503, "ServiceUnavailable"), 2).await;
}

#[tokio::test]
async fn f7_a_gateway_that_never_answers_is_survived() {
    recovers(Endpoint::OpenConnection, Fault::Hang, 1).await;
}

#[tokio::test]
async fn f8_a_refused_handshake_is_survived() {
    recovers(Endpoint::Connect, Fault::refused(400, "invalidParameter"), 2).await;
}

#[tokio::test]
async fn f8_a_connection_that_closes_at_once_is_survived() {
    recovers(Endpoint::Connect, Fault::CloseAtOnce, 2).await;
}
