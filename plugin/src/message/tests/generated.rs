//! Messages as DingTalk writes them, with whatever it may write besides.

use super::{RECEIVED_AT_MS, changed, codes, loss::any_shape};
use crate::message::{ReplyHandle, inbound::decode};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Puts what nobody has heard of into every object.
fn season(value: &mut Value, extras: &[(String, Value)]) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(|value| season(value, extras));
            map.extend(extras.iter().cloned());
        }
        Value::Array(list) => list.iter_mut().for_each(|value| season(value, extras)),
        _ => {}
    }
}

/// The content as an object, or as the text of one.
fn packed(content: Value, is_packed: bool) -> Value {
    if is_packed { Value::from(content.to_string()) } else { content }
}

proptest! {
    #[test]
    fn what_is_known_is_never_lost_whatever_stands_beside_it(
        words in "[a-z][a-z ]{0,20}[a-z]",
        pictures in proptest::collection::vec("dc[A-Za-z0-9+/]{6}==", 0..4),
        others in proptest::collection::btree_set("user[0-9]{4}", 0..3),
        quoted in proptest::option::of("[a-z][a-z ]{0,20}[a-z]"),
        extras in proptest::collection::vec(("x[a-z]{5}", any_shape()), 0..4),
        is_packed in any::<bool>(),
    ) {
        let mut payload: Value = serde_json::from_str(super::fixture("rich_text")).unwrap();
        let mut items = vec![json!({"text": words})];
        items.extend(pictures.iter().map(|code| json!({"type": "picture", "downloadCode": code})));
        let mut content = Map::from_iter([("richText".to_owned(), json!(items))]);
        if let Some(quoted) = &quoted {
            let replied = json!({"msgId": "msgQuoted==", "msgType": "text", "content": {"text": quoted}});
            content.insert("isReplyMsg".to_owned(), json!(true));
            content.insert("repliedMsg".to_owned(), replied);
        }
        payload["content"] = Value::Object(content);
        let users = payload["atUsers"].as_array_mut().unwrap();
        users.extend(others.iter().map(|id| json!({"dingtalkId": format!("$:{id}"), "staffId": id})));
        season(&mut payload, &extras);
        payload["content"] = packed(payload["content"].take(), is_packed);

        let message = decode(&payload.to_string(), RECEIVED_AT_MS).unwrap();

        prop_assert_eq!(message.text, words);
        prop_assert_eq!(message.attachments.iter().flat_map(codes).collect::<Vec<_>>(), pictures);
        let mentioned: Vec<_> = message.mentions.iter().filter(|mention| !mention.is_us).collect();
        prop_assert_eq!(mentioned.iter().map(|mention| &mention.id).collect::<Vec<_>>(), others.iter().collect::<Vec<_>>());
        prop_assert!(message.was_mentioned);
        prop_assert_eq!(message.quote.map(|quote| quote.text), quoted);
        prop_assert_eq!(message.sender.id, "user0001");
        let reply = ReplyHandle::decode(&message.reply).unwrap();
        prop_assert_eq!((reply.msg_id, reply.staff_id), (message.id, Some("user0001".to_owned())));
    }

    #[test]
    fn a_file_is_known_whatever_stands_beside_it(
        name in "[a-z]{1,12}\\.pdf", code in "dc[a-zA-Z0-9]{8}", size in 0..1_000_000_000_u64,
        extras in proptest::collection::vec(("x[a-z]{5}", any_shape()), 0..4), is_packed in any::<bool>(),
    ) {
        let message = changed("file", |payload| {
            payload["content"] = json!({"downloadCode": code, "fileName": name, "fileSize": size});
            season(payload, &extras);
            payload["content"] = packed(payload["content"].take(), is_packed);
        });
        let file = &message.attachments[0];
        prop_assert_eq!((codes(file), &file.name, file.size), (vec![code], &name, Some(size)));
    }
}
