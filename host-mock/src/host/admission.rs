//! Who may talk: judged before a turn runs, before anything else of a message is looked at.

use super::{
    Address,
    accounts::Account,
    log::Log,
    pairings::{PairingFile, now_ms},
    record::Event,
    routing::{Origin, Peer},
    turn::{Job, Stage},
};
use host_sdk::{
    InboundMessage, Json, LogLevel, Notice, OutboundMessage, Result as ChannelResult,
    access::{Admission, Asked, Code, Denial, Pairing, Rules, Told},
};
use serde_json::json;
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

/// Judges who may talk to one account, and knows who was told what.
#[derive(Debug)]
pub(super) struct Doorman {
    account: Address,
    rules: Rules,
    file: PairingFile,
    log: Log,
    /// Who was told that they may not write, by the id that they were told.
    told: Mutex<Told>,
    /// When the log was told that too many wait.
    crowded: Mutex<Told>,
}

/// What a message comes to, and what its author is to be told.
#[derive(Debug)]
struct Judged {
    admission: Admission,
    word: Option<Word>,
}

/// What the author of a message is to be told.
#[derive(Clone, Debug)]
enum Word {
    /// The code that they can be let in by.
    Pairing(Code),
    /// The id that the owner has to list.
    Denied { id: String, is_group: bool },
}

impl Doorman {
    pub(super) fn new(account: Address, rules: Rules, file: PairingFile, log: Log) -> Self {
        Self { account, rules, file, log, told: Mutex::default(), crowded: Mutex::default() }
    }

    /// Judges a message. Blocks, for the file of those who were let in; while that is unusable nobody can
    /// ask to be let in, and whoever was counts as a stranger.
    fn judge(&self, message: &InboundMessage) -> Judged {
        let admission = self.rules.judge(message, |sender| match self.file.read() {
            Ok(read) => {
                self.tell_damage(read.set_aside);
                read.pairing.has(sender)
            }
            Err(error) => {
                self.tell(LogLevel::Error, error);
                false
            }
        });
        let word = match admission {
            Admission::Pair => self.ask(message),
            Admission::Deny(denial) => self.deny(message, denial),
            _ => None,
        };
        Judged { admission, word }
    }

    fn deny(&self, message: &InboundMessage, denial: Denial) -> Option<Word> {
        let id = denial.id(message);
        if !lock(&self.told).is_due(id, Instant::now()) {
            return None;
        }
        self.tell(LogLevel::Info, format!("{} writes and may not: {denial}", message.sender.id));
        Some(Word::Denied { id: id.to_owned(), is_group: denial == Denial::GroupNotListed })
    }

    fn ask(&self, message: &InboundMessage) -> Option<Word> {
        // Of a version 4 UUID the lower bits are random.
        let fresh = || Code::from_random(uuid::Uuid::new_v4().as_u64_pair().1);
        let asked = self.change(|pairing| pairing.ask(&message.sender, &message.id, now_ms(), fresh))?;
        let (who, channel) = (&message.sender.id, &self.account.channel);
        match asked {
            Asked::Created(code) => {
                let sentence = format!(
                    "{who} asks to be let in: `pairing list {channel}` has the code for `pairing approve {channel}`"
                );
                self.tell(LogLevel::Info, sentence);
                Some(Word::Pairing(code))
            }
            Asked::Full if lock(&self.crowded).is_due(channel, Instant::now()) => {
                let sentence = format!(
                    "{who} cannot ask to be let in, since too many wait: approve those whom `pairing list \
                     {channel}` has, or add the id to `allowFrom`"
                );
                self.tell(LogLevel::Warn, sentence);
                None
            }
            Asked::Pending | Asked::Full => None,
        }
    }

    /// Changes who waits and who was let in; `None` where that cannot be done, which is told here.
    fn change<T>(&self, change: impl FnOnce(&mut Pairing) -> T) -> Option<T> {
        match self.file.change(change) {
            Ok((changed, set_aside)) => {
                self.tell_damage(set_aside);
                Some(changed)
            }
            Err(error) => {
                self.tell(LogLevel::Error, error);
                None
            }
        }
    }

    /// Its author could not be told: the next message is their chance.
    fn take_back(&self, word: &Word) {
        match word {
            Word::Denied { id, .. } => lock(&self.told).take_back(id),
            Word::Pairing(code) => drop(self.change(|pairing| pairing.withdraw(code))),
        }
    }

    fn tell_damage(&self, set_aside: Option<PathBuf>) {
        if let Some(path) = set_aside {
            let path = path.display();
            let sentence = format!(
                "the file of those who were let in was damaged, and is now {path}: they have to be approved anew, \
                 or the file corrected and put back"
            );
            self.tell(LogLevel::Error, sentence);
        }
    }

    fn tell(&self, level: LogLevel, sentence: impl ToString) {
        self.log.say(level, Some(&self.account), sentence.to_string());
    }
}

impl Word {
    fn notice(&self, message: &InboundMessage) -> Notice {
        let (kind, params) = match self {
            Self::Pairing(code) => ("pairing", json!({"code": code, "id": message.sender.id})),
            Self::Denied { id, is_group } => ("denied", json!({"id": id, "isGroup": is_group})),
        };
        Notice { kind: kind.into(), params: Json::new(&params) }
    }
}

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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
