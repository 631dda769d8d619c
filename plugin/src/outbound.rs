//! Whole messages of the host's: where they go, and in which words.

use crate::{
    message::{HandleError, ReplyHandle},
    wording::Wording,
};
use host_sdk::{ChannelError, ConversationKind, ErrorCode, OutboundMessage, Result};

/// Where `message` goes, and its text.
///
/// # Errors
/// `Unsupported` for attachments, `Rejected` for a target that names nobody.
pub(crate) fn message(message: &OutboundMessage, wording: Wording) -> Result<(ReplyHandle, String)> {
    if !message.attachments.is_empty() {
        let what = "this version sends text only; the attachments were not sent";
        return Err(ChannelError::new(ErrorCode::Unsupported, what));
    }
    let text = match &message.notice {
        Some(notice) => wording.notice(&notice.kind, &notice.params.parse().unwrap_or_default()),
        None => message.text.clone(),
    };
    if text.trim().is_empty() {
        return Err(ChannelError::new(ErrorCode::Rejected, "there is no text to send"));
    }
    Ok((recipient(message)?, text))
}

/// A handle that cannot be used, as the host is told of it.
pub(crate) fn unusable(error: HandleError) -> ChannelError {
    ChannelError::new(ErrorCode::Rejected, error.to_string())
}

fn recipient(message: &OutboundMessage) -> Result<ReplyHandle> {
    if !message.reply.is_empty() {
        return ReplyHandle::decode(&message.reply).map_err(unusable);
    }
    let (kind, id) = match &message.conversation {
        Some(conversation) if conversation.kind == ConversationKind::Group => {
            (ConversationKind::Group, conversation.id.as_str())
        }
        _ => target(&message.target),
    };
    if id.is_empty() {
        let what = "the message names nobody: give `user:<staff id>` or `group:<conversation id>`";
        return Err(ChannelError::new(ErrorCode::Rejected, what));
    }
    Ok(to(kind, id))
}

/// Reads a target as a person writes it. Group ids and those of private conversations both begin
/// with `cid`, but only a group can be written to by it.
fn target(written: &str) -> (ConversationKind, &str) {
    let mut bare = written.trim();
    for channel in ["dingtalk:", "dd:", "ding:"] {
        bare = bare.strip_prefix(channel).unwrap_or(bare);
    }
    if let Some(group) = bare.strip_prefix("group:") {
        (ConversationKind::Group, group.trim())
    } else if let Some(user) = bare.strip_prefix("user:") {
        (ConversationKind::Direct, user.trim())
    } else if bare.starts_with("cid") {
        (ConversationKind::Group, bare)
    } else {
        (ConversationKind::Direct, bare)
    }
}

fn to(kind: ConversationKind, id: &str) -> ReplyHandle {
    let is_group = kind == ConversationKind::Group;
    ReplyHandle {
        conversation_id: if is_group { id.to_owned() } else { String::new() },
        kind,
        staff_id: (!is_group).then(|| id.to_owned()),
        sender_id: None,
        sender_nick: None,
        robot_code: None,
        session_webhook: None,
        webhook_expires_at_ms: None,
        msg_id: String::new(),
        sent_at_ms: 0,
        received_at_ms: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use host_sdk::{Attachment, Conversation};

    #[test]
    fn a_target_keeps_its_case_and_loses_its_prefixes() {
        const DIRECT: ConversationKind = ConversationKind::Direct;
        const GROUP: ConversationKind = ConversationKind::Group;
        for (written, expected) in [
            ("user:Manager8031", (DIRECT, "Manager8031")),
            ("dingtalk:user:u1", (DIRECT, "u1")),
            ("group:cidAbC==", (GROUP, "cidAbC==")),
            ("dd:cidAbC==", (GROUP, "cidAbC==")),
            (" u1 ", (DIRECT, "u1")),
        ] {
            assert_eq!(target(written), expected, "{written}");
        }
    }

    #[test]
    fn a_message_to_nobody_or_without_words_is_refused_and_says_why() {
        let wording = Wording::default();
        let nobody = OutboundMessage { text: "hello".into(), ..Default::default() };
        assert!(message(&nobody, wording).unwrap_err().message.contains("user:<staff id>"));
        let silent = OutboundMessage { target: "u1".into(), text: " ".into(), ..Default::default() };
        assert_eq!(message(&silent, wording).unwrap_err().code, ErrorCode::Rejected);
        let file = OutboundMessage { attachments: vec![Attachment::default()], ..silent };
        assert_eq!(message(&file, wording).unwrap_err().code, ErrorCode::Unsupported);
    }

    #[test]
    fn a_group_is_written_to_by_its_conversation() {
        let group =
            Conversation { id: "cidAbC==".into(), kind: ConversationKind::Group, ..Default::default() };
        let outbound =
            OutboundMessage { conversation: Some(group), text: "hello".into(), ..Default::default() };
        let (to, text) = message(&outbound, Wording::default()).unwrap();
        assert!(to.is_group());
        assert_eq!((to.conversation_id.as_str(), text.as_str()), ("cidAbC==", "hello"));
    }
}
