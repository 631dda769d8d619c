//! What went over the line: calls, pushes, and what became of connections.

use serde_json::{Value, json};

use super::refusal::Refusal;
use crate::dingtalk::{Call, Change, Changed, Push, View, millis};

/// The newest lines before a place in the order, oldest first.
pub(super) fn newest(view: View<'_>, before: u64, limit: usize) -> Vec<Value> {
    let calls = view.calls().rev().filter(|it| it.arrived.seq < before).take(limit).map(|it| call(view, it));
    let pushes = view.pushes().rev().filter(|it| it.queued.seq < before).take(limit).map(|it| push(view, it));
    let notes = view.journal().rev().filter(|it| it.moment.seq < before && is_note(it)).take(limit);
    let mut lines: Vec<_> = calls.chain(pushes).chain(notes.map(|it| note(view, it))).collect();
    lines.sort_unstable_by_key(|line| line["seq"].as_u64());
    lines.split_off(lines.len().saturating_sub(limit))
}

/// Whether a change is a line by itself, and not part of a call's or a push's.
pub(super) fn is_note(change: &Change) -> bool {
    matches!(change.what, Changed::Connection(_) | Changed::Violation | Changed::Fault)
}

pub(super) fn note(view: View<'_>, change: &Change) -> Value {
    let lane = match change.what {
        Changed::Violation => "violation",
        Changed::Fault => "fault",
        _ => "connection",
    };
    json!({
        "id": format!("note-{}", change.moment.seq), "seq": change.moment.seq, "lane": lane,
        "at": view.epoch_ms(change.moment.at), "label": change.line,
        "state": if lane == "violation" { "error" } else { "note" },
    })
}

pub(super) fn call(view: View<'_>, call: &Call) -> Value {
    let state = match call.status {
        None if call.abandoned => "abandoned",
        None => "open",
        Some(101) => "ok",
        Some(_) if call.succeeded() => "ok",
        Some(_) => "error",
    };
    let took = call.answered.map(|answered| millis(answered.at.saturating_sub(call.arrived.at)));
    json!({
        "id": format!("call-{}", call.arrived.seq), "seq": call.arrived.seq, "lane": "api",
        "at": view.epoch_ms(call.arrived.at), "label": call.path, "method": call.method,
        "state": state, "status": call.status, "code": call.error_code().filter(|_| state == "error"),
        "ms": took,
    })
}

pub(super) fn push(view: View<'_>, push: &Push) -> Value {
    let ack = push.ack();
    let state = match (ack, push.deliveries.last()) {
        (Some(ack), _) if ack.code == 200 => "ok",
        (Some(_), _) => "error",
        (None, Some(delivery)) if delivery.swallowed => "abandoned",
        _ if push.lost => "abandoned",
        _ => "open",
    };
    let times = push.deliveries.len();
    json!({
        "id": format!("push-{}", push.queued.seq), "seq": push.queued.seq, "lane": "frame",
        "at": view.epoch_ms(push.queued.at), "label": push.topic, "state": state, "times": times,
        "method": format!("{:?}", push.kind).to_uppercase(),
        "status": ack.map(|ack| ack.code), "ms": ack.map(|ack| millis(ack.latency)),
    })
}

/// One line with all that belongs to it.
pub(super) fn detail(view: View<'_>, id: &str) -> Result<Value, Refusal> {
    let unknown = || Refusal::unknown("unknown_line", format!("the timeline has no line {id:?} any more"));
    let (kind, seq) = id.split_once('-').ok_or_else(unknown)?;
    let seq: u64 = seq.parse().map_err(|_| unknown())?;
    match kind {
        "call" => {
            let found = view.calls().rev().find(|it| it.arrived.seq == seq).ok_or_else(unknown)?;
            let mut line = call(view, found);
            let token = found.token.as_ref().map(|_| "<token>");
            line["request"] = json!({"query": queries(found), "token": token, "body": hidden(&found.body)});
            line["answer"] = hidden(&found.answer);
            Ok(line)
        }
        "push" => {
            let found = view.pushes().rev().find(|it| it.queued.seq == seq).ok_or_else(unknown)?;
            let mut line = push(view, found);
            line["data"] = hidden(&found.data);
            let deliveries = found.deliveries.iter().map(|it| {
                json!({"messageId": it.message_id, "connection": it.connection.0, "at": view.epoch_ms(it.sent.at),
                    "swallowed": it.swallowed,
                    "ack": it.ack.as_ref().map(|ack| json!({"code": ack.code, "data": ack.data,
                        "ms": millis(ack.latency)}))})
            });
            line["deliveries"] = deliveries.collect();
            Ok(line)
        }
        "note" => {
            let found = view.journal().rev().find(|it| it.moment.seq == seq && is_note(it));
            found.map(|it| note(view, it)).ok_or_else(unknown)
        }
        _ => Err(unknown()),
    }
}

/// The query without what opens doors.
fn queries(call: &Call) -> Value {
    let shown = call.query.iter().map(|(key, value)| {
        let secret = matches!(key.as_str(), "access_token" | "ticket" | "session" | "appsecret");
        (key.clone(), if secret { "<hidden>".to_owned() } else { value.clone() })
    });
    Value::Object(shown.map(|(key, value)| (key, json!(value))).collect())
}

/// A body without what opens doors: a bot that is developed here may have its real credentials at hand.
fn hidden(body: &Value) -> Value {
    const SECRETS: [&str; 8] = [
        "accessToken",
        "access_token",
        "appSecret",
        "clientSecret",
        "client_secret",
        "device_code",
        "ticket",
        "downloadUrl",
    ];
    match body {
        Value::Object(fields) => {
            let shown = fields.iter().map(|(key, value)| {
                let shown = match value {
                    Value::String(_) if SECRETS.contains(&key.as_str()) => json!("<hidden>"),
                    Value::String(address) if key == "sessionWebhook" => json!(without_session(address)),
                    other => hidden(other),
                };
                (key.clone(), shown)
            });
            Value::Object(shown.collect())
        }
        Value::Array(items) => items.iter().map(hidden).collect(),
        other => other.clone(),
    }
}

/// Where a webhook is, without the session: whoever has that can write into the chat.
fn without_session(address: &str) -> String {
    address
        .split_once("session=")
        .map_or_else(|| "<hidden>".to_owned(), |(place, _)| format!("{place}session=<hidden>"))
}
