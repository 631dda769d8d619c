//! Oddities that a client must not mind (DingTalk protocol, §13.3).

use serde_json::{Map, Value, json};

use super::answer::{Answer, Payload};
use super::settings::Quirks;

impl Quirks {
    /// The answer with its oddities.
    pub(super) fn apply(self, mut answer: Answer) -> Answer {
        let is_error = answer.status >= 400;
        if let Payload::Json(Value::Object(body)) = &mut answer.body {
            if self.errcode_as_string
                && let Some(errcode) = body.get_mut("errcode").filter(|it| it.is_number())
            {
                *errcode = json!(errcode.to_string());
            }
            if self.capital_error_keys && is_error {
                *body = std::mem::take(body).into_iter().map(|(key, value)| (capital(&key), value)).collect();
            }
            self.add_keys(body);
        }
        answer
    }

    /// The robot message with its oddities.
    pub(super) fn apply_to_message(self, payload: &mut Value) {
        let Value::Object(fields) = payload else { return };
        if self.content_as_string
            && let Some(content) = fields.get_mut("content").filter(|it| it.is_object())
        {
            *content = json!(content.to_string());
        }
        self.add_keys(fields);
    }

    fn add_keys(self, fields: &mut Map<String, Value>) {
        if self.extra_keys {
            fields.insert("fakeNewFeature".into(), json!({"enabled": [true, null, 1.5]}));
        }
    }
}

fn capital(key: &str) -> String {
    let (first, rest) = key.split_at(key.chars().next().map_or(0, char::len_utf8));
    first.to_uppercase() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_quirk_changes_nothing() {
        let answer = Answer::json(400, json!({"code": "x", "errcode": 1}));
        assert_eq!(Quirks::default().apply(answer.clone()), answer);
    }

    #[test]
    fn errcodes_can_be_strings() {
        let quirks = Quirks { errcode_as_string: true, ..Quirks::default() };
        assert_eq!(quirks.apply(Answer::ok(json!({"errcode": 0}))), Answer::ok(json!({"errcode": "0"})));
    }

    #[test]
    fn error_keys_can_begin_with_a_capital() {
        let quirks = Quirks { capital_error_keys: true, ..Quirks::default() };
        let answer = quirks.apply(Answer::json(403, json!({"code": "x", "accessdenieddetail": {}})));
        assert_eq!(answer, Answer::json(403, json!({"Code": "x", "Accessdenieddetail": {}})));
    }

    #[test]
    fn a_message_can_carry_its_content_as_a_string_and_unknown_keys() {
        let quirks = Quirks { content_as_string: true, extra_keys: true, ..Quirks::default() };
        let mut payload = json!({"content": {"downloadCode": "dc"}});
        quirks.apply_to_message(&mut payload);
        assert_eq!(payload["content"], "{\"downloadCode\":\"dc\"}");
        assert!(payload["fakeNewFeature"].is_object());
    }
}
