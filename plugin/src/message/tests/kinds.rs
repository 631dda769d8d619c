//! What was written, by kind of message.

use super::{changed, codes, extra, message};
use crate::message::{attachment::AttachmentHandle, inbound::Withheld};
use host_sdk::{AttachmentKind, EventKind};
use serde_json::json;

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
