//! Who wrote, where, and to whom.

use super::{RECEIVED_AT_MS, changed, extra, message, pretty};
use crate::message::ReplyHandle;
use host_sdk::{ConversationKind, InboundMessage};
use serde_json::json;

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
        "title": "Release crew",
        "extra": {}
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
          "isUs": true,
          "extra": {}
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
          "isUs": false,
          "extra": {}
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
