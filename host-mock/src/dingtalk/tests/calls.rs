//! Tokens, webhook, robot sends, media, emotions and the directory.

use std::time::Duration;

use serde_json::{Value, json};

use super::client::{Client, start, start_with, ticket_url};
use crate::dingtalk::{App, DingTalk, Endpoint, Reach, Rule, Settings, Via, given_away_by};

async fn world() -> (DingTalk, Client) {
    let dingtalk = start().await;
    let client = Client::of(&dingtalk).await;
    (dingtalk, client)
}

/// The path and query of a URL of the fake.
fn path_of(dingtalk: &DingTalk, url: &Value) -> String {
    url.as_str().unwrap().strip_prefix(&dingtalk.base_url()).unwrap().to_owned()
}

fn group_text(dingtalk: &DingTalk, text: &str) -> Value {
    json!({
        "robotCode": "dingfakeapp00000001", "openConversationId": dingtalk.conversation("Release crew"),
        "msgKey": "sampleText", "msgParam": json!({"content": text}).to_string(),
    })
}

fn direct_text(users: &[&str], text: &str) -> Value {
    json!({
        "robotCode": "dingfakeapp00000001", "userIds": users,
        "msgKey": "sampleText", "msgParam": json!({"content": text}).to_string(),
    })
}

#[tokio::test]
async fn asking_again_gives_the_same_token_until_it_is_revoked() {
    let (dingtalk, mut client) = world().await;
    let first = client.token.clone();
    client.refresh(&dingtalk).await;
    assert_eq!(client.token, first);

    dingtalk.revoke_tokens();
    client.refresh(&dingtalk).await;

    assert_ne!(client.token, first);
    assert_eq!(dingtalk.look(|view| view.calls_to(Endpoint::AccessToken).count()), 3);
}

#[tokio::test]
async fn the_life_of_tokens_can_change_while_running() {
    let (dingtalk, mut client) = world().await;
    let first = client.token.clone();
    dingtalk.set_token_life(Duration::ZERO);
    client.refresh(&dingtalk).await;
    assert_eq!(client.token, first, "it was still valid when it was renewed");

    let answer = client.post("/v1.0/robot/groupMessages/send", group_text(&dingtalk, "hi")).await;
    assert_eq!(answer.json()["code"], "InvalidAuthentication");

    dingtalk.set_token_life(Duration::from_secs(7200));
    client.refresh(&dingtalk).await;
    assert_ne!(client.token, first);
}

#[tokio::test]
async fn a_wrong_secret_gets_no_token() {
    let (_dingtalk, client) = world().await;
    let body = json!({"appKey": "dingfakeapp00000001", "appSecret": "wrong"});

    let new = client.post("/v1.0/oauth2/accessToken", body).await;
    let old = client.call("GET", "/gettoken?appkey=dingfakeapp00000001&appsecret=wrong", Value::Null).await;

    assert_eq!((new.status, new.json()["code"].as_str()), (400, Some("invalidClientIdOrSecret")));
    assert_eq!((old.status, old.json()["errcode"].as_i64()), (200, Some(40089)));
}

#[tokio::test]
async fn both_families_take_the_same_token() {
    let (dingtalk, client) = world().await;
    let secret = dingtalk.app().client_secret;
    let path = format!("/gettoken?appkey=dingfakeapp00000001&appsecret={secret}");

    let old = client.call("GET", &path, Value::Null).await.json();

    assert_eq!(old["access_token"], client.token.as_str());
}

#[tokio::test]
async fn a_bad_token_is_400_here_and_40014_there() {
    let (dingtalk, client) = world().await;
    dingtalk.revoke_tokens();

    let api = client.post("/v1.0/robot/groupMessages/send", group_text(&dingtalk, "hi")).await;
    let oapi = client.post("/topapi/v2/user/get?access_token=stale", json!({"userid": "user0001"})).await;

    assert_eq!((api.status, api.json()["code"].as_str()), (400, Some("InvalidAuthentication")));
    assert_eq!((oapi.status, oapi.json()["errcode"].as_i64()), (200, Some(40014)));
}

#[tokio::test]
async fn a_webhook_reply_lands_in_its_conversation() {
    let (dingtalk, client) = world().await;
    let payload = dingtalk.payload("Lin", Some("Release crew"));
    let webhook = path_of(&dingtalk, &payload["sessionWebhook"]);
    let reply = json!({
        "msgtype": "markdown", "markdown": {"title": "Build", "text": "## Done @user0002"},
        "at": {"atUserIds": ["user0002"]},
    });

    let answer = client.post(&webhook, reply).await.json();

    assert_eq!((&answer["errcode"], &answer["errmsg"]), (&json!(0), &json!("ok")));
    let message = dingtalk.message_to("Release crew").await;
    assert_eq!((message.via, message.text()), (Via::Webhook, "## Done @user0002"));
    assert_eq!(message.at_user_ids, ["user0002"]);
}

