//! F1 and F2: DingTalk says goodbye with a `disconnect`.

use super::{after, answered, nothing_else_was_asked, opened_at, repushing};
use host_mock::dingtalk::{Ending, Settings};
use std::time::Duration;
use tests::{Setup, World};

/// Short, so that the end of a drained connection need not be waited for.
const GRACE: Duration = Duration::from_millis(500);

async fn short_grace() -> World {
    let dingtalk = Settings { disconnect_grace: GRACE, ..Settings::default() };
    World::of(Setup { dingtalk, ..Setup::default() }).await
}

#[tokio::test]
async fn f1_the_next_connection_is_there_before_the_old_one_has_gone() {
    let dingtalk = Settings { disconnect_grace: Duration::from_secs(60), ..Settings::default() };
    let world = World::of(Setup { dingtalk, ..Setup::default() }).await;
    let old = world.dingtalk().connected().await;
    world.dingtalk().connections().disconnect();

    after(&world, old).await;

    let still_open = world.dingtalk().look(|view| view.connections().next().unwrap().closed.is_none());
    assert!(still_open, "DingTalk takes its time before it closes the old one");
    let asked = world.dingtalk().says("Lin", "on the new one");
    answered(&world, &asked).await;
    world.end().await;
}

#[tokio::test]
async fn f1_the_old_connection_is_read_until_dingtalk_closes_it() {
    let world = short_grace().await;
    let old = world.dingtalk().connected().await;
    world.dingtalk().connections().disconnect();
    after(&world, old).await;

    let ending =
        world.dingtalk().wait_for(|view| view.connections().next()?.closed.map(|(_, ending)| ending));

    assert_eq!(ending.await, Ending::ClosedByServer);
    world.end().await;
}

#[tokio::test]
async fn f1_what_was_pushed_right_before_the_goodbye_is_answered_on_the_old_connection() {
    let world = World::start().await;
    let old = world.dingtalk().connected().await;
    let asked = world.dingtalk().says("Lin", "just in time");
    world.dingtalk().connections().disconnect();

    world.dingtalk().acked(&asked).await;

    assert_eq!(world.dingtalk().delivered(&asked).await.connection, old);
    answered(&world, &asked).await;
    nothing_else_was_asked(&world).await;
    world.end().await;
}

#[tokio::test]
async fn f1_a_goodbye_to_every_new_connection_is_no_hot_loop() {
    let world = short_grace().await;
    let mut newest = world.dingtalk().connected().await;
    let begun = opened_at(&world, newest);
    for _ in 0..2 {
        world.dingtalk().connection(newest).disconnect();
        newest = after(&world, newest).await;
    }

    let took = world.dingtalk().now() - begun;
    assert!(took > Duration::from_secs(4), "two renewals in {took:?}");
    world.end().await;
}

#[tokio::test]
async fn f2_what_the_old_connection_swallows_is_answered_once_when_it_is_pushed_again() {
    let world = repushing().await;
    let old = world.dingtalk().connected().await;
    world.dingtalk().connections().disconnect_deaf();
    let asked = world.dingtalk().says("Lin", "into the old one");
    let first = world.dingtalk().delivered(&asked).await;
    assert_eq!((first.connection, first.swallowed), (old, true));

    answered(&world, &asked).await;

    world.dingtalk().acked(&asked).await;
    nothing_else_was_asked(&world).await;
    world.end().await;
}
