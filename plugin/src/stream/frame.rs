//! What travels on the Stream socket: DingTalk's envelope, read leniently, and the answers to it.

use crate::{
    api::gateway::{CARD, ROBOT},
    json,
};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::borrow::Cow;

/// A frame from DingTalk, told apart by what it asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// The id of this push, for the answer. Not the message's: a message that is pushed again
    /// comes with a new one.
    pub(crate) message_id: Option<String>,
    /// What it is.
    pub(crate) body: Body,
}

/// What a frame asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// A sign of life, to be echoed.
    Ping {
        /// What to echo, byte for byte.
        data: String,
    },
    /// DingTalk will close this connection in about ten seconds and delivers nothing on it
    /// meanwhile.
    Disconnect {
        /// Why, in DingTalk's words.
        reason: String,
    },
    /// A message to the robot.
    Robot {
        /// The message as JSON text.
        data: String,
    },
    /// Somebody did something to a card.
    CardCallback {
        /// What they did, as JSON text.
        data: String,
    },
    /// Something happened in the organisation.
    Event {
        /// Which kind of event.
        kind: String,
    },
    /// Something this version does not know.
    Unknown {
        /// `SYSTEM`, `EVENT`, `CALLBACK` or something new.
        kind: String,
        /// Its topic.
        topic: String,
    },
}

/// When a frame is answered, and with what. Every frame has exactly one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// At once.
    Now(Ack),
    /// Once the host has taken the message.
    WhenAccepted(Ack),
    /// Once it is known what the card shows, and within DingTalk's two seconds; the default is
    /// what is sent when that takes longer.
    WhenActed(Ack),
    /// Not at all: there is no id to answer to.
    Never,
}

/// An answer to a frame, on the connection that delivered it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ack {
    code: u16,
    message_id: Option<String>,
    message: &'static str,
    data: Cow<'static, str>,
}

impl Frame {
    /// Reads a frame. Unknown keys are ignored, and everything but JSON itself may be missing.
    ///
    /// # Errors
    /// When the text is not a JSON object of the envelope's types.
    pub(crate) fn decode(text: &str) -> serde_json::Result<Self> {
        let envelope: Envelope = json::from_str(text)?;
        let Envelope { kind, headers, data } = envelope;
        let headers = headers.unwrap_or_default();
        let topic = headers.topic.unwrap_or_default();
        let body = match (kind.as_str(), topic.as_str()) {
            ("SYSTEM", "ping") => Body::Ping { data },
            ("SYSTEM", "disconnect") => Body::Disconnect { reason: reason(&data) },
            ("CALLBACK", ROBOT) => Body::Robot { data },
            ("CALLBACK", CARD) => Body::CardCallback { data },
            ("EVENT", _) => Body::Event { kind: headers.event_type.unwrap_or(topic) },
            _ => Body::Unknown { kind, topic },
        };
        Ok(Self { message_id: headers.message_id.filter(|id| !id.is_empty()), body })
    }

