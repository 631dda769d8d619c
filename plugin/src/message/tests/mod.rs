//! What becomes of every recorded payload.

mod generated;
mod kinds;
mod loss;
mod mentions;
mod people;
mod quotes;
mod table;
mod unicode;
mod unreadable;

use super::{attachment::AttachmentHandle, inbound::decode};
use host_sdk::InboundMessage;
use serde_json::Value;

const RECEIVED_AT_MS: i64 = 1_790_000_000_500;

/// Every fixture by name.
macro_rules! fixtures {
    ($($name:literal),* $(,)?) => {
        pub(crate) const FIXTURES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../../../tests/fixtures/dingtalk/", $name, ".json")))),*];
    };
}

fixtures!(
    "action_card",
    "audio",
    "audio_packed",
    "audio_silent",
    "chat_record",
    "chat_record_array",
    "chat_record_empty",
    "file",
    "file_packed",
    "interactive_card",
    "link",
    "location",
    "markdown",
    "over_quota",
    "over_quota_empty",
    "picture",
    "picture_packed",
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
    "quote_no_content",
    "quote_other_bot",
    "quote_own_card",
    "quote_own_message",
    "quote_packed",
    "quote_picture",
    "quote_rich_text",
    "quote_stale",
    "quote_text",
    "quote_unknown",
    "quote_untyped",
    "quote_video",
    "quote_without_message",
    "reply",
    "rich_text",
    "rich_text_at_by_id",
    "rich_text_at_only_us",
    "rich_text_at_us",
    "rich_text_everything",
    "rich_text_many",
    "rich_text_mention_inside",
    "rich_text_old",
    "system_hint",
    "text_at_all",
    "text_bare",
    "text_direct",
    "text_direct_outsider",
    "text_flag_only",
    "text_group",
    "text_group_outsider",
    "text_group_own",
    "text_markdown",
    "text_mention_inside",
    "text_no_sender",
    "text_others_only",
    "text_packed",
    "text_unicode",
    "unheard_of",
    "unknown",
    "video",
    "video_number",
);

#[test]
fn no_fixture_is_forgotten() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/dingtalk");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names, FIXTURES.iter().map(|(name, _)| *name).collect::<Vec<_>>());
}

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
