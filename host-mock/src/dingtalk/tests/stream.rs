//! Registration, pushes and ACKs.

use std::time::Duration;

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::client::{Client, Stream, data, start, start_with, ticket_url};
use crate::dingtalk::{DingTalk, PushKind, Rule, Settings, Unsubscribed};

fn rules(dingtalk: &DingTalk) -> Vec<Rule> {
    dingtalk.violations().iter().map(|violation| violation.rule).collect()
}

#[tokio::test]
async fn wrong_credentials_open_no_connection() {
    let dingtalk = start().await;
    let client = Client::of(&dingtalk).await;
    let body = json!({
        "clientId": "dingfakeapp00000001", "clientSecret": "wrong ",
        "subscriptions": [{"type": "EVENT", "topic": "*"}],
    });

    let answer = client.post("/v1.0/gateway/connections/open", body).await;

    assert_eq!((answer.status, answer.json()["code"].as_str()), (401, Some("authFailed")));
}

#[tokio::test]
async fn a_connection_needs_subscriptions() {
    let dingtalk = start().await;
    let client = Client::of(&dingtalk).await;
    let app = dingtalk.app();
    for subscriptions in [json!([]), json!(null), json!([{"type": "EVENT", "topic": "chat_disband"}])] {
        let body = json!({
            "clientId": app.client_id, "clientSecret": app.client_secret, "subscriptions": subscriptions,
        });
        let answer = client.post("/v1.0/gateway/connections/open", body).await;
        assert_eq!((answer.status, answer.json()["code"].as_str()), (400, Some("invalidParameter")));
    }
}

#[tokio::test]
async fn a_ticket_opens_one_connection_and_a_second_try_is_reported() {
    let dingtalk = start().await;
    let url = ticket_url(&dingtalk).await;
    let _first = Stream::dial(&url).await.unwrap();

    let second = Stream::dial(&url).await;

    assert!(matches!(second, Err(Error::Http(answer)) if answer.status() == 400));
    assert_eq!(rules(&dingtalk), [Rule::TicketOnce]);
}

#[tokio::test]
async fn an_expired_ticket_opens_nothing() {
    let dingtalk = start_with(Settings { ticket_life: Duration::ZERO, ..Settings::default() }).await;
    let url = ticket_url(&dingtalk).await;

    assert!(Stream::dial(&url).await.is_err());
    assert!(dingtalk.violations().is_empty());
}

#[tokio::test]
async fn a_direct_message_is_pushed_and_its_ack_has_a_latency() {
    let dingtalk = start().await;
    let mut stream = Stream::open(&dingtalk).await;

    let asked = dingtalk.says("Lin", "hello");

    let frame = stream.next().await.unwrap();
    assert_eq!(frame["type"], "CALLBACK");
    let message = data(&frame);
    assert_eq!(message["msgId"], asked.as_str());
    assert_eq!(message["conversationType"], "1");
    assert_eq!(message["text"]["content"], "hello");
    assert_eq!(message["senderStaffId"], "user0001");
    stream.ack(&frame, &json!({"response": null})).await;
    let ack = dingtalk.acked(&asked).await;
    let delivery = dingtalk.delivered(&asked).await;
    assert!(delivery.sent < ack.moment && ack.latency < Duration::from_secs(5));
    assert!(dingtalk.violations().is_empty());
}

#[tokio::test]
async fn a_mention_leaves_its_space_behind() {
    let dingtalk = start().await;
    let mut stream = Stream::open(&dingtalk).await;

    dingtalk.says_in_group("Release crew", "Mo", "status?");

    let message = data(&stream.next().await.unwrap());
    assert_eq!(message["text"]["content"], " status?");
    assert_eq!(message["conversationTitle"], "Release crew");
    assert_eq!(message["isInAtList"], true);
    assert_eq!(message["atUsers"][0]["dingtalkId"], message["chatbotUserId"]);
}

