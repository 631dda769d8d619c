//! Whole messages of the host's: where they go, in which words, with which files, and back again.

pub(crate) mod directory;
mod media;
mod target;

pub(crate) use directory::{Directory, Sighting};

use crate::{
    config::LiveAccount,
    error::Error,
    ledger::AnswerKey,
    message::{HandleError, ReplyHandle},
    reply::{Surfaces, deliver, deliver_once},
    wording::Wording,
};
use directory::{Found, Place, TargetError};
use host_sdk::{
    ChannelError, Conversation, ConversationKind, ErrorCode, Handle, Json, OutboundMessage, Outcome, Recall,
    Receipt, ReceiptPart, Result, channel::Host,
};
use media::{Failure, Media};
use serde_json::{Value, json};

/// What DingTalk says of an id that it does not know.
const UNKNOWN_ID: [&str; 6] = [
    "invalidStaffId",
    "staffId.notExisted",
    "invalid.openConversationId",
    "invalidParameter.openConversationId.invalid",
    "conversation.org.notMatch",
    "resource.not.found",
];
const HOW_TO_NAME: &str = "DingTalk's ids are told apart by case, which hosts may lose: write `user:<staff id>` \
    or `group:<conversation id>` as DingTalk spells it, or have them write to the bot first";

/// One account's way out for whole messages.
pub(crate) struct Outbound {
    directory: Directory,
    media: Media,
}

/// To whom a message goes.
struct Recipient {
    to: ReplyHandle,
    /// Whether DingTalk itself told us of the id.
    is_known: bool,
}

impl Outbound {
    /// Messages to those in `directory` or named by id, with files from `roots` that `options` allow.
    pub(crate) fn new(host: Host, directory: Directory, roots: &[String], options: LiveAccount) -> Self {
        Self { directory, media: Media::new(host, roots, options) }
    }

    /// Who is known by name.
    pub(crate) fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Sends a message: its words first, then its files, each as a message of its own. A file that fails stops
    /// nothing else, and is in the receipt.
    ///
    /// # Errors
    /// When nothing could be sent.
    pub(crate) async fn send(&self, surfaces: &Surfaces, message: &OutboundMessage) -> Result<Receipt> {
        let text = text_of(message, surfaces.wording());
        let is_silent = text.trim().is_empty();
        if is_silent && message.attachments.is_empty() {
            return Err(ChannelError::new(ErrorCode::Rejected, "there is nothing to send"));
        }
        let recipient = self.recipient(&message.reply, message.conversation.as_ref(), &message.target)?;
        let to = &recipient.to;
        let parcels = self.media.examine(&message.attachments, message.as_voice).await?;
        if message.notice.as_ref().is_none_or(|notice| notice.kind == "longTask") {
            surfaces.replying(to).await;
        }
        let mut receipt = Receipt::default();
        if !is_silent {
            let delivered = match once(message, "text") {
                Some(name) => deliver_once(surfaces, to, &text, &name).await,
                None => deliver(surfaces, to, &text).await,
            };
            receipt = delivered.map_err(|error| recipient.explain(error))?;
        }
        let mut has_sent = !is_silent;
        let mut errors = Vec::new();
        for (number, parcel) in parcels.into_iter().enumerate() {
            let name = once(message, &number.to_string());
            if name.as_ref().is_some_and(|name| surfaces.ledger().known(name).ended) {
                has_sent = true;
                continue;
            }
            let (file, sent) = match parcel {
                Ok(parcel) => {
                    let sent = self.media.send(surfaces, to, &parcel, name.as_ref()).await;
                    (parcel.name().to_owned(), sent)
                }
                Err(error) => (error.file().to_owned(), Err(Failure::Media(error))),
            };
            match sent.map_err(|failure| recipient.explain_all(failure)) {
                Ok(part) => {
                    has_sent = true;
                    receipt.parts.push(part);
                }
                Err(error) => {
                    receipt.parts.push(lost(&file, &error));
                    errors.push(error);
                }
            }
        }
        match errors.into_iter().reduce(beside) {
            Some(error) if !has_sent => Err(error),
            _ => Ok(receipt),
        }
    }

