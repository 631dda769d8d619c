//! Messages between the sockets and the host.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_push_is_acknowledged_after_the_host_accepts_and_not_before() {
    let mut world = World::new();
    let mut peer = world.peer().await;
    peer.message("f1", "m1", "c");
    let (message, accept) = world.offer().await;
    assert_eq!(message.id, "m1");
    assert!(peer.is_silent());

    accept.send(Accepted::New);
    assert_eq!(peer.acked().await, "f1");
}

#[tokio::test(start_paused = true)]
async fn a_ping_is_echoed_while_the_host_is_busy() {
    let mut world = World::new();
    let mut peer = world.peer().await;
    peer.message("f1", "m1", "c");
    let (_, _busy) = world.offer().await;
    peer.push("SYSTEM", "ping", "p1", &json!({"opaque": "x"}));
    let ack = peer.ack().await;
    assert_eq!((&ack["headers"]["messageId"], &ack["data"]), (&json!("p1"), &json!(r#"{"opaque":"x"}"#)));
}

#[tokio::test(start_paused = true)]
async fn a_second_push_joins_the_first_and_both_are_acknowledged_on_their_own_links() {
    let mut world = World::new();
    let mut old = world.peer().await;
    old.message("f1", "m1", "c");
    let (_, accept) = world.offer().await;
    old.push("SYSTEM", "disconnect", "d1", &json!({"reason": "connection is expired"}));
    assert_eq!(old.acked().await, "d1");
    let mut new = world.peer().await;
    new.message("f2", "m1", "c");
    new.push("SYSTEM", "ping", "p1", &json!({}));
    assert_eq!(new.acked().await, "p1");

    accept.send(Accepted::New);
    assert_eq!(old.acked().await, "f1");
    assert_eq!(new.acked().await, "f2");
    assert!(world.offers.try_recv().is_err());
    assert_eq!((world.counted("messages"), world.counted("repeated")), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_refused_message_is_offered_again_by_itself_and_acknowledged_then() {
    let mut world = World::new();
    let mut peer = world.peer().await;
    peer.message("f1", "m1", "c");
    world.offer().await.1.send(Accepted::Refused);
    world.until("ingressUnavailable", true).await;
    assert_eq!(world.status("retryingHandOvers"), 1);
    assert!(peer.is_silent());

    let (message, accept) = world.offer().await;
    assert_eq!(message.id, "m1");
    peer.message("f2", "m1", "c");
    peer.push("SYSTEM", "ping", "p1", &json!({}));
    assert_eq!(peer.acked().await, "p1");
    accept.send(Accepted::New);
    assert_eq!([peer.acked().await, peer.acked().await], ["f1", "f2"]);
    world.until("ingressUnavailable", false).await;
    assert_eq!((world.counted("messages"), world.counted("handOvers"), world.counted("refused")), (1, 2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_host_that_drops_a_message_is_offered_it_again_before_the_next_one() {
    let mut world = World::new();
    let mut peer = world.peer().await;
    peer.message("f1", "m1", "c");
    peer.message("f2", "m2", "c");
    drop(world.offer().await);
    for (id, frame) in [("m1", "f1"), ("m2", "f2")] {
        let (message, accept) = world.offer().await;
        assert_eq!(message.id, id);
        accept.send(Accepted::New);
        assert_eq!(peer.acked().await, frame);
    }
}

#[tokio::test(start_paused = true)]
async fn a_late_acceptance_is_acknowledged_once_and_ends_the_retries() {
    let mut world = World::new();
    let mut peer = world.peer().await;
    peer.message("f1", "m1", "c");
    let (_, late) = world.offer().await;
    let pings = async { drop(peer.next().await) };
    let (_, again) = tokio::select! {
        again = world.offer() => again,
        () = pings => panic!("it is not acknowledged yet"),
    };
    late.send(Accepted::New);
    assert_eq!(peer.acked().await, "f1");
    again.send(Accepted::Duplicate);
    world.until("waitingHandOvers", 0).await;
    assert!(peer.is_silent());
    assert!(world.offers.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_thousand_acknowledgements_at_once_cost_no_connection() {
    let mut world = World::new();
    let mut peer = world.peer().await;
    let mut owed = Vec::new();
    for n in 0..1000 {
        peer.message(&format!("f{n}"), &format!("m{n}"), &format!("c{n}"));
        owed.push(world.offer().await.1);
    }
    owed.into_iter().for_each(|accept| accept.send(Accepted::New));
    for n in 0..1000 {
        assert_eq!(peer.acked().await, format!("f{n}"));
    }
    assert_eq!((world.status("connected"), world.counted("connected")), (json!(true), 1));
}

#[tokio::test(start_paused = true)]
async fn what_makes_no_sense_is_answered_or_ignored_and_the_connection_stands() {
    let mut world = World::new();
    let mut peer = world.peer().await;
    peer.to_us.send(Ok(Incoming::Text("<html>".into()))).unwrap();
    let frame = json!({"type": "CALLBACK", "headers": {"topic": crate::api::gateway::ROBOT, "messageId": "f1"},
        "data": "not json"});
    peer.to_us.send(Ok(Incoming::Text(frame.to_string()))).unwrap();
    peer.push("EVENT", "*", "e1", &json!({}));
    peer.push("CALLBACK", "/v9/unknown", "u1", &json!({}));
    assert_eq!(peer.acked().await, "f1");
    assert_eq!(peer.acked().await, "e1");
    assert_eq!(peer.ack().await["code"], 404);
    assert_eq!(
        ["drops/unreadable", "drops/undecodable", "events", "unknown"].map(|name| world.counted(name)),
        [1, 1, 1, 1]
    );
}
