//! Marks on messages that people wrote.

use super::{
    client::{Api, Call},
    limiter::Priority,
};
use crate::error::Result;
use reqwest::Method;
use serde::{Deserialize, Serialize, de::IgnoredAny};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(5);

/// A mark on a message. Serialized for files, too: rename no field, add only optional ones.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Emotion {
    /// The robot that was written to.
    pub(crate) robot_code: String,
    /// The conversation of the message.
    pub(crate) conversation_id: String,
    /// The message.
    pub(crate) msg_id: String,
    /// What the mark says. It is taken back by the same words only.
    pub(crate) name: String,
}

/// Body of both calls.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    robot_code: &'a str,
    open_msg_id: &'a str,
    open_conversation_id: &'a str,
    /// 2: a mark with text.
    emotion_type: u8,
    emotion_name: &'a str,
    text_emotion: TextEmotion<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TextEmotion<'a> {
    emotion_id: &'static str,
    emotion_name: &'a str,
    text: &'a str,
    background_id: &'static str,
}

impl<'a> From<&'a Emotion> for Body<'a> {
    fn from(emotion: &'a Emotion) -> Self {
        let name = emotion.name.as_str();
        Self {
            robot_code: &emotion.robot_code,
            open_msg_id: &emotion.msg_id,
            open_conversation_id: &emotion.conversation_id,
            emotion_type: 2,
            emotion_name: name,
            text_emotion: TextEmotion {
                emotion_id: "2659900",
                emotion_name: name,
                text: name,
                background_id: "im_bg_1",
            },
        }
    }
}

/// `POST /v1.0/robot/emotion/reply`, which DingTalk's SDK has and its documentation does not.
#[derive(Serialize)]
struct Attach<'a>(Body<'a>);

impl Call for Attach<'_> {
    const DURING: &'static str = "marking a message";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1.0/robot/emotion/reply";
    const TIMEOUT: Duration = TIMEOUT;
    const SCOPE: &'static str = "";
    const PRIORITY: Priority = Priority::Status;
    type Answer = IgnoredAny;
}

/// `POST /v1.0/robot/emotion/recall`, likewise.
#[derive(Serialize)]
struct Recall<'a>(Body<'a>);

impl Call for Recall<'_> {
    const DURING: &'static str = "taking a mark off a message";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1.0/robot/emotion/recall";
    const TIMEOUT: Duration = TIMEOUT;
    const SCOPE: &'static str = "";
    const PRIORITY: Priority = Priority::Status;
    type Answer = IgnoredAny;
}

impl Api {
    /// Marks a message.
    ///
    /// # Errors
    /// `Server` for a moment after the message was written, and always where DingTalk does not know
    /// the name.
    pub(crate) async fn attach_emotion(&self, emotion: &Emotion) -> Result<()> {
        self.call(&Attach(emotion.into())).await.map(drop)
    }

    /// Takes a mark back.
    ///
    /// # Errors
    /// `Server` where there is none.
    pub(crate) async fn recall_emotion(&self, emotion: &Emotion) -> Result<()> {
        self.call(&Recall(emotion.into())).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_mark_says_its_name_wherever_dingtalk_looks_for_it() {
        let emotion = Emotion {
            robot_code: "dingabc".into(),
            conversation_id: "cidAbC==".into(),
            msg_id: "msg1".into(),
            name: "🤔思考中".into(),
        };
        let body = json!({
            "robotCode": "dingabc", "openMsgId": "msg1", "openConversationId": "cidAbC==",
            "emotionType": 2, "emotionName": "🤔思考中",
            "textEmotion": {"emotionId": "2659900", "emotionName": "🤔思考中", "text": "🤔思考中", "backgroundId": "im_bg_1"},
        });
        assert_eq!(serde_json::to_value(Attach((&emotion).into())).unwrap(), body);
        assert_eq!(serde_json::to_value(Recall((&emotion).into())).unwrap(), body);
    }
}
