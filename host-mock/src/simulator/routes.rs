//! The paths of the page and of its interface.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use serde_json::{Value, json};

use super::body::Sent;
use super::door::{AllowedHosts, guard};
use super::refusal::Refusal;
use super::{Desk, act, assets, body, entry, faults, live, organisation, scenario, timeline};

/// The largest body: a file of 20 MB in Base64 (DingTalk protocol, §7.2).
const MAX_BODY: usize = 28 << 20;

/// How many things one answer lists, and at most.
const USUAL: usize = 100;
const MOST: usize = 1_000;

type Answer = Result<Json<Value>, Refusal>;
type Asked = Query<BTreeMap<String, String>>;

/// Every path, for the one who documents them.
#[cfg(test)]
pub(super) const PATHS: [(&str, &str); 14] = [
    ("GET", "/simulator/api/state"),
    ("GET", "/simulator/api/entries"),
    ("GET", "/simulator/api/files"),
    ("POST", "/simulator/api/messages"),
    ("POST", "/simulator/api/presses"),
    ("POST", "/simulator/api/scans"),
    ("POST", "/simulator/api/people"),
    ("POST", "/simulator/api/groups"),
    ("GET", "/simulator/api/faults"),
    ("POST", "/simulator/api/faults"),
    ("DELETE", "/simulator/api/faults"),
    ("GET", "/simulator/api/timeline"),
    ("GET", "/simulator/api/scenario"),
    ("GET", "/simulator/api/events"),
];

pub(super) fn router(desk: Arc<Desk>, hosts: AllowedHosts) -> Router {
    Router::new()
        .route("/", get(async || assets::file("index.html").ok_or_else(no_path)))
        .route("/simulator/api/state", get(state))
        .route("/simulator/api/entries", get(entries))
        .route("/simulator/api/files", get(files))
        .route("/simulator/api/messages", post(messages))
        .route("/simulator/api/presses", post(presses))
        .route("/simulator/api/scans", post(scans))
        .route("/simulator/api/people", post(people))
        .route("/simulator/api/groups", post(groups))
        .route("/simulator/api/faults", get(list_faults).post(turn_fault).delete(clear_faults))
        .route("/simulator/api/timeline", get(list_timeline))
        .route("/simulator/api/scenario", get(export))
        .route("/simulator/api/events", get(async |State(desk): State<Arc<Desk>>| live::events(desk)))
        .route("/simulator/{*rest}", get(asset).post(nothing).delete(nothing).put(nothing))
        .method_not_allowed_fallback(async || {
            Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "wrong_method", "this path takes other methods")
        })
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn_with_state(Arc::new(hosts), guard))
        .with_state(desk)
}

async fn asset(Path(name): Path<String>) -> Result<Response, Refusal> {
    assets::file(&name).ok_or_else(no_path)
}

async fn nothing() -> Refusal {
    no_path()
}

fn no_path() -> Refusal {
    Refusal::unknown("unknown_path", "there is no such path; docs/simulator-api.md lists them")
}

async fn state(State(desk): State<Arc<Desk>>) -> Answer {
    let dingtalk = desk.dingtalk()?;
    Ok(Json(dingtalk.look(|view| organisation::state(view, &dingtalk.base_url()))))
}

async fn entries(State(desk): State<Arc<Desk>>, Query(asked): Asked) -> Answer {
    let chat = asked.get("chat").ok_or_else(|| Refusal::bad("bad_query", "`chat` says which one"))?;
    let (before, limit) = page(&asked)?;
    desk.dingtalk()?.look(|view| {
        organisation::Chat::find(view, chat)?;
        Ok(Json(json!({"entries": entry::of_chat(view, chat, before, limit)})))
    })
}

