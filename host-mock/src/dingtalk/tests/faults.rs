//! Faults, waiting, and the life of the fake itself.

use std::time::Duration;

use serde_json::json;
use tokio::net::TcpStream;

use super::client::{Client, Stream, start};
use crate::dingtalk::{DingTalk, Endpoint, Fault, Quirks, Settings};

const SHORT: Duration = Duration::from_millis(20);

async fn world() -> (DingTalk, Client) {
    let dingtalk = start().await;
    let client = Client::of(&dingtalk).await;
    client.create_card("card-1", "user0001").await;
    (dingtalk, client)
}

#[tokio::test]
async fn a_denied_scope_is_named_until_it_is_granted() {
    let (dingtalk, client) = world().await;
    dingtalk.deny_scope("Card.Streaming.Write");

    let denied = client.stream_card("card-1", "g1", "x", false).await;
    assert_eq!(denied.status, 403);
    assert_eq!(denied.json()["accessdenieddetail"], json!({"requiredScopes": ["Card.Streaming.Write"]}));
    assert_eq!(client.create_card("card-2", "user0001").await.status, 200);

    dingtalk.grant_scope("Card.Streaming.Write");
    assert_eq!(client.stream_card("card-1", "g2", "x", false).await.status, 200);
}

#[tokio::test]
async fn an_app_has_twenty_calls_a_second_for_each_api() {
    let (dingtalk, client) = world().await;
    dingtalk.limit_qps(Some(2));
    let mut statuses = Vec::new();
    for guid in ["g1", "g2", "g3"] {
        statuses.push(client.stream_card("card-1", guid, guid, false).await.status);
    }
    assert_eq!(Settings::default().qps, Some(20));
    assert_eq!(statuses, [200, 200, 403]);
    assert_eq!(client.create_card("card-2", "user0001").await.status, 200);
}

#[tokio::test]
async fn throttled_calls_have_no_effect() {
    let (dingtalk, client) = world().await;
    dingtalk.on(Endpoint::Streaming).answer(Fault::Qps).times(2);

    let mut answers = Vec::new();
    for guid in ["g1", "g2", "g3"] {
        answers.push(client.stream_card("card-1", guid, guid, false).await.status);
    }

    assert_eq!(answers, [403, 403, 200]);
    let card = dingtalk.card_showing("g3").await;
    assert_eq!(card.streamed().collect::<Vec<_>>(), ["g3"]);
}

#[tokio::test]
async fn gateways_answer_with_pages_and_with_nothing() {
    let (dingtalk, client) = world().await;
    dingtalk.on(Endpoint::Streaming).answer(Fault::Html(400)).once();
    dingtalk.on(Endpoint::Streaming).answer(Fault::Empty(500)).once();

    let page = client.stream_card("card-1", "g1", "x", false).await;
    let nothing = client.stream_card("card-1", "g2", "x", false).await;

    assert!(page.status == 400 && page.text.starts_with("<html>"));
    assert_eq!((nothing.status, nothing.text.as_str()), (500, ""));
}

#[tokio::test]
async fn a_reset_call_has_no_effect_and_a_lost_answer_has() {
    let (dingtalk, client) = world().await;
    let part = |guid: &str| super::client::part("card-1", guid, guid, false);
    dingtalk.on(Endpoint::Streaming).answer(Fault::Reset).once();
    dingtalk.on(Endpoint::Streaming).answer(Fault::LostAnswer).once();

    let reset = client.try_call("PUT", "/v1.0/card/streaming", part("reset")).await;
    assert!(reset.is_err());
    let lost = client.try_call("PUT", "/v1.0/card/streaming", part("lost")).await;
    assert!(lost.is_err());

    let card = dingtalk.card_showing("lost").await;
    assert_eq!(card.streamed().collect::<Vec<_>>(), ["lost"]);
}

