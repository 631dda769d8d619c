//! Who is mentioned, and the text without the mention of us.

use super::{changed, message};
use host_sdk::InboundMessage;
use serde_json::json;

/// Everyone mentioned, as `us` or their id, with their name if it is known.
fn mentioned(message: &InboundMessage) -> Vec<(&str, &str)> {
    message
        .mentions
        .iter()
        .map(|mention| (if mention.is_us { "us" } else { mention.id.as_str() }, mention.name.as_str()))
        .collect()
}

#[test]
fn our_name_inside_a_sentence_of_rich_text_is_taken_out() {
    let message = message("rich_text_mention_inside");
    assert_eq!(message.text, "please look at this");
    assert_eq!(mentioned(&message), [("us", "Helper")]);
}

#[test]
fn an_item_that_mentions_us_is_taken_out_whether_it_has_an_id_or_not() {
    let with_id = message("rich_text_at_by_id");
    assert_eq!(with_id.text, "@Mo hello both");
    assert_eq!(mentioned(&with_id), [("us", "Helper"), ("user0002", "Mo")]);

    let without = message("rich_text_at_only_us");
    assert_eq!(without.text, "ask\u{2005}about the build");
    assert_eq!(mentioned(&without), [("us", "Helper")]);
}

#[test]
fn a_name_without_an_id_is_ours_if_everyone_else_has_one() {
    let ours = message("rich_text_at_us");
    assert_eq!(ours.text, "and @Mo what do you think?");
    assert_eq!(mentioned(&ours), [("us", "Helper"), ("user0002", "Mo")]);

    let anyones = changed("rich_text_at_us", |payload| {
        payload["content"]["richText"][2].as_object_mut().unwrap().remove("atUserId");
    });
    assert_eq!(anyones.text, "@Helper  and @Mo what do you think?");
    assert_eq!(mentioned(&anyones), [("us", ""), ("user0002", ""), ("", "Helper"), ("", "Mo")]);
    assert!(anyones.was_mentioned);
}

#[test]
fn our_mention_by_robot_code_is_ours() {
    let message = changed("rich_text_at_by_id", |payload| {
        payload["content"]["richText"][0]["atUserId"] = json!("dingfakeapp00000001");
        payload["atUsers"] = json!([]);
    });
    assert_eq!(message.text, "@Mo hello both");
    assert_eq!(mentioned(&message), [("us", "Helper"), ("", "Mo")]);
    assert!(message.was_mentioned);
}

#[test]
fn several_lone_names_stay_unless_the_first_opens_the_text() {
    let items = |first: &str| json!([{"text": first}, {"text": "@one "}, {"text": "or"}, {"text": " @two "}]);
    let inside = changed("rich_text", |payload| payload["content"]["richText"] = items("who? "));
    assert_eq!(inside.text, "who? @one or @two");
    let opening = changed("rich_text", |payload| payload["content"]["richText"] = items("@Helper "));
    assert_eq!(opening.text, "@one or @two");
}

#[test]
fn a_flood_of_mentions_is_read_as_words_from_some_point_on() {
    let message = changed("rich_text", |payload| {
        payload["content"]["richText"] =
            (0..20_000).map(|n| json!({"type": "at", "atName": n.to_string(), "atUserId": n})).collect();
    });
    assert_eq!(message.mentions.len(), 501);
    assert!(message.text.starts_with("@0 @1 ") && message.text.ends_with("@19999"));
    assert!(message.extra.as_str().contains("19999"), "what is no fact is kept aside");
}

#[test]
fn a_mention_of_all_is_of_someone_and_not_of_us() {
    let message = message("text_at_all");
    assert!(message.has_any_mention && !message.was_mentioned);
    assert_eq!(message.text, "@所有人 the build is green");
}

#[test]
fn mentions_of_others_stay_in_the_text_and_are_not_ours() {
    let message = message("text_others_only");
    assert_eq!(message.text, "@Mo can you look?");
    assert!(message.has_any_mention && !message.was_mentioned);
    assert_eq!(mentioned(&message), [("user0002", "")]);
}

#[test]
fn the_flag_alone_says_that_we_are_mentioned() {
    let message = message("text_flag_only");
    assert!(message.was_mentioned && message.mentions.is_empty());
}
