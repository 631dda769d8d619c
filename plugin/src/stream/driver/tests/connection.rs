//! How a connection comes, goes, and comes again.

use super::*;

#[tokio::test(start_paused = true)]
async fn wrong_credentials_block_with_a_sentence_and_recover_by_themselves() {
    let mut world = World::refusing([ErrorKind::Auth { code: "authFailed".into() }]);
    world.until("lifecycle", "blocked").await;
    assert_eq!(world.status("connected"), false);
    assert!(world.status("lastError").as_str().unwrap().contains("check clientId and clientSecret"));

    let _peer = world.peer().await; // a minute later
    world.until("connected", true).await;
    assert_eq!(world.status("lastError"), Value::Null);
    assert_eq!(world.counted("setbacks"), 1);
}

#[tokio::test(start_paused = true)]
async fn an_unreachable_host_is_named_while_it_is_tried_again() {
    let away = || ErrorKind::Network { host: "api.dingtalk.com".into(), ambiguous: false };
    let mut world = World::refusing([away(), away()]);
    world.until("reconnectAttempts", 2).await;
    assert_eq!(world.status("lifecycle"), "recovering");
    assert!(world.status("lastError").as_str().unwrap().contains("cannot reach api.dingtalk.com"));
    let _peer = world.peer().await;
    world.until("connected", true).await;
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_breaks_off_is_restored() {
    let mut world = World::new();
    let peer = world.peer().await;
    world.until("connected", true).await;
    drop(peer);
    world.until("connected", false).await;
    assert!(world.status("lastDisconnect")["error"].as_str().unwrap().contains("closed"));
    let _peer = world.peer().await;
    world.until("connected", true).await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_accepts_and_closes_at_once_makes_the_reconnect_attempts_grow_until_a_link_is_of_use() {
    let mut world = World::new();
    for attempts in 0..4 {
        let peer = world.peer().await;
        world.until("connected", true).await;
        assert_eq!(world.status("reconnectAttempts"), attempts);
        drop(peer);
        world.until("connected", false).await;
    }
    let mut peer = world.peer().await;
    let answers_pings = async { drop(peer.next().await) };
    tokio::select! {
        () = world.until("reconnectAttempts", 0) => {}
        () = answers_pings => panic!("nothing was asked"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_link_that_answers_nothing_is_replaced_within_20_seconds() {
    let mut world = World::new();
    let silent = world.peer().await;
    let begun = clock::now();
    let _next = world.peer().await;
    let took = clock::now() - begun;
    assert!(took >= Duration::from_secs(16) && took < Duration::from_secs(20), "{took:?}");
    drop(silent);
}

#[tokio::test(start_paused = true)]
async fn stop_says_goodbye_and_ends_the_driver() {
    let mut world = World::new();
    let mut peer = world.peer().await;
    world.until("connected", true).await;
    world.stop.cancel();
    assert_eq!(peer.next().await, Outgoing::Close);
    drop(peer);
    world.driver.join_next().await.unwrap().unwrap();
    assert_eq!((world.status("connected"), world.status("lifecycle")), (json!(false), json!("stopped")));
}

#[tokio::test(start_paused = true)]
async fn stop_does_not_wait_for_a_host_or_a_peer_that_never_answers() {
    let mut world = World::new();
    let peer = world.peer().await;
    peer.message("f1", "m1", "c");
    let (_, _never) = world.offer().await;
    let begun = clock::now();
    world.stop.cancel();
    world.driver.join_next().await.unwrap().unwrap();
    assert!(clock::now() - begun <= PARTING);
    drop(peer);
}

#[tokio::test(start_paused = true)]
async fn stop_says_goodbye_while_the_host_still_thinks_and_counts_what_it_leaves() {
    let mut world = World::new();
    let mut peer = world.peer().await;
    peer.message("f1", "m1", "c");
    peer.message("f2", "m2", "c");
    let (_, thinking) = world.offer().await;
    world.stop.cancel();
    assert_eq!(peer.next().await, Outgoing::Close);
    drop(peer);
    world.driver.join_next().await.unwrap().unwrap();
    thinking.send(Accepted::New);
    assert_eq!(world.counted("drops/leftAtStop"), 2);
}

#[tokio::test(start_paused = true)]
async fn what_waits_at_a_stop_is_offered_once_more_in_order_and_nothing_is_left() {
    let mut world = World::new();
    let peer = world.peer().await;
    peer.message("f1", "m1", "c");
    peer.message("f2", "m2", "c");
    world.offer().await.1.send(Accepted::Refused);
    world.until("retryingHandOvers", 1).await;
    world.stop.cancel();
    for id in ["m1", "m2"] {
        let (message, accept) = world.offer().await;
        assert_eq!(message.id, id);
        accept.send(Accepted::New);
    }
    drop(peer);
    world.driver.join_next().await.unwrap().unwrap();
    assert_eq!(world.counted("drops/leftAtStop"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_crosses_our_goodbye_reaches_the_host() {
    let mut world = World::new();
    let mut peer = world.peer().await;
    world.until("connected", true).await;
    world.stop.cancel();
    assert_eq!(peer.next().await, Outgoing::Close);
    peer.message("f1", "m1", "c");
    let (message, accept) = world.offer().await;
    assert_eq!(message.id, "m1");
    accept.send(Accepted::New);
    drop(peer);
    world.driver.join_next().await.unwrap().unwrap();
    assert_eq!(world.counted("drops/leftAtStop"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_host_that_refuses_again_ends_the_stop_at_once() {
    let mut world = World::new();
    let peer = world.peer().await;
    peer.message("f1", "m1", "c");
    peer.message("f2", "m2", "c");
    world.offer().await.1.send(Accepted::Refused);
    world.until("retryingHandOvers", 1).await;
    drop(peer);
    let begun = clock::now();
    world.stop.cancel();
    world.offer().await.1.send(Accepted::Refused);
    world.driver.join_next().await.unwrap().unwrap();
    assert!(clock::now() - begun < PARTING);
    assert_eq!(world.counted("drops/leftAtStop"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_comes_up_while_stopping_is_said_goodbye_to() {
    let mut world = World::new();
    let mut peer = world.peer().await;
    world.stop.cancel();
    assert_eq!(peer.next().await, Outgoing::Close);
}

#[tokio::test(start_paused = true)]
async fn another_way_is_taken_without_a_gap_and_what_comes_by_the_old_one_counts() {
    let mut world = World::new();
    let mut old = world.peer().await;
    world.until("connected", true).await;
    world.settings.send_modify(|wanted| wanted.way += 1);
    let _new = world.peer().await;
    old.message("f1", "m1", "c");
    let (_, host) = world.offer().await;
    host.send(Accepted::New);
    assert_eq!(old.acked().await, "f1");
    assert_eq!(world.status("connected"), true);
}
