//! Brings accepted messages to the turns, and tells people when it was too much.

use super::{
    Address,
    accounts::Accounts,
    log::Log,
    record::{Event, Record},
    turn::Job,
};
use host_sdk::{
    Accepted, InboundMessage, LogLevel, Notice, OutboundMessage,
    inbox::{Listener, Waiting},
};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Listens to the inbox of one account.
#[derive(Clone)]
pub(super) struct Postman {
    pub(super) account: Address,
    pub(super) accounts: Accounts,
    pub(super) jobs: mpsc::UnboundedSender<Job>,
    pub(super) record: Record,
    pub(super) log: Log,
}

impl Postman {
    /// Puts a message in line.
    pub(super) fn bring(&self, waiting: Arc<Waiting>) {
        // Nobody listens once the host has stopped: then it is the next one's to replay.
        drop(self.jobs.send(Job { account: self.account.clone(), waiting }));
    }
}

impl Listener for Postman {
    fn waiting(&self, message: Arc<Waiting>) {
        self.bring(message);
    }

    fn answering(&self, message: &Arc<InboundMessage>, answer: Accepted) {
        self.record.note(&self.account, Event::Offered { message: message.clone(), answer });
    }

    fn flooded(&self, message: &InboundMessage) {
        let Some(account) = self.accounts.get(&self.account) else { return };
        let notice = OutboundMessage {
            key: format!("flooded/{}", message.id),
            conversation: Some(message.conversation.clone()),
            notice: Some(Notice { kind: "flooded".into(), ..Notice::default() }),
            reply: message.reply.clone(),
            ..OutboundMessage::default()
        };
        let (log, address) = (self.log.clone(), self.account.clone());
        account.channel.send(notice).then(move |sent| {
            if let Err(error) = sent {
                let sentence = format!("whoever sends too much could not be told so: {error}");
                log.say(LogLevel::Warn, Some(&address), sentence);
            }
        });
    }

    fn log(&self, level: LogLevel, sentence: String) {
        self.log.say(level, Some(&self.account), sentence);
    }
}
