//! What becomes of every recorded payload.

mod kinds;
mod loss;
mod people;
mod quotes;
mod unreadable;

use super::{attachment::AttachmentHandle, inbound::decode};
use host_sdk::InboundMessage;
use serde_json::Value;

const RECEIVED_AT_MS: i64 = 1_790_000_000_500;

/// Every fixture by name.
macro_rules! fixtures {
    ($($name:literal),* $(,)?) => {
        const FIXTURES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../../../tests/fixtures/dingtalk/", $name, ".json")))),*];
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
