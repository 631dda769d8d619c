//! A conversation that somebody forwarded as one message.

use super::{
    attachment::{self, Origin},
    body::{Body, words},
    fields::Fields,
};
use host_sdk::AttachmentKind;
use serde_json::Value;

/// Where the entries have been seen (DingTalk protocol §4.10).
const ENTRY_KEYS: [&str; 3] = ["chatRecord", "records", "messages"];

/// Takes a forwarded conversation: its title, then a line for each entry. One without entries has
/// at least a summary.
pub(super) fn take(content: &mut Fields, origin: Origin<'_>) -> Body {
    let mut body = Body::read();
    let mut lines = Vec::from_iter(content.text("title"));
    let titles = lines.len();

    for key in ENTRY_KEYS {
        let mut odd = Vec::new();
        for entry in content.list(key).unwrap_or_default() {
            let (line, rest) = take_entry(entry, origin, &mut body);
            lines.extend(line);
            odd.extend(rest);
        }
        content.put_back_list(key, odd);
        lines.extend(content.text(key)); // no list after all
    }
    if lines.len() == titles {
        lines.extend(content.text("summary"));
    }
    body.understood = !lines.is_empty();
    body.text = lines.join("\n");
    body
}

/// One entry as a line, and what is left of it.
fn take_entry(entry: Value, origin: Origin<'_>, body: &mut Body) -> (Option<String>, Option<Value>) {
    let mut entry = match Fields::of(entry) {
        Ok(entry) => entry,
        Err(Value::String(text)) => return (Some(text), None),
        Err(other) => return (None, Some(other)),
    };
    let name = entry.text_of(&["senderNick", "senderName"]);
    let words = words(&mut entry);
    body.attachments.extend(attachment::take(entry_kind(&entry), &mut entry, origin));
    let line = match (name, words) {
        (Some(name), Some(words)) => Some(format!("{name}: {words}")),
        (Some(name), None) => Some(format!("{name}:")),
        (None, words) => words,
    };
    (line, entry.rest())
}

fn entry_kind(entry: &Fields) -> AttachmentKind {
    match entry.peek("msgType").as_deref() {
        Some("picture") => AttachmentKind::Picture,
        Some("audio") => AttachmentKind::Audio,
        Some("video") => AttachmentKind::Video,
        _ => AttachmentKind::File,
    }
}
