//! The frames of the Stream connection (DingTalk protocol, §2.3 to §2.5).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// What a frame to the client is made of; every frame's `data` is a string (DingTalk protocol, §2.3).
#[derive(Debug)]
pub(super) struct Outgoing<'a> {
    pub(super) kind: &'a str,
    pub(super) topic: &'a str,
    pub(super) message_id: &'a str,
    pub(super) time_ms: u64,
    pub(super) app_id: Option<&'a str>,
    pub(super) connection_id: Option<&'a str>,
    pub(super) extra_headers: Option<&'a BTreeMap<String, String>>,
    pub(super) data: &'a str,
}

impl Outgoing<'_> {
    pub(super) fn text(&self) -> String {
        let mut headers = Map::new();
        let mut header = |key: &str, value: &str| {
            headers.insert(key.to_owned(), json!(value));
        };
        for (key, value) in self.extra_headers.into_iter().flatten() {
            header(key, value);
        }
        if let Some(app_id) = self.app_id {
            header("appId", app_id);
        }
        if let Some(connection_id) = self.connection_id {
            header("connectionId", connection_id);
        }
        header("contentType", "application/json");
        header("messageId", self.message_id);
        header("time", &self.time_ms.to_string());
        header("topic", self.topic);
        json!({"specVersion": "1.0", "type": self.kind, "headers": headers, "data": self.data}).to_string()
    }
}

/// A client's answer to a frame (DingTalk protocol, §2.4).
#[derive(Debug, PartialEq)]
pub(super) struct Incoming {
    pub(super) code: i64,
    pub(super) message_id: String,
    /// As it came; missing, empty and non-JSON data all occur (DingTalk protocol, §0.1).
    pub(super) data: Option<String>,
}

impl Incoming {
    /// Reads an answer as leniently as the service; the error says what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| format!("no JSON ({error})"))?;
        let code = value.get("code").and_then(Value::as_i64).ok_or("no code")?;
        let headers = value.get("headers").ok_or("no headers")?;
        let message_id = headers.get("messageId").and_then(Value::as_str).ok_or("no headers.messageId")?;
        if headers.get("contentType").and_then(Value::as_str).is_none() {
            return Err("no headers.contentType".into());
        }
        let data = match value.get("data") {
            None | Some(Value::Null) => None,
            Some(Value::String(data)) => Some(data.clone()),
            Some(_) => return Err("data is neither a string nor absent".into()),
        };
        Ok(Self { code, message_id: message_id.to_owned(), data })
    }

    /// The data as JSON, if it is some.
    pub(super) fn json(&self) -> Value {
        self.data.as_deref().and_then(|data| serde_json::from_str(data).ok()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_travels_as_a_string() {
        let frame = Outgoing {
            kind: "SYSTEM",
            topic: "ping",
            message_id: "m1",
            time_ms: 1_790_000_000_000,
            app_id: None,
            connection_id: None,
            extra_headers: None,
            data: "{\"opaque\":\"9c1f-fake\"}",
        };

        let expected = json!({
            "specVersion": "1.0", "type": "SYSTEM",
            "headers": {"topic": "ping", "contentType": "application/json", "messageId": "m1", "time": "1790000000000"},
            "data": "{\"opaque\":\"9c1f-fake\"}",
        });
        assert_eq!(serde_json::from_str::<Value>(&frame.text()).unwrap(), expected);
    }

    #[test]
    fn the_answers_of_every_sdk_are_accepted() {
        let headers = r#""headers":{"contentType":"application/json","messageId":"m1"}"#;
        for rest in [
            r#""message":"OK","data":"{\"response\":null}""#,
            r#""message":"","data":"""#,
            r#""message":null,"data":"raw bytes""#,
            r#""message":"OK""#,
        ] {
            let frame = format!("{{\"code\":200,{headers},{rest}}}");
            assert_eq!(Incoming::parse(&frame).map(|it| it.message_id), Ok("m1".into()), "{frame}");
        }
    }

    #[test]
    fn an_answer_must_say_what_it_answers() {
        for frame in
            ["", "[]", "{\"code\":200}", "{\"code\":200,\"headers\":{\"contentType\":\"application/json\"}}"]
        {
            assert!(Incoming::parse(frame).is_err(), "{frame:?}");
        }
    }

    #[test]
    fn data_must_not_be_an_object() {
        let frame = r#"{"code":200,"headers":{"contentType":"application/json","messageId":"m1"},"data":{}}"#;
        assert!(Incoming::parse(frame).is_err());
    }
}
