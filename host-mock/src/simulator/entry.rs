//! What stands in a chat: what people wrote, what robots sent, and cards.

use serde_json::{Map, Value, json};

use crate::dingtalk::{Aside, Card, CardState, Carrier, Message, Push, View};

/// One thing in a chat, in the one order of everything; what it shows is worked out when it is asked for.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) chat: String,
    /// Its place in the one order.
    pub(super) seq: u64,
    what: What,
}

/// Which thing, by what finds it again.
#[derive(Clone)]
enum What {
    Written { seq: u64 },
    Aside,
    Sent,
    Card { out_track_id: String },
}

/// The topic of messages to robots.
const ROBOT_TOPIC: &str = "/v1.0/im/bot/messages/get";

/// Everything in all chats, in no order.
pub(super) fn all(view: View<'_>) -> impl Iterator<Item = Entry> {
    let written = view.pushes().filter_map(Entry::written);
    let asides = view.asides().map(Entry::aside);
    let sent = view.messages().map(Entry::sent);
    let cards = view.cards().flat_map(Entry::cards);
    written.chain(asides).chain(sent).chain(cards)
}

/// The newest things of a chat before a place in the order, oldest first.
pub(super) fn of_chat(view: View<'_>, chat: &str, before: u64, limit: usize) -> Vec<Value> {
    let mut found: Vec<_> = all(view).filter(|entry| entry.chat == chat && entry.seq < before).collect();
    found.sort_unstable_by_key(|entry| entry.seq);
    let beginning = found.len().saturating_sub(limit);
    found.drain(beginning..).map(|entry| entry.json(view)).collect()
}

impl Entry {
    /// A robot message that was pushed, if it is one.
    pub(super) fn written(push: &Push) -> Option<Self> {
        let chat = push.conversation().filter(|_| push.topic == ROBOT_TOPIC)?.to_owned();
        let seq = push.queued.seq;
        Some(Self { chat, seq, what: What::Written { seq } })
    }

    pub(super) fn aside(aside: &Aside) -> Self {
        Self { chat: aside.conversation.clone(), seq: aside.said.seq, what: What::Aside }
    }

    pub(super) fn sent(message: &Message) -> Self {
        Self { chat: message.conversation.clone(), seq: message.sent.seq, what: What::Sent }
    }

    /// A card wherever it is shown.
    pub(super) fn cards(card: &Card) -> impl Iterator<Item = Self> {
        card.carriers.iter().map(|carrier| Self {
            chat: carrier.conversation.clone(),
            seq: carrier.delivered.seq,
            what: What::Card { out_track_id: card.out_track_id.clone() },
        })
    }

    /// As people see it.
    pub(super) fn json(self, view: View<'_>) -> Value {
        let shown = match &self.what {
            What::Written { seq } => {
                view.pushes().rev().find(|push| push.queued.seq == *seq).map(|push| written(view, push))
            }
            What::Aside => {
                view.asides().rev().find(|aside| aside.said.seq == self.seq).map(|it| aside(view, it))
            }
            What::Sent => {
                view.messages().rev().find(|message| message.sent.seq == self.seq).map(|it| sent(view, it))
            }
            What::Card { out_track_id } => view.card(out_track_id).and_then(|card| {
                let carrier = card.carriers.iter().find(|it| it.delivered.seq == self.seq)?;
                Some(show_card(view, card, carrier))
            }),
        };
        let mut shown = shown.unwrap_or_default();
        (shown["chat"], shown["seq"]) = (json!(self.chat), json!(self.seq));
        shown
    }
}

fn person(view: View<'_>, staff_id: &str, nick: &str) -> Value {
    let known = view.people().iter().find(|person| person.staff_id == staff_id);
    json!({"kind": "person", "id": staff_id, "name": known.map_or(nick, |person| &person.nick)})
}

fn robot(view: View<'_>, client_id: &str) -> Value {
    let name = view.apps().iter().find(|app| app.client_id == client_id).map(|app| &app.name);
    json!({"kind": "robot", "id": client_id, "name": name})
}

fn written(view: View<'_>, push: &Push) -> Value {
    let data = &push.data;
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut shown = json!({
        "id": push.id, "key": push.queued.seq.to_string(), "at": view.epoch_ms(push.queued.at),
        "from": person(view, &word(&data["senderStaffId"]), &word(&data["senderNick"])),
        "to": robot(view, &push.app), "delivery": delivery(push),
        "reactions": reactions(view, &push.id),
    });
    if let Some(quoted) = data["text"].get("repliedMsg") {
        let content = &quoted["content"];
        let text = content["text"].as_str().or_else(|| content["title"].as_str()).unwrap_or_default();
        shown["quote"] = json!({"text": text, "kind": quoted["msgType"]});
    }
    let content = &data["content"];
    let fields = match data["msgtype"].as_str().unwrap_or_default() {
        "text" => json!({"kind": "text", "text": word(&data["text"]["content"]).trim_start()}),
        "picture" => json!({"kind": "picture", "pictures": [file_url(content)]}),
        "richText" => rich(content),
        "file" => json!({"kind": "file", "name": content["fileName"], "url": file_url(content)}),
        "audio" => {
            json!({"kind": "voice", "text": content["recognition"], "durationMs": content["duration"]})
        }
        "video" => json!({"kind": "video", "durationMs": content["duration"]}),
        other => json!({"kind": "other", "text": other}),
    };
    merge(&mut shown, fields);
    if data.get("errorCode").is_some() {
        shown["withheld"] = json!(true);
    }
    shown
}