    /// The answer this frame gets.
    pub(crate) fn answer(&self) -> Answer {
        let ack = |code, message, data: Cow<'static, str>| Ack {
            code,
            message_id: self.message_id.clone(),
            message,
            data,
        };
        match (&self.body, &self.message_id) {
            (Body::Ping { data }, _) => Answer::Now(ack(200, "OK", data.clone().into())),
            (_, None) => Answer::Never,
            (Body::Robot { .. }, _) => Answer::WhenAccepted(ack(200, "OK", r#"{"response":null}"#.into())),
            (Body::CardCallback { .. }, _) => Answer::WhenActed(ack(200, "OK", r#"{"response":{}}"#.into())),
            (Body::Event { .. }, _) => {
                Answer::Now(ack(200, "OK", r#"{"status":"SUCCESS","message":"success"}"#.into()))
            }
            // Unanswered, some gateways repeat it.
            (Body::Disconnect { .. }, _) => Answer::Now(ack(200, "OK", r#"{"response":null}"#.into())),
            // SYSTEM topics come and go; an error for one might end the connection.
            (Body::Unknown { kind, .. }, _) if kind == "SYSTEM" => {
                Answer::Now(ack(200, "OK", r#"{"response":null}"#.into()))
            }
            (Body::Unknown { .. }, _) => Answer::Now(ack(404, "not handled", r#"{"response":null}"#.into())),
        }
    }
}

impl Ack {
    /// The same answer, with what the card is to show: a JSON object as text. What is not JSON
    /// is left out.
    #[must_use]
    pub(crate) fn with_response(mut self, response: &str) -> Self {
        if let Ok(response) = serde_json::from_str::<Value>(response) {
            self.data = serde_json::json!({ "response": response }).to_string().into();
        }
        self
    }

    /// The frame to send.
    pub(crate) fn to_text(&self) -> String {
        let headers = AckHeaders { content_type: "application/json", message_id: self.message_id.as_deref() };
        let ack = AckEnvelope { code: self.code, headers, message: self.message, data: &self.data };
        serde_json::to_string(&ack).unwrap_or_default() // texts and a number: it cannot fail
    }
}

/// A frame as DingTalk sends it: the
/// [Stream protocol](https://opensource.dingtalk.com/developerpedia/docs/learn/stream/protocol)'s envelope.
#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "type", default, deserialize_with = "text_of_any")]
    kind: String,
    #[serde(default, alias = "header")] // one of DingTalk's samples spells it so
    headers: Option<Headers>,
    #[serde(default, deserialize_with = "text_of_any")]
    data: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Headers {
    #[serde(deserialize_with = "maybe_text_of_any")]
    topic: Option<String>,
    #[serde(deserialize_with = "maybe_text_of_any")]
    message_id: Option<String>,
    #[serde(deserialize_with = "maybe_text_of_any")]
    event_type: Option<String>,
}

#[derive(Serialize)]
struct AckEnvelope<'a> {
    code: u16,
    headers: AckHeaders<'a>,
    message: &'a str,
    data: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AckHeaders<'a> {
    content_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<&'a str>,
}

/// Text as it is, anything else as JSON text: `data` is documented as a string and was seen as an
/// object.
fn text_of_any<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    maybe_text_of_any(deserializer).map(Option::unwrap_or_default)
}

fn maybe_text_of_any<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    })
}

fn reason(data: &str) -> String {
    let data: Value = json::from_str(data).unwrap_or_default();
    data["reason"].as_str().unwrap_or("no reason given").chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn frame(value: &Value) -> Frame {
        Frame::decode(&value.to_string()).unwrap()
    }

    fn answered(frame: &Frame) -> Value {
        match frame.answer() {
            Answer::Now(ack) | Answer::WhenAccepted(ack) | Answer::WhenActed(ack) => {
                serde_json::from_str(&ack.to_text()).unwrap()
            }
            Answer::Never => Value::Null,
        }
    }

    #[test]
    fn a_ping_is_echoed_byte_for_byte() {
        let ping = frame(&json!({
            "specVersion": "1.0", "type": "SYSTEM",
            "headers": {"topic": "ping", "contentType": "application/json", "messageId": "m1", "time": "1"},
            "data": "{\"opaque\":  \"9c1f\"}",
        }));
        assert_eq!(
            answered(&ping),
            json!({
                "code": 200,
                "headers": {"contentType": "application/json", "messageId": "m1"},
                "message": "OK",
                "data": "{\"opaque\":  \"9c1f\"}",
            })
        );
    }

    #[test]
    fn data_may_be_an_object_and_headers_may_be_missing_or_numbers() {
        let robot = frame(&json!({
            "type": "CALLBACK",
            "headers": {"topic": "/v1.0/im/bot/messages/get", "messageId": 7, "time": 1790000000123u64},
            "data": {"msgId": "x"}, "time": 1, "novelty": [],
        }));
        assert_eq!(robot.message_id.as_deref(), Some("7"));
        assert_eq!(robot.body, Body::Robot { data: "{\"msgId\":\"x\"}".into() });
        for bare in [json!({"type": "NEW"}), json!({"type": null, "headers": null, "data": null}), json!({})]
        {
            assert_eq!(frame(&bare).answer(), Answer::Never);
        }
    }

    #[test]
    fn a_robot_message_is_answered_only_once_it_is_accepted() {
        let robot =
            frame(&json!({"type": "CALLBACK", "headers": {"topic": ROBOT, "messageId": "m"}, "data": "{}"}));
        assert!(matches!(robot.answer(), Answer::WhenAccepted(_)));
        assert_eq!(answered(&robot)["data"], "{\"response\":null}");
    }

    #[test]
    fn an_event_is_answered_with_success_whatever_its_topic() {
        let event = frame(
            &json!({"type": "EVENT", "header": {"topic": "dingTalk", "messageId": "e", "eventType": "bpms"}}),
        );
        assert_eq!(event.body, Body::Event { kind: "bpms".into() });
        let data: Value = serde_json::from_str(answered(&event)["data"].as_str().unwrap()).unwrap();
        assert_eq!(data["status"], "SUCCESS");
    }

    #[test]
    fn a_cards_answer_is_empty_unless_the_host_says_what_it_shows() {
        let card =
            frame(&json!({"type": "CALLBACK", "headers": {"topic": CARD, "messageId": "m"}, "data": "{}"}));
        let Answer::WhenActed(ack) = card.answer() else { panic!() };
        assert!(ack.to_text().contains(r#""data":"{\"response\":{}}""#));
        let shown = ack.clone().with_response(r#"{"cardData":{}}"#).to_text();
        assert!(shown.contains(r#"{\"response\":{\"cardData\":{}}}"#));
        assert_eq!(ack.clone().with_response("not json"), ack);
    }

    #[test]
    fn an_unknown_topic_is_named_and_answered() {
        let unknown = frame(&json!({"type": "CALLBACK", "headers": {"topic": "/v9/x", "messageId": "m"}}));
        assert_eq!(unknown.body, Body::Unknown { kind: "CALLBACK".into(), topic: "/v9/x".into() });
        assert_eq!(answered(&unknown)["code"], 404);
        let system = frame(&json!({"type": "SYSTEM", "headers": {"topic": "KEEPALIVE", "messageId": "m"}}));
        assert_eq!(answered(&system)["code"], 200);
    }

    #[test]
    fn half_a_character_costs_no_frame() {
        let text = r#"{"type":"CALLBACK","headers":{"topic":"/v1.0/im/bot/messages/get","messageId":"m"},
            "data":"{\"text\":\"so \ud83d\"}"}"#;
        let robot = Frame::decode(text).unwrap();
        assert_eq!(robot.message_id.as_deref(), Some("m"));
        assert_eq!(robot.body, Body::Robot { data: "{\"text\":\"so \u{fffd}\"}".into() });
    }

    #[test]
    fn a_disconnect_says_why() {
        let frame = frame(&json!({"type": "SYSTEM", "headers": {"topic": "disconnect"},
            "data": "{\"reason\":\"persistent connection is timeout\"}"}));
        assert_eq!(frame.body, Body::Disconnect { reason: "persistent connection is timeout".into() });
    }

    proptest! {
        #[test]
        fn every_frame_with_an_id_is_answered_with_that_id(kind in "SYSTEM|EVENT|CALLBACK|[A-Z]{0,6}",
            topic in "ping|disconnect|/v1.0/im/bot/messages/get|/v1.0/card/instances/callback|\\PC{0,12}",
            id in "\\PC{1,20}", data in "\\PC{0,40}") {
            let frame = frame(&json!({"type": kind, "headers": {"topic": topic, "messageId": id}, "data": data}));
            prop_assert_eq!(&answered(&frame)["headers"]["messageId"], &json!(id));
        }

        #[test]
        fn nothing_that_arrives_panics(text in "\\PC{0,80}") {
            drop(Frame::decode(&text).map(|frame| frame.answer()));
        }
    }
}
