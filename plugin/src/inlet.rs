//! What the Stream connection brings, on its way to the host.

use crate::{
    message::{card_action, inbound::Withheld},
    stream::Inlet,
};
use host_sdk::{Accepted, InboundMessage, Json, StatusPatch, channel::Host};
use serde_json::json;

/// Gives everything to the host.
pub(crate) struct ToHost {
    host: Host,
}

impl ToHost {
    pub(crate) fn new(host: Host) -> Self {
        Self { host }
    }
}

impl Inlet for ToHost {
    fn receive(&self, message: InboundMessage, answered: impl FnOnce(Accepted) + Send + 'static) {
        match Withheld::why(&message) {
            Some(Withheld::OverQuota) => tracing::warn!(
                msg_id = message.id,
                "DingTalk withheld a message: the organisation's monthly quota of robot messages is used up"
            ),
            Some(Withheld::Unsupported) => {
                tracing::info!(msg_id = message.id, "a message of a kind that robots do not receive");
            }
            None => {}
        }
        self.host.receive_then(message, answered);
    }

    async fn card_action(&self, data: String) -> Option<Json> {
        let action = match card_action::decode(&data) {
            Ok(action) => action,
            Err(reason) => {
                tracing::warn!(reason, "a card callback makes no sense and was dropped");
                return None;
            }
        };
        let answer = self.host.action(action).await.ok()?;
        if answer.update.is_empty() {
            return None;
        }
        Some(Json::new(&json!({
            "cardUpdateOptions": {"updateCardDataByKey": true},
            "cardData": {"cardParamMap": answer.update},
        })))
    }

    fn status(&self, patch: StatusPatch) {
        self.host.status(patch);
    }
}
