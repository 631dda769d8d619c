//! What the timeline shows, and what it hides.

use serde_json::json;

use super::{ask, chat, get, post, simulator};

#[tokio::test]
async fn the_timeline_shows_bodies_and_no_secrets() {
    let simulator = simulator().await;
    let app = simulator.dingtalk().app();
    let body = json!({"appKey": app.client_id, "appSecret": app.client_secret}).to_string();
    ask(&simulator, "POST", "/v1.0/oauth2/accessToken", &body).await;

    let lines = get(&simulator, "timeline").await["lines"].clone();
    let id = lines[0]["id"].as_str().unwrap();
    let detail = get(&simulator, &format!("timeline?id={id}")).await;

    assert_eq!(detail["request"]["body"]["appKey"], app.client_id);
    assert_eq!(detail["answer"]["expireIn"], 7200);
    let text = detail.to_string();
    assert!(!text.contains(&app.client_secret) && !text.contains("fake0token"), "{text}");
}

#[tokio::test]
async fn the_timeline_shows_where_a_webhook_is_and_not_its_session() {
    let simulator = simulator().await;
    let lin = chat(&simulator, "Lin").await;
    post(&simulator, "messages", json!({"chat": lin, "text": "hello"})).await;
    let webhook =
        simulator.dingtalk().look(|view| view.pushes().next().unwrap().data["sessionWebhook"].clone());
    let (place, session) = webhook.as_str().unwrap().split_once("session=").unwrap();

    let lines = get(&simulator, "timeline").await["lines"].clone();
    let id = lines.as_array().unwrap().iter().find(|it| it["lane"] == "frame").unwrap()["id"].clone();
    let detail = get(&simulator, &format!("timeline?id={}", id.as_str().unwrap())).await;

    assert_eq!(detail["data"]["sessionWebhook"], format!("{place}session=<hidden>"));
    assert_eq!(detail["data"]["text"]["content"], "hello");
    assert!(!session.is_empty() && !detail.to_string().contains(session), "{detail}");
}
