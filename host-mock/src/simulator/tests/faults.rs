//! Faults that are switched on and off.

use serde_json::{Value, json};

use super::super::switches;
use super::{ask, chat, escaped, get, post, simulator};

#[tokio::test]
async fn every_fault_that_can_be_on_goes_on_and_off_again() {
    let simulator = simulator().await;
    for switch in &switches::ALL {
        if matches!(switch.kind, switches::Kind::Once(_)) {
            continue;
        }
        let is_on = async |answer: (u16, Value)| {
            assert_eq!(answer.0, 200, "{}", answer.1);
            let faults = answer.1["faults"].as_array().unwrap().clone();
            faults.into_iter().find(|it| it["name"] == switch.name).unwrap()["on"].clone()
        };
        let on = post(&simulator, "faults", json!({"name": switch.name, "on": true})).await;
        assert_eq!(is_on(on).await, true, "{}", switch.name);
        let off = post(&simulator, "faults", json!({"name": switch.name, "on": false})).await;
        assert_eq!(is_on(off).await, false, "{}", switch.name);
    }
}

#[tokio::test]
async fn where_messages_go_to_an_http_address_none_is_pushed_and_later_ones_are() {
    let simulator = simulator().await;
    let lin = chat(&simulator, "Lin").await;
    post(&simulator, "faults", json!({"name": "http-mode", "on": true})).await;
    post(&simulator, "messages", json!({"chat": lin, "text": "before"})).await;
    post(&simulator, "faults", json!({"name": "http-mode", "on": false})).await;
    post(&simulator, "messages", json!({"chat": lin, "text": "after"})).await;

    let entries = get(&simulator, &format!("entries?chat={}", escaped(&lin))).await["entries"].clone();
    let states: Vec<_> = entries.as_array().unwrap().iter().map(|it| &it["delivery"]["state"]).collect();
    assert_eq!(states, ["lost", "waiting"]);
}

#[tokio::test]
async fn a_rival_takes_what_nobody_else_is_there_for() {
    let simulator = simulator().await;
    let lin = chat(&simulator, "Lin").await;
    post(&simulator, "faults", json!({"name": "rival", "on": true})).await;
    post(&simulator, "messages", json!({"chat": lin, "text": "hello"})).await;

    let entries = get(&simulator, &format!("entries?chat={}", escaped(&lin))).await["entries"].clone();
    assert_eq!(entries[0]["delivery"]["state"], "lost");
}

#[tokio::test]
async fn a_fault_that_goes_off_leaves_the_others_on() {
    let simulator = simulator().await;
    simulator.turn_on("no-token", None).unwrap();
    simulator.turn_on("html-502", None).unwrap();
    post(&simulator, "faults", json!({"name": "html-502", "on": false})).await;

    let body = json!({"appKey": "dingfakeapp00000001", "appSecret": "x"}).to_string();
    let answer = ask(&simulator, "POST", "/v1.0/oauth2/accessToken", &body).await;

    assert_eq!((answer.0, answer.1["code"].as_str()), (400, Some("invalidClientIdOrSecret")));
}

#[tokio::test]
async fn a_fault_of_calls_may_be_told_how_often_it_strikes_and_is_off_then() {
    let simulator = simulator().await;
    let body = json!({"name": "no-token", "on": true, "times": 2});
    let told = post(&simulator, "faults", body).await.1;
    let of = |told: &Value| {
        let faults = told["faults"].as_array().unwrap();
        faults.iter().find(|fault| fault["name"] == "no-token").unwrap().clone()
    };
    assert_eq!((&of(&told)["on"], &of(&told)["left"]), (&json!(true), &json!(2)));

    let app = simulator.dingtalk().app();
    let body = json!({"appKey": app.client_id, "appSecret": app.client_secret}).to_string();
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(ask(&simulator, "POST", "/v1.0/oauth2/accessToken", &body).await.0);
    }

    assert_eq!(statuses, [400, 400, 200]);
    let told = get(&simulator, "faults").await;
    assert_eq!((&of(&told)["on"], &of(&told)["left"]), (&json!(false), &Value::Null));
}
