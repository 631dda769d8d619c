//! What cannot be read, and what nobody has sent yet.

use super::{FIXTURES, RECEIVED_AT_MS};
use crate::message::{ReplyHandle, inbound::decode};
use proptest::prelude::*;
use serde_json::Value;

#[test]
fn what_cannot_be_read_says_why_and_quotes_nothing() {
    let reason = |data: &str| decode(data, RECEIVED_AT_MS).unwrap_err().to_string();
    assert_eq!(reason("tell no one"), "a message cannot be read: it is not JSON: wrong at line 1, column 2");
    assert_eq!(reason("[1]"), "a message cannot be read: it is not a JSON object");
    assert_eq!(reason(r#"{"text":"secret"}"#), "a message cannot be read: it has no msgId");
    assert_eq!(reason(r#"{"msgId":"m1"}"#), "message m1 cannot be read: it has no conversationId");
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(
                prop_oneof![
                    Just("content"),
                    Just("text"),
                    Just("richText"),
                    Just("chatRecord"),
                    Just("repliedMsg"),
                    Just("isReplyMsg"),
                    Just("downloadCode"),
                    Just("duration"),
                    Just("msgType"),
                    Just("odd"),
                ]
                .prop_map(str::to_owned),
                inner,
                0..4,
            )
            .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_value_under_any_key_is_read_without_a_panic(
        at in 0..FIXTURES.len(), key in any::<prop::sample::Index>(), value in any_json(),
    ) {
        let mut payload: Value = serde_json::from_str(FIXTURES[at].1).unwrap();
        let map = payload.as_object_mut().unwrap();
        let key = key.get(&map.keys().cloned().collect::<Vec<_>>()).clone();
        map.insert(key, value);
        if let Ok(message) = decode(&payload.to_string(), RECEIVED_AT_MS) {
            prop_assert!(ReplyHandle::decode(&message.reply).is_ok());
        }
    }

    #[test]
    fn any_text_is_read_without_a_panic(data in ".*") {
        let _unread = decode(&data, RECEIVED_AT_MS);
    }
}
