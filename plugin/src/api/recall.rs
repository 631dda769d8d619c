//! Taking back what the robot said. DingTalk does so for a day.

use super::client::{Api, Call};
use crate::error::{Error, ErrorKind, Result};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};

/// As many messages DingTalk takes back in one call.
const MOST: usize = 20;
const SCOPE: &str = "qyapi_robot_sendmsg";
const TIMEOUT: Duration = Duration::from_secs(15);

/// Body of [`POST /v1.0/robot/otoMessages/batchRecall`](https://open.dingtalk.com/document/orgapp/batch-message-recall-chat).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RecallFromPeople<'a> {
    robot_code: &'a str,
    process_query_keys: &'a [String],
}

impl Call for RecallFromPeople<'_> {
    const DURING: &'static str = "recalling a message to a person";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1.0/robot/otoMessages/batchRecall"; // `oto`, unlike the send
    const TIMEOUT: Duration = TIMEOUT;
    const SCOPE: &'static str = SCOPE;
    type Answer = RecallAnswer;
}

/// Body of [`POST /v1.0/robot/groupMessages/recall`](https://open.dingtalk.com/document/orgapp/enterprise-chatbot-withdraws-internal-group-messages).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RecallFromGroup<'a> {
    robot_code: &'a str,
    open_conversation_id: &'a str,
    process_query_keys: &'a [String],
}

impl Call for RecallFromGroup<'_> {
    const DURING: &'static str = "recalling a message to a group";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1.0/robot/groupMessages/recall";
    const TIMEOUT: Duration = TIMEOUT;
    const SCOPE: &'static str = SCOPE;
    type Answer = RecallAnswer;
}

/// The answer to both: HTTP 200 also where nothing was taken back.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RecallAnswer {
    failed_result: Option<BTreeMap<String, String>>,
}

impl RecallAnswer {
    fn complete(self, during: &'static str) -> Result<()> {
        let failed = self.failed_result.unwrap_or_default();
        if failed.is_empty() {
            return Ok(());
        }
        let reasons: Vec<_> = failed.iter().map(|(key, reason)| format!("{key}: {reason}")).collect();
        let kind = ErrorKind::Rejected {
            code: "notRecalled".to_owned(),
            message: reasons.join("; "),
            request_id: String::new(),
        };
        Err(Error::new(kind, during).advising("DingTalk takes back what is less than 24 hours old"))
    }
}

impl Api {
    /// Takes messages to people back, by the `processQueryKey`s of their sends. Repeating it does
    /// no harm.
    ///
    /// # Errors
    /// `Rejected`, with DingTalk's reason for each key that was not taken back; the others were.
    pub(crate) async fn recall_from_people(&self, robot_code: &str, keys: &[String]) -> Result<()> {
        let mut outcome = Ok(());
        for process_query_keys in keys.chunks(MOST) {
            let answer = self.call(&RecallFromPeople { robot_code, process_query_keys }).await;
            outcome = outcome.and(answer.and_then(|answer| answer.complete(RecallFromPeople::DURING)));
        }
        outcome
    }

    /// Takes messages to a group back, by the `processQueryKey`s of their sends. Repeating it does
    /// no harm.
    ///
    /// # Errors
    /// `Rejected`, with DingTalk's reason for each key that was not taken back; the others were.
    pub(crate) async fn recall_from_group(
        &self,
        robot_code: &str,
        conversation_id: &str,
        keys: &[String],
    ) -> Result<()> {
        let mut outcome = Ok(());
        for process_query_keys in keys.chunks(MOST) {
            let call =
                RecallFromGroup { robot_code, open_conversation_id: conversation_id, process_query_keys };
            let answer = self.call(&call).await;
            outcome = outcome.and(answer.and_then(|answer| answer.complete(RecallFromGroup::DURING)));
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn outcome(answer: Value) -> Result<()> {
        serde_json::from_value::<RecallAnswer>(answer).unwrap().complete("testing")
    }

    #[test]
    fn a_key_that_failed_is_named_with_its_reason() {
        outcome(json!({"successResult": ["k1"], "failedResult": {}})).unwrap();
        outcome(json!({"successResult": ["k1"]})).unwrap();
        let error = outcome(json!({"successResult": ["k1"], "failedResult": {"k2": "expired"}})).unwrap_err();
        assert!(error.is_rejected());
        assert!(error.sentence().contains("k2: expired"), "{}", error.sentence());
    }

    #[test]
    fn a_group_is_named_in_its_original_case() {
        let keys = ["k1".to_owned()];
        let call =
            RecallFromGroup { robot_code: "r", open_conversation_id: "cidAbC==", process_query_keys: &keys };
        let body = json!({"robotCode": "r", "openConversationId": "cidAbC==", "processQueryKeys": ["k1"]});
        assert_eq!(serde_json::to_value(call).unwrap(), body);
    }
}
