//! Texts as people and clients write them.

use super::{RECEIVED_AT_MS, changed, fixture, message};
use crate::message::inbound::decode;
use host_sdk::InboundMessage;
use proptest::prelude::*;
use serde_json::json;

fn says(text: &str) -> InboundMessage {
    changed("text_direct", |payload| payload["text"]["content"] = json!(text))
}

#[test]
fn directions_joiners_marks_and_nul_arrive_as_they_were_written() {
    let text = message("text_unicode").text;
    assert!(
        text.starts_with("שלום مرحبا \u{202e}abc\u{202c} 👩\u{200d}👩\u{200d}👧 e\u{301} nul:\0: end"),
        "{text:?}"
    );
}

#[test]
fn markdown_arrives_line_by_line() {
    assert!(message("text_markdown").text.ends_with("```\n| a | b |\n|---|---|\n| 1 | 2 |"));
}

#[test]
fn a_hundred_kilobytes_arrive_whole() {
    let text = "漢字 and words\n".repeat(6_000);
    assert!(text.len() > 100_000);
    assert_eq!(says(&text).text, text.trim_end());
}

#[test]
fn half_a_character_costs_that_character_and_not_the_message() {
    let payload = fixture("text_direct").replace("hello", r"cut short \ud83d");
    let message = decode(&payload, RECEIVED_AT_MS).unwrap();
    assert_eq!(message.text, "cut short \u{fffd}");

    let packed = fixture("text_direct")
        .replace(r#"{"content": "hello"}"#, r#""{\"content\": \"cut short \\ud83d\"}""#);
    assert_eq!(decode(&packed, RECEIVED_AT_MS).unwrap().text, "cut short \u{fffd}");
}

#[test]
fn a_text_that_looks_like_json_is_a_text() {
    for text in [r#"{"content":"x"}"#, "[1,2]", "null", r#""quoted""#, "{"] {
        assert_eq!(says(text).text, text);
    }
}

proptest! {
    #[test]
    fn any_text_arrives(text in "\\PC{0,40}[\\x00-\\x1f\\u{200b}-\\u{200f}\\u{2028}\\u{202a}-\\u{202e}]{0,8}\\PC{0,40}") {
        prop_assert_eq!(says(&text).text, text.trim_end());
    }
}
