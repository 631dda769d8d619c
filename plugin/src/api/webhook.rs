//! Answers through a message's own session webhook, while it lives.

use super::client::Api;
use crate::{error::Result, secret::Secret};
use serde::Serialize;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(15);

/// Body of a [session webhook call](https://open.dingtalk.com/document/dingstart/robot-reply-and-send-messages).
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "msgtype", rename_all = "lowercase")]
pub(crate) enum WebhookMessage {
    /// Markdown, in DingTalk's dialect for messages.
    Markdown {
        /// Its two parts.
        markdown: Markdown,
    },
}

/// Markdown with a title.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Markdown {
    title: String,
    text: String,
}

impl WebhookMessage {
    /// Markdown; `title` is what the chat list shows.
    pub(crate) fn markdown(title: impl Into<String>, text: impl Into<String>) -> Self {
        Self::Markdown { markdown: Markdown { title: title.into(), text: text.into() } }
    }
}

impl Api {
    /// Sends through `webhook`, a message's own `sessionWebhook`. There is no idempotency key: an
    /// ambiguous failure must not be repeated blindly.
    ///
    /// # Errors
    /// `Rejected`: with code `300001` when the session has ended, with `foreignAddress` when the
    /// URL is not DingTalk's.
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
}
