use super::*;
use crate::error::{Error, ErrorKind, Limit, Result};
use futures_util::poll;
use std::{pin::pin, task::Poll};
use tokio::time::timeout;

const STREAM: Family = Family::of("/v1.0/card/streaming");
const S: Duration = Duration::from_secs(1);

/// A gate through which all calls of this second have gone, and what shows that they have.
async fn crowded() -> (Arc<Gate>, Vec<Permit>) {
    let gate = Arc::new(Gate::default());
    let mut permits = Vec::new();
    while let Ok(mut permit) = timeout(S / 100, gate.permit(STREAM, Priority::Final)).await {
        permit.sent();
        permits.push(permit);
    }
    (gate, permits)
}

fn refused(limit: Limit) -> Result<()> {
    Err(Error::new(ErrorKind::RateLimited { limit, retry_after: S }, "testing"))
}

#[tokio::test(start_paused = true)]
async fn those_who_wait_are_woken_when_their_turn_comes_the_most_important_first() {
    let (gate, _sent) = crowded().await;
    let mut partial = pin!(gate.permit(STREAM, Priority::Partial));
    assert!(poll!(&mut partial).is_pending());
    let mut last = pin!(gate.permit(STREAM, Priority::Final));
    assert!(poll!(&mut last).is_pending());
    let before = clock::now();
    tokio::select! {
        biased;
        _ = &mut partial => panic!("a partial text went first"),
        _ = &mut last => {}
    }
    let waited = clock::now() - before;
    assert!(waited > S && waited < 2 * S);
    drop(timeout(S, partial).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn whoever_goes_away_while_waiting_wakes_the_next() {
    let (gate, _sent) = crowded().await;
    let mut first = Box::pin(gate.permit(STREAM, Priority::Final));
    assert!(poll!(&mut first).is_pending());
    let mut second = pin!(gate.permit(STREAM, Priority::Final));
    assert!(poll!(&mut second).is_pending());
    drop(first);
    drop(timeout(2 * S, second).await.unwrap());
    assert!(gate.state().bells.is_empty(), "nothing is left of those who waited");
}

#[tokio::test(start_paused = true)]
async fn a_permit_that_is_not_used_lets_another_go_at_once() {
    let gate = Arc::new(Gate::default());
    let mut permits: Vec<Permit> = Vec::new();
    while let Ok(permit) = timeout(S / 100, gate.permit(STREAM, Priority::Final)).await {
        permits.push(permit);
    }
    let before = clock::now();
    permits.pop();
    drop(timeout(S, gate.permit(STREAM, Priority::Final)).await.unwrap());
    assert!(clock::now() - before < S / 10);
}

#[tokio::test(start_paused = true)]
async fn those_who_wait_for_a_test_are_woken_by_its_answer_or_by_the_lack_of_one() {
    let gate = Arc::new(Gate::default());
    let mut permit = gate.permit(STREAM, Priority::Final).await;
    permit.sent();
    permit.heard(&refused(Limit::Api));
    let mut tests = gate.permit(STREAM, Priority::Final).await;
    tests.sent();
    let mut waits = pin!(gate.permit(STREAM, Priority::Final));
    assert!(matches!(poll!(&mut waits), Poll::Pending));
    drop(tests); // whoever made the call went away
    let mut tests = timeout(S, waits).await.unwrap();
    let mut waits = pin!(gate.permit(STREAM, Priority::Final));
    assert!(matches!(poll!(&mut waits), Poll::Pending));
    tests.sent();
    tests.heard(&Ok(()));
    drop(timeout(S, waits).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_card_that_ends_makes_no_others_slower() {
    let gate = Arc::new(Gate::default());
    let one = gate.enter(STREAM);
    let others: Vec<_> = (0..100).map(|_| gate.enter(STREAM)).collect();
    assert!(one.pace(S) > 4 * S);
    drop(others);
    tokio::time::advance(S).await;
    assert_eq!(one.pace(S), S);
}

#[tokio::test(start_paused = true)]
async fn a_ban_stops_all_apps_of_that_dingtalk_and_no_other() {
    let gates = Gates::default();
    let [one, two, overseas] =
        [("china", "one"), ("china", "two"), ("overseas", "one")].map(|(api, app)| gates.of(api, app));
    gates.ban("china");
    for gate in [&one, &two] {
        assert!(timeout(299 * S, gate.permit(STREAM, Priority::Final)).await.is_err());
        gates.ban("china");
    }
    drop(timeout(S, overseas.permit(STREAM, Priority::Final)).await.unwrap());
    assert!(gates.of("china", "one").closed_for(STREAM) > 290 * S);
}

#[test]
fn accounts_of_one_app_share_a_gate_and_it_ends_with_them() {
    let gates = Gates::default();
    let first = gates.of("china", "one");
    assert!(Arc::ptr_eq(&first, &gates.of("china", "one")));
    assert!(!Arc::ptr_eq(&first, &gates.of("china", "two")));
    drop(first);
    gates.of("china", "three");
    assert_eq!(gates.0.lock().unwrap().len(), 1);
}