    /// Takes messages back.
    ///
    /// # Errors
    /// When it names nothing or nobody, or DingTalk does not take all of it back.
    pub(crate) async fn recall(&self, surfaces: &Surfaces, recall: &Recall) -> Result<()> {
        let ids: Vec<_> = recall.ids.iter().filter(|id| !id.is_empty()).cloned().collect();
        if ids.is_empty() {
            let what = "there is nothing to take back by: what went through a session webhook has no id";
            return Err(ChannelError::new(ErrorCode::Rejected, what));
        }
        let recipient = self.recipient(&recall.reply, recall.conversation.as_ref(), &recall.target)?;
        let (api, to) = (surfaces.api(), &recipient.to);
        let robot_code = surfaces.robot_code(to);
        let recalled = if to.is_group() {
            api.recall_from_group(robot_code, &to.conversation_id, &ids).await
        } else {
            api.recall_from_people(robot_code, &ids).await
        };
        recalled.map_err(|error| recipient.explain(error).into())
    }

    fn recipient(
        &self,
        reply: &Handle,
        conversation: Option<&Conversation>,
        target: &str,
    ) -> Result<Recipient> {
        if !reply.is_empty() {
            let to = ReplyHandle::decode(reply).map_err(unusable)?;
            return Ok(Recipient { to, is_known: true });
        }
        let found = match conversation.filter(|conversation| !conversation.id.is_empty()) {
            Some(conversation) => match self.directory.find(&conversation.id, Some(conversation.kind)) {
                // Where it is to go may be written beside.
                Err(TargetError::PrivateConversation { .. }) if !target.trim().is_empty() => {
                    self.directory.find(target, None)
                }
                found => found,
            },
            None => self.directory.find(target, None),
        };
        let Found { place, is_known } = found?;
        Ok(Recipient { to: handle(place), is_known })
    }
}

impl Recipient {
    /// Says how to name people, where it is the name that DingTalk does not know.
    fn explain(&self, error: Error) -> Error {
        let is_unknown = !self.is_known && UNKNOWN_ID.iter().any(|code| error.has_code(code));
        if is_unknown { error.advising(HOW_TO_NAME) } else { error }
    }

    fn explain_all(&self, failure: Failure) -> ChannelError {
        match failure {
            Failure::DingTalk(error) => self.explain(error).into(),
            failure => failure.into(),
        }
    }
}

/// A handle that cannot be used, as the host is told of it.
pub(crate) fn unusable(error: HandleError) -> ChannelError {
    ChannelError::new(ErrorCode::Rejected, error.to_string())
}

impl From<TargetError> for ChannelError {
    fn from(error: TargetError) -> Self {
        Self::new(ErrorCode::Rejected, error.to_string())
    }
}

/// The name under which `part` of a message is sent once; `None` for a message that is always sent.
fn once(message: &OutboundMessage, part: &str) -> Option<AnswerKey> {
    (!message.key.is_empty()).then(|| AnswerKey::once("message", &format!("{part}/{}", message.key)))
}

fn text_of(message: &OutboundMessage, wording: Wording) -> String {
    match &message.notice {
        Some(notice) => wording.notice(&notice.kind, &notice.params.parse().unwrap_or_default()),
        None => message.text.clone(),
    }
}

/// A file that did not arrive, with what its person may be told.
fn lost(name: &str, error: &ChannelError) -> ReceiptPart {
    tracing::error!(%error, name, "a file was not sent");
    let told: Value = error.extra.parse().unwrap_or_default();
    let notice = told.get("notice").cloned().unwrap_or_else(|| media::notice(name));
    let extra = Json::new(&json!({ "name": name, "error": error.message, "notice": notice }));
    ReceiptPart { extra, ..ReceiptPart::new("", "robot", Outcome::Failed) }
}

/// The first of two errors, which tells of both.
fn beside(first: ChannelError, second: ChannelError) -> ChannelError {
    ChannelError { message: format!("{}; {}", first.message, second.message), ..first }
}

fn handle(place: Place) -> ReplyHandle {
    let (kind, conversation_id, staff_id) = match place {
        Place::Group(id) => (ConversationKind::Group, id, None),
        Place::Person(id) => (ConversationKind::Direct, String::new(), Some(id)),
    };
    ReplyHandle {
        conversation_id,
        kind,
        staff_id,
        sender_id: None,
        sender_nick: None,
        robot_code: None,
        session_webhook: None,
        webhook_expires_at_ms: None,
        msg_id: String::new(),
        sent_at_ms: 0,
        received_at_ms: 0,
    }
}
