//! From the `data` of a frame to facts.

use super::{
    body::{Body, BodyKind},
    fields::Fields,
    mention, people, quote,
    reply_handle::ReplyHandle,
    wire::RobotMessage,
};
use crate::secret::Secret;
use host_sdk::{Conversation, ConversationKind, EventKind, Handle, InboundMessage};
use std::fmt;

/// Why something that arrived is no message. Prints ids and places only, never content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Undecodable {
    /// The message's id, if it has one.
    pub(crate) msg_id: Option<String>,
    /// What is the matter.
    pub(crate) reason: Reason,
}

/// What is the matter with something that is no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Reason {
    /// It is not JSON.
    #[error("it is not JSON: wrong at line {line}, column {column}")]
    NotJson {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// It is JSON, but no object.
    #[error("it is not a JSON object")]
    NotAnObject,
    /// Nothing tells it from another, or from itself when it comes again.
    #[error("it has no msgId")]
    NoMessageId,
    /// It belongs nowhere.
    #[error("it has no conversationId")]
    NoConversation,
}

impl Undecodable {
    pub(super) fn new(msg_id: Option<String>, reason: Reason) -> Self {
        Self { msg_id, reason }
    }

    pub(super) fn json(error: &serde_json::Error) -> Self {
        Self::new(None, Reason::NotJson { line: error.line(), column: error.column() })
    }
}

impl fmt::Display for Undecodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.msg_id {
            Some(id) => write!(f, "message {id} cannot be read: {}", self.reason),
            None => write!(f, "a message cannot be read: {}", self.reason),
        }
    }
}

impl std::error::Error for Undecodable {}

/// Why DingTalk, or this version, does not say what is in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Withheld {
    /// The organisation has used up its quota; the message's text is DingTalk's sentence about it.
    OverQuota,
    /// It is of a kind that robots do not receive, or that this version does not know.
    Unsupported,
}

impl Withheld {
    /// Why `message` was withheld, if it was.
    pub(crate) fn why(message: &InboundMessage) -> Option<Self> {
        if message.event != EventKind::Withheld {
            return None;
        }
        let extra = message.extra.parse().map(Fields::of).ok()?.unwrap_or_default();
        Some(Self::of(&extra))
    }

    fn of(extra: &Fields) -> Self {
        if extra.has("errorCode") { Self::OverQuota } else { Self::Unsupported }
    }

    /// The notice that tells the person.
    fn notice(self) -> &'static str {
        match self {
            Self::OverQuota => "overQuota",
            Self::Unsupported => "unsupported",
        }
    }
}

/// Reads the decoded `data` of a robot message that arrived at `received_at_ms`.
///
/// Whatever is not understood is found in `extra`, under DingTalk's own keys; `extra.msgtype` always is.
/// A message that DingTalk withholds has the notice for its author there, as `notice.kind`.
///
/// Nothing else is left out but: which of several spellings a field had, blank texts, a known
/// `conversationType`, the types of items of rich text that were understood, and space around words.
///
/// # Errors
/// When it is no JSON object, or has no id or no conversation.
pub(crate) fn decode(data: &str, received_at_ms: i64) -> Result<InboundMessage, Undecodable> {
    let mut message = RobotMessage::read(data)?;
    let kind = conversation_kind(&mut message);
    let is_group = kind == ConversationKind::Group;
    let reply = reply_handle(&message, kind, received_at_ms);

    let (body_key, mut content) = take_content(&mut message);
    let quote = quote::take(&mut message, &mut content);
    let body = read_body(&mut message, &mut content, body_key);
    message.rest.put_back(body_key.unwrap_or("content"), content);
    if !body.understood {
        let kind = Withheld::of(&message.rest).notice();
        message.rest.put("notice", serde_json::json!({ "kind": kind }));
    }

    let Body { text, attachments, mentions: mut named, understood } = body;
    let (text, our_name) = mention::without_ours(text, &mut named, &message);
    let text = mention::tidy(&text, is_group);
    let mentions = people::mentions(&message, named, our_name.as_deref());
    let is_for_all = message.rest.peek_flag("isAtAll");
    let was_mentioned = message.is_in_at_list == Some(true) || mentions.iter().any(|mention| mention.is_us);

    Ok(InboundMessage {
        event: if understood { EventKind::Message } else { EventKind::Withheld },
        sender: people::sender(&message),
        text,
        can_detect_mention: is_group,
        was_mentioned,
        has_any_mention: was_mentioned || is_for_all || !mentions.is_empty(),
        mentions,
        quote,
        sent_at_ms: message.create_at.unwrap_or_default(),
        received_at_ms,
        attachments,
        reply,
        conversation: Conversation {
            id: message.conversation_id,
            kind,
            title: message.conversation_title.unwrap_or_default(),
            ..Conversation::default()
        },
        id: message.msg_id,
        extra: message.rest.into_json(),
        ..InboundMessage::default()
    })
}

/// Direct or group. Where the type is missing or new, what only groups have decides.
fn conversation_kind(message: &mut RobotMessage) -> ConversationKind {
    let kind = match message.conversation_type.as_deref() {
        Some("1") => ConversationKind::Direct,
        Some("2") => ConversationKind::Group,
        _ if message.conversation_title.is_some() || !message.at_users.is_empty() => {
            return ConversationKind::Group;
        }
        _ => return ConversationKind::Direct,
    };
    message.rest.text("conversationType");
    kind
}

fn reply_handle(message: &RobotMessage, kind: ConversationKind, received_at_ms: i64) -> Handle {
    ReplyHandle {
        conversation_id: message.conversation_id.clone(),
        kind,
        staff_id: message.sender_staff_id.clone(),
        sender_id: message.sender_id.clone(),
        sender_nick: message.sender_nick.clone(),
        robot_code: message.robot_code.clone(),
        session_webhook: message.session_webhook.clone().map(Secret::new),
        webhook_expires_at_ms: message.session_webhook_expired_time,
        msg_id: message.msg_id.clone(),
        sent_at_ms: message.create_at.unwrap_or_default(),
        received_at_ms,
    }
    .encode()
}

/// Takes the object that the message's type puts its content into, and the key it was under.
fn take_content(message: &mut RobotMessage) -> (Option<&'static str>, Fields) {
    let keys = if message.msgtype == "text" { ["text", "content"] } else { ["content", "text"] };
    keys.into_iter().find_map(|key| Some((Some(key), message.rest.object_or_text(key)?))).unwrap_or_default()
}

fn read_body(message: &mut RobotMessage, content: &mut Fields, key: Option<&str>) -> Body {
    if key.is_none() {
        // Over quota there is a sentence in place of the content; the code stays, to tell why.
        let sentence = message.rest.text("errorMessage").unwrap_or_default();
        return Body { text: sentence, ..Body::default() };
    }
    let mut body = Body::take(BodyKind::of(&message.msgtype, content), content, message.origin());
    if message.rest.has("errorCode") && body.text.trim().is_empty() && body.attachments.is_empty() {
        body.text = message.rest.text("errorMessage").unwrap_or_default();
        body.understood = false;
    }
    body
}
