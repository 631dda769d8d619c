//! Messages that the robot sends on its own account, without a session webhook.

use super::client::{Api, Call};
use crate::error::{Error, ErrorKind, Limit, Result};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use std::time::Duration;

const SCOPE: &str = "qyapi_robot_sendmsg";
const TIMEOUT: Duration = Duration::from_secs(15);

/// What the robot says: a template of DingTalk's and its parameters as JSON text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RobotMessage {
    key: &'static str,
    param: String,
}

impl RobotMessage {
    /// Markdown; `title` is what the chat list shows.
    pub(crate) fn markdown(title: &str, text: &str) -> Self {
        Self { key: "sampleMarkdown", param: serde_json::json!({ "title": title, "text": text }).to_string() }
    }
}

/// Body of [`POST /v1.0/robot/oToMessages/batchSend`](https://open.dingtalk.com/document/orgapp/chatbots-send-one-on-one-chat-messages-in-batches).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SendToPeople<'a> {
    robot_code: &'a str,
    user_ids: [&'a str; 1],
    msg_key: &'a str,
    msg_param: &'a str,
}

impl Call for SendToPeople<'_> {
    const DURING: &'static str = "sending to a person";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1.0/robot/oToMessages/batchSend";
    const TIMEOUT: Duration = TIMEOUT;
    const SCOPE: &'static str = SCOPE;
    type Answer = SendAnswer;
}

/// Body of [`POST /v1.0/robot/groupMessages/send`](https://open.dingtalk.com/document/orgapp/the-robot-sends-a-group-message).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SendToGroup<'a> {
    robot_code: &'a str,
    open_conversation_id: &'a str,
    msg_key: &'a str,
    msg_param: &'a str,
}

impl Call for SendToGroup<'_> {
    const DURING: &'static str = "sending to a group";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1.0/robot/groupMessages/send";
    const TIMEOUT: Duration = TIMEOUT;
    const SCOPE: &'static str = SCOPE;
    type Answer = SendAnswer;
}

/// The answer to both.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct SendAnswer {
    process_query_key: Option<String>,
    invalid_staff_id_list: Option<Vec<String>>,
    flow_controlled_staff_id_list: Option<Vec<String>>,
}

impl SendAnswer {
    /// The message's id. A person who is listed did not get it, in spite of HTTP 200.
    fn delivered(self, during: &'static str) -> Result<String> {
        if self.flow_controlled_staff_id_list.is_some_and(|ids| !ids.is_empty()) {
            let kind =
                ErrorKind::RateLimited { limit: Limit::Recipient, retry_after: Duration::from_secs(60) };
            return Err(Error::new(kind, during));
        }
        if self.invalid_staff_id_list.is_some_and(|ids| !ids.is_empty()) {
            let kind = ErrorKind::Rejected {
                code: "invalidStaffId".into(),
                message: "the person is not in the organisation, or outside the app's visible range".into(),
                request_id: String::new(),
            };
            return Err(Error::new(kind, during));
        }
        Ok(self.process_query_key.unwrap_or_default())
    }
}

impl Api {
    /// Sends to one person by staff id; answers with the message's `processQueryKey`. There is
    /// no idempotency key: an ambiguous failure must not be repeated blindly.
    ///
    /// # Errors
    /// `Rejected` when the person cannot be reached, `RateLimited` when DingTalk held it back.
    pub(crate) async fn send_to_person(
        &self,
        robot_code: &str,
        staff_id: &str,
        message: &RobotMessage,
    ) -> Result<String> {
        let call = SendToPeople {
            robot_code,
            user_ids: [staff_id],
            msg_key: message.key,
            msg_param: &message.param,
        };
        self.call(&call).await?.delivered(SendToPeople::DURING)
    }

    /// Sends to a group by its conversation id; answers with the message's `processQueryKey`.
    ///
    /// # Errors
    /// `Rejected` when the group is gone or the robot is not in it, among others.
    pub(crate) async fn send_to_group(
        &self,
        robot_code: &str,
        conversation_id: &str,
        message: &RobotMessage,
    ) -> Result<String> {
        let call = SendToGroup {
            robot_code,
            open_conversation_id: conversation_id,
            msg_key: message.key,
            msg_param: &message.param,
        };
        self.call(&call).await?.delivered(SendToGroup::DURING)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn answer(value: Value) -> Result<String> {
        serde_json::from_value::<SendAnswer>(value).unwrap().delivered("testing")
    }

    #[test]
    fn parameters_travel_as_json_text() {
        let message = RobotMessage::markdown("Build", "## Done");
        let call = SendToPeople {
            robot_code: "r",
            user_ids: ["u"],
            msg_key: message.key,
            msg_param: &message.param,
        };
        let body = serde_json::to_value(call).unwrap();
        assert_eq!(body["msgKey"], "sampleMarkdown");
        assert_eq!(body["userIds"], json!(["u"]));
        let param: Value = serde_json::from_str(body["msgParam"].as_str().unwrap()).unwrap();
        assert_eq!(param, json!({"title": "Build", "text": "## Done"}));
    }

    #[test]
    fn a_group_is_named_by_its_conversation_in_its_original_case() {
        let message = RobotMessage::markdown("hello", "hello");
        let call = SendToGroup {
            robot_code: "r",
            open_conversation_id: "cidAbC==",
            msg_key: message.key,
            msg_param: &message.param,
        };
        assert_eq!(serde_json::to_value(call).unwrap()["openConversationId"], "cidAbC==");
    }

    #[test]
    fn a_person_who_is_listed_did_not_get_the_message() {
        assert_eq!(answer(json!({"processQueryKey": "k", "invalidStaffIdList": []})).unwrap(), "k");
        let invalid = answer(json!({"processQueryKey": "k", "invalidStaffIdList": ["u"]})).unwrap_err();
        assert!(matches!(invalid.kind(), ErrorKind::Rejected { code, .. } if code == "invalidStaffId"));
        let held_back = answer(json!({"flowControlledStaffIdList": ["u"]})).unwrap_err();
        assert!(held_back.retry_after().is_some());
    }
}