fn rich(content: &Value) -> Value {
    let items = content["richText"].as_array().map(Vec::as_slice).unwrap_or_default();
    let text: Vec<_> = items.iter().filter_map(|item| item["text"].as_str()).collect();
    let pictures: Vec<_> =
        items.iter().filter(|item| item.get("downloadCode").is_some()).map(file_url).collect();
    json!({"kind": "picture", "text": text.join("").trim_start(), "pictures": pictures})
}

/// Where the page finds a file that a person sent.
fn file_url(content: &Value) -> Value {
    content["downloadCode"]
        .as_str()
        .map_or(Value::Null, |code| json!(format!("/simulator/api/files?code={}", escape(code))))
}

/// A value of a query.
fn escape(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut escaped, byte| {
        if byte.is_ascii_alphanumeric() {
            escaped.push(char::from(byte));
        } else {
            // A String takes everything.
            let _ = write!(escaped, "%{byte:02X}");
        }
        escaped
    })
}

/// How far a push has come.
fn delivery(push: &Push) -> Value {
    let state = match push.deliveries.last() {
        _ if push.ack().is_some() => "acked",
        _ if push.lost => "lost",
        None => "waiting",
        Some(delivery) if delivery.swallowed => "swallowed",
        Some(_) => "sent",
    };
    let ms = push.ack().map(|ack| crate::dingtalk::millis(ack.latency));
    json!({"state": state, "ms": ms, "times": push.deliveries.len()})
}

fn reactions(view: View<'_>, msg_id: &str) -> Vec<String> {
    let there = view.reactions().filter(|it| it.msg_id == msg_id && it.recalled.is_none());
    there.map(|it| it.name.clone()).collect()
}

fn aside(view: View<'_>, aside: &Aside) -> Value {
    json!({
        "key": aside.said.seq.to_string(), "at": view.epoch_ms(aside.said.at), "kind": "text",
        "from": person(view, &aside.staff_id, &aside.staff_id), "text": aside.text, "aside": true,
    })
}

fn sent(view: View<'_>, message: &Message) -> Value {
    let mut shown = json!({
        "id": message.process_query_key, "key": message.sent.seq.to_string(),
        "at": view.epoch_ms(message.sent.at), "from": robot(view, &message.app),
        "recalled": message.recalled.is_some(), "via": message.kind, "mentions": message.at_user_ids,
    });
    let content = &message.content;
    let media = |key: &str| content[key].as_str().map_or(Value::Null, media_url);
    let fields = match message.kind.as_str() {
        "text" | "sampleText" => json!({"kind": "text", "text": message.text()}),
        "sampleImageMsg" => json!({"kind": "picture", "pictures": [media("photoURL")]}),
        "sampleAudio" => json!({"kind": "voice", "durationMs": content["duration"]}),
        "sampleFile" => json!({"kind": "file", "name": content["fileName"], "url": media("mediaId")}),
        "sampleVideo" => json!({"kind": "video", "durationMs": content["duration"]}),
        _ => json!({"kind": "markdown", "text": message.text(), "title": content["title"]}),
    };
    merge(&mut shown, fields);
    shown
}

/// Where the page finds a file that a robot uploaded; nothing is fetched from elsewhere.
fn media_url(id: &str) -> Value {
    if id.starts_with("http") {
        Value::Null
    } else {
        json!(format!("/simulator/api/files?media={}", escape(id)))
    }
}

fn show_card(view: View<'_>, card: &Card, carrier: &Carrier) -> Value {
    json!({
        "id": card.out_track_id, "key": carrier.delivered.seq.to_string(),
        "at": view.epoch_ms(carrier.delivered.at), "from": robot(view, &card.app), "kind": "card",
        "text": card.text(), "state": state(card), "buttons": buttons(card),
        "recalled": card.recalled.is_some(), "steps": card.history.len(),
        "tookMs": crate::dingtalk::millis(
            card.history.last().map_or(card.created.at, |step| step.moment.at).saturating_sub(card.created.at)
        ),
    })
}

fn state(card: &Card) -> &'static str {
    match card.state {
        CardState::Processing => "processing",
        CardState::Inputting => "inputting",
        CardState::Finished => "finished",
        CardState::Executing => "executing",
        CardState::Failed => "failed",
    }
}

/// The buttons that the template's variables ask for (DingTalk protocol, §8.7).
pub(super) fn buttons(card: &Card) -> Vec<Value> {
    let layout: Value = card
        .data
        .get("sys_full_json_obj")
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    let asked = layout["order"].as_array().is_some_and(|order| order.iter().any(|it| it == "msgButtons"));
    if let Some(buttons) = layout["msgButtons"].as_array().filter(|_| asked) {
        let shown = buttons.iter().filter(|button| button["id"].is_string());
        return shown.map(|button| json!({"id": button["id"], "text": button["text"]})).collect();
    }
    let has = card.data.get("stop_action").is_some_and(|value| value == "true");
    if has { vec![json!({"id": "stop", "text": Value::Null})] } else { Vec::new() }
}

fn merge(shown: &mut Value, fields: Value) {
    let (Some(shown), Value::Object(fields)) = (shown.as_object_mut(), fields) else { return };
    shown.extend::<Map<String, Value>>(fields);
}
