//! Nothing that DingTalk says is lost: what is not understood is kept.

use super::{FIXTURES, RECEIVED_AT_MS};
use crate::message::{inbound::decode, loss};
use proptest::prelude::*;
use serde_json::{Value, json};

/// The leaves of `payload` that are nowhere in what it was decoded to.
fn lost(payload: &Value) -> Vec<String> {
    loss::of(payload, &decode(&payload.to_string(), RECEIVED_AT_MS).unwrap())
}

#[test]
fn every_leaf_of_every_fixture_is_in_the_facts_the_handles_or_extra() {
    for (name, payload) in FIXTURES {
        let payload = serde_json::from_str(payload).unwrap();
        assert_eq!(lost(&payload), Vec::<String>::new(), "lost of {name}");
    }
}

#[test]
fn what_is_left_out_is_found() {
    let mut message = super::message("text_group");
    let payload = serde_json::from_str(super::fixture("text_group")).unwrap();
    assert_eq!(loss::of(&payload, &message), Vec::<String>::new());
    message.text.truncate(9);
    message.conversation.title.clear();
    assert_eq!(loss::of(&payload, &message), ["Release crew", "summarise today's build please"]);
}

/// Puts fields that nobody has heard of, of every type, into every object there is.
fn salt(value: &mut Value, grains: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(|value| salt(value, grains));
            for odd in
                [json!({"odd": "deep"}), json!([true]), json!(false), json!(null), json!(0.5), json!("word")]
            {
                let grain = format!("neverHeardOf{}!", grains.len());
                map.insert(grain.clone(), odd);
                grains.push(grain);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|value| salt(value, grains)),
        _ => {}
    }
}

#[test]
fn a_new_field_of_any_type_anywhere_in_any_fixture_is_kept() {
    for (name, payload) in FIXTURES {
        let mut payload = serde_json::from_str(payload).unwrap();
        let mut grains = Vec::new();
        salt(&mut payload, &mut grains);
        assert_eq!(lost(&payload), Vec::<String>::new(), "lost of {name}");
        let message = serde_json::to_string(&decode(&payload.to_string(), RECEIVED_AT_MS).unwrap()).unwrap();
        grains.retain(|grain| !message.contains(grain.as_str()));
        assert_eq!(grains, Vec::<String>::new(), "lost of {name}");
    }
}

#[test]
fn new_fields_change_nothing_that_is_understood() {
    for (name, payload) in FIXTURES {
        let plain = decode(payload, RECEIVED_AT_MS).unwrap();
        let mut payload: Value = serde_json::from_str(payload).unwrap();
        salt(&mut payload, &mut Vec::new());
        let salted = decode(&payload.to_string(), RECEIVED_AT_MS).unwrap();
        let facts = |message: &host_sdk::InboundMessage| {
            let mut value = serde_json::to_value(message).unwrap();
            forget_extras(&mut value);
            value
        };
        assert_eq!(facts(&plain), facts(&salted), "changed of {name}");
    }
}

fn forget_extras(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.remove("extra");
            map.values_mut().for_each(forget_extras);
        }
        Value::Array(list) => list.iter_mut().for_each(forget_extras),
        _ => {}
    }
}

const KEYS: &[&str] = &[
    "actionUrl",
    "actionUrlItemList",
    "atName",
    "atUserId",
    "atUserIds",
    "atUsers",
    "biz_custom_action_url",
    "chatRecord",
    "content",
    "createAt",
    "dingtalkId",
    "displayName",
    "downloadCode",
    "duration",
    "errorCode",
    "errorMessage",
    "fileName",
    "fileSize",
    "isAtAll",
    "isReplyMsg",
    "message",
    "messageUrl",
    "msgId",
    "msgType",
    "notice",
    "odd",
    "originalMsgId",
    "originalProcessQueryKey",
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
    "spaceId",
    "summary",
    "text",
    "title",
    "type",
    "unknownMsgType",
    "videoType",
];

/// Objects and lists under keys that mean something somewhere, with a word that can be found again
/// at every end.
pub(super) fn any_shape() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => "[a-z]{8}".prop_map(Value::from),
        1 => "@[a-z]{8} ?".prop_map(Value::from),
        1 => (10_000_000..i64::MAX).prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let keys = prop::sample::select(KEYS);
        let object = proptest::collection::btree_map(keys.prop_map(str::to_owned), inner.clone(), 1..5)
            .prop_map(|map| Value::Object(map.into_iter().collect()));
        prop_oneof![
            2 => proptest::collection::vec(inner, 1..4).prop_map(Value::from),
            3 => object.clone(),
            1 => object.prop_map(|object| Value::from(object.to_string())),
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
