//! Scanning the code of a registration.

use serde_json::{Value, json};

use super::{ask, code, get, post, simulator};

#[tokio::test]
async fn who_scans_a_code_lets_an_application_be_or_not() {
    let simulator = simulator().await;
    let call = async |path: &str, body: Value| {
        ask(&simulator, "POST", &format!("/app/registration/{path}"), &body.to_string()).await.1
    };
    let begun = async || {
        let nonce = call("init", json!({"source": "openClaw"})).await["nonce"].clone();
        call("begin", json!({"nonce": nonce})).await
    };
    let (yes, no) = (begun().await, begun().await);
    let waiting = json!([yes["user_code"], no["user_code"]]);
    assert_eq!(get(&simulator, "state").await["scannable"], waiting);

    let allowed = post(&simulator, "scans", json!({"code": yes["user_code"], "allow": true})).await;
    post(&simulator, "scans", json!({"code": no["user_code"], "allow": false})).await;
    let again = post(&simulator, "scans", json!({"code": no["user_code"], "allow": true})).await;

    assert_eq!(code(&again), (404, "unknown_scan"));
    let granted = call("poll", json!({"device_code": yes["device_code"]})).await;
    assert_eq!((&granted["status"], &granted["client_id"]), (&json!("SUCCESS"), &allowed.1["clientId"]));
    assert_eq!(call("poll", json!({"device_code": no["device_code"]})).await["status"], "FAIL");
    assert_eq!(get(&simulator, "state").await["scannable"], json!([]));
    let line = get(&simulator, "timeline").await["lines"].to_string();
    assert!(!line.contains(granted["client_secret"].as_str().unwrap()), "{line}");
}
