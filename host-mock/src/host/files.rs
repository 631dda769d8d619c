//! Files that come with a message: fetched once it was admitted, before the agent is asked.

use super::{Address, accounts::Accounts, log::Log};
use futures_util::future::join_all;
use host_sdk::{
    Attachment, ChannelError, InboundMessage, Json, LocalFile, LogLevel, Notice, OutboundMessage,
    Result as ChannelResult,
};
use serde_json::{Map, Value, json};
use std::{sync::Arc, time::Duration};

/// How long a channel may take for one file; it has its own limits far below.
const FETCH: Duration = Duration::from_secs(1800);
/// The key in an attachment's `extra` that tells the agent why there is no file.
const NOT_FETCHED: &str = "notFetched";

/// The message as the agent is given it: each attachment has the path of its file, or says in `extra` why
/// there is none. Whoever sent what cannot be had is told so, in the channel's words.
pub(super) async fn fetch(
    accounts: &Accounts,
    address: &Address,
    message: Arc<InboundMessage>,
    log: &Log,
) -> Arc<InboundMessage> {
    let quoted = message.quote.iter().flat_map(|quote| &quote.attachments);
    let wanted: Vec<Attachment> = message.attachments.iter().chain(quoted).cloned().collect();
    if wanted.is_empty() {
        return message;
    }
    let fetches = wanted.into_iter().map(|attachment| one(accounts, address, attachment));
    let fetched = join_all(fetches).await;
    let mut given = InboundMessage::clone(&message);
    let quoted = given.quote.iter_mut().flat_map(|quote| &mut quote.attachments);
    for (place, (attachment, fetched)) in given.attachments.iter_mut().chain(quoted).zip(fetched) {
        *place = attachment;
        match fetched {
            Ok(file) => has_file(place, file),
            Err(error) => {
                log.say(LogLevel::Warn, Some(address), format!("a file was not fetched: {error}"));
                has_none(place, &error);
                tell(accounts, address, &message, &error, log);
            }
        }
    }
    Arc::new(given)
}

async fn one(
    accounts: &Accounts,
    address: &Address,
    attachment: Attachment,
) -> (Attachment, ChannelResult<LocalFile>) {
    let state = || ChannelError::new(host_sdk::ErrorCode::State, "the account does not run any more");
    // Not held while waiting: a channel lives for as long as anyone holds it.
    let fetching = accounts.get(address).map(|account| account.channel.fetch(attachment.clone()));
    let fetched = match fetching {
        Some(fetching) => tokio::time::timeout(FETCH, fetching).await,
        None => Ok(Err(state())),
    };
    let late = |_| ChannelError::new(host_sdk::ErrorCode::Timeout, format!("no answer within {FETCH:?}"));
    (attachment, fetched.unwrap_or_else(|elapsed| Err(late(elapsed))))
}

fn has_file(attachment: &mut Attachment, file: LocalFile) {
    attachment.path = file.path;
    attachment.mime = file.mime;
    attachment.name = file.name;
    attachment.size = Some(file.size);
}

fn has_none(attachment: &mut Attachment, error: &ChannelError) {
    let mut extra: Map<String, Value> = attachment.extra.parse().unwrap_or_default();
    extra.insert(NOT_FETCHED.into(), json!(error.message));
    attachment.extra = Json::new(&extra);
}

/// Sends the notice that the channel proposes, if it does.
fn tell(accounts: &Accounts, address: &Address, message: &InboundMessage, error: &ChannelError, log: &Log) {
    let extra: Value = error.extra.parse().unwrap_or_default();
    let Some(kind) = extra["notice"]["kind"].as_str() else { return };
    let Some(account) = accounts.get(address) else { return };
    let notice = OutboundMessage {
        conversation: Some(message.conversation.clone()),
        notice: Some(Notice { kind: kind.into(), params: Json::new(&extra["notice"]["params"]) }),
        reply: message.reply.clone(),
        ..OutboundMessage::default()
    };
    let (log, address) = (log.clone(), address.clone());
    account.channel.send(notice).then(move |sent| {
        if let Err(error) = sent {
            let sentence = format!("whoever sent a file could not be told that it is not there: {error}");
            log.say(LogLevel::Warn, Some(&address), sentence);
        }
    });
}
