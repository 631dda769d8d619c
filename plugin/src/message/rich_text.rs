//! Text and pictures in one message.

use super::{
    attachment::{self, Origin},
    body::Body,
    fields::Fields,
    people::NamedMention,
};
use host_sdk::AttachmentKind;
use serde_json::Value;

/// More people are mentioned one by one in no message that somebody wrote; each is compared with all others.
const MOST_MENTIONS: usize = 500;

/// Takes the items of rich text. Quoted rich text has other key names for the same things
/// (DingTalk protocol §4.4, §4.9).
pub(super) fn take(content: &mut Fields, origin: Origin<'_>) -> Body {
    let Some((key, items)) =
        ["richText", "richTextList"].into_iter().find_map(|key| Some((key, content.list(key)?)))
    else {
        return Body::words_or_nothing(super::body::words(content));
    };
    let mut body = Body::read();
    let mut odd = Vec::new();
    for item in items {
        match Fields::of(item) {
            Ok(item) => odd.extend(take_item(item, origin, &mut body)),
            Err(Value::String(text)) => body.text.push_str(&text),
            Err(other) => odd.push(other),
        }
    }
    body.understood = !body.text.is_empty() || !body.attachments.is_empty() || odd.is_empty();
    content.put_back_list(key, odd);
    body
}

/// Takes what one item says and answers what is left of it.
fn take_item(mut item: Fields, origin: Origin<'_>, body: &mut Body) -> Option<Value> {
    let kind = item.text_of(&["type", "msgType"]).unwrap_or_default();
    match kind.as_str() {
        "picture" => match attachment::take(AttachmentKind::Picture, &mut item, origin) {
            Some(picture) => {
                body.attachments.push(picture);
                // What follows a picture stands below it.
                if !body.text.is_empty() && !body.text.ends_with('\n') {
                    body.text.push('\n');
                }
            }
            None => item.put("type", kind),
        },
        "at" => take_mention(&mut item, body),
        "skill" => take_skill(&mut item, body),
        "" | "text" | "emoji" => match item.text_of(&["text", "content"]) {
            Some(text) if looks_like_mention(&text) => drop(mention(body, &text, None, false)),
            Some(text) => body.text.push_str(&text),
            None if item.is_empty() => {}
            None => item.put_text("type", Some(kind).filter(|kind| !kind.is_empty())),
        },
        _ => {
            body.text.push_str(&item.text_of(&["text", "content"]).unwrap_or_default());
            item.put("type", kind);
        }
    }
    item.rest()
}

/// Whether a whole item is `@name` and nothing else, as our own mention is. A name with a space in it cannot be told from a name
/// and a word, and a word must not be lost.
fn looks_like_mention(text: &str) -> bool {
    let text = text.trim();
    text.len() > 1 && text.starts_with('@') && !text.contains(char::is_whitespace)
}

fn take_mention(item: &mut Fields, body: &mut Body) {
    let user_id = item.text("atUserId");
    let name = item.text_of(&["atName", "text", "content"]).unwrap_or_default();
    let unnoted = mention(body, &format!("@{} ", name.trim_start_matches('@')), user_id, true);
    item.put_text("atUserId", unnoted);
}

/// Adds a mention, as words and, up to so many, as a fact. Beyond those, the id comes back.
fn mention(body: &mut Body, text: &str, user_id: Option<String>, is_certain: bool) -> Option<String> {
    let begin = body.text.len();
    body.text.push_str(text);
    if body.mentions.len() == MOST_MENTIONS {
        return user_id;
    }
    let name = text.trim().trim_start_matches('@').trim().to_owned();
    body.mentions.push(NamedMention { name, user_id, place: begin..body.text.len(), is_certain });
    None
}

/// A skill is chosen from a menu; its name is what the person sees in the message.
fn take_skill(item: &mut Fields, body: &mut Body) {
    if let Some(mut skill) = item.object("skillData") {
        if let Some(name) = skill.text("displayName") {
            body.text.push_str(&name);
            body.text.push(' ');
        }
        item.put_back("skillData", skill);
    }
}