#[tokio::test]
async fn a_torn_answer_ends_in_the_middle() {
    let (dingtalk, client) = world().await;
    dingtalk.on(Endpoint::Streaming).answer(Fault::TornAnswer).once();

    let torn =
        client.try_call("PUT", "/v1.0/card/streaming", super::client::part("card-1", "g", "x", false)).await;

    assert!(torn.is_err() || serde_json::from_str::<serde_json::Value>(&torn.unwrap().text).is_err());
    dingtalk.card_showing("x").await;
}

#[tokio::test]
async fn quirks_change_the_looks_of_answers_and_messages() {
    let (dingtalk, client) = world().await;
    let quirks = Quirks {
        errcode_as_string: true,
        capital_error_keys: true,
        extra_keys: true,
        content_as_string: true,
    };
    dingtalk.set_quirks(quirks);
    let mut stream = Stream::open(&dingtalk).await;
    dingtalk.sends_picture("Lin", "pixels");

    let message = super::client::data(&stream.next().await.unwrap());
    assert!(message["content"].is_string() && message["fakeNewFeature"].is_object());
    let user = client.post("/topapi/v2/user/get?access_token=stale", json!({})).await.json();
    assert_eq!(user["errcode"], "40014");
    let error = client.stream_card("card-2", "g", "x", false).await.json();
    assert_eq!(error["Code"], "param.stream.outTrackId");
}

#[tokio::test]
async fn a_slow_answer_comes_after_its_effect() {
    let (dingtalk, client) = world().await;
    dingtalk.on(Endpoint::Streaming).answer(Fault::SlowAnswer(SHORT)).once();
    dingtalk.on(Endpoint::Streaming).answer(Fault::Late(SHORT)).once();

    assert_eq!(client.stream_card("card-1", "g1", "slow", false).await.status, 200);

    let card = dingtalk.card_showing("slow").await;
    let call = dingtalk.answered(Endpoint::Streaming).await;
    let effect = card.history.last().unwrap().moment;
    assert!(call.arrived.at + SHORT <= effect.at, "the late call took effect late");
    assert!(effect.at + SHORT <= call.answered.unwrap().at, "the slow answer came later still");
}

#[tokio::test]
async fn a_call_that_is_stuck_lands_although_its_client_has_gone() {
    let (dingtalk, client) = world().await;
    // Late enough for the newer text to come before, also on a busy machine.
    dingtalk.on(Endpoint::Streaming).answer(Fault::LandsLate(Duration::from_secs(2))).once();
    tokio::select! {
        _ = client.stream_card("card-1", "g1", "old", false) => panic!("it landed before the client went"),
        () = dingtalk.wait_for(|view| view.calls_to(Endpoint::Streaming).next().map(drop)) => {}
    }
    client.stream_card("card-1", "g2", "newer", false).await;

    let card = dingtalk.card_showing("old").await;

    assert_eq!(card.streamed().collect::<Vec<_>>(), ["newer", "old"]);
    assert!(dingtalk.violations().is_empty());
}

#[tokio::test]
async fn a_sticky_fault_lasts_until_recovery() {
    let (dingtalk, client) = world().await;
    dingtalk.on(Endpoint::Streaming).answer(Fault::refused(500, "unknownError")).after(1).always();
    let status = async |guid: &str| client.stream_card("card-1", guid, guid, false).await.status;

    assert_eq!([status("g1").await, status("g2").await, status("g3").await], [200, 500, 500]);
    dingtalk.on(Endpoint::Streaming).recover();
    assert_eq!(status("g4").await, 200);
}

#[tokio::test]
async fn registration_can_fail_in_every_known_way() {
    let (dingtalk, client) = world().await;
    let open = dingtalk.app();
    let body = json!({
        "clientId": open.client_id, "clientSecret": open.client_secret,
        "subscriptions": [{"type": "EVENT", "topic": "*"}],
    });
    dingtalk.on(Endpoint::OpenConnection).answer(Fault::refused(401, "authFailed")).once();
    dingtalk.on(Endpoint::OpenConnection).answer(Fault::Html(400)).once();
    dingtalk.on(Endpoint::OpenConnection).answer(Fault::Empty(503)).once();

    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(client.post("/v1.0/gateway/connections/open", body.clone()).await.status);
    }

    assert_eq!(statuses, [401, 400, 503, 200]);
}

