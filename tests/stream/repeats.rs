//! F6: the same message again, under a new `messageId`.

use super::{after, answered, nothing_else_was_asked};
use host_mock::dingtalk::{ConnectionId, DingTalk};
use std::time::Duration;
use tests::World;

/// Waits until the second push of a message was acknowledged too; the connection that delivered it.
async fn acknowledged_twice(dingtalk: &DingTalk, id: &str) -> ConnectionId {
    acknowledged_times(dingtalk, id, 2).await
}

/// Waits until so many pushes of a message were acknowledged; the connection that delivered the last.
async fn acknowledged_times(dingtalk: &DingTalk, id: &str, times: usize) -> ConnectionId {
    let last = dingtalk.wait_for(|view| {
        let delivery = view.push(id)?.deliveries.get(times - 1)?;
        delivery.ack.as_ref().map(|_| delivery.connection)
    });
    last.await
}

#[tokio::test]
async fn f6_a_message_that_comes_again_after_3_and_16_seconds_is_answered_once_and_always_acknowledged() {
    let world = World::start().await;
    let asked = world.dingtalk().says("Lin", "hello");
    answered(&world, &asked).await;
    world.dingtalk().acked(&asked).await;
    for seconds in [3, 16] {
        world.dingtalk().push_again_after(&asked, Duration::from_secs(seconds));
    }

    acknowledged_times(world.dingtalk(), &asked, 3).await;

    nothing_else_was_asked(&world).await;
    world.end().await;
}

#[tokio::test]
async fn f6_a_message_that_comes_again_while_it_is_worked_on_is_answered_once() {
    let world = World::start().await;
    let asked = world.dingtalk().says("Lin", "hello");
    let turn = world.agent().next_turn().await.unwrap();
    world.dingtalk().push_again(&asked);

    acknowledged_twice(world.dingtalk(), &asked).await;

    assert_eq!(turn.message().id, asked);
    turn.done();
    nothing_else_was_asked(&world).await;
    world.end().await;
}

#[tokio::test]
async fn f6_a_message_that_comes_again_on_another_connection_is_acknowledged_there() {
    let world = World::start().await;
    let old = world.dingtalk().connected().await;
    let asked = world.dingtalk().says("Lin", "hello");
    answered(&world, &asked).await;
    world.dingtalk().acked(&asked).await;
    world.dingtalk().connections().reset();
    let new = after(&world, old).await;
    world.dingtalk().push_again(&asked);

    assert_eq!(acknowledged_twice(world.dingtalk(), &asked).await, new);

    nothing_else_was_asked(&world).await;
    world.end().await;
}

#[tokio::test]
async fn f6_a_message_that_comes_again_after_a_crash_is_answered_once() {
    let world = World::start().await;
    let asked = world.dingtalk().says("Lin", "hello");
    answered(&world, &asked).await;
    world.dingtalk().acked(&asked).await;
    world.host().wait_answered(&asked).await.unwrap();
    let old = world.dingtalk().connected().await;
    let world = world.crash_and_restart().await;
    after(&world, old).await;
    world.dingtalk().push_again(&asked);

    acknowledged_twice(world.dingtalk(), &asked).await;

    nothing_else_was_asked(&world).await;
    world.end().await;
}
