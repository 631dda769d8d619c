//! An answer as messages: through the session webhook while it lives, else as the robot.

use super::Surfaces;
use crate::{
    api::{Departure, robot::RobotMessage, webhook::WebhookMessage},
    clock,
    error::{Error, ErrorKind, Result},
    ledger::{AnswerKey, Entry, Fate, Ledger, Sent, Upto},
    markdown::{self, Cut, Surface},
    message::ReplyHandle,
    secret::Secret,
};
use futures_util::{FutureExt, future::BoxFuture};
use host_sdk::{Outcome, Receipt, ReceiptPart};
use std::time::Duration;
use tokio::time::sleep;

const WEBHOOK: &str = "sessionWebhook";
const ROBOT: &str = "robot";
/// What the webhook does not take goes out as the robot, so each part has to fit both.
const MESSAGE: Surface = Surface::WEBHOOK.or(Surface::ROBOT);
/// A message that fails for a passing reason, and is sure not to have arrived, is tried this often.
const TRIES: u32 = 3;
/// DingTalk finds a message too long that should not be: so often the room is halved.
const HALVINGS: u32 = 4;
const TOO_LONG: [&str; 3] = ["460101", "101002", "invalidParameter.msgParam.tooLong"];
/// Longer it is not waited for in between: the host is told when to try again.
const PATIENCE: Duration = Duration::from_secs(5);

/// Sends `text` in as many messages as it takes, in order.
///
/// # Errors
/// When not even the first message could be sent. Later ones that fail are in the receipt.
pub(crate) async fn deliver(surfaces: &Surfaces, to: &ReplyHandle, text: &str) -> Result<Receipt> {
    Delivery::new(surfaces, to, text, None).run().await
}

/// As [`deliver`], but of a text under one `name` only what was not sent before, also by an earlier
/// process. What may or may not have arrived is not sent again.
///
/// # Errors
/// When not even the first message could be sent. Later ones that fail are in the receipt.
pub(crate) async fn deliver_once(
    surfaces: &Surfaces,
    to: &ReplyHandle,
    text: &str,
    name: &AnswerKey,
) -> Result<Receipt> {
    if surfaces.ledger().known(name).ended {
        return Ok(Receipt { shown: text.len() as u64, ..Receipt::default() });
    }
    Delivery::new(surfaces, to, text, Some(name)).run().await
}

/// Sends one message as the robot, also while a session webhook lives: some kinds go no other way. Of one
/// with a `name` the ledger knows, from before it leaves.
///
/// # Errors
/// When DingTalk surely does not have it.
pub(crate) async fn deliver_as_robot(
    surfaces: &Surfaces,
    to: &ReplyHandle,
    message: RobotMessage,
    name: Option<&AnswerKey>,
) -> Result<ReceiptPart> {
    let step = name.map(|answer| Step { ledger: surfaces.ledger(), answer, upto: Upto::of(""), last: true });
    let delivered = Way::Robot { to, message }.deliver(surfaces, step.as_ref()).await;
    if let (Some(step), Ok(delivered)) = (&step, &delivered) {
        step.settle(fate(delivered.outcome)).await;
    }
    delivered
}

/// A text on its way.
struct Delivery<'a> {
    surfaces: &'a Surfaces,
    to: &'a ReplyHandle,
    whole: &'a str,
    /// What of it is to be sent.
    rest: &'a str,
    name: Option<&'a AnswerKey>,
    /// Whom the first message mentions.
    mention: Option<&'a str>,
    /// The webhook, until it fails: what has ended does not come back.
    webhook: Option<&'a Secret>,
}

impl<'a> Delivery<'a> {
    fn new(surfaces: &'a Surfaces, to: &'a ReplyHandle, whole: &'a str, name: Option<&'a AnswerKey>) -> Self {
        let known = name.map(|name| surfaces.ledger().known(name)).unwrap_or_default();
        let begins = known.said.as_ref().is_none_or(|said| said.bytes() == 0);
        Self {
            surfaces,
            to,
            whole,
            rest: known.missing(whole),
            name,
            mention: surfaces.mention(to).filter(|_| begins),
            webhook: to.webhook_at(clock::unix_ms()).filter(|_| !surfaces.spares_webhooks()),
        }
    }

    async fn run(mut self) -> Result<Receipt> {
        let mut receipt = Receipt { shown: self.said() as u64, ..Receipt::default() };
        let (mut from, mut surface, mut halvings) = (Cut::start(), MESSAGE, 0);
        while let Some(part) = markdown::part(self.rest, &from, surface) {
            let upto = Upto::of(&self.whole[..self.said() + part.source.end]);
            let (ledger, last) = (self.surfaces.ledger(), part.next.is_none());
            let step = self.name.map(|answer| Step { ledger, answer, upto, last });
            let delivered = self.send(&part.text, step.as_ref()).await;
            if let (Some(step), Ok(delivered)) = (&step, &delivered) {
                step.settle(fate(delivered.outcome)).await;
            }
            match delivered {
                Ok(delivered) => {
                    self.note_sent(&delivered.id, &part.text);
                    receipt.shown = (self.said() + part.source.end) as u64;
                    receipt.parts.push(delivered);
                }
                Err(error) if is_too_long(&error) && halvings < HALVINGS => {
                    halvings += 1;
                    surface = surface.halved();
                    continue;
                }
                Err(error) if receipt.parts.is_empty() => return Err(error),
                Err(error) => {
                    tracing::error!(error = %error, "the rest of a long answer could not be sent");
                    receipt.parts.push(part_of(ROBOT, String::new(), Outcome::Failed));
                    break;
                }
            }
            let Some(next) = part.next else { break };
            from = next;
        }
        Ok(receipt)
    }

