//! Replies through the `sessionWebhook` (DingTalk protocol, §5).

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::answer::Refusal;
use super::record::{Message, Via};
use super::request::{Content, Fields, Request};
use super::secrecy::SESSION;
use super::world::World;

/// The largest body, in bytes (DingTalk protocol, §5.3).
const MAX_BODY: usize = 20_000;

/// The sessions of the messages that were pushed; bounded by the test.
#[derive(Debug, Default)]
pub(super) struct WebhookBook {
    sessions: BTreeMap<String, Session>,
    made: u64,
}

/// Where a session leads.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Session {
    pub(super) app: String,
    pub(super) conversation: String,
    until: Duration,
}

impl WebhookBook {
    /// The name of a new session, which works until a time.
    pub(super) fn open(&mut self, app: &str, conversation: &str, until: Duration) -> String {
        self.made += 1;
        let name = format!("{SESSION}{:023}", self.made);
        let session = Session { app: app.into(), conversation: conversation.into(), until };
        self.sessions.insert(name.clone(), session);
        name
    }

    pub(super) fn session(&self, name: &str, now: Duration) -> Option<&Session> {
        self.sessions.get(name).filter(|session| now < session.until)
    }

    /// Ends every session at once.
    pub(super) fn expire(&mut self) {
        self.sessions.clear();
    }
}

/// `POST /robot/sendBySession`; every failure is HTTP 200 (DingTalk protocol, §5.2).
pub(super) fn send(world: &mut World, request: &Request) -> Result<Value, Refusal> {
    let name = request.query.get("session").map(String::as_str).unwrap_or_default();
    let session = world
        .webhooks
        .session(name, world.clock.now())
        .cloned()
        .ok_or_else(|| Refusal::oapi(300_001, "session 不存在"))?;
    let posted = read(request)?;
    let process_query_key = world.process_query_key();
    // "empty" says nothing (DingTalk protocol, §5.1).
    if posted.kind != "empty" {
        let message = Message {
            sent: world.moment(),
            via: Via::Webhook,
            app: session.app,
            conversation: session.conversation,
            kind: posted.kind.to_owned(),
            content: posted.content,
            at_user_ids: posted.at_user_ids,
            process_query_key: process_query_key.clone(),
            recalled: None,
        };
        world.record.message(message);
    }
    Ok(json!({"errcode": 0, "errmsg": "ok", "processQueryKey": process_query_key}))
}

/// What a valid body says.
#[derive(Debug)]
struct Posted<'a> {
    kind: &'a str,
    content: Value,
    at_user_ids: Vec<String>,
}

/// Checks a body in the order in which the service's gateway and robot would.
fn read(request: &Request) -> Result<Posted<'_>, Refusal> {
    if !request.content_type.as_deref().is_some_and(|kind| kind.starts_with("application/json")) {
        return Err(Refusal::oapi(43004, "无效的HTTP HEADER Content-Type"));
    }
    let Content::Json { bytes, .. } = &request.body else {
        return Err(Refusal::oapi(40035, "不合法的参数"));
    };
    if *bytes > MAX_BODY {
        return Err(Refusal::oapi(460_101, "message too long, exceed 20000 bytes"));
    }
    let fields = request.fields();
    let kind = fields.filled("msgtype").ok_or_else(|| Refusal::oapi(40035, "缺少参数 msgtype"))?;
    let needed = needed_fields(kind).ok_or_else(|| Refusal::oapi(400_105, "msgtype is not supported"))?;
    let content = fields.object(kind);
    for key in needed {
        if !content.is_some_and(|content| is_filled(content, key)) {
            return Err(Refusal::oapi(40035, &format!("缺少参数 {kind}.{key}")));
        }
    }
    let at = fields.object("at").and_then(|at| at.texts("atUserIds")).unwrap_or_default();
    Ok(Posted {
        kind,
        content: fields.value(kind).cloned().unwrap_or_default(),
        at_user_ids: at.into_iter().map(str::to_owned).collect(),
    })
}

fn is_filled(content: Fields<'_>, key: &str) -> bool {
    content.filled(key).is_some() || content.value(key).is_some_and(Value::is_array)
}

/// The fields without which a message of this type says nothing; `None` for a type that the webhook
/// does not support (DingTalk protocol, §5.1).
fn needed_fields(kind: &str) -> Option<&'static [&'static str]> {
    Some(match kind {
        "text" => &["content"],
        "markdown" | "actionCard" => &["title", "text"],
        "link" => &["title", "text", "messageUrl"],
        "feedCard" => &["links"],
        "empty" => &[],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(body: Value) -> Request {
        let bytes = body.to_string().len();
        Request {
            method: "POST".into(),
            path: "/robot/sendBySession".into(),
            query: BTreeMap::new(),
            content_type: Some("application/json".into()),
            header_token: None,
            body: Content::Json { value: body, bytes },
        }
    }

    #[track_caller]
    fn errcode(request: &Request) -> i64 {
        match read(request) {
            Ok(_) => 0,
            Err(Refusal::Oapi { errcode, .. }) => errcode,
            Err(other) => panic!("not in the webhook's words: {other:?}"),
        }
    }

    #[test]
    fn markdown_needs_title_and_text() {
        assert_eq!(
            errcode(&request(json!({"msgtype": "markdown", "markdown": {"title": "a", "text": "b"}}))),
            0
        );
        assert_eq!(errcode(&request(json!({"msgtype": "markdown", "markdown": {"text": "b"}}))), 40035);
    }

    #[test]
    fn files_cannot_be_sent() {
        assert_eq!(errcode(&request(json!({"msgtype": "file", "file": {"mediaId": "@m"}}))), 400_105);
    }

    #[test]
    fn bodies_are_limited_in_bytes() {
        let body = |count| request(json!({"msgtype": "text", "text": {"content": "界".repeat(count)}}));

        assert_eq!(errcode(&body(6_000)), 0);
        assert_eq!(errcode(&body(7_000)), 460_101);
    }

    #[test]
    fn the_content_type_must_be_json() {
        let mut plain = request(json!({"msgtype": "empty"}));
        assert_eq!(errcode(&plain), 0);
        plain.content_type = Some("text/plain".into());
        assert_eq!(errcode(&plain), 43004);
    }

    #[test]
    fn a_session_ends_when_its_time_is_over() {
        let mut book = WebhookBook::default();
        let name = book.open("app", "cid", Duration::from_secs(10));

        assert!(book.session(&name, Duration::from_secs(9)).is_some());
        assert!(book.session(&name, Duration::from_secs(10)).is_none());
        book.expire();
        assert!(book.session(&name, Duration::ZERO).is_none());
    }
}
