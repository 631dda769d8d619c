//! The frames that are pushed, and what comes back.

use serde::Deserialize;
use serde_json::json;

/// A message to a robot of about 1 KiB, as DingTalk pushes it (DingTalk protocol, §2.3 and §3).
///
/// `message_id` comes back with the acknowledgement; `person` wrote it, in a conversation of their own.
pub(crate) fn message(message_id: &str, person: usize) -> String {
    let data = json!({
        "conversationId": format!("cidBench{person:016}=="),
        "conversationType": "1",
        "chatbotCorpId": "dingbenchcorp0000000000000000001",
        "chatbotUserId": "$:LWCP_v1:$BenchRobot0000==",
        "robotCode": "dingbench",
        "msgId": format!("msgBench{message_id}=="),
        "createAt": 1_790_000_000_000_u64,
        "msgtype": "text",
        "text": {"content": "今天的构建为什么失败了？".repeat(8)},
        "senderId": format!("$:LWCP_v1:$Bench{person:08}=="),
        "senderStaffId": format!("user{person:04}"),
        "senderNick": "林",
        "senderCorpId": "dingbenchcorp0000000000000000001",
        "isAdmin": false,
        "sessionWebhook": "https://oapi.dingtalk.com/robot/sendBySession?session=0123456789abcdef0123456789abcdef",
        "sessionWebhookExpiredTime": 4_000_000_000_000_u64,
    });
    json!({
        "specVersion": "1.0",
        "type": "CALLBACK",
        "headers": {
            "appId": "bench",
            "connectionId": "bench",
            "contentType": "application/json",
            "messageId": message_id,
            "time": "1790000000000",
            "topic": "/v1.0/im/bot/messages/get",
        },
        "data": data.to_string(),
    })
    .to_string()
}

/// The message id that an acknowledgement is for; `None` if it is none, or says anything but 200.
pub(crate) fn acknowledged(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Answer {
        code: i64,
        headers: Headers,
    }
    let answer: Answer = serde_json::from_str(text).ok()?;
    (answer.code == 200).then_some(answer.headers.message_id)
}

/// What the least that acknowledges has to read of a frame.
#[derive(Debug, Deserialize)]
pub(crate) struct Envelope {
    /// Its headers.
    pub(crate) headers: Headers,
}

/// The headers of a frame.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Headers {
    /// What the answer repeats.
    pub(crate) message_id: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_about_a_kibibyte() {
        let length = message("b1-1", 1).len();
        assert!((1_000..1_700).contains(&length), "{length}");
    }

    #[test]
    fn only_an_answer_of_200_acknowledges() {
        let answer = |code| format!(r#"{{"code":{code},"headers":{{"messageId":"b1-1"}},"message":"OK"}}"#);
        assert_eq!(acknowledged(&answer(200)).as_deref(), Some("b1-1"));
        assert_eq!(acknowledged(&answer(500)), None);
        assert_eq!(acknowledged("{}"), None);
    }
}
