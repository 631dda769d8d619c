//! What becomes of every recorded payload.

use super::{
    attachment::AttachmentHandle,
    inbound::{Withheld, decode},
    *,
};
use host_sdk::{AttachmentKind, ConversationKind, EventKind, InboundMessage};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const RECEIVED_AT_MS: i64 = 1_790_000_000_500;

/// Every fixture by name.
macro_rules! fixtures {
    ($($name:literal),* $(,)?) => {
        const FIXTURES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../../tests/fixtures/dingtalk/", $name, ".json")))),*];
    };
}

fixtures!(
    "action_card",
    "audio",
    "chat_record",
    "chat_record_array",
    "chat_record_empty",
    "file",
    "interactive_card",
    "markdown",
    "over_quota",
    "picture",
    "quote_action_card",
    "quote_audio",
    "quote_chat_record",
    "quote_document_card",
    "quote_file",
    "quote_id_only",
    "quote_in_rich_text",
    "quote_legacy",
    "quote_legacy_content",
    "quote_markdown",
    "quote_nested",
    "quote_own_card",
    "quote_picture",
    "quote_rich_text",
    "quote_stale",
    "quote_text",
    "quote_unknown",
    "quote_untyped",
    "quote_video",
    "quote_without_message",
    "rich_text",
    "rich_text_many",
    "text_direct",
    "text_group",
    "text_group_outsider",
    "text_group_own",
    "unheard_of",
    "unknown",
    "video",
);

#[track_caller]
fn fixture(name: &str) -> &'static str {
    FIXTURES.iter().find(|(known, _)| *known == name).unwrap().1
}

#[track_caller]
fn message(name: &str) -> InboundMessage {
    decode(fixture(name), RECEIVED_AT_MS).unwrap()
}

#[track_caller]
fn changed(name: &str, change: impl FnOnce(&mut Value)) -> InboundMessage {
    let mut payload: Value = serde_json::from_str(fixture(name)).unwrap();
    change(&mut payload);
    decode(&payload.to_string(), RECEIVED_AT_MS).unwrap()
}

fn pretty(value: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap()
}

fn extra(message: &InboundMessage) -> Value {
    message.extra.parse().unwrap()
}

fn codes(attachment: &host_sdk::Attachment) -> Vec<String> {
    AttachmentHandle::decode(&attachment.handle).unwrap().download_codes
}

// ---- nothing is lost

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

// ---- who, where, to whom

