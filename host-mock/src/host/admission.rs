//! As soon as a message is there, and before anything of it is done: whether it is to be answered, where it
//! belongs, and whether it is a command.

use super::{
    Command, Route,
    accounts::Account,
    doorman::{Doorman, Judged, Word},
    record::Event,
    routing::{Origin, Peer},
    turn::{Job, Stage},
};
use host_sdk::{
    EventKind, InboundMessage, LogLevel, Notice, OutboundMessage, Result as ChannelResult, access::Admission,
};
use std::sync::Arc;

/// A message whose author may write. Its content stays on disk until its turn.
#[derive(Debug)]
pub(super) struct Admitted {
    pub(super) job: Job,
    pub(super) route: Route,
    pub(super) command: Option<Command>,
    /// Earlier ones that are answered together with it.
    pub(super) with: Vec<Job>,
}

impl Stage {
    /// Looks at a message. If it is not to be answered it is finished here, and its author told what there
    /// is to tell.
    pub(super) async fn look_at(&self, job: Job) -> Option<Admitted> {
        let account = self.accounts.ready(&job.account).await?;
        let (message, Judged { admission, word }) = self.judge(&job, &account).await?;
        if let Admission::Admit { command_authorised, .. } = admission {
            if message.event == EventKind::Withheld {
                self.withheld(&job, &message).await;
                return None;
            }
            return self.admit(job, &account, &message, command_authorised);
        }
        let notice = match word {
            Some(word) => self.tell_author(&job, &message, account.doorman.clone(), word).await,
            None => None,
        };
        self.record.note(&job.account, Event::TurnedAway { message: message.id.clone(), admission, notice });
        self.finished(&job);
        None
    }

    /// Reads and judges a message, on a thread that may block.
    async fn judge(&self, job: &Job, account: &Account) -> Option<(Arc<InboundMessage>, Judged)> {
        let (inbox, doorman, waiting) = (account.inbox.clone(), account.doorman.clone(), job.waiting.clone());
        let judging = tokio::task::spawn_blocking(move || {
            let message = inbox.read(&waiting)?;
            Ok(message.map(|message| {
                let judged = doorman.judge(&message);
                (Arc::new(message), judged)
            }))
        });
        let judged = judging.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        let (message, judged) = self.there(job, judged)?;
        if job.waiting.replayed {
            self.record.note(&job.account, Event::Replayed { message: message.clone() });
        }
        Some((message, judged))
    }

    /// `None` for a command whose author may not give it: then nothing happens, as in OpenClaw.
    fn admit(
        &self,
        job: Job,
        account: &Account,
        message: &InboundMessage,
        command_authorised: bool,
    ) -> Option<Admitted> {
        let (peer, thread) = (Peer::of(message), message.thread.as_str());
        let origin = Origin { account: &job.account, is_default_account: account.is_default, peer, thread };
        let route = self.conduct.borrow().routing.route(&origin);
        let id = message.id.clone();
        let admitted = Event::Admitted { message: id.clone(), route: route.clone(), command_authorised };
        self.record.note(&job.account, admitted);
        let command = Command::of(&message.text);
        if let Some(command) = &command {
            let authorised = command_authorised;
            self.record
                .note(&job.account, Event::Command { message: id, command: command.clone(), authorised });
            if !authorised {
                let sentence = format!("{} gave a command and may not", message.sender.id);
                self.log.say(LogLevel::Info, Some(&job.account), sentence);
                self.finished(&job);
                return None;
            }
        }
        Some(Admitted { job, route, command, with: Vec::new() })
    }

    /// Tells the author of a message; the kind of the notice, if it reached them.
    async fn tell_author(
        &self,
        job: &Job,
        message: &InboundMessage,
        doorman: Arc<Doorman>,
        word: Word,
    ) -> Option<String> {
        let notice = word.notice(message);
        let kind = notice.kind.clone();
        let Err(error) = self.send_notice(job, message, notice).await else { return Some(kind) };
        let sentence = format!("{} could not be told that they may not write: {error}", message.sender.id);
        self.log.say(LogLevel::Warn, Some(&job.account), sentence);
        let taken_back = tokio::task::spawn_blocking(move || doorman.take_back(&word)).await;
        taken_back.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        None
    }

    /// Tells the author of a message something about it.
    pub(super) async fn send_notice(
        &self,
        job: &Job,
        message: &InboundMessage,
        notice: Notice,
    ) -> ChannelResult<()> {
        let outbound = OutboundMessage {
            key: format!("{}/{}", notice.kind, message.id),
            conversation: Some(message.conversation.clone()),
            notice: Some(notice),
            reply: message.reply.clone(),
            ..OutboundMessage::default()
        };
        self.in_time(&job.account, |channel| channel.send(outbound)).await.map(drop)
    }
}