#[tokio::test]
async fn a_reply_quotes_the_message_it_answers() {
    let dingtalk = start().await;
    let mut stream = Stream::open(&dingtalk).await;
    let first = dingtalk.says_in_group("Release crew", "Lin", "the nightly build failed");
    dingtalk.replies("Mo", &first, "why?");
    stream.next().await.unwrap();

    let reply = data(&stream.next().await.unwrap());

    assert_eq!(reply["text"]["content"], " why?");
    assert_eq!(reply["text"]["repliedMsg"]["msgId"], first.as_str());
    assert_eq!(reply["conversationId"], dingtalk.conversation("Release crew"));
}

#[tokio::test]
async fn a_reply_to_a_card_names_its_carrier() {
    let dingtalk = start().await;
    Client::of(&dingtalk).await.create_card("card-1", "user0001").await;
    let mut stream = Stream::open(&dingtalk).await;
    dingtalk.replies("Lin", "card-1", "and then?");

    let reply = data(&stream.next().await.unwrap());

    let card = dingtalk.card_in("Lin").await;
    assert_eq!(reply["originalProcessQueryKey"], card.carriers[0].carrier_id.as_str());
    let quote = &reply["text"]["repliedMsg"];
    assert_eq!((&quote["msgType"], quote.get("content")), (&json!("interactiveCard"), None));
    assert_eq!(quote["senderId"], reply["chatbotUserId"]);
}

#[tokio::test]
async fn a_message_over_quota_comes_without_text() {
    let dingtalk = start().await;
    let mut stream = Stream::open(&dingtalk).await;
    dingtalk.says_over_quota("Lin");

    let message = data(&stream.next().await.unwrap());

    assert_eq!(message["errorCode"], 20001);
    assert_eq!((message.get("text"), message.get("content")), (None, None));
}

#[tokio::test]
async fn a_push_waits_for_the_first_connection() {
    let dingtalk = start().await;
    let asked = dingtalk.says("Lin", "early");

    let mut stream = Stream::open(&dingtalk).await;

    assert_eq!(data(&stream.next().await.unwrap())["msgId"], asked.as_str());
}

#[tokio::test]
async fn a_push_without_subscriber_can_be_lost() {
    let settings = Settings { unsubscribed: Unsubscribed::Lose, ..Settings::default() };
    let dingtalk = start_with(settings).await;
    let lost = dingtalk.says("Lin", "early");
    let mut stream = Stream::open(&dingtalk).await;
    dingtalk.connected().await;

    let heard = dingtalk.says("Lin", "late");

    assert_eq!(data(&stream.next().await.unwrap())["msgId"], heard.as_str());
    assert!(dingtalk.look(|view| view.push(&lost).unwrap().lost));
}

#[tokio::test]
async fn an_unanswered_callback_is_repeated_under_a_new_message_id() {
    let after = Some(Duration::from_millis(20));
    let dingtalk = start_with(Settings { callback_repush_after: after, ..Settings::default() }).await;
    let mut stream = Stream::open(&dingtalk).await;
    dingtalk.says("Lin", "hello");

    let (first, second) = (stream.next().await.unwrap(), stream.next().await.unwrap());

    assert_ne!(first["headers"]["messageId"], second["headers"]["messageId"]);
    assert_eq!(data(&first)["msgId"], data(&second)["msgId"]);
}

#[tokio::test]
async fn a_push_can_be_doubled() {
    let dingtalk = start().await;
    let mut stream = Stream::open(&dingtalk).await;
    let asked = dingtalk.says("Lin", "hello");
    dingtalk.push_again(&asked);

    let (first, second) = (stream.next().await.unwrap(), stream.next().await.unwrap());

    assert_ne!(first["headers"]["messageId"], second["headers"]["messageId"]);
    assert_eq!(data(&first), data(&second));
    assert_eq!(dingtalk.look(|view| view.push(&asked).unwrap().deliveries.len()), 2);
}

