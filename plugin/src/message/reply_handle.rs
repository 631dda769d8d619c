//! What it takes to answer a message, also from a new process.

use super::handle::{self, HandleError};
use crate::secret::Secret;
use host_sdk::{ConversationKind, Handle};
use serde::{Deserialize, Serialize};

/// The format this version writes; it reads every earlier one.
const FORMAT: u32 = 1;

/// A webhook this close to its end is not used any more: the request has to get there first.
const WEBHOOK_MARGIN_MS: i64 = 5_000;

/// Everything needed to answer one message. The host keeps it with the message, as a [`Handle`].
///
/// A field that DingTalk did not send is `None`; with any one of the webhook, the staff id or the
/// conversation there is a way to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReplyHandle {
    /// The conversation, in its original case.
    pub(crate) conversation_id: String,
    /// Direct or group.
    pub(crate) kind: ConversationKind,
    /// The sender's user id; absent for people outside the organisation.
    pub(crate) staff_id: Option<String>,
    /// The sender's encrypted id.
    pub(crate) sender_id: Option<String>,
    /// What the sender is called.
    pub(crate) sender_nick: Option<String>,
    /// The robot that was written to; absent for custom webhook robots.
    pub(crate) robot_code: Option<String>,
    /// Where an answer can be posted for a while. Whoever has it can answer, so it never prints.
    pub(crate) session_webhook: Option<Secret>,
    /// When the webhook ends, in ms since the epoch, by DingTalk's clock.
    pub(crate) webhook_expires_at_ms: Option<i64>,
    /// The message.
    pub(crate) msg_id: String,
    /// When it was written, by DingTalk's clock; 0 if unknown.
    pub(crate) sent_at_ms: i64,
    /// When it arrived, by ours.
    pub(crate) received_at_ms: i64,
}

impl ReplyHandle {
    /// Writes it down for the host.
    pub(crate) fn encode(&self) -> Handle {
        handle::seal(FORMAT, &Stored::from(self))
    }

    /// Reads what [`Self::encode`] wrote, in this version or an earlier one.
    ///
    /// # Errors
    /// When there is none, when it is damaged, or when a later version wrote it.
    pub(crate) fn decode(handle: &Handle) -> Result<Self, HandleError> {
        handle::unseal::<Stored>(FORMAT, handle).map(Self::from)
    }

    /// The webhook, if an answer sent at `now_ms` still gets through it. One without an end is
    /// worth a try.
    pub(crate) fn webhook_at(&self, now_ms: i64) -> Option<&Secret> {
        let alive =
            self.webhook_expires_at_ms.is_none_or(|end| now_ms.saturating_add(WEBHOOK_MARGIN_MS) < end);
        self.session_webhook.as_ref().filter(|_| alive)
    }

    /// Whether the conversation is a group.
    pub(crate) fn is_group(&self) -> bool {
        self.kind == ConversationKind::Group
    }
}

/// The written form. Its keys are short-lived but stored: rename none, add only optional ones.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
    conversation_id: String,
    kind: ConversationKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    staff_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sender_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sender_nick: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    robot_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session_webhook: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    webhook_expires_at_ms: Option<i64>,
    msg_id: String,
    #[serde(default)]
    sent_at_ms: i64,
    #[serde(default)]
    received_at_ms: i64,
}

impl From<&ReplyHandle> for Stored {
    fn from(reply: &ReplyHandle) -> Self {
        Self {
            conversation_id: reply.conversation_id.clone(),
            kind: reply.kind,
            staff_id: reply.staff_id.clone(),
            sender_id: reply.sender_id.clone(),
            sender_nick: reply.sender_nick.clone(),
            robot_code: reply.robot_code.clone(),
            session_webhook: reply.session_webhook.as_ref().map(|url| url.reveal().to_owned()),
            webhook_expires_at_ms: reply.webhook_expires_at_ms,
            msg_id: reply.msg_id.clone(),
            sent_at_ms: reply.sent_at_ms,
            received_at_ms: reply.received_at_ms,
        }
    }
}

