//! Nothing that DingTalk says is lost: what is not understood is kept.

use super::{FIXTURES, RECEIVED_AT_MS};
use crate::message::inbound::decode;
use host_sdk::ConversationKind;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Every text and number inside a value, also inside strings that are JSON themselves.
fn leaves(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => map.values().for_each(|value| leaves(value, found)),
        Value::Array(list) => list.iter().for_each(|value| leaves(value, found)),
        Value::Number(number) => _ = found.insert(number.to_string()),
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(inner @ (Value::Object(_) | Value::Array(_))) => leaves(&inner, found),
            _ => _ = found.insert(text.trim().trim_start_matches('@').to_owned()),
        },
        Value::Bool(_) | Value::Null => {}
    }
}

fn leaves_of(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    leaves(value, &mut found);
    found
}

/// The type of an item of rich text is understood where the item is read, and not told.
const ITEM_TYPES: [&str; 5] = ["at", "emoji", "picture", "skill", "text"];

/// The leaves of `payload` that are nowhere in what it was decoded to.
fn lost(payload: &Value) -> Vec<String> {
    let message = decode(&payload.to_string(), RECEIVED_AT_MS).unwrap();
    let kept = leaves_of(&serde_json::to_value(&message).unwrap());
    let kind = match message.conversation.kind {
        ConversationKind::Group => "2",
        _ => "1",
    };
    let is_kept = |leaf: &String| {
        kept.contains(leaf)
            || leaf.is_empty()
            || leaf == kind
            || ITEM_TYPES.contains(&leaf.as_str())
            || leaf.len() >= 2 && kept.iter().any(|text| text.contains(leaf.as_str()))
    };
    leaves_of(payload).into_iter().filter(|leaf| !is_kept(leaf)).collect()
}

#[test]
fn every_leaf_of_every_fixture_is_in_the_facts_the_handles_or_extra() {
    for (name, payload) in FIXTURES {
        let payload = serde_json::from_str(payload).unwrap();
        assert_eq!(lost(&payload), Vec::<String>::new(), "lost of {name}");
    }
}

/// Puts a field that nobody has heard of into every object there is.
fn salt(value: &mut Value, count: &mut usize) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(|value| salt(value, count));
            *count += 1;
            map.insert("neverHeardOf".to_owned(), json!({"odd": format!("grain-{count}-of-salt")}));
        }
        Value::Array(list) => list.iter_mut().for_each(|value| salt(value, count)),
        _ => {}
    }
}

#[test]
fn a_new_field_anywhere_in_any_fixture_is_kept() {
    for (name, payload) in FIXTURES {
        let mut payload = serde_json::from_str(payload).unwrap();
        salt(&mut payload, &mut 0);
        assert_eq!(lost(&payload), Vec::<String>::new(), "lost of {name}");
    }
}

const KEYS: &[&str] = &[
    "actionUrl",
    "actionUrlItemList",
    "atName",
    "atUserId",
    "atUsers",
    "chatRecord",
    "content",
    "dingtalkId",
    "displayName",
    "downloadCode",
    "duration",
    "errorMessage",
    "fileName",
    "isReplyMsg",
    "message",
    "msgId",
    "msgType",
    "odd",
    "originalMsgId",
    "pictureDownloadCode",
    "pictureUrl",
    "quoteContent",
    "quoteMessage",
    "recognition",
    "records",
    "repliedMsg",
    "richText",
    "senderId",
    "senderNick",
    "skillData",
    "summary",
    "text",
    "title",
    "type",
    "unknownMsgType",
    "videoType",
];

/// Objects and lists under keys that mean something somewhere, with a word that can be found again
/// at every end.
fn any_shape() -> impl Strategy<Value = Value> {
    "[a-z]{8}".prop_map(Value::from).prop_recursive(4, 24, 4, |inner| {
        let keys = prop::sample::select(KEYS);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 1..4).prop_map(Value::from),
            proptest::collection::btree_map(keys.prop_map(str::to_owned), inner, 1..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn nothing_is_lost_of_any_shape_under_any_key(
        at in 0..FIXTURES.len(), typed in 0..FIXTURES.len(), key in prop::sample::select(KEYS), value in any_shape(),
    ) {
        let mut payload: Value = serde_json::from_str(FIXTURES[at].1).unwrap();
        let other: Value = serde_json::from_str(FIXTURES[typed].1).unwrap();
        payload["msgtype"] = other["msgtype"].clone();
        if key != "msgId" || value.is_string() {
            payload[key] = value;
        }
        prop_assert_eq!(lost(&payload), Vec::<String>::new());
    }
}
