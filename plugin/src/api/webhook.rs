//! Answers through a message's own session webhook, while it lives.

use super::client::Api;
use crate::{error::Result, secret::Secret};
use serde::Serialize;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(15);

/// Body of a [session webhook call](https://open.dingtalk.com/document/dingstart/robot-reply-and-send-messages).
#[derive(Clone, Debug, Serialize)]
pub(crate) struct WebhookMessage {
    #[serde(flatten)]
    content: Content,
    #[serde(skip_serializing_if = "At::is_nobody")]
    at: At,
}

#[derive(Clone, Debug, Serialize)]
#[serde(tag = "msgtype", rename_all = "lowercase")]
enum Content {
    Text { text: Text },
    Markdown { markdown: Markdown },
}

#[derive(Clone, Debug, Serialize)]
struct Text {
    content: String,
}

#[derive(Clone, Debug, Serialize)]
struct Markdown {
    title: String,
    text: String,
}

#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct At {
    at_user_ids: Vec<String>,
}

impl At {
    fn is_nobody(&self) -> bool {
        self.at_user_ids.is_empty()
    }
}

impl WebhookMessage {
    /// Plain text.
    pub(crate) fn text(content: impl Into<String>) -> Self {
        Self { content: Content::Text { text: Text { content: content.into() } }, at: At::default() }
    }

    /// Markdown; `title` is what the chat list shows.
    pub(crate) fn markdown(title: impl Into<String>, text: impl Into<String>) -> Self {
        let markdown = Markdown { title: title.into(), text: text.into() };
        Self { content: Content::Markdown { markdown }, at: At::default() }
    }

    /// Mentions people by staff id. The text must hold `@<id>` too, or nobody sees it.
    #[must_use]
    pub(crate) fn mentioning(mut self, staff_ids: Vec<String>) -> Self {
        self.at.at_user_ids = staff_ids;
        self
    }
}

impl Api {
    /// Sends through `webhook`, a message's own `sessionWebhook`. There is no idempotency key: an
    /// ambiguous failure must not be repeated blindly.
    ///
    /// # Errors
    /// [`is_session_gone`](crate::error::Error::is_session_gone) when the session has ended;
    /// `Rejected` with code `foreignAddress` when the URL is not DingTalk's.
    pub(crate) async fn reply(&self, webhook: &Secret, message: &WebhookMessage) -> Result<()> {
        self.post_outside("answering through the session webhook", webhook, TIMEOUT, message).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{json, to_value};

    #[test]
    fn markdown_has_a_title_for_the_chat_list() {
        assert_eq!(
            to_value(WebhookMessage::markdown("Build", "## Done")).unwrap(),
            json!({"msgtype": "markdown", "markdown": {"title": "Build", "text": "## Done"}})
        );
    }

    #[test]
    fn text_can_mention_people() {
        assert_eq!(
            to_value(WebhookMessage::text("hi @user0002").mentioning(vec!["user0002".into()])).unwrap(),
            json!({"msgtype": "text", "text": {"content": "hi @user0002"}, "at": {"atUserIds": ["user0002"]}})
        );
    }
}
