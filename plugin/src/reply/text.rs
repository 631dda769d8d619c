//! An answer as messages: through the session webhook while it lives, else as the robot.

use super::Surfaces;
use crate::{
    api::{robot::RobotMessage, webhook::WebhookMessage},
    clock,
    error::{Error, ErrorKind, Result},
    markdown::{self, Part, Surface},
    message::ReplyHandle,
    secret::Secret,
};
use host_sdk::{Outcome, Receipt, ReceiptPart};
use std::time::Duration;
use tokio::time::sleep;

const WEBHOOK: &str = "sessionWebhook";
const ROBOT: &str = "robot";
/// What the webhook does not take goes out as the robot, so each part has to fit both.
const MESSAGE: Surface = Surface::WEBHOOK.or(Surface::ROBOT);
/// A message that fails for a passing reason, and is sure not to have arrived, is tried this often.
const TRIES: u32 = 3;
/// Longer it is not waited for in between: the host is told when to try again.
const PATIENCE: Duration = Duration::from_secs(5);

/// Sends `text` in as many messages as it takes, in order.
///
/// # Errors
/// When not even the first message could be sent. Later ones that fail are in the receipt.
pub(crate) async fn deliver(surfaces: &Surfaces, to: &ReplyHandle, text: &str) -> Result<Receipt> {
    let mut receipt = Receipt::default();
    for part in markdown::split(text, MESSAGE) {
        match deliver_part(surfaces, to, &part).await {
            Ok(delivered) => {
                receipt.shown += part.source.len() as u64;
                receipt.parts.push(delivered);
            }
            Err(error) if receipt.parts.is_empty() => return Err(error),
            Err(error) => {
                tracing::error!(error = %error, "the rest of a long answer could not be sent");
                receipt.parts.push(part_of(ROBOT, String::new(), Outcome::Failed));
                break;
            }
        }
    }
    Ok(receipt)
}

/// Sends one message as the robot, also while a session webhook lives: some kinds go no other way.
///
/// # Errors
/// When DingTalk surely does not have it.
pub(crate) async fn deliver_as_robot(
    surfaces: &Surfaces,
    to: &ReplyHandle,
    message: RobotMessage,
) -> Result<ReceiptPart> {
    Way::Robot { to, message }.deliver(surfaces).await
}

async fn deliver_part(surfaces: &Surfaces, to: &ReplyHandle, part: &Part) -> Result<ReceiptPart> {
    let text = &part.text;
    let title = markdown::title(text, surfaces.wording().message_title());
    let webhook = to.webhook_at(clock::unix_ms()).filter(|_| !surfaces.spares_webhooks());
    if let Some(webhook) = webhook {
        let way = Way::Webhook { webhook, message: WebhookMessage::markdown(&*title, text) };
        match way.deliver(surfaces).await {
            Ok(part) => return Ok(part),
            Err(error) => {
                tracing::info!(error = %error, "the session webhook did not take it, sending as the robot")
            }
        }
    }
    Way::Robot { to, message: RobotMessage::markdown(&title, text) }.deliver(surfaces).await
}

/// One way for one message.
enum Way<'a> {
    Webhook { webhook: &'a Secret, message: WebhookMessage },
    Robot { to: &'a ReplyHandle, message: RobotMessage },
}

impl Way<'_> {
    /// Sends, and repeats what surely did not arrive.
    async fn deliver(&self, surfaces: &Surfaces) -> Result<ReceiptPart> {
        let mut tries = 1;
        loop {
            let error = match self.send(surfaces).await {
                Ok(id) => return Ok(part_of(self.surface(), id, Outcome::Delivered)),
                Err(error) => error,
            };
            if error.is_ambiguous() {
                // Without an idempotency key it must not be repeated, so it is no failure either.
                tracing::warn!(error = %error, surface = self.surface(), "a message may or may not have arrived");
                return Ok(part_of(self.surface(), String::new(), Outcome::Unknown));
            }
            match error.retry_after() {
                Some(after) if tries < TRIES && after <= PATIENCE => sleep(after).await,
                _ => return Err(error),
            }
            tries += 1;
        }
    }

    /// Sends once; answers with DingTalk's id of the message, if it gives one.
    async fn send(&self, surfaces: &Surfaces) -> Result<String> {
        let api = surfaces.api();
        match self {
            Self::Webhook { webhook, message } => api.reply(webhook, message).await.map(|()| String::new()),
            Self::Robot { to, message } if to.is_group() => {
                api.send_to_group(surfaces.robot_code(to), &to.conversation_id, message).await
            }
            Self::Robot { to, message } => {
                let staff_id = to.staff_id.as_deref().ok_or_else(unreachable_person)?;
                api.send_to_person(surfaces.robot_code(to), staff_id, message).await
            }
        }
    }

    fn surface(&self) -> &'static str {
        match self {
            Self::Webhook { .. } => WEBHOOK,
            Self::Robot { .. } => ROBOT,
        }
    }
}

fn unreachable_person() -> Error {
    let kind = ErrorKind::Rejected {
        code: "noStaffId".to_owned(),
        message: "the person is not of the organisation, and the message's webhook has ended".to_owned(),
        request_id: String::new(),
    };
    Error::new(kind, "sending to a person")
}

fn part_of(surface: &str, id: String, outcome: Outcome) -> ReceiptPart {
    ReceiptPart::new(id, surface, outcome)
}