#[test]
fn a_group_text_becomes_facts() {
    let facts = InboundMessage { reply: host_sdk::Handle::default(), ..message("text_group") };
    insta::assert_snapshot!(pretty(&facts), @r#"
    {
      "id": "msgFakeText0001AbCdEf==",
      "event": "message",
      "conversation": {
        "id": "cidFakeGroupAAAA1111bbbb2222==",
        "kind": "group",
        "title": "Release crew"
      },
      "thread": "",
      "sender": {
        "id": "user0001",
        "otherIds": [
          {
            "kind": "senderId",
            "id": "$:LWCP_v1:$FakeSenderAAAABBBB=="
          },
          {
            "kind": "unionId",
            "id": "uFake1"
          }
        ],
        "name": "Lin",
        "isBot": false,
        "isAdmin": false,
        "extra": {"corpId":"dingfakecorp000000000000000000001","platform":"Mac"}
      },
      "text": "summarise today's build please",
      "mentions": [
        {
          "id": "",
          "otherIds": [
            {
              "kind": "dingtalkId",
              "id": "$:LWCP_v1:$FakeBotZZZZYYYYXXXX=="
            }
          ],
          "name": "",
          "isUs": true
        },
        {
          "id": "user0002",
          "otherIds": [
            {
              "kind": "dingtalkId",
              "id": "$:LWCP_v1:$FakeOther11112222=="
            },
            {
              "kind": "unionId",
              "id": "uFake2"
            }
          ],
          "name": "",
          "isUs": false
        }
      ],
      "canDetectMention": true,
      "wasMentioned": true,
      "hasAnyMention": true,
      "quote": null,
      "sentAtMs": 1790000000000,
      "receivedAtMs": 1790000000500,
      "redelivered": false,
      "attachments": [],
      "reply": "",
      "extra": {"chatbotCorpId":"dingfakecorp000000000000000000001","chatbotUserId":"$:LWCP_v1:$FakeBotZZZZYYYYXXXX==","msgtype":"text"}
    }
    "#);
}

#[test]
fn the_reply_handle_is_enough_to_answer() {
    let reply = ReplyHandle::decode(&message("text_group").reply).unwrap();
    assert!(reply.is_group());
    assert_eq!(reply.conversation_id, "cidFakeGroupAAAA1111bbbb2222==");
    assert_eq!(reply.staff_id.as_deref(), Some("user0001"));
    assert_eq!(reply.robot_code.as_deref(), Some("dingfakeapp00000001"));
    assert_eq!(reply.webhook_expires_at_ms, Some(1_790_005_400_120));
    assert_eq!(reply.received_at_ms, RECEIVED_AT_MS);
    assert!(reply.session_webhook.unwrap().reveal().ends_with("session=fakesession00000000000000000001"));
}

#[test]
fn a_direct_text_is_direct_and_cannot_tell_mentions() {
    let message = message("text_direct");
    assert_eq!(message.conversation.kind, ConversationKind::Direct);
    assert_eq!(message.text, "hello");
    assert!(message.sender.is_admin);
    assert!(!message.can_detect_mention && !message.was_mentioned && !message.has_any_mention);
}

#[test]
fn an_outsider_goes_by_the_encrypted_id() {
    let message = message("text_group_outsider");
    assert_eq!(message.conversation.kind, ConversationKind::Group); // a number this time
    assert_eq!(message.sent_at_ms, 1_790_000_000_000); // a string this time
    assert_eq!(message.sender.id, "$:LWCP_v1:$FakeSenderAAAABBBB==");
    assert_eq!(message.sender.other_ids.iter().map(|id| id.kind.as_str()).collect::<Vec<_>>(), ["unionId"]);
    assert_eq!(message.mentions.len(), 3);
    assert_eq!(message.mentions[2].id, "");
}

#[test]
fn our_own_message_is_a_bots() {
    assert!(message("text_group_own").sender.is_bot);
    assert!(!message("text_group").sender.is_bot);
}

#[test]
fn we_are_mentioned_by_the_flag_or_by_our_entry() {
    let by_flag = changed("text_group", |payload| drop(payload["atUsers"].take()));
    assert!(by_flag.was_mentioned && by_flag.has_any_mention && by_flag.mentions.is_empty());

    let by_entry = changed("text_group", |payload| payload["isInAtList"] = json!(false));
    assert!(by_entry.was_mentioned);

    let others_only = changed("text_group", |payload| {
        payload["isInAtList"] = json!(false);
        payload["atUsers"].as_array_mut().unwrap().remove(0);
    });
    assert!(!others_only.was_mentioned && others_only.has_any_mention);
}

#[test]
fn an_unknown_conversation_type_is_kept_and_judged_by_what_groups_have() {
    let group = changed("text_group", |payload| payload["conversationType"] = json!("7"));
    assert_eq!(group.conversation.kind, ConversationKind::Group);
    assert_eq!(extra(&group)["conversationType"], "7");
}

// ---- what

#[test]
fn rich_text_has_its_words_and_pictures_without_our_own_name() {
    let message = message("rich_text");
    assert_eq!(message.text, "what is wrong on this screen?\nsecond line");
    assert_eq!(message.mentions[0].name, "Helper");
    assert_eq!(codes(&message.attachments[0]), ["dcFakeRichPic0001+/==", "pdcFakeRichPic0001"]);
}

#[test]
fn a_name_at_the_start_of_rich_text_stays_when_others_are_mentioned_too() {
    let message = changed("rich_text", |payload| {
        payload["atUsers"].as_array_mut().unwrap().push(json!({"dingtalkId": "$:LWCP_v1:$FakeOther=="}));
    });
    assert!(message.text.starts_with("@Helper what is wrong"));
}

#[test]
fn words_behind_a_name_are_never_taken_for_a_part_of_it() {
    let message = changed("rich_text", |payload| {
        payload["content"]["richText"][0] = json!({"text": "@Helper fix it"});
    });
    assert!(message.text.starts_with("@Helper fix it"));
}

#[test]
fn rich_text_may_be_a_string_with_several_pictures_mentions_and_skills() {
    let message = message("rich_text_many");
    assert_eq!(message.text, "@Tom  first and \nTranslate");
    assert_eq!(message.attachments.len(), 2);
    assert_eq!((message.mentions[1].id.as_str(), message.mentions[1].name.as_str()), ("user0003", "Tom"));
    assert_eq!(extra(&message)["content"]["richText"][1], json!({"type": "sparkle", "glitter": "much"}));
}

#[test]
fn files_of_every_kind_have_a_handle_and_what_is_known_of_them() {
    let picture = &message("picture").attachments[0];
    assert_eq!(picture.kind, AttachmentKind::Picture);
    assert_eq!(codes(picture), ["dcFakePicture0001+/==", "pdcFakePicture0001"]);

    let audio = &message("audio").attachments[0];
    assert_eq!((audio.kind, audio.duration_ms), (AttachmentKind::Audio, Some(4_000)));
    assert_eq!(audio.transcript, "open the door please");

    let video = &message("video").attachments[0];
    assert_eq!((video.kind, video.duration_ms), (AttachmentKind::Video, Some(5_000)));
    assert_eq!(video.mime, "video/mp4");

    let file = &message("file").attachments[0];
    assert_eq!((file.kind, file.size), (AttachmentKind::File, Some(102_400)));
    assert_eq!(file.name, "report Q3.pdf");
    let handle = AttachmentHandle::decode(&file.handle).unwrap();
    assert_eq!(handle.robot_code, "dingfakeapp00000001");
    assert_eq!(
        (handle.space_id.as_deref(), handle.file_id.as_deref()),
        (Some("900000001"), Some("800000001"))
    );
}

#[test]
fn a_forwarded_conversation_reads_line_by_line() {
    assert_eq!(message("chat_record").text, "Chat history of Release crew\nLin: build failed\nMo: looking");
    assert_eq!(message("chat_record_array").text, "Chat history of two\nLin: hi\nMo: a file");
    assert_eq!(message("chat_record_empty").text, "Chat history of nobody\nLin: something was said");
}

#[test]
fn cards_and_markdown_read_as_text() {
    assert!(message("interactive_card").text.starts_with("dingtalk://dingtalkclient/page/yunpan?"));
    assert_eq!(message("markdown").text, "# Weekly report\n\n- all green");
    assert_eq!(
        message("action_card").text,
        "Approve?\n\nDeploy **v2** today\n\nhttps://example.com/approve\n\nhttps://example.com/refuse"
    );
}

#[test]
fn what_dingtalk_withholds_is_told_apart() {
    let over_quota = message("over_quota");
    assert_eq!(over_quota.event, EventKind::Withheld);
    assert_eq!(over_quota.text, "message service paused: quota used up (text invented)");
    assert_eq!(Withheld::why(&over_quota), Some(Withheld::OverQuota));

    let unknown = message("unknown");
    assert_eq!((unknown.event, unknown.text.as_str()), (EventKind::Withheld, "location"));
    assert_eq!(Withheld::why(&unknown), Some(Withheld::Unsupported));

    assert_eq!(Withheld::why(&message("unheard_of")), Some(Withheld::Unsupported));
    assert_eq!(Withheld::why(&message("text_direct")), None);
}

#[test]
fn a_type_nobody_has_heard_of_is_read_by_its_content() {
    let message = changed("text_direct", |payload| {
        payload["msgtype"] = json!("voiceOfTheFuture");
        payload["content"] = json!({"downloadCode": "dcFuture", "recognition": "hi"});
        payload.as_object_mut().unwrap().remove("text");
    });
    assert_eq!(message.event, EventKind::Message);
    assert_eq!(message.attachments[0].transcript, "hi");
}

#[test]
fn a_mention_without_words_is_an_empty_message() {
    let message = changed("text_group", |payload| payload["text"] = json!({"content": " "}));
    assert_eq!((message.event, message.text.as_str()), (EventKind::Message, ""));
}

// ---- quotes

#[track_caller]
fn quote(name: &str) -> host_sdk::Quote {
    message(name).quote.unwrap()
}

#[test]
fn a_quoted_text_becomes_facts() {
    assert_eq!(message("quote_text").text, "and this one?");
    insta::assert_snapshot!(pretty(&quote("quote_text")), @r#"
    {
      "id": "msgFakeText0001AbCdEf==",
      "ours": false,
      "sender": "$:LWCP_v1:$FakeOther11112222==",
      "text": "the nightly build failed",
      "attachments": [],
      "extra": {"createdAt":1790000000000,"msgType":"text"}
    }
    "#);
}

#[test]
fn a_quote_in_a_quote_is_kept_aside() {
    let quote = quote("quote_nested");
    assert_eq!(quote.text, "the middle one");
    assert!(quote.extra.as_str().contains("the innermost one"));
}

#[test]
fn quotes_of_every_kind_have_their_text_and_files() {
    let rich = quote("quote_rich_text");
    assert_eq!(rich.text, "look at this\n@Tom [微笑]and that");
    assert_eq!(codes(&rich.attachments[0]), ["dcFakeQuotedPic0001+/=="]);

    assert_eq!(quote("quote_picture").attachments[0].kind, AttachmentKind::Picture);
    assert_eq!(quote("quote_audio").attachments[0].transcript, "ship it on friday");
    assert_eq!(quote("quote_audio").attachments[0].duration_ms, Some(2_000));
    assert_eq!(quote("quote_video").attachments[0].duration_ms, Some(1_000));
    assert_eq!(quote("quote_file").attachments[0].name, "report.pdf"); // content was a string
    assert_eq!(quote("quote_markdown").text, "## Nightly\n\n- failed");
    assert_eq!(quote("quote_action_card").text, "Approve?\n\nDeploy **v2** today");
    assert_eq!(quote("quote_chat_record").text, "Chat history\nMo: who broke it?\nLin: not me");
    assert_eq!(quote("quote_untyped").attachments[0].kind, AttachmentKind::Audio);
    assert!(quote("quote_document_card").text.contains("fileId=800000003"));
    assert_eq!(message("quote_in_rich_text").text, "see the quote");
    assert_eq!(quote("quote_in_rich_text").text, "the nightly build failed");
}

#[test]
fn a_quote_of_our_own_card_is_ours_and_has_its_key() {
    let quote = quote("quote_own_card");
    assert!(quote.ours);
    assert_eq!(quote.extra.parse::<Value>().unwrap()["originalProcessQueryKey"], "carrierFake0001");
}

#[test]
fn a_quote_without_content_still_has_its_id() {
    for name in ["quote_unknown", "quote_without_message", "quote_id_only"] {
        assert_eq!(quote(name).id, "msgFakeText0001AbCdEf==", "{name}");
        assert_eq!(quote(name).text, "", "{name}");
    }
}

#[test]
fn a_stale_quote_is_no_quote() {
    assert_eq!(message("quote_stale").quote, None);
    assert_eq!(message("quote_stale").text, "and this one?");
}

#[test]
fn old_forms_of_quotes_are_read() {
    assert_eq!(quote("quote_legacy").text, "an old style quote");
    assert_eq!(quote("quote_legacy").sender, "$:LWCP_v1:$FakeOther11112222==");
    assert_eq!(quote("quote_legacy_content").text, "only the words of it");
}

// ---- what cannot be read

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
