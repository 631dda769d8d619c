//! Cards as a client sees them.

use std::time::Duration;

use serde_json::{Value, json};

use super::client::{AI_TEMPLATE, Client, card, start};
use crate::dingtalk::{CardState, DingTalk, Endpoint, Fault, Rule, StepKind};

async fn world() -> (DingTalk, Client) {
    let dingtalk = start().await;
    let client = Client::of(&dingtalk).await;
    (dingtalk, client)
}

fn code(answer: &Value) -> &str {
    answer["code"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn a_reply_is_one_card_that_grows_and_ends() {
    let (dingtalk, client) = world().await;
    let created = client.create_card("card-1", "user0001").await.json();
    client.stream_card("card-1", "g1", "hello", false).await;
    client.stream_card("card-1", "g2", "hello, Lin", true).await;
    let close = json!({
        "outTrackId": "card-1", "cardData": {"cardParamMap": {"flowStatus": "3", "msgContent": "hello, Lin"}},
        "cardUpdateOptions": {"updateCardDataByKey": true},
    });
    client.put("/v1.0/card/instances", close).await;

    let card = dingtalk.finished_card().await;

    assert_eq!(card.text(), "hello, Lin");
    assert_eq!(card.streamed().collect::<Vec<_>>(), ["hello", "hello, Lin"]);
    let kinds: Vec<_> = card.history.iter().map(|step| step.kind).collect();
    let expected =
        [StepKind::Created, StepKind::Delivered, StepKind::Streamed, StepKind::Finalized, StepKind::Updated];
    assert_eq!(kinds, expected);
    assert!(card.finalized.unwrap() < card.closed.unwrap());
    let delivered = &created["result"]["deliverResults"][0];
    assert_eq!(delivered["carrierId"], card.carriers[0].carrier_id.as_str());
    assert_eq!(card.carriers[0].conversation, dingtalk.conversation("Lin"));
    assert!(dingtalk.violations().is_empty());
}

#[tokio::test]
async fn create_and_deliver_can_be_two_calls() {
    let (dingtalk, client) = world().await;
    let create = json!({
        "cardTemplateId": AI_TEMPLATE, "outTrackId": "card-1", "callbackType": "STREAM", "cardData": {},
        "imGroupOpenSpaceModel": {"supportForward": true}, "imRobotOpenSpaceModel": {"supportForward": true},
    });
    let created = client.post("/v1.0/card/instances", create).await.json();
    assert_eq!(created, json!({"success": true, "result": "card-1"}));

    let group = dingtalk.conversation("Release crew");
    let deliver = json!({
        "outTrackId": "card-1", "openSpaceId": format!("dtv1.card//IM_GROUP.{group};"), "userIdType": 1,
        "imGroupOpenDeliverModel": {"robotCode": "dingfakeapp00000001"},
    });
    let delivered = client.post("/v1.0/card/instances/deliver", deliver).await.json();

    assert_eq!(delivered["result"][0]["success"], true);
    assert_eq!(dingtalk.card_in("Release crew").await.state, CardState::Processing);
}

#[tokio::test]
async fn http_200_does_not_mean_delivered() {
    let (dingtalk, client) = world().await;

    let nobody = client.create_card("card-1", "nobody").await;
    assert_eq!(
        (nobody.status, &nobody.json()["result"]["deliverResults"][0]["success"]),
        (200, &json!(false))
    );

    dingtalk.fail_card_deliveries("robot is not in the conversation", 1);
    let failed = client.create_card("card-2", "user0001").await.json();
    assert_eq!(failed["result"]["deliverResults"][0]["errorMsg"], "robot is not in the conversation");
    let next = client.create_card("card-3", "user0001").await.json();
    assert_eq!(next["result"]["deliverResults"][0]["success"], true);
}

#[tokio::test]
async fn a_delivery_needs_its_models() {
    let (_dingtalk, client) = world().await;
    let without = |key: &str| {
        let mut body = card("card-1", "user0001");
        body.as_object_mut().unwrap().remove(key);
        body
    };
    for (key, expected) in [
        ("cardTemplateId", "param.cardTemplateIdEmpty"),
        ("outTrackId", "param.outTrackIdEmpty"),
        ("openSpaceId", "param.openSpaceIdEmpty"),
        ("cardData", "param.cardPublicDataEmpty"),
        ("imRobotOpenDeliverModel", "param.openDeliverModelEmpty"),
        ("imRobotOpenSpaceModel", "param.empty"),
    ] {
        let answer = client.post("/v1.0/card/instances/createAndDeliver", without(key)).await;
        assert_eq!((answer.status, code(&answer.json())), (400, expected), "without {key}");
    }
}

#[tokio::test]
async fn streaming_mistakes_have_their_codes() {
    let (_dingtalk, client) = world().await;
    client.create_card("card-1", "user0001").await;

    let unknown = client.stream_card("card-2", "g1", "x", false).await;
    assert_eq!((unknown.status, code(&unknown.json())), (400, "param.stream.outTrackId"));

    let key = json!({"outTrackId": "card-1", "guid": "g2", "key": "text", "content": "x", "isFull": true});
    let wrong_key = client.put("/v1.0/card/streaming", key).await;
    assert_eq!((wrong_key.status, code(&wrong_key.json())), (500, "unknownError"));

    let part = json!({"outTrackId": "card-1", "guid": "g3", "key": "msgContent", "content": "x"});
    let not_full = client.put("/v1.0/card/streaming", part).await;
    assert_eq!((not_full.status, code(&not_full.json())), (400, "param.stream.isFull"));
}

#[tokio::test]
async fn streaming_after_the_end_is_a_violation() {
    let (dingtalk, client) = world().await;
    client.create_card("card-1", "user0001").await;
    client.stream_card("card-1", "g1", "done", true).await;

    let late = client.stream_card("card-1", "g2", "late", false).await;
    client.stream_card("card-1", "g3", "done", true).await;

    assert_eq!(late.status, 500);
    let rules: Vec<_> = dingtalk.violations().iter().map(|violation| violation.rule).collect();
    assert_eq!(rules, [Rule::NothingStreamedAfterTheEnd, Rule::FinalizedOnce]);
    assert_eq!(dingtalk.finished_card().await.text(), "done");
}

#[tokio::test]
async fn two_streaming_calls_in_flight_are_a_violation() {
    let (dingtalk, client) = world().await;
    client.create_card("card-1", "user0001").await;
    // Slow enough to be overtaken, also on a busy machine.
    dingtalk.on(Endpoint::Streaming).answer(Fault::SlowAnswer(Duration::from_secs(2))).once();

    let slow = client.stream_card("card-1", "g1", "one", false);
    let overtaking = async {
        dingtalk.wait_for(|view| view.calls_to(Endpoint::Streaming).next().map(|_| ())).await;
        client.stream_card("card-1", "g2", "one two", false).await
    };
    let (slow, overtaking) = tokio::join!(slow, overtaking);

    assert_eq!((slow.status, overtaking.status), (200, 200));
    assert_eq!(dingtalk.violations()[0].rule, Rule::OneStreamingCallInFlight);
}

#[tokio::test]
async fn a_call_given_up_by_the_client_is_no_longer_in_flight() {
    let (dingtalk, client) = world().await;
    client.create_card("card-1", "user0001").await;
    dingtalk.on(Endpoint::Streaming).answer(Fault::Hang).once();
    let hanging = client.stream_card("card-1", "g1", "one", false);
    tokio::select! {
        _ = hanging => panic!("the first call hangs"),
        () = dingtalk.wait_for(|view| view.calls_to(Endpoint::Streaming).next().map(|_| ())) => {}
    }
    dingtalk.wait_for(|view| view.calls_to(Endpoint::Streaming).next()?.abandoned.then_some(())).await;

    assert_eq!(client.stream_card("card-1", "g1", "one", false).await.status, 200);
    assert!(dingtalk.violations().is_empty());
}

#[tokio::test]
async fn a_card_is_found_by_the_message_it_answers() {
    let (dingtalk, client) = world().await;
    client.create_card("before", "user0001").await;
    let asked = dingtalk.says("Lin", "hello");
    client.create_card("elsewhere", "user0002").await;
    client.create_card("answer", "user0001").await;

    assert_eq!(dingtalk.card_of(&asked).await.out_track_id, "answer");
}

#[tokio::test]
async fn a_screen_can_watch_a_card_grow() {
    let (dingtalk, client) = world().await;
    let mut changes = dingtalk.changes();
    client.create_card("card-1", "user0001").await;
    client.stream_card("card-1", "g1", "growing", false).await;

    let line = loop {
        let change = changes.recv().await.unwrap();
        if change.line.contains("streamed") {
            break change.to_string();
        }
    };
    assert!(line.contains("card-1 streamed (Inputting): \"growing\""), "{line}");
}

/// An update of values by key, or in place of all others.
fn values(values: Value, by_key: bool) -> Value {
    json!({
        "outTrackId": "card-1", "cardData": {"cardParamMap": values},
        "cardUpdateOptions": {"updateCardDataByKey": by_key},
    })
}

/// Creates and delivers a card in two calls, as several clients do.
async fn create_then_deliver(client: &Client, data: Value) {
    let create = json!({
        "cardTemplateId": AI_TEMPLATE, "outTrackId": "card-1", "callbackType": "STREAM", "cardData": data,
        "imGroupOpenSpaceModel": {"supportForward": true}, "imRobotOpenSpaceModel": {"supportForward": true},
    });
    client.post("/v1.0/card/instances", create).await;
    let deliver = json!({
        "outTrackId": "card-1", "openSpaceId": "dtv1.card//IM_ROBOT.user0001", "userIdType": 1,
        "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT"},
    });
    client.post("/v1.0/card/instances/deliver", deliver).await;
}

#[tokio::test]
async fn a_client_that_never_finalizes_is_welcome() {
    let (dingtalk, client) = world().await;
    create_then_deliver(&client, json!({"cardParamMap": {"flowStatus": "1"}})).await;
    client.put("/v1.0/card/instances", values(json!({"flowStatus": "2"}), false)).await;
    client.stream_card("card-1", "g1", "all", false).await;
    client.put("/v1.0/card/instances", values(json!({"flowStatus": "3", "msgContent": "all"}), false)).await;

    assert_eq!(dingtalk.finished_card().await.text(), "all");
    assert!(dingtalk.violations().is_empty());
}

#[tokio::test]
async fn a_client_that_updates_before_and_after_streaming_is_welcome() {
    let (dingtalk, client) = world().await;
    create_then_deliver(&client, json!({"cardParamMap": {"config": "{}"}})).await;
    client.put("/v1.0/card/instances", values(json!({"flowStatus": "2", "msgContent": "a"}), true)).await;
    client.stream_card("card-1", "g1", "a b", false).await;
    client.stream_card("card-1", "g2", "a b c", true).await;
    client.put("/v1.0/card/instances", values(json!({"flowStatus": "3"}), true)).await;

    assert_eq!(dingtalk.closed_card().await.text(), "a b c");
    assert!(dingtalk.violations().is_empty());
}

#[tokio::test]
async fn a_client_that_streams_nothing_first_and_last_is_welcome() {
    let (dingtalk, client) = world().await;
    let mut create = card("card-1", "user0001");
    create["cardData"] = json!({"cardParamMap": {"flowStatus": "2"}});
    client.post("/v1.0/card/instances/createAndDeliver", create).await;
    for (guid, content, last) in [("g1", "", false), ("g2", "text", false), ("g3", "", true)] {
        assert_eq!(client.stream_card("card-1", guid, content, last).await.status, 200);
    }
    client.put("/v1.0/card/instances", values(json!({"flowStatus": "3", "msgContent": "text"}), true)).await;

    assert_eq!(dingtalk.closed_card().await.text(), "text");
    assert!(dingtalk.violations().is_empty());
}
