//! What a message answers.

use super::{codes, message, pretty};
use host_sdk::AttachmentKind;
use serde_json::Value;

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
