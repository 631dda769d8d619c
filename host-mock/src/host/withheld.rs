//! Messages that the platform does not say the content of: nobody can answer them, and their author is told why.

use super::{
    record::Event,
    turn::{Job, Stage},
};
use host_sdk::{InboundMessage, Json, LogLevel, Notice};
use serde_json::Value;

impl Stage {
    /// Finishes a message that nobody can answer. The channel has the word for its author.
    pub(super) async fn withheld(&self, job: &Job, message: &InboundMessage) {
        let notice = match notice(message) {
            Some(notice) => {
                let kind = notice.kind.clone();
                match self.send_notice(job, message, notice).await {
                    Ok(()) => Some(kind),
                    Err(error) => {
                        let sentence = format!("nobody could be told that a message was withheld: {error}");
                        self.log.say(LogLevel::Warn, Some(&job.account), sentence);
                        None
                    }
                }
            }
            None => None,
        };
        self.record.note(&job.account, Event::Withheld { message: message.id.clone(), notice });
        self.finished(job);
    }
}

/// The notice that the channel proposes, if it does.
fn notice(message: &InboundMessage) -> Option<Notice> {
    let extra: Value = message.extra.parse().unwrap_or_default();
    let kind = extra["notice"]["kind"].as_str()?.to_owned();
    Some(Notice { kind, params: Json::new(&extra["notice"]["params"]) })
}