    /// How many bytes were said before.
    fn said(&self) -> usize {
        self.whole.len() - self.rest.len()
    }

    fn note_sent(&self, id: &str, text: &str) {
        let sent = Sent {
            ids: vec![id.to_owned()],
            conversation: self.to.conversation_id.clone(),
            text: text.to_owned(),
            cut: false,
        };
        self.surfaces.ledger().jot(Entry::Sent(sent));
    }

    async fn send(&mut self, text: &str, step: Option<&Step<'_>>) -> Result<ReceiptPart> {
        let title = markdown::title(text, self.surfaces.wording().message_title());
        if let Some(webhook) = self.webhook {
            let message = WebhookMessage::markdown(&*title, text);
            let message = match self.mention {
                Some(user_id) => message.mentioning(user_id),
                None => message,
            };
            match (Way::Webhook { webhook, message }).deliver(self.surfaces, step).await {
                Ok(part) => {
                    self.mention = None;
                    return Ok(part);
                }
                Err(error) if is_too_long(&error) => return Err(error),
                Err(error) => {
                    self.webhook = None;
                    tracing::info!(error = %error, "the session webhook did not take it, sending as the robot");
                }
            }
        }
        let message = RobotMessage::markdown(&title, text);
        Way::Robot { to: self.to, message }.deliver(self.surfaces, step).await
    }
}

fn is_too_long(error: &Error) -> bool {
    TOO_LONG.iter().any(|code| error.has_code(code))
}

fn fate(outcome: Outcome) -> Fate {
    match outcome {
        Outcome::Delivered => Fate::Delivered,
        Outcome::Failed => Fate::Failed,
        _ => Fate::Unknown,
    }
}

/// A part of an answer, as the ledger is told of it: in doubt only while it is under way.
struct Step<'a> {
    ledger: &'a Ledger,
    answer: &'a AnswerKey,
    upto: Upto,
    last: bool,
}

impl Step<'_> {
    /// Writes down what became of it.
    async fn settle(&self, fate: Fate) {
        let (answer, upto) = (self.answer.clone(), self.upto.clone());
        self.ledger.note(Entry::Settled { answer, upto, last: self.last, fate }).await;
    }
}

impl Departure for Step<'_> {
    fn leaves(&self) -> BoxFuture<'_, ()> {
        let (answer, upto) = (self.answer.clone(), self.upto.clone());
        self.ledger.note(Entry::Sending { answer, upto, last: self.last }).boxed()
    }

    fn returned(&self) -> BoxFuture<'_, ()> {
        self.settle(Fate::Failed).boxed()
    }
}

/// One way for one message.
enum Way<'a> {
    Webhook { webhook: &'a Secret, message: WebhookMessage },
    Robot { to: &'a ReplyHandle, message: RobotMessage },
}

impl Way<'_> {
    /// Sends, and repeats what surely did not arrive.
    async fn deliver(&self, surfaces: &Surfaces, step: Option<&Step<'_>>) -> Result<ReceiptPart> {
        let departure: &dyn Departure = step.map_or(&(), |step| step);
        let mut tries = 1;
        loop {
            let error = match self.send(surfaces, departure).await {
                Ok(id) => return Ok(part_of(self.surface(), id, Outcome::Delivered)),
                Err(error) => error,
            };
            if error.is_ambiguous() {
                // Without an idempotency key it must not be repeated, so it is no failure either.
                tracing::warn!(error = %error, surface = self.surface(), "a message may or may not have arrived");
                return Ok(part_of(self.surface(), String::new(), Outcome::Unknown));
            }
            departure.returned().await;
            match error.retry_after() {
                Some(after) if tries < TRIES && after <= PATIENCE => {
                    tracing::info!(error = %error, "a message was not taken yet, and is sent again in {after:?}");
                    sleep(after).await;
                }
                _ => return Err(error),
            }
            tries += 1;
        }
    }

    /// Sends once; answers with DingTalk's id of the message, if it gives one.
    async fn send(&self, surfaces: &Surfaces, departure: &dyn Departure) -> Result<String> {
        let api = surfaces.api();
        match self {
            Self::Webhook { webhook, message } => {
                api.reply(webhook, message, departure).await.map(|()| String::new())
            }
            Self::Robot { to, message } if to.is_group() => {
                api.send_to_group(surfaces.robot_code(to), &to.conversation_id, message, departure).await
            }
            Self::Robot { to, message } => {
                let staff_id = to.staff_id.as_deref().ok_or_else(unreachable_person)?;
                api.send_to_person(surfaces.robot_code(to), staff_id, message, departure).await
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
