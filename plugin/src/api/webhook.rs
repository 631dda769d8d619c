//! Answers through a message's own session webhook, while it lives.

use super::{Departure, client::Api};
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
        /// Whom it mentions.
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<At>,
    },
}

/// Markdown with a title.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Markdown {
    title: String,
    text: String,
}

/// Whom a message mentions.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct At {
    at_user_ids: [String; 1],
}

impl WebhookMessage {
    /// Markdown; `title` is what the chat list shows.
    pub(crate) fn markdown(title: impl Into<String>, text: impl Into<String>) -> Self {
        Self::Markdown { markdown: Markdown { title: title.into(), text: text.into() }, at: None }
    }

    /// The same, mentioning a person by user id: below the text as well, for DingTalk highlights only
    /// whom the text names.
    #[must_use]
    pub(crate) fn mentioning(self, user_id: &str) -> Self {
        let Self::Markdown { mut markdown, .. } = self;
        markdown.text = format!("{}\n\n@{user_id}", markdown.text);
        Self::Markdown { markdown, at: Some(At { at_user_ids: [user_id.to_owned()] }) }
    }
}

impl Api {
    /// Sends through `webhook`, a message's own `sessionWebhook`. There is no idempotency key: an
    /// ambiguous failure must not be repeated blindly, and `departure` is told when it leaves.
    ///
    /// # Errors
    /// `Rejected`: with code `300001` when the session has ended, with `foreignAddress` when the
    /// URL is not DingTalk's.
    pub(crate) async fn reply(
        &self,
        webhook: &Secret,
        message: &WebhookMessage,
        departure: &dyn Departure,
    ) -> Result<()> {
        self.post_outside("answering through the session webhook", webhook, TIMEOUT, message, departure).await
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
    fn who_is_mentioned_is_named_beside_the_text_and_in_it() {
        assert_eq!(
            to_value(WebhookMessage::markdown("Build", "## Done").mentioning("user0002")).unwrap(),
            json!({"msgtype": "markdown", "markdown": {"title": "Build", "text": "## Done\n\n@user0002"},
                "at": {"atUserIds": ["user0002"]}})
        );
    }
}