impl From<Stored> for ReplyHandle {
    fn from(stored: Stored) -> Self {
        Self {
            conversation_id: stored.conversation_id,
            kind: stored.kind,
            staff_id: stored.staff_id,
            sender_id: stored.sender_id,
            sender_nick: stored.sender_nick,
            robot_code: stored.robot_code,
            session_webhook: stored.session_webhook.map(Secret::new),
            webhook_expires_at_ms: stored.webhook_expires_at_ms,
            msg_id: stored.msg_id,
            sent_at_ms: stored.sent_at_ms,
            received_at_ms: stored.received_at_ms,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reply() -> ReplyHandle {
        ReplyHandle {
            conversation_id: "cidFake==".to_owned(),
            kind: ConversationKind::Group,
            staff_id: Some("user0001".to_owned()),
            sender_id: None,
            sender_nick: Some("Lin".to_owned()),
            robot_code: Some("dingfake".to_owned()),
            session_webhook: Some(Secret::new("https://oapi.dingtalk.com/robot/sendBySession?session=s1")),
            webhook_expires_at_ms: Some(1_790_005_400_120),
            msg_id: "msgFake==".to_owned(),
            sent_at_ms: 1_790_000_000_000,
            received_at_ms: 1_790_000_000_250,
        }
    }

    #[test]
    fn its_written_form_is_stable() {
        insta::assert_snapshot!(reply().encode().reveal(), @r#"{"v":1,"conversationId":"cidFake==","kind":"group","staffId":"user0001","senderNick":"Lin","robotCode":"dingfake","sessionWebhook":"https://oapi.dingtalk.com/robot/sendBySession?session=s1","webhookExpiresAtMs":1790005400120,"msgId":"msgFake==","sentAtMs":1790000000000,"receivedAtMs":1790000000250}"#);
    }

    #[test]
    fn a_later_format_is_refused_and_says_so() {
        let later = Handle::new(r#"{"v":2,"conversationId":"c","somethingNew":[]}"#);
        let error = ReplyHandle::decode(&later).unwrap_err();
        assert_eq!(error, HandleError::Newer { found: 2, known: 1 });
        assert!(error.to_string().contains("update the plugin"));
    }

    #[test]
    fn damage_and_absence_are_told_apart() {
        assert_eq!(ReplyHandle::decode(&Handle::default()), Err(HandleError::Missing));
        assert_eq!(ReplyHandle::decode(&Handle::new("not ours")), Err(HandleError::Malformed));
        assert_eq!(ReplyHandle::decode(&Handle::new(r#"{"v":1}"#)), Err(HandleError::Malformed));
    }

    #[test]
    fn the_webhook_is_used_only_while_it_lives_and_never_prints() {
        let reply = reply();
        assert!(reply.webhook_at(1_790_000_000_000).is_some());
        assert!(reply.webhook_at(1_790_005_400_000).is_none());
        assert!(ReplyHandle { webhook_expires_at_ms: None, ..reply.clone() }.webhook_at(i64::MAX).is_some());
        assert!(!format!("{reply:?}").contains("session=s1"));
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_the_same(
            ids in proptest::array::uniform2(".*"),
            maybe in proptest::array::uniform5(proptest::option::of(".*")),
            times in proptest::array::uniform2(any::<i64>()),
            expiry in any::<Option<i64>>(),
            group in any::<bool>(),
        ) {
            let [conversation_id, msg_id] = ids;
            let [staff_id, sender_id, sender_nick, robot_code, webhook] = maybe;
            let reply = ReplyHandle {
                conversation_id,
                kind: if group { ConversationKind::Group } else { ConversationKind::Direct },
                staff_id,
                sender_id,
                sender_nick,
                robot_code,
                session_webhook: webhook.map(Secret::new),
                webhook_expires_at_ms: expiry,
                msg_id,
                sent_at_ms: times[0],
                received_at_ms: times[1],
            };
            prop_assert_eq!(ReplyHandle::decode(&reply.encode()), Ok(reply));
        }
    }
}
