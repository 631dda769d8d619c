//! What people do to cards.

use super::fields::Fields;
use crate::{card::content::STOP, json};
use host_sdk::{Action, Conversation, Json, Sender};
use serde_json::{Map, Value};
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
        let response = serde_json::json!({
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

/// Reads the data of a push on
/// [`/v1.0/card/instances/callback`](https://open.dingtalk.com/document/orgapp/event-callback-card).
///
/// Every level comes as an object or as its JSON text. What is not understood is found in `extra`, under
/// DingTalk's own keys. `Err` says what is missing, without quoting anything.
pub(crate) fn decode(data: &str) -> Result<CardAction, &'static str> {
    let callback = json::from_str(data).map_err(|_| "it is not JSON")?;
    let mut callback = Fields::of(callback).map_err(|_| "it is not a JSON object")?;
    let card = callback.text("outTrackId").ok_or("it names no card")?;
    let user = callback.text("userId").unwrap_or_default();
    let pressed = Pressed::take(&mut callback);

    callback.put("outTrackId", card.as_str());
    let action = Action {
        id: format!("{card}/{user}/{}", pressed.kind),
        kind: pressed.kind,
        actor: Sender { id: user, ..Sender::default() },
        conversation: Conversation {
            id: callback.text("spaceId").unwrap_or_default(),
            ..Conversation::default()
        },
        params: pressed.params.into_json(),
        extra: callback.into_json(),
        ..Action::default()
    };
    Ok(CardAction { card, action })
}

/// Which button it was, and what was filled in.
#[derive(Default)]
struct Pressed {
    kind: String,
    params: Fields,
}

impl Pressed {
    /// Takes it from where it is, which is in two places alike.
    fn take(callback: &mut Fields) -> Self {
        let same = callback.peek("content") == callback.peek("value");
        for key in ["content", "value"] {
            let Some(mut content) = callback.object(key) else { continue };
            let pressed = content.object("cardPrivateData").map(|mut private| {
                let pressed = Self::of(&mut private);
                content.put_back("cardPrivateData", private);
                pressed
            });
            callback.put_back(key, content);
            if let Some(pressed) = pressed {
                if key == "content" && same {
                    callback.text("value"); // says the same once more
                }
                return pressed;
            }
        }
        Self::default()
    }

    fn of(private: &mut Fields) -> Self {
        let mut ids = private.list("actionIds").unwrap_or_default();
        let params = private.object("params").unwrap_or_default();
        let first = ids.first().and_then(Value::as_str).filter(|id| !id.is_empty()).map(str::to_owned);
        if first.is_some() {
            ids.remove(0);
        }
        private.put_back_list("actionIds", ids);
        let kind = first.or_else(|| params.peek("action")).unwrap_or_default();
        // Templates that others made name their stop button so.
        let kind = if kind == "stop_action" { STOP.to_owned() } else { kind };
        Self { kind, params }
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
    fn what_is_filled_in_can_be_read_behind_the_boundary_however_deeply_it_nests() {
        let deep = format!("{}7{}", "[".repeat(120), "]".repeat(120));
        let content =
            format!(r#"{{"cardPrivateData":{{"actionIds":["a"],"params":{{"x":{deep}}}}},"y":{deep}}}"#);
        let data = serde_json::json!({"outTrackId": "card-1", "content": content}).to_string();
        let action = decode(&data).unwrap().action;
        assert!(action.params.as_str().contains('7') && action.extra.as_str().contains('7'));
        serde_json::from_str::<Value>(&serde_json::to_string(&action).unwrap()).unwrap();
        let endless = format!(r#"{{"outTrackId":"card-1","content":{}}}"#, "[".repeat(1_000_000));
        assert!(decode(&endless).is_err());
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
    fn what_is_odd_about_a_callback_costs_only_itself() {
        let private = json!({"actionIds": ["stop_action", 7], "params": "{\"runId\":1}", "novelty": true});
        let data = json!({"outTrackId": "card-1", "userId": 17, "userIdType": "x", "spaceId": ["odd"],
            "value": {"cardPrivateData": private}});
        let CardAction { action, .. } = decode(&data.to_string()).unwrap();
        assert_eq!((action.kind.as_str(), action.actor.id.as_str()), (STOP, "17"));
        assert_eq!(action.params.as_str(), r#"{"runId":1}"#);
        assert_eq!(
            action.extra.parse::<Value>().unwrap(),
            json!({"outTrackId": "card-1", "userIdType": "x", "spaceId": ["odd"],
                "value": {"cardPrivateData": {"actionIds": [7], "novelty": true}}})
        );
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
