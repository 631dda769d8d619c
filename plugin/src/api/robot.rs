//! Messages that the robot sends on its own account, without a session webhook.

use super::{
    Departure,
    client::{Api, Call},
};
use crate::error::{Error, ErrorKind, Result};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
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
        Self::of("sampleMarkdown", &json!({ "title": title, "text": text }))
    }

    /// A picture that was uploaded.
    pub(crate) fn image(media_id: &str) -> Self {
        Self::of("sampleImageMsg", &json!({ "photoURL": media_id }))
    }

    /// A file that was uploaded; `file_type` is its extension.
    pub(crate) fn file(media_id: &str, file_name: &str, file_type: &str) -> Self {
        let param = json!({ "mediaId": media_id, "fileName": file_name, "fileType": file_type });
        Self::of("sampleFile", &param)
    }

    /// A voice message that was uploaded.
    pub(crate) fn audio(media_id: &str, duration: Duration) -> Self {
        let duration = duration.as_millis().max(1).to_string();
        Self::of("sampleAudio", &json!({ "mediaId": media_id, "duration": duration }))
    }

    /// A video that was uploaded, with a picture of it. DingTalk counts in whole seconds.
    pub(crate) fn video(media_id: &str, cover_id: &str, duration: Duration) -> Self {
        let seconds = duration.as_millis().div_ceil(1000).max(1).to_string();
        let param = json!({
            "videoMediaId": media_id, "picMediaId": cover_id, "videoType": "mp4", "duration": seconds,
        });
        Self::of("sampleVideo", &param)
    }

    fn of(key: &'static str, param: &Value) -> Self {
        Self { key, param: param.to_string() }
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
    filtered_staff_id_list: Option<Vec<String>>,
}

impl SendAnswer {
    /// The message's id. A person who is listed did not get it, in spite of HTTP 200.
    fn delivered(self, during: &'static str) -> Result<String> {
        let invalid = self.invalid_staff_id_list.unwrap_or_default();
        if !invalid.is_empty() {
            let reason = "not in the organisation, or outside the app's visible range";
            let advice = "check the staff id, and the range of people in the app's published version";
            return Err(left_out("invalidStaffId", &invalid, reason, during).advising(advice));
        }
        let filtered = self.filtered_staff_id_list.unwrap_or_default();
        if !filtered.is_empty() {
            let advice = "check that the person may be written to by robots";
            return Err(
                left_out("filteredStaffId", &filtered, "filtered out by DingTalk", during).advising(advice)
            );
        }
        let held_back = self.flow_controlled_staff_id_list.unwrap_or_default();
        if !held_back.is_empty() {
            return Err(Error::new(ErrorKind::HeldBack { ids: held_back }, during));
        }
        Ok(self.process_query_key.unwrap_or_default())
    }
}

fn left_out(code: &str, ids: &[String], reason: &str, during: &'static str) -> Error {
    let message = format!("{}: {reason}", ids.join(", "));
    Error::new(ErrorKind::Rejected { code: code.to_owned(), message, request_id: String::new() }, during)
}

impl Api {
    /// Sends to one person by staff id; answers with the message's `processQueryKey`. There is
    /// no idempotency key: an ambiguous failure must not be repeated blindly, and `departure` is
    /// told when it leaves.
    ///
    /// # Errors
    /// `Rejected` when the person cannot be reached, `HeldBack` when DingTalk sends them too much.
    pub(crate) async fn send_to_person(
        &self,
        robot_code: &str,
        staff_id: &str,
        message: &RobotMessage,
        departure: &dyn Departure,
    ) -> Result<String> {
        let call = SendToPeople {
            robot_code,
            user_ids: [staff_id],
            msg_key: message.key,
            msg_param: &message.param,
        };
        self.call_once(&call, departure).await?.delivered(SendToPeople::DURING)
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
        departure: &dyn Departure,
    ) -> Result<String> {
        let call = SendToGroup {
            robot_code,
            open_conversation_id: conversation_id,
            msg_key: message.key,
            msg_param: &message.param,
        };
        self.call_once(&call, departure).await?.delivered(SendToGroup::DURING)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let held_back = answer(json!({"flowControlledStaffIdList": ["u7"]})).unwrap_err();
        assert!(held_back.retry_after().is_some());
        let filtered = answer(json!({"filteredStaffIdList": ["u7"]})).unwrap_err();
        assert!(filtered.is_rejected());
        for error in [held_back, filtered] {
            assert!(error.sentence().contains("u7"), "{}", error.sentence());
        }
    }

    #[test]
    fn sound_is_measured_in_milliseconds_and_film_in_whole_seconds() {
        let duration = Duration::from_millis(4_200);
        let param = |message: RobotMessage| serde_json::from_str::<Value>(&message.param).unwrap();
        assert_eq!(param(RobotMessage::audio("@a", duration)), json!({"mediaId": "@a", "duration": "4200"}));
        assert_eq!(param(RobotMessage::video("@v", "@c", duration))["duration"], "5");
        assert_eq!(param(RobotMessage::video("@v", "@c", Duration::ZERO))["duration"], "1");
    }
}