#[tokio::test]
async fn everything_has_its_place_in_one_order() {
    let (dingtalk, client) = world().await;
    let mut stream = Stream::open(&dingtalk).await;
    let asked = dingtalk.says("Lin", "hello");
    let frame = stream.next().await.unwrap();
    stream.ack(&frame, &json!({"response": null})).await;
    let ack = dingtalk.acked(&asked).await;
    client.create_card("card-2", "user0001").await;

    let card = dingtalk.card_of(&asked).await;
    let call = dingtalk.look(|view| view.calls_to(Endpoint::CreateAndDeliver).next_back().unwrap().clone());

    assert!(
        ack.moment < call.arrived && call.arrived < card.created && card.created < call.answered.unwrap()
    );
}

#[tokio::test]
async fn waiting_in_vain_tells_what_did_happen() {
    let (dingtalk, _client) = world().await;

    let error = dingtalk.try_wait_for(Duration::ZERO, |_| None::<()>).await.unwrap_err().to_string();

    assert!(error.contains("POST /v1.0/card/instances/createAndDeliver"), "{error}");
    assert!(error.contains("card card-1 delivered"), "{error}");
}

#[tokio::test]
async fn a_wait_is_woken_by_the_change_it_waits_for() {
    let (dingtalk, client) = world().await;

    let (card, _) =
        tokio::join!(dingtalk.card_showing("there"), client.stream_card("card-1", "g1", "there", false));

    assert_eq!(card.text(), "there");
}

#[tokio::test]
async fn a_stopped_fake_ends_its_connections_and_its_port() {
    let (dingtalk, _client) = world().await;
    let address = dingtalk.address();
    let mut stream = Stream::open(&dingtalk).await;
    dingtalk.connected().await;

    dingtalk.shutdown().await;

    assert_eq!(stream.next().await, None);
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_fixed_port_can_be_taken_again() {
    for _ in 0..10 {
        let first = start().await;
        let port = first.address().port();
        first.shutdown().await;
        // Somebody else may have been given it meanwhile.
        if let Ok(second) = DingTalk::start(Settings { port, ..Settings::default() }).await {
            assert_eq!(second.address().port(), port);
            return;
        }
    }
    panic!("no port could be taken again");
}

#[tokio::test]
async fn equal_seeds_and_events_give_equal_ids() {
    let (one, two) = (start().await, start().await);

    assert_eq!(one.says("Lin", "hello"), two.says("Lin", "hello"));
}

#[test]
fn a_fake_can_be_shared_between_tasks() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<DingTalk>();
}

#[tokio::test]
async fn a_download_leads_elsewhere_drips_or_says_a_wrong_length() {
    let (dingtalk, client) = world().await;
    let body = json!({"downloadCode": dingtalk.offer_file("content"), "robotCode": dingtalk.app().client_id});
    let link = client.post("/v1.0/robot/messageFiles/download", body).await.json()["downloadUrl"].clone();
    let path = link.as_str().unwrap().strip_prefix(&dingtalk.base_url()).unwrap().to_owned();
    let mut answers = Vec::new();
    for fault in [
        Fault::Redirect("http://192.0.2.1/".into()),
        Fault::Drips(Duration::from_millis(1)),
        Fault::WrongLength(1_000),
    ] {
        dingtalk.on(Endpoint::File).answer(fault).once();
        let answer = client.raw("GET", &path, "", b"").await.unwrap();
        answers.push((answer.status, answer.text.contains("content")));
    }
    // What drips is told apart by chunks; where the length is wrong, TCP ends too early.
    assert_eq!(answers, [(302, false), (200, false), (200, true)]);
}
