//! Before a turn runs, and before anything else of a message is looked at: whether it is to be answered.

use super::{
    accounts::Account,
    doorman::{Doorman, Judged, Word},
    record::Event,
    routing::{Origin, Peer},
    turn::{Job, Stage},
};
use host_sdk::{
    InboundMessage, LogLevel, Notice, OutboundMessage, Result as ChannelResult, access::Admission,
};
use std::sync::Arc;

impl Stage {
    /// Whether a message is to be answered. Otherwise it is finished here, and its author told what there
    /// is to tell.
    pub(super) async fn admits(&self, job: &Job, message: &Arc<InboundMessage>) -> bool {
        let Some(Account { doorman, is_default, .. }) = self.accounts.get(&job.account) else { return false };
        let (judge, judging) = (doorman.clone(), message.clone());
        let judged = tokio::task::spawn_blocking(move || judge.judge(&judging)).await;
        let Judged { admission, word } =
            judged.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        if let Admission::Admit { command_authorised, .. } = admission {
            let (peer, thread) = (Peer::of(message), message.thread.as_str());
            let origin = Origin { account: &job.account, is_default_account: is_default, peer, thread };
            let (message, route) = (message.id.clone(), self.routing.route(&origin));
            self.record.note(&job.account, Event::Admitted { message, route, command_authorised });
            return true;
        }
        let notice = match word {
            Some(word) => self.tell_author(job, message, doorman, word).await,
            None => None,
        };
        self.record.note(&job.account, Event::TurnedAway { message: message.id.clone(), admission, notice });
        if let Some(account) = self.accounts.get(&job.account) {
            account.inbox.finished(&job.waiting);
        }
        false
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

    async fn send_notice(&self, job: &Job, message: &InboundMessage, notice: Notice) -> ChannelResult<()> {
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
