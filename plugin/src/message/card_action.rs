//! What people do to cards.

use crate::card::content::STOP;
use host_sdk::{Action, Conversation, Json, Sender};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What somebody did to one card.
#[derive(Debug)]
pub(crate) struct CardAction {
    /// Our id of the card.
    pub(crate) card: String,
    /// What they did.
    pub(crate) action: Action,
}

/// What a card shows from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    /// Our id of the card.
    pub(crate) card: String,
    /// The variables that change, with values as DingTalk wants them.
    pub(crate) variables: BTreeMap<String, String>,
}

impl Shown {
    /// What the host's update means for a card; `None` if nothing.
    pub(crate) fn of(card: String, update: &Json) -> Option<Self> {
        let update: Map<String, Value> = update.parse().unwrap_or_default();
        let variables: BTreeMap<_, _> = update.into_iter().map(|(name, value)| (name, text(value))).collect();
        (!variables.is_empty()).then_some(Self { card, variables })
    }

    /// As the answer to the callback: the JSON that becomes its `response`.
    pub(crate) fn response(&self) -> String {
        let response = json!({
            "cardUpdateOptions": {"updateCardDataByKey": true},
            "cardData": {"cardParamMap": self.variables},
        });
        response.to_string()
    }
}

/// DingTalk wants every value of a card as text.
fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// Data of a push on [`/v1.0/card/instances/callback`](https://open.dingtalk.com/document/orgapp/event-callback-card).
///
/// Every level comes as an object or as its JSON text.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Callback {
    out_track_id: String,
    user_id: String,
    space_id: String,
    content: Value,
    value: Value,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Pressed {
    action_ids: Vec<String>,
    params: Map<String, Value>,
}

/// Reads a callback. `Err` says what is missing, without quoting anything.
pub(crate) fn decode(data: &str) -> Result<CardAction, &'static str> {
    let callback: Callback = serde_json::from_str(data).map_err(|_| "it is not a JSON object of strings")?;
    if callback.out_track_id.is_empty() {
        return Err("it names no card");
    }
    let content = unpacked(if callback.content.is_null() { callback.value } else { callback.content });
    let private = unpacked(content.get("cardPrivateData").cloned().unwrap_or_default());
    let pressed: Pressed = serde_json::from_value(private).unwrap_or_default();

    // Templates that others made name their stop button so.
    let canonical = |kind: String| if kind == "stop_action" { STOP.to_owned() } else { kind };
    let named = pressed.params.get("action").and_then(Value::as_str).map(str::to_owned);
    let kind = canonical(pressed.action_ids.first().cloned().or(named).unwrap_or_default());
    let mut extra = callback.rest;
    extra.insert("outTrackId".to_owned(), Value::String(callback.out_track_id.clone()));
    let action = Action {
        id: format!("{}/{}/{kind}", callback.out_track_id, callback.user_id),
        kind,
        actor: Sender { id: callback.user_id, ..Sender::default() },
        conversation: Conversation { id: callback.space_id, ..Conversation::default() },
        params: Json::new(&pressed.params),
        extra: Json::new(&extra),
        ..Action::default()
    };
    Ok(CardAction { card: callback.out_track_id, action })
}

fn unpacked(value: Value) -> Value {
    match value {
        Value::String(text) => serde_json::from_str(&text).unwrap_or_default(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn callback(content: Value) -> String {
        json!({"type": "actionCallback", "outTrackId": "card-1", "corpId": "dingcorp", "userId": "user0001",
            "userIdType": 1, "spaceType": "IM", "spaceId": "cidGroup==", "extension": "{}", "content": content})
        .to_string()
    }

    #[test]
    fn a_pressed_button_is_read_whether_its_content_is_text_or_object() {
        let content = json!({"cardPrivateData": {"actionIds": ["stop"], "params": {"runId": "r-1"}}});
        for content in [content.clone(), Value::String(content.to_string())] {
            let CardAction { card, action } = decode(&callback(content)).unwrap();
            assert_eq!(card, "card-1");
            assert_eq!((action.kind.as_str(), action.actor.id.as_str()), ("stop", "user0001"));
            assert_eq!(action.params.as_str(), r#"{"runId":"r-1"}"#);
            assert!(action.extra.as_str().contains("card-1") && action.extra.as_str().contains("dingcorp"));
        }
    }

    #[test]
    fn what_a_card_shows_is_text_by_variable() {
        let update = Json::new(&json!({"status": "approved", "count": 2, "tags": ["a"]}));
        let shown = Shown::of("card-1".into(), &update).unwrap();
        let response: Value = serde_json::from_str(&shown.response()).unwrap();
        assert_eq!(
            response["cardData"]["cardParamMap"],
            json!({"status": "approved", "count": "2", "tags": "[\"a\"]"})
        );
        assert_eq!(Shown::of("card-1".into(), &Json::default()), None);
    }

    #[test]
    fn a_callback_without_a_card_is_refused() {
        assert_eq!(decode("{}").unwrap_err(), "it names no card");
        assert!(decode("not json").is_err());
    }
}
