//! Whether anything was lost between what DingTalk said and what was made of it.

use crate::json;
use host_sdk::{ConversationKind, InboundMessage};
use serde::Serialize;
use serde_json::{Number, Value};

/// The type of an item of rich text is understood where the item is read, and not told.
const ITEM_TYPES: [&str; 5] = ["at", "emoji", "picture", "skill", "text"];

/// A flag may come as a text; it is understood where it is read, and not told.
const FLAGS: [&str; 2] = ["true", "false"];

/// The texts and numbers of a payload that are nowhere in the facts, the handles or `extra`.
pub(crate) fn of(payload: &Value, message: &InboundMessage) -> Vec<String> {
    let kind = match message.conversation.kind {
        ConversationKind::Group => "2",
        _ => "1",
    };
    let mut lost = between(payload, message);
    lost.retain(|leaf| leaf != kind && !ITEM_TYPES.iter().chain(&FLAGS).any(|understood| leaf == understood));
    lost
}

/// The texts and numbers of what was `given` that are nowhere in what was made of it.
pub(crate) fn between(given: &Value, made: &impl Serialize) -> Vec<String> {
    let mut kept = Vec::new();
    texts(&serde_json::to_value(made).unwrap_or_default(), &mut kept);
    let mut lost = Vec::new();
    compare(given, &kept, &mut lost);
    lost
}

fn compare(given: &Value, kept: &[String], lost: &mut Vec<String>) {
    let is_kept = |leaf: &str| kept.iter().any(|text| text.contains(leaf));
    match given {
        Value::Object(map) => map.values().for_each(|value| compare(value, kept, lost)),
        Value::Array(list) => list.iter().for_each(|value| compare(value, kept, lost)),
        Value::Number(number) if !is_kept(&number.to_string()) && !is_nearly_kept(number, kept) => {
            lost.push(number.to_string());
        }
        Value::String(text) if !is_kept(bare(text)) => match packed(text) {
            Some(inner) => compare(&inner, kept, lost),
            None => lost.push(bare(text).to_owned()),
        },
        _ => {}
    }
}

/// Whether a number is kept but for its last digits, which the parser does not promise.
fn is_nearly_kept(number: &Number, kept: &[String]) -> bool {
    let is_near =
        |kept: f64| number.as_f64().is_some_and(|given| (given - kept).abs() <= given.abs() * 1e-12);
    number.is_f64() && kept.iter().filter_map(|text| text.parse().ok()).any(is_near)
}

/// Every text and number inside a value, also inside texts that are JSON themselves.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => map.values().for_each(|value| texts(value, found)),
        Value::Array(list) => list.iter().for_each(|value| texts(value, found)),
        Value::Number(number) => found.push(number.to_string()),
        Value::String(text) => {
            if let Some(inner) = packed(text) {
                texts(&inner, found);
            }
            found.push(text.clone());
        }
        Value::Bool(flag) => found.push(flag.to_string()),
        Value::Null => {}
    }
}

/// The object or list that a text is.
fn packed(text: &str) -> Option<Value> {
    json::from_str(text).ok().filter(|value: &Value| value.is_object() || value.is_array())
}

/// A text without the space around it, and without the sign that makes a name a mention.
fn bare(text: &str) -> &str {
    let is_space = |c: char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}');
    text.trim_matches(is_space).trim_start_matches('@').trim_matches(is_space)
}