#[tokio::test]
async fn an_event_carries_its_headers_and_comes_again_for_later() {
    let settings = Settings { event_repush_after: Duration::from_millis(20), ..Settings::default() };
    let dingtalk = start_with(settings).await;
    let mut stream = Stream::open(&dingtalk).await;
    let id = dingtalk.push_event("chat_update_title", json!({"title": "New"}));

    let first = stream.next().await.unwrap();
    assert_eq!((&first["type"], &first["headers"]["topic"]), (&json!("EVENT"), &json!("*")));
    assert_eq!(first["headers"]["eventType"], "chat_update_title");
    stream.ack(&first, &json!({"status": "LATER"})).await;
    let second = stream.next().await.unwrap();
    assert_eq!(second["headers"]["eventId"], id.as_str());
    stream.ack(&second, &json!({"status": "SUCCESS", "message": "success"})).await;

    let kind = dingtalk.wait_for(|view| {
        let push = view.push(&id)?;
        push.deliveries.last()?.ack.as_ref().map(|_| push.kind)
    });
    assert_eq!(kind.await, PushKind::Event);
}

#[tokio::test]
async fn pushes_are_spread_over_the_connections() {
    let dingtalk = start().await;
    let _streams = [Stream::open(&dingtalk).await, Stream::open(&dingtalk).await];
    dingtalk.connected_times(2).await;

    let ids: Vec<_> = (0..32).map(|n| dingtalk.says("Lin", &n.to_string())).collect();

    let used = dingtalk.look(|view| {
        let deliveries = ids.iter().map(|id| view.push(id).unwrap().deliveries[0].connection);
        deliveries.collect::<std::collections::BTreeSet<_>>()
    });
    assert_eq!(used.len(), 2);
}

#[tokio::test]
async fn a_ping_must_come_back_as_it_was() {
    let dingtalk = start().await;
    let mut stream = Stream::open(&dingtalk).await;
    dingtalk.connected().await;
    assert_eq!(dingtalk.connections().ping(), 1);
    dingtalk.connections().ping();

    let first = stream.next().await.unwrap();
    stream.ack(&first, &data(&first)).await;
    let second = stream.next().await.unwrap();
    stream.ack(&second, &json!({"opaque": "made up"})).await;

    let answered =
        |view: crate::dingtalk::View<'_>| (view.connections().next()?.pings_answered == 2).then_some(());
    dingtalk.wait_for(answered).await;
    assert_eq!(rules(&dingtalk), [Rule::PingEchoed]);
}

#[tokio::test]
async fn unanswered_pings_are_reported() {
    let dingtalk = start().await;
    let _stream = Stream::open(&dingtalk).await;
    dingtalk.connected().await;
    for _ in 0..3 {
        dingtalk.connections().ping();
    }

    dingtalk.wait_for(|view| (!view.violations().is_empty()).then_some(())).await;

    assert_eq!(rules(&dingtalk), [Rule::PingAnswered]);
}

#[tokio::test]
async fn websocket_pings_are_answered() {
    let dingtalk = start().await;
    let mut stream = Stream::open(&dingtalk).await;

    stream.send_message(Message::Ping("are you there".into())).await;

    let pong = stream.next_message().await.unwrap().unwrap();
    assert_eq!(pong, Message::Pong("are you there".into()));
    assert_eq!(dingtalk.look(|view| view.connections().next().unwrap().ws_pings), 1);
}

#[tokio::test]
async fn bad_and_foreign_acks_are_reported() {
    let dingtalk = start().await;
    let mut one = Stream::open(&dingtalk).await;
    let asked = dingtalk.says("Lin", "hello");
    let frame = one.next().await.unwrap();
    let mut other = Stream::open(&dingtalk).await;

    one.send_text("thanks").await;
    dingtalk.wait_for(|view| view.violations().first().map(|_| ())).await;
    other.ack(&frame, &json!({})).await;
    dingtalk.wait_for(|view| view.violations().get(1).map(|_| ())).await;

    assert_eq!(rules(&dingtalk), [Rule::AckShape, Rule::AckOnItsConnection]);
    assert!(dingtalk.look(|view| view.push(&asked).unwrap().ack().is_none()));
}

