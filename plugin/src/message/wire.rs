//! A robot message in DingTalk's words.

use super::{
    attachment::Origin,
    fields::Fields,
    inbound::{Reason, Undecodable},
};
use crate::json;
use serde_json::Value;

/// The fields that every robot message has or may have (DingTalk protocol §4.1).
///
/// It is read field by field and not derived, because one field of an unexpected type must cost
/// that field and not the message: what is odd or unknown stays in `rest`. It has no `Debug`,
/// because it holds the webhook.
#[derive(Default)]
pub(super) struct RobotMessage {
    pub(super) msg_id: String,
    pub(super) msgtype: String,
    pub(super) create_at: Option<i64>,
    pub(super) conversation_id: String,
    pub(super) conversation_type: Option<String>,
    pub(super) conversation_title: Option<String>,
    pub(super) sender_id: Option<String>,
    pub(super) sender_staff_id: Option<String>,
    pub(super) sender_union_id: Option<String>,
    pub(super) sender_corp_id: Option<String>,
    pub(super) sender_nick: Option<String>,
    pub(super) sender_platform: Option<String>,
    pub(super) is_admin: Option<bool>,
    pub(super) chatbot_user_id: Option<String>,
    pub(super) robot_code: Option<String>,
    pub(super) at_users: Vec<AtUser>,
    pub(super) is_in_at_list: Option<bool>,
    pub(super) session_webhook: Option<String>,
    pub(super) session_webhook_expired_time: Option<i64>,
    pub(super) original_msg_id: Option<String>,
    pub(super) original_process_query_key: Option<String>,
    /// All that is left: the body, and what nobody has heard of yet.
    pub(super) rest: Fields,
}

/// One entry of `atUsers`.
#[derive(Debug, Default)]
pub(super) struct AtUser {
    pub(super) dingtalk_id: Option<String>,
    pub(super) staff_id: Option<String>,
    pub(super) union_id: Option<String>,
}

impl RobotMessage {
    /// Reads the decoded `data` of a frame.
    ///
    /// # Errors
    /// When it is no JSON object, or lacks what makes it a message: an id and a conversation.
    pub(super) fn read(data: &str) -> Result<Self, Undecodable> {
        let value: Value = json::from_str(data).map_err(|error| Undecodable::json(&error))?;
        let mut rest = Fields::of(value).map_err(|_| Undecodable::new(None, Reason::NotAnObject))?;

        let Some(msg_id) = rest.text("msgId") else {
            return Err(Undecodable::new(None, Reason::NoMessageId));
        };
        let Some(conversation_id) = rest.text("conversationId") else {
            return Err(Undecodable::new(Some(msg_id), Reason::NoConversation));
        };
        Ok(Self {
            msg_id,
            conversation_id,
            msgtype: rest.peek("msgtype").unwrap_or_default(),
            create_at: rest.number("createAt"),
            conversation_type: rest.peek("conversationType"),
            conversation_title: rest.text("conversationTitle"),
            sender_id: rest.text("senderId"),
            sender_staff_id: rest.text("senderStaffId"),
            sender_union_id: rest.text("senderUnionId"),
            sender_corp_id: rest.text("senderCorpId"),
            sender_nick: rest.text("senderNick"),
            sender_platform: rest.text("senderPlatform"),
            is_admin: rest.flag("isAdmin"),
            chatbot_user_id: rest.peek("chatbotUserId"),
            robot_code: rest.text("robotCode"),
            at_users: AtUser::take_all(&mut rest),
            is_in_at_list: rest.flag("isInAtList"),
            session_webhook: rest.text("sessionWebhook"),
            session_webhook_expired_time: rest.number("sessionWebhookExpiredTime"),
            original_msg_id: rest.text("originalMsgId"),
            original_process_query_key: rest.text("originalProcessQueryKey"),
            rest,
        })
    }

    /// Whether the robot is mentioned and, but for those with one of the ids that `named` has, nobody else.
    pub(super) fn mentions_only_the_robot(&self, named: impl Fn(&str) -> bool) -> bool {
        let (us, others): (Vec<&AtUser>, Vec<_>) =
            self.at_users.iter().partition(|user| self.is_robot(user.dingtalk_id.as_deref()));
        let is_named = |user: &AtUser| user.ids().any(&named);
        (self.is_in_at_list == Some(true) || !us.is_empty()) && others.into_iter().all(is_named)
    }

    /// Whether `id` is the robot's own encrypted id.
    pub(super) fn is_robot(&self, id: Option<&str>) -> bool {
        id.is_some() && id == self.chatbot_user_id.as_deref()
    }

    /// Whether `id` means the robot, in whatever spelling rich text has it.
    pub(super) fn is_called(&self, id: &str) -> bool {
        self.is_robot(Some(id)) || self.robot_code.as_deref() == Some(id)
    }

    /// Whose the files are that came with it.
    pub(super) fn origin(&self) -> Origin<'_> {
        Origin { robot_code: self.robot_code.as_deref().unwrap_or_default(), msg_id: &self.msg_id }
    }
}

impl AtUser {
    fn ids(&self) -> impl Iterator<Item = &str> {
        [&self.staff_id, &self.dingtalk_id, &self.union_id].into_iter().filter_map(Option::as_deref)
    }

    /// Takes the entries of `atUsers`; what is odd about them stays.
    fn take_all(message: &mut Fields) -> Vec<Self> {
        let mut users = Vec::new();
        let mut odd = Vec::new();
        for entry in message.list("atUsers").unwrap_or_default() {
            let mut entry = match Fields::of(entry) {
                Ok(entry) => entry,
                Err(other) => {
                    odd.push(other);
                    continue;
                }
            };
            users.push(Self {
                dingtalk_id: entry.text("dingtalkId"),
                staff_id: entry.text("staffId"),
                union_id: entry.text("unionId"),
            });
            odd.extend(entry.rest());
        }
        message.put_back_list("atUsers", odd);
        users
    }
}
