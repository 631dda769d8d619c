//! Who may talk to one account, and who was told what about it.

use super::{
    Address,
    log::Log,
    pairings::{PairingFile, now_ms},
};
use host_sdk::{
    InboundMessage, Json, LogLevel, Notice,
    access::{Admission, Asked, Code, Denial, Pairing, Rules, Told},
};
use serde_json::json;
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
    time::Instant,
};

/// Judges who may talk to one account, and knows who was told what.
#[derive(Debug)]
pub(super) struct Doorman {
    account: Address,
    rules: RwLock<Arc<Rules>>,
    file: PairingFile,
    log: Log,
    /// Who was told that they may not write, by the id that they were told.
    told: Mutex<Told>,
    /// When the log was told that too many wait.
    crowded: Mutex<Told>,
}

/// What a message comes to, and what its author is to be told.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) admission: Admission,
    pub(super) word: Option<Word>,
}

/// What the author of a message is to be told.
#[derive(Clone, Debug)]
pub(super) enum Word {
    /// The code that they can be let in by.
    Pairing(Code),
    /// The id that the owner has to list.
    Denied { id: String, is_group: bool },
}

impl Doorman {
    pub(super) fn new(account: Address, rules: Rules, file: PairingFile, log: Log) -> Self {
        let rules = RwLock::new(Arc::new(rules));
        Self { account, rules, file, log, told: Mutex::default(), crowded: Mutex::default() }
    }

    /// Other rules hold from now on. Who was told what stays known.
    pub(super) fn obeys(&self, rules: Rules) {
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
    }

    /// Judges a message. Blocks, for the file of those who were let in; while that is unusable nobody can
    /// ask to be let in, and whoever was counts as a stranger.
    pub(super) fn judge(&self, message: &InboundMessage) -> Judged {
        let rules = self.rules.read().unwrap_or_else(PoisonError::into_inner).clone();
        let admission = rules.judge(message, |sender| match self.file.read() {
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
    pub(super) fn take_back(&self, word: &Word) {
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
    pub(super) fn notice(&self, message: &InboundMessage) -> Notice {
        let (kind, params) = match self {
            Self::Pairing(code) => ("pairing", json!({"code": code, "id": message.sender.id})),
            Self::Denied { id, is_group } => ("denied", json!({"id": id, "isGroup": is_group})),
        };
        Notice { kind: kind.into(), params: Json::new(&params) }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::Pairings;
    use host_sdk::{Sender, access::Notation};
    use tempfile::TempDir;

    fn doorman(state: &TempDir, settings: &serde_json::Value) -> Doorman {
        let account = Address::new("x", "default");
        let rules = Rules::read(&Json::new(settings), &Notation::default());
        let file = Pairings::at(state.path()).of(&account).unwrap();
        Doorman::new(account, rules, file, Log::new(None))
    }

    fn message(id: &str, sender: &str) -> InboundMessage {
        let sender = Sender { id: sender.into(), ..Sender::default() };
        InboundMessage { id: id.into(), sender, ..InboundMessage::default() }
    }

    /// The notice that a message comes to, if it comes to one.
    fn notice(doorman: &Doorman, message: &InboundMessage) -> Option<String> {
        doorman.judge(message).word.map(|word| word.notice(message).kind)
    }

    #[test]
    fn somebody_new_is_told_a_code_once_and_again_by_the_message_that_asked() {
        let state = tempfile::tempdir().unwrap();
        let pairing = json!({"dmPolicy": "pairing"});
        let first = message("m1", "lin");
        assert_eq!(notice(&doorman(&state, &pairing), &first).as_deref(), Some("pairing"));
        // A restart before it was known whether she was told, and one after.
        assert_eq!(notice(&doorman(&state, &pairing), &first).as_deref(), Some("pairing"));
        assert_eq!(notice(&doorman(&state, &pairing), &message("m2", "lin")), None);
    }

    #[test]
    fn whoever_could_not_be_told_is_told_the_next_time() {
        let state = tempfile::tempdir().unwrap();
        for (settings, kind) in
            [(json!({"dmPolicy": "pairing"}), "pairing"), (json!({"dmPolicy": "allowlist"}), "denied")]
        {
            let doorman = doorman(&state, &settings);
            let word = doorman.judge(&message("m1", "lin")).word.unwrap();
            assert_eq!(notice(&doorman, &message("m2", "lin")), None, "{kind}");
            doorman.take_back(&word);
            assert_eq!(notice(&doorman, &message("m3", "lin")).as_deref(), Some(kind));
        }
    }

    #[test]
    fn a_crowd_at_the_door_is_told_of_once() {
        let state = tempfile::tempdir().unwrap();
        let doorman = doorman(&state, &json!({"dmPolicy": "pairing"}));
        for number in 0..6 {
            let told = notice(&doorman, &message(&format!("m{number}"), &format!("user{number}")));
            assert_eq!(told.is_some(), number < 3, "{number}");
        }
        let lines = doorman.log.lines().snapshot();
        assert_eq!(lines.iter().filter(|line| line.message.contains("too many wait")).count(), 1);
    }

    #[test]
    fn a_file_that_cannot_be_used_lets_nobody_in_and_says_so() {
        let state = tempfile::tempdir().unwrap();
        let doorman = doorman(&state, &json!({"dmPolicy": "pairing"}));
        let file = state.path().join("pairing/x/default.json");
        std::fs::write(&file, r#"{"format": 9}"#).unwrap();
        let Judged { admission, word } = doorman.judge(&message("m1", "lin"));
        assert!(admission == Admission::Pair && word.is_none(), "{admission}");
        let line = doorman.log.lines().snapshot().pop().unwrap();
        assert!(line.level == LogLevel::Error && line.message.contains("format 9"), "{line}");

        std::fs::write(&file, "{").unwrap();
        assert_eq!(notice(&doorman, &message("m2", "lin")).as_deref(), Some("pairing"));
        let set_aside = |line: &crate::host::LogEntry| line.message.contains("approved anew");
        assert!(doorman.log.lines().snapshot().iter().any(set_aside));
    }
}