#[tokio::test]
async fn an_expired_webhook_answers_200_with_300001() {
    let settings = Settings { webhook_life: Duration::ZERO, ..Settings::default() };
    let dingtalk = start_with(settings).await;
    let client = Client::of(&dingtalk).await;
    let webhook = path_of(&dingtalk, &dingtalk.payload("Lin", None)["sessionWebhook"]);

    let answer = client.post(&webhook, json!({"msgtype": "text", "text": {"content": "late"}})).await;

    assert_eq!((answer.status, answer.json()["errcode"].as_i64()), (200, Some(300_001)));
    let call = dingtalk.answered(Endpoint::SendBySession).await;
    assert!(!call.succeeded());
    assert_eq!(call.error_code().as_deref(), Some("300001"));
}

#[tokio::test]
async fn an_empty_webhook_reply_says_nothing() {
    let (dingtalk, client) = world().await;
    let webhook = path_of(&dingtalk, &dingtalk.payload("Lin", None)["sessionWebhook"]);

    assert_eq!(client.post(&webhook, json!({"msgtype": "empty"})).await.json()["errcode"], 0);

    assert_eq!(dingtalk.look(|view| view.messages().count()), 0);
}

#[tokio::test]
async fn a_batch_send_tells_whom_it_did_not_reach() {
    let (dingtalk, client) = world().await;
    dingtalk.set_reach("Mo", Reach::FlowControlled);
    let body = direct_text(&["user0001", "user0002", "nobody"], "hi");

    let answer = client.post("/v1.0/robot/oToMessages/batchSend", body).await;

    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["invalidStaffIdList"], json!(["nobody"]));
    assert_eq!(answer.json()["flowControlledStaffIdList"], json!(["user0002"]));
    assert_eq!(dingtalk.message_to("Lin").await.text(), "hi");
    assert_eq!(dingtalk.look(|view| view.messages_in("Mo").count()), 0);
}

#[tokio::test]
async fn a_batch_reaches_twenty_people_at_most() {
    let (_dingtalk, client) = world().await;
    let answer = client.post("/v1.0/robot/oToMessages/batchSend", direct_text(&["user0001"; 21], "hi")).await;

    assert_eq!(answer.json()["code"], "invalidParameter.userIds.overMax");
}

#[tokio::test]
async fn a_direct_conversation_is_no_group() {
    let (dingtalk, client) = world().await;
    let mut body = group_text(&dingtalk, "hi");
    body["openConversationId"] = json!(dingtalk.conversation("Lin"));

    let answer = client.post("/v1.0/robot/groupMessages/send", body).await;

    assert_eq!((answer.status, answer.json()["code"].as_str()), (400, Some("invalid.openConversationId")));
}

#[tokio::test]
async fn a_robot_of_another_app_is_refused_and_reported() {
    let (dingtalk, client) = world().await;
    dingtalk.put_app(App::new("dingfakeapp00000002"));
    let mut body = group_text(&dingtalk, "hi");
    body["robotCode"] = json!("dingfakeapp00000002");

    let answer = client.post("/v1.0/robot/groupMessages/send", body).await;

    assert_eq!(answer.json()["code"], "invalidParameter.robotCode.auth");
    assert_eq!(dingtalk.violations()[0].rule, Rule::OwnRobot);
}

#[tokio::test]
async fn messages_can_be_recalled_where_they_were_sent() {
    let (dingtalk, client) = world().await;
    let sent = client.post("/v1.0/robot/groupMessages/send", group_text(&dingtalk, "oops")).await.json();
    let key = sent["processQueryKey"].as_str().unwrap();
    let mut recall = json!({"robotCode": "dingfakeapp00000001", "processQueryKeys": [key, "other"]});

    let direct = client.post("/v1.0/robot/otoMessages/batchRecall", recall.clone()).await.json();
    assert_eq!(direct["successResult"], json!([]));

    recall["openConversationId"] = json!(dingtalk.conversation("Release crew"));
    let group = client.post("/v1.0/robot/groupMessages/recall", recall).await.json();
    assert_eq!(group["successResult"], json!([key]));
    assert_eq!(group["failedResult"], json!({"other": "invalid.processQueryKey"}));
    assert!(dingtalk.message_to("Release crew").await.recalled.is_some());
}

#[tokio::test]
async fn the_read_status_knows_recalls() {
    let (_dingtalk, client) = world().await;
    let sent =
        client.post("/v1.0/robot/oToMessages/batchSend", direct_text(&["user0001"], "oops")).await.json();
    let key = sent["processQueryKey"].as_str().unwrap();
    let path =
        format!("/v1.0/robot/oToMessages/readStatus?robotCode=dingfakeapp00000001&processQueryKey={key}");

    let before = client.call("GET", &path, Value::Null).await.json();
    let recall = json!({"robotCode": "dingfakeapp00000001", "processQueryKeys": [key]});
    client.post("/v1.0/robot/otoMessages/batchRecall", recall).await;
    let after = client.call("GET", &path, Value::Null).await.json();

    assert_eq!((&before["sendStatus"], &after["sendStatus"]), (&json!("SUCCESS"), &json!("RECALLED")));
    assert_eq!(before["messageReadInfoList"][0]["userId"], "user0001");
}

