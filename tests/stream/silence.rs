//! F4, F5, F9 and F10: connections that stand, and say nothing.

use super::{REPUSH, after, answered, nothing_else_was_asked, opened_at, repushing};
use host_mock::dingtalk::Settings;
use std::time::Duration;
use tests::{Setup, World};

#[tokio::test]
async fn f4_and_f10_a_dead_connection_is_noticed_and_what_it_swallows_is_answered_once() {
    let world = repushing().await;
    let dead = world.dingtalk().connected().await;
    let stalled = world.dingtalk().now();
    world.dingtalk().connections().stall();
    let asked = world.dingtalk().says("Lin", "into the void");

    let next = after(&world, dead).await;

    // 16 s, and up to one before the next attempt, says the plugin's own test, whose clock is moved by hand.
    println!("noticed after {:?}", opened_at(&world, next) - stalled);
    answered(&world, &asked).await;

    // DingTalk has not noticed: the dead one goes on getting its share.
    let shares = || {
        world.dingtalk().look(|view| {
            let deliveries = view.pushes().flat_map(|push| &push.deliveries);
            deliveries.filter(|delivery| delivery.connection == dead).count()
        })
    };
    let before = shares();
    for number in 0.. {
        assert!(number < 100, "a dead connection has a share: it had {before} and has {}", shares());
        let asked = world.dingtalk().says("Lin", &number.to_string());
        answered(&world, &asked).await;
        if shares() > before + 2 {
            break;
        }
    }
    world.dingtalk().connection(dead).drop_abruptly();
    nothing_else_was_asked(&world).await;
    assert_eq!(world.dingtalk().connected().await, next);
    world.end().await;
}

/// Nobody can tell a zombie from a quiet night, so nothing is claimed about noticing it: the bound is the
/// rotation, `rotateAfterSeconds`, half an hour unless configured.
#[tokio::test]
async fn f5_a_zombie_is_replaced_when_rotation_is_due_and_not_before() {
    const ROTATION: Duration = Duration::from_secs(5);
    let dingtalk = Settings { callback_repush_after: Some(REPUSH), repush_times: 200, ..Settings::default() };
    let configure =
        |section: &mut serde_json::Value| section["rotateAfterSeconds"] = ROTATION.as_secs().into();
    let world = World::of(Setup { dingtalk, ..Setup::configured(configure) }).await;
    let zombie = world.dingtalk().connected().await;
    world.dingtalk().connections().make_zombie();
    let asked = world.dingtalk().says("Lin", "into the zombie");

    let next = after(&world, zombie).await;

    let took = opened_at(&world, next) - opened_at(&world, zombie);
    assert!(took > ROTATION / 2, "replaced after {took:?}");
    answered(&world, &asked).await;
    nothing_else_was_asked(&world).await;
    world.end().await;
}

#[tokio::test]
async fn f5_what_a_zombie_swallowed_is_answered_once_after_dingtalks_own_renewal() {
    let world = repushing().await;
    let zombie = world.dingtalk().connected().await;
    world.dingtalk().connections().make_zombie();
    let asked = world.dingtalk().says("Lin", "into the zombie");
    assert!(world.dingtalk().delivered(&asked).await.swallowed);

    world.dingtalk().connections().disconnect();
    after(&world, zombie).await;

    answered(&world, &asked).await;
    nothing_else_was_asked(&world).await;
    world.end().await;
}

#[tokio::test]
async fn f9_greetings_are_neither_waited_for_nor_harmful() {
    for greets in [false, true] {
        let dingtalk = Settings { greets, ..Settings::default() };
        let world = World::of(Setup { dingtalk, ..Setup::default() }).await;
        world.host().wait_connected("dingtalk/default").await.unwrap();

        let asked = world.dingtalk().says("Lin", "hello");

        answered(&world, &asked).await;
        world.dingtalk().acked(&asked).await;
        world.end().await;
    }
}
