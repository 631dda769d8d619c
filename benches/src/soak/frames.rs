//! The frames of a day.

use super::kind::Kind;
use crate::frame;
use serde_json::{Value, json};

/// A message with this id, from this person.
pub(super) fn message(id: &str, kind: Kind, person: usize) -> String {
    let text = frame::message(id, person);
    if kind == Kind::File { with_file(&text, id).unwrap_or(text) } else { text }
}

/// The same message, if it were a file.
fn with_file(text: &str, id: &str) -> Option<String> {
    let mut frame: Value = serde_json::from_str(text).ok()?;
    let mut data: Value = serde_json::from_str(frame["data"].as_str()?).ok()?;
    data.as_object_mut()?.remove("text");
    data["msgtype"] = json!("file");
    data["content"] = json!({"downloadCode": format!("code{id}"), "fileName": "report.txt"});
    frame["data"] = json!(data.to_string());
    Some(frame.to_string())
}

/// What announces that the connection is about to end.
pub(super) fn disconnect() -> String {
    json!({
        "specVersion": "1.0",
        "type": "SYSTEM",
        "headers": {"contentType": "application/json", "messageId": "soak", "topic": "disconnect"},
        "data": json!({"reason": "persistent connection is timeout"}).to_string(),
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_a_code_and_no_text() {
        let frame: Value = serde_json::from_str(&message("soak-f7", Kind::File, 3)).unwrap();
        let data: Value = serde_json::from_str(frame["data"].as_str().unwrap()).unwrap();
        assert_eq!(data["content"]["downloadCode"], "codesoak-f7");
        assert_eq!((&data["msgtype"], &data["text"]), (&json!("file"), &Value::Null));
    }
}