#[tokio::test]
async fn a_file_is_fetched_through_a_signed_link() {
    let (dingtalk, client) = world().await;
    let asked = dingtalk.sends_file("Lin", "report.pdf", "content");
    let code = dingtalk.look(|view| view.push(&asked).unwrap().data["content"]["downloadCode"].clone());
    let body = json!({"downloadCode": code, "robotCode": "dingfakeapp00000001"});
    let link = client.post("/v1.0/robot/messageFiles/download", body).await.json()["downloadUrl"].clone();
    let path = path_of(&dingtalk, &link);

    let plain = client.raw("GET", &path, "", b"").await.unwrap();
    let typed = client.raw("GET", &path, "Content-Type: application/json\r\n", b"").await.unwrap();
    assert_eq!((plain.status, plain.text.as_str()), (200, "content"));
    assert_eq!(typed.status, 403);
    assert!(dingtalk.violations().is_empty());

    client.raw("GET", &path, "x-acs-dingtalk-access-token: t\r\n", b"").await.unwrap();
    assert_eq!(dingtalk.violations()[0].rule, Rule::TokenStaysHome);
}

#[tokio::test]
async fn media_are_uploaded_as_a_form() {
    let (dingtalk, client) = world().await;
    let form = |part: &str| {
        format!(
            "--x\r\nContent-Disposition: form-data; name=\"{part}\"; filename=\"a.png\"\r\n\r\npixels\r\n--x--\r\n"
        )
    };
    let header = "Content-Type: multipart/form-data; boundary=x\r\n";
    let upload = async |query: &str, part: &str| {
        let path = format!("/media/upload?access_token={}&{query}", client.token);
        client.raw("POST", &path, header, form(part).as_bytes()).await.unwrap().json()
    };

    let done = upload("type=image", "media").await;
    assert!(done["media_id"].as_str().unwrap().starts_with('@'));
    assert_eq!(upload("type=hologram", "media").await["errcode"], 40004);
    assert_eq!(upload("type=image", "file").await["errcode"], 44001);
    assert_eq!(dingtalk.look(|view| view.uploads()[0].bytes.clone()), b"pixels");
}

#[tokio::test]
async fn an_emotion_comes_and_goes_under_a_message() {
    let (dingtalk, client) = world().await;
    let asked = dingtalk.says("Lin", "hello");
    let emotion = json!({
        "robotCode": "dingfakeapp00000001", "openMsgId": asked, "openConversationId": dingtalk.conversation("Lin"),
        "emotionType": 2, "emotionName": "🤔思考中",
        "textEmotion": {"emotionId": "2659900", "emotionName": "🤔思考中", "text": "🤔思考中", "backgroundId": "im_bg_1"},
    });
    assert_eq!(
        client.post("/v1.0/robot/emotion/reply", emotion.clone()).await.json(),
        json!({"success": true})
    );
    assert!(dingtalk.reaction_to(&asked).await.recalled.is_none());

    let mut other = emotion.clone();
    other["emotionName"] = json!("🎉");
    assert_eq!(client.post("/v1.0/robot/emotion/recall", other).await.status, 500);
    client.post("/v1.0/robot/emotion/recall", emotion).await;

    assert!(dingtalk.reaction_to(&asked).await.recalled.is_some());
}

#[tokio::test]
async fn the_directory_knows_its_people() {
    let (_dingtalk, client) = world().await;
    let path = format!("/topapi/v2/user/get?access_token={}", client.token);

    let lin = client.post(&path, json!({"userid": "user0001"})).await.json();
    let nobody = client.post(&path, json!({"userid": "USER0001"})).await.json();

    assert_eq!((&lin["result"]["name"], &lin["result"]["unionid"]), (&json!("Lin"), &json!("uFake1")));
    assert_eq!(nobody["errcode"], 60121);
}

#[tokio::test]
async fn an_unknown_path_is_reported() {
    let (dingtalk, client) = world().await;

    assert_eq!(client.post("/v1.0/robot/dance", json!({})).await.status, 404);

    assert_eq!(dingtalk.violations()[0].rule, Rule::KnownApi);
}

#[tokio::test]
async fn whatever_is_secret_of_a_fake_is_noticed_in_a_text() {
    let (dingtalk, client) = world().await;
    let asked = dingtalk.sends_file("Lin", "report.pdf", "content");
    let code = dingtalk.look(|view| view.push(&asked).unwrap().data["content"]["downloadCode"].clone());
    let body = json!({"downloadCode": code, "robotCode": "dingfakeapp00000001"});
    let link = client.post("/v1.0/robot/messageFiles/download", body).await.json()["downloadUrl"].clone();
    let secrets = [
        (client.token.clone(), "an access token"),
        (dingtalk.payload("Lin", None)["sessionWebhook"].to_string(), "the address of a webhook"),
        (ticket_url(&dingtalk).await, "the ticket of a connection"),
        (link.to_string(), "the address of a file"),
        (dingtalk.app().client_secret, "an application's secret"),
    ];
    for (secret, kind) in secrets {
        assert_eq!(given_away_by(&format!("a line with {secret} in it"), &dingtalk.apps()), [kind]);
    }
    assert_eq!(given_away_by("a line about tokens and tickets", &dingtalk.apps()), [""; 0]);
}
