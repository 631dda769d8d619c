//! F3: TCP ends, with or without a close frame.

use super::{after, answered, nothing_else_was_asked};
use host_mock::dingtalk::{Connections, Ending};
use tests::World;

/// Ends a connection in one way; another one carries what comes next.
async fn survives(end: impl FnOnce(Connections<'_>) -> usize) {
    let world = World::start().await;
    let old = world.dingtalk().connected().await;
    assert_eq!(end(world.dingtalk().connections()), 1);

    after(&world, old).await;

    let asked = world.dingtalk().says("Lin", "on the new one");
    answered(&world, &asked).await;
    world.dingtalk().acked(&asked).await;
    world.end().await;
}

#[tokio::test]
async fn f3_a_reset_is_followed_by_a_new_connection() {
    survives(|connections| connections.reset()).await;
}

#[tokio::test]
async fn f3_an_end_without_a_close_frame_is_followed_by_a_new_connection() {
    survives(|connections| connections.drop_abruptly()).await;
}

#[tokio::test]
async fn f3_a_close_frame_is_followed_by_a_new_connection() {
    survives(|connections| connections.close(1011)).await;
}

#[tokio::test]
async fn f3_nothing_that_came_before_a_close_frame_is_lost() {
    let world = World::start().await;
    let asked: Vec<_> = (0..50).map(|n| world.dingtalk().says("Lin", &n.to_string())).collect();
    world.dingtalk().connections().close(1011);

    for id in &asked {
        answered(&world, id).await;
    }

    nothing_else_was_asked(&world).await;
    world.end().await;
}

#[tokio::test]
async fn f3_a_message_whose_ack_could_not_be_sent_is_answered_once() {
    let world = super::repushing().await;
    let asked = world.dingtalk().says("Lin", "who is there?");
    world.dingtalk().delivered(&asked).await;
    world.dingtalk().connections().reset();

    answered(&world, &asked).await;

    world.dingtalk().acked(&asked).await;
    nothing_else_was_asked(&world).await;
    world.end().await;
}

#[tokio::test]
async fn a_host_that_stops_says_goodbye_so_that_no_share_goes_to_a_dead_connection() {
    let world = World::start().await;
    let asked = world.dingtalk().says("Lin", "hello");
    answered(&world, &asked).await;
    world.dingtalk().acked(&asked).await;

    let dingtalk = world.end_host().await;

    dingtalk.disconnected().await;
    let ending = dingtalk.look(|view| view.connections().next().unwrap().closed.unwrap().1);
    assert_eq!(ending, Ending::ClosedByClient(1000));
}
