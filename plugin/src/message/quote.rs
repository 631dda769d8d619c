//! The earlier message that a message answers.

use super::{
    body::{Body, BodyKind},
    fields::Fields,
    wire::RobotMessage,
};
use host_sdk::Quote;
use serde_json::{Map, Value};

/// Takes the quote out of a message and its body (DingTalk protocol §4.9).
///
/// Often only an id arrives; then the host, or our own index of what we sent, has to know the rest.
pub(super) fn take(message: &mut RobotMessage, body: &mut Fields) -> Option<Quote> {
    let said = body.flag("isReplyMsg");
    if said == Some(false) {
        // A message that is none may still carry an old quote: it stays with what was not understood.
        body.put("isReplyMsg", false);
        message.rest.put_text("originalMsgId", message.original_msg_id.take());
        message.rest.put_text("originalProcessQueryKey", message.original_process_query_key.take());
        return None;
    }
    let quoted = body.object("repliedMsg").or_else(|| message.rest.object("quoteMessage"));
    let words = body.text("quoteContent").or_else(|| stray_words(&mut message.rest));
    let original = message.original_msg_id.take();
    let key = message.original_process_query_key.take();
    if said.is_none() && quoted.is_none() && words.is_none() && original.is_none() && key.is_none() {
        return None;
    }

    let mut quote = quoted.map(|quoted| read(message, quoted)).unwrap_or_default();
    if quote.quote.text.is_empty() {
        quote.quote.text = words.unwrap_or_default();
    } else {
        quote.rest.put_text("quoteContent", words);
    }
    match original {
        Some(id) if quote.quote.id.is_empty() => quote.quote.id = id,
        Some(id) if quote.quote.id != id => quote.rest.put("originalMsgId", id),
        _ => {}
    }
    // Only a message of ours has a key: it is what sending, or delivering a card, answered us.
    quote.quote.ours |= key.is_some();
    quote.rest.put_text("originalProcessQueryKey", key);
    quote.quote.extra = quote.rest.into_json();
    Some(quote.quote)
}

/// Every id that says which message is quoted, the surest first.
pub(crate) fn ids(quote: &Quote) -> Vec<String> {
    let extra: Map<String, Value> = quote.extra.parse().unwrap_or_default();
    let named = |key| extra.get(key).and_then(Value::as_str).map(str::to_owned);
    let ids = [named("originalProcessQueryKey"), Some(quote.id.clone()), named("originalMsgId")];
    ids.into_iter().flatten().filter(|id| !id.is_empty()).collect()
}

/// The quoted message is one of ours, and said `text`. What DingTalk itself quotes of it stays.
pub(crate) fn is_ours(quote: &mut Quote, text: &str) {
    quote.ours = true;
    if quote.text.trim().is_empty() {
        text.clone_into(&mut quote.text);
    }
}

/// A quote and what was not understood of it.
#[derive(Default)]
struct Reading {
    quote: Quote,
    rest: Fields,
}

fn read(message: &RobotMessage, mut quoted: Fields) -> Reading {
    let id = quoted.text("msgId").unwrap_or_default();
    let kind = quoted.peek("msgType").or_else(|| quoted.peek("msgtype")).unwrap_or_default();
    let sender = quoted.text("senderId");

    let key = if quoted.has("content") { "content" } else { "text" };
    let mut content = quoted.object_or_text(key).unwrap_or_default();
    let body = Body::take(BodyKind::of(&kind, &content), &mut content, message.origin());
    quoted.put_back(key, content);
    let ids = body.mentions.into_iter().filter_map(|named| named.user_id).map(Value::from).collect();
    quoted.put_back_list("atUserIds", ids);

    let quote = Quote {
        id,
        ours: message.is_robot(sender.as_deref()),
        sender: sender.unwrap_or_default(),
        text: body.text,
        attachments: body.attachments,
        ..Quote::default()
    };
    Reading { quote, rest: quoted }
}

/// The words of a quote in an old form: beside a `text` message, in a `content` of their own.
fn stray_words(message: &mut Fields) -> Option<String> {
    let mut content = message.object("content")?;
    let words = content.text("quoteContent");
    message.put_back("content", content);
    words
}
