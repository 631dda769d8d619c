//! An answer as messages: through the session webhook while it lives, else as the robot.

use super::Surfaces;
use crate::{
    api::{robot::RobotMessage, webhook::WebhookMessage},
    clock,
    error::{Error, ErrorKind, Result},
    message::{ReplyHandle, markdown},
};
use host_sdk::{Outcome, Receipt, ReceiptPart};
use tokio::time::sleep;

const WEBHOOK: &str = "sessionWebhook";
const ROBOT: &str = "robot";
/// A message that fails for a passing reason, and is sure not to have arrived, is tried this often.
const TRIES: u32 = 3;

/// Sends `text` in as many messages as it takes, in order.
///
/// # Errors
/// When not even the first message could be sent. Later ones that fail are in the receipt.
pub(crate) async fn deliver(surfaces: &Surfaces, to: &ReplyHandle, text: &str) -> Result<Receipt> {
    let mut receipt = Receipt::default();
    for part in markdown::split(text) {
        match deliver_part(surfaces, to, &part).await {
            Ok(delivered) => {
                receipt.shown += part.len() as u64;
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

async fn deliver_part(surfaces: &Surfaces, to: &ReplyHandle, text: &str) -> Result<ReceiptPart> {
    let title = markdown::title(text, surfaces.wording().message_title());
    let text = markdown::with_line_breaks(text);
    match through_webhook(surfaces, to, &title, &text).await {
        Some(Ok(part)) => return Ok(part),
        Some(Err(error)) => tracing::info!(error = %error, "the session webhook did not take it, sending as the robot"),
        None => {}
    }
    let message = RobotMessage::markdown(&title, &text);
    let sent = repeated(|| as_robot(surfaces, to, &message)).await;
    outcome(ROBOT, sent)
}

/// `None`: there is no webhook that lives.
async fn through_webhook(
    surfaces: &Surfaces,
    to: &ReplyHandle,
    title: &str,
    text: &str,
) -> Option<Result<ReceiptPart>> {
    let webhook = to.webhook_at(clock::unix_ms())?;
    let message = WebhookMessage::markdown(title, text);
    let sent = repeated(async || surfaces.api().reply(webhook, &message).await.map(|()| String::new())).await;
    Some(outcome(WEBHOOK, sent))
}

async fn as_robot(surfaces: &Surfaces, to: &ReplyHandle, message: &RobotMessage) -> Result<String> {
    let (api, robot) = (surfaces.api(), surfaces.robot_code(to));
    if to.is_group() {
        return api.send_to_group(robot, &to.conversation_id, message).await;
    }
    let Some(staff_id) = &to.staff_id else {
        let kind = ErrorKind::Rejected {
            code: "noStaffId".to_owned(),
            message: "the person is not of the organisation, and the message's webhook has ended".to_owned(),
            request_id: String::new(),
        };
        return Err(Error::new(kind, "sending to a person"));
    };
    api.send_to_person(robot, staff_id, message).await
}

/// Repeats what surely did not arrive.
async fn repeated(mut send: impl AsyncFnMut() -> Result<String>) -> Result<String> {
    let mut tries = 1;
    loop {
        let error = match send().await {
            Ok(id) => return Ok(id),
            Err(error) => error,
        };
        match error.retry_after() {
            Some(after) if tries < TRIES && !error.is_ambiguous() => sleep(after).await,
            _ => return Err(error),
        }
        tries += 1;
    }
}

/// A failure after which the message may have arrived is no failure: it must not be repeated.
fn outcome(surface: &str, sent: Result<String>) -> Result<ReceiptPart> {
    match sent {
        Ok(id) => Ok(part_of(surface, id, Outcome::Delivered)),
        Err(error) if error.is_ambiguous() => {
            tracing::warn!(error = %error, surface, "a message may or may not have arrived");
            Ok(part_of(surface, String::new(), Outcome::Unknown))
        }
        Err(error) => Err(error),
    }
}

fn part_of(surface: &str, id: String, outcome: Outcome) -> ReceiptPart {
    ReceiptPart { id, surface: surface.to_owned(), outcome }
}