#[tokio::test]
async fn a_push_can_come_again_later_although_it_was_acknowledged() {
    let dingtalk = start().await;
    let mut old = Stream::open(&dingtalk).await;
    let asked = dingtalk.says("Lin", "hello");
    let first = old.next().await.unwrap();
    old.ack(&first, &json!({"response": null})).await;
    dingtalk.acked(&asked).await;
    dingtalk.push_again_after(&asked, Duration::from_millis(50));
    dingtalk.connections().reset();
    dingtalk.disconnected().await;
    let mut new = Stream::open(&dingtalk).await;

    let second = new.next().await.unwrap();

    assert_ne!(first["headers"]["messageId"], second["headers"]["messageId"]);
    assert_eq!(data(&first)["msgId"], data(&second)["msgId"]);
}

#[tokio::test]
async fn a_greeting_comes_only_where_it_was_asked_for() {
    let dingtalk = start_with(Settings { greets: true, ..Settings::default() }).await;
    let mut greeted = Stream::open(&dingtalk).await;
    for topic in ["CONNECTED", "REGISTERED"] {
        let frame = greeted.next().await.unwrap();
        assert_eq!((&frame["type"], &frame["headers"]["topic"]), (&json!("SYSTEM"), &json!(topic)));
        greeted.ack(&frame, &json!({})).await;
    }
    greeted.send_message(Message::Close(None)).await;
    dingtalk.disconnected().await;
    assert!(dingtalk.violations().is_empty(), "an answer does no harm");

    let dingtalk = start().await;
    let mut ungreeted = Stream::open(&dingtalk).await;
    let asked = dingtalk.says("Lin", "hello");
    assert_eq!(data(&ungreeted.next().await.unwrap())["msgId"], asked.as_str());
}

#[tokio::test]
async fn a_card_callbacks_answer_changes_the_card() {
    let dingtalk = start().await;
    let client = Client::of(&dingtalk).await;
    client.create_card("card-1", "user0001").await;
    let mut stream = Stream::open(&dingtalk).await;
    dingtalk.push_card_callback("Lin", "card-1", json!({"action": "stop"}));

    let frame = stream.next().await.unwrap();
    let press = data(&frame);
    let content: Value = serde_json::from_str(press["content"].as_str().unwrap()).unwrap();
    assert_eq!(content["cardPrivateData"]["params"]["action"], "stop");
    let update = json!({"response": {
        "cardUpdateOptions": {"updateCardDataByKey": true}, "cardData": {"cardParamMap": {"msgContent": "stopped"}},
    }});
    stream.ack(&frame, &update).await;

    dingtalk.card_showing("stopped").await;
    assert!(dingtalk.violations().is_empty());
}

#[tokio::test]
async fn a_rival_takes_a_part_of_what_is_pushed_while_it_is_there() {
    let dingtalk = start().await;
    let _stream = Stream::open(&dingtalk).await;
    dingtalk.connected().await;
    dingtalk.set_rival(true);
    let shared: Vec<_> = (0..40).map(|number| dingtalk.says("Lin", &number.to_string())).collect();
    dingtalk.set_rival(false);
    let alone: Vec<_> = (0..40).map(|number| dingtalk.says("Lin", &number.to_string())).collect();

    let delivered = |ids: &[String]| {
        dingtalk.look(|view| ids.iter().filter(|id| !view.push(id).unwrap().deliveries.is_empty()).count())
    };
    assert!((1..40).contains(&delivered(&shared)), "{}", delivered(&shared));
    assert_eq!(delivered(&alone), 40);
}
