//! What it answers to calls.

use super::{FILE, Shared, TOKEN_S};
use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use std::sync::{Arc, atomic::Ordering::Relaxed};

/// The account that a client id is of.
fn account_of(client_id: &Value) -> Option<usize> {
    client_id.as_str()?.trim_start_matches(|letter: char| !letter.is_ascii_digit()).parse().ok()
}

pub(super) async fn open(State(shared): State<Arc<Shared>>, Json(asked): Json<Value>) -> Response {
    let Some(account) = account_of(&asked["clientId"]) else { return refusal() };
    let endpoint = format!("{}/connect/{account}", shared.base.replacen("http", "ws", 1));
    Json(json!({"endpoint": endpoint, "ticket": "soak"})).into_response()
}

pub(super) async fn token(State(shared): State<Arc<Shared>>, Json(asked): Json<Value>) -> Response {
    let Some(number) = account_of(&asked["appKey"]) else { return refusal() };
    let Some(account) = shared.account(number) else { return refusal() };
    let token = account.newest_token.fetch_add(1, Relaxed) + 1;
    shared.counts.tokens.fetch_add(1, Relaxed);
    Json(json!({"accessToken": format!("{number}-{token}"), "expireIn": TOKEN_S})).into_response()
}

pub(super) async fn locate(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    if !shared.admits(&headers) {
        return refusal();
    }
    Json(json!({"downloadUrl": format!("{}/file", shared.base)})).into_response()
}

pub(super) async fn file(State(shared): State<Arc<Shared>>) -> Vec<u8> {
    shared.counted(|counts| &counts.files);
    vec![b'.'; FILE]
}

/// Every other call succeeds, and two of them are counted.
pub(super) async fn call(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !shared.admits(&headers) {
        return refusal();
    }
    if uri.path().ends_with("/createAndDeliver") {
        shared.counted(|counts| &counts.cards);
    } else if method == Method::PUT && uri.path() == "/v1.0/card/instances" {
        let said = serde_json::from_slice::<Value>(&body).unwrap_or_default();
        if said["cardData"]["cardParamMap"]["flowStatus"] == "3" {
            shared.counted(|counts| &counts.closed);
        }
    }
    let delivered = json!([{"success": true, "carrierId": "soak"}]);
    Json(json!({"success": true, "result": {"outTrackId": "soak", "deliverResults": delivered}}))
        .into_response()
}

fn refusal() -> Response {
    let said = json!({"code": "InvalidAuthentication", "message": "the token does not serve"});
    (StatusCode::UNAUTHORIZED, Json(said)).into_response()
}