async fn list_timeline(State(desk): State<Arc<Desk>>, Query(asked): Asked) -> Answer {
    let dingtalk = desk.dingtalk()?;
    if let Some(id) = asked.get("id") {
        return dingtalk.look(|view| timeline::detail(view, id)).map(Json);
    }
    let (before, limit) = page(&asked)?;
    Ok(Json(json!({"lines": dingtalk.look(|view| timeline::newest(view, before, limit))})))
}

/// `before` and `limit`, which every list takes.
fn page(asked: &BTreeMap<String, String>) -> Result<(u64, usize), Refusal> {
    let number = |name: &str, usual: u64| match asked.get(name) {
        Some(text) => text.parse().map_err(|_| Refusal::bad("bad_query", format!("`{name}` is a number"))),
        None => Ok(usual),
    };
    let limit = usize::try_from(number("limit", USUAL as u64)?).unwrap_or(MOST);
    if limit == 0 || limit > MOST {
        return Err(Refusal::bad("bad_query", format!("`limit` is 1 to {MOST}")));
    }
    Ok((number("before", u64::MAX)?, limit))
}

async fn messages(State(desk): State<Arc<Desk>>, body: Sent) -> Answer {
    let dingtalk = desk.dingtalk()?;
    act::say(&desk, &dingtalk, &body::read(body)?).map(Json)
}

async fn presses(State(desk): State<Arc<Desk>>, body: Sent) -> Answer {
    act::press(&*desk.dingtalk()?, &body::read(body)?).map(Json)
}

async fn scans(State(desk): State<Arc<Desk>>, body: Sent) -> Answer {
    act::scan(&*desk.dingtalk()?, &body::read(body)?).map(Json)
}

async fn people(State(desk): State<Arc<Desk>>, body: Sent) -> Answer {
    organisation::add_person(&*desk.dingtalk()?, &body::read(body)?).map(Json)
}

async fn groups(State(desk): State<Arc<Desk>>, body: Sent) -> Answer {
    organisation::add_group(&*desk.dingtalk()?, &body::read(body)?).map(Json)
}

async fn list_faults(State(desk): State<Arc<Desk>>) -> Json<Value> {
    Json(faults::list(&desk))
}

async fn turn_fault(State(desk): State<Arc<Desk>>, body: Sent) -> Answer {
    let flip: body::Flip = body::read(body)?;
    faults::turn(&desk, &*desk.dingtalk()?, &flip.name, flip.wish())?;
    Ok(Json(faults::list(&desk)))
}

async fn clear_faults(State(desk): State<Arc<Desk>>) -> Answer {
    faults::all_off(&desk, &*desk.dingtalk()?)?;
    Ok(Json(faults::list(&desk)))
}

async fn export(State(desk): State<Arc<Desk>>) -> Answer {
    let dingtalk = desk.dingtalk()?;
    Ok(Json(json!(scenario::export(&desk, &dingtalk))))
}

/// A file that a person or a robot sent. Only a picture is shown as what it is.
async fn files(State(desk): State<Arc<Desk>>, Query(asked): Asked) -> Result<Response, Refusal> {
    let bytes = desk.dingtalk()?.look(|view| match (asked.get("code"), asked.get("media")) {
        (Some(code), _) => view.offered(code).map(<[u8]>::to_vec),
        (None, Some(id)) => view.uploads().iter().find(|it| it.media_id == *id).map(|it| it.bytes.clone()),
        (None, None) => None,
    });
    let bytes = bytes.ok_or_else(|| Refusal::unknown("unknown_file", "there is no such file"))?;
    Ok(match picture(&bytes) {
        Some(kind) => ([(header::CONTENT_TYPE, kind)], bytes).into_response(),
        None => {
            let headers = [
                (header::CONTENT_TYPE, "application/octet-stream"),
                (header::CONTENT_DISPOSITION, "attachment"),
            ];
            (headers, bytes).into_response()
        }
    })
}

/// The type of a picture that cannot hold a script.
fn picture(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [b'B', b'M', ..] => Some("image/bmp"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}
