//! What the agent saw, and what the host took: a file with one line for each, which outlives the process.
//!
//! A line is `<what> <life> <microseconds since 1970> <message id> <conversation>`, written with one call,
//! so that a killed process leaves whole lines.

use crate::Error;
use host_mock::host::{Agent, Answer, Event, Recorded, Script, Step};
use host_sdk::{Accepted, InboundMessage};
use std::{
    fmt,
    fs::File,
    io::Write,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// The host took a message.
    Taken,
    /// The host was given a message that it already had.
    Again,
    /// The agent began to work on it.
    Began,
    /// The turn has ended, and its answer was delivered or given up.
    Ended,
    /// A process was told that an earlier one had given the answer, or may have; the agent is not asked again.
    Known,
}

impl Sight {
    const ALL: [Self; 5] = [Self::Taken, Self::Again, Self::Began, Self::Ended, Self::Known];

    fn word(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Again => "again",
            Self::Began => "began",
            Self::Ended => "ended",
            Self::Known => "known",
        }
    }
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// What it is about.
    pub sight: Sight,
    /// The number of the process that wrote it.
    pub life: u32,
    /// When, in microseconds since 1970.
    pub at: u64,
    /// The message's id.
    pub message: String,
    /// Its conversation; `-` where the line's writer does not know it.
    pub conversation: String,
}

impl fmt::Display for Sighting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sight, life, at, message, conversation } = self;
        write!(f, "{} {life} {at} {message} {conversation}", sight.word())
    }
}

impl Sighting {
    /// Reads a line.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let (sight, life, at) = (words.next()?, words.next()?, words.next()?);
        let sighting = Self {
            sight: Sight::ALL.into_iter().find(|known| known.word() == sight)?,
            life: life.parse().ok()?,
            at: at.parse().ok()?,
            message: words.next()?.to_owned(),
            conversation: words.next()?.to_owned(),
        };
        words.next().is_none().then_some(sighting)
    }
}

/// Reads a whole record, in the order in which it was written.
///
/// # Errors
/// When the file cannot be read, or is damaged.
pub fn read(path: &Path) -> Result<Vec<Sighting>, Error> {
    let text = std::fs::read_to_string(path).map_err(Error::system("read the agent's record"))?;
    let lines = text.lines().enumerate();
    lines
        .map(|(index, line)| {
            let damaged = || Error::Record { number: index + 1, line: line.to_owned() };
            Sighting::parse(line).ok_or_else(damaged)
        })
        .collect()
}

/// Microseconds since 1970, the clock that two processes share.
#[must_use]
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// Writes lines into the record, and tells them to whoever reads stdout.
#[derive(Clone, Debug)]
pub struct Witness {
    file: Arc<Mutex<File>>,
    life: u32,
}

impl Witness {
    /// Goes on with the record at `path`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(path: &Path, life: u32) -> Result<Self, Error> {
        let file = File::options().create(true).append(true).open(path);
        let file = file.map_err(Error::system("open the agent's record"))?;
        Ok(Self { file: Arc::new(Mutex::new(file)), life })
    }

    fn note(&self, sight: Sight, message: &str, conversation: &str) {
        let sighting = Sighting {
            sight,
            life: self.life,
            at: now(),
            message: message.to_owned(),
            conversation: conversation.to_owned(),
        };
        let line = format!("{sighting}\n");
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if file.write_all(line.as_bytes()).is_err() {
            // Without its record a run proves nothing.
            eprintln!("the agent's record cannot be written");
            std::process::abort();
        }
        // Nobody may be listening: the record is the file.
        drop(std::io::stdout().lock().write_all(line.as_bytes()));
    }

    /// Notes what the host says happened.
    pub fn hear(&self, recorded: &Recorded) {
        match &recorded.event {
            Event::Offered { message, answer: Accepted::New } => {
                self.note(Sight::Taken, &message.id, &message.conversation.id);
            }
            Event::Offered { message, answer: Accepted::Duplicate } => {
                self.note(Sight::Again, &message.id, &message.conversation.id);
            }
            Event::TurnEnded(end) if !end.is_left() => self.note(Sight::Ended, &end.turn, "-"),
            Event::AnsweredBefore { turn, .. } => self.note(Sight::Known, turn, "-"),
            _ => {}
        }
    }

    /// An agent that notes each message it is given, and answers it after a while with its own text.
    #[must_use]
    pub fn agent(&self, thinks: Duration) -> impl Agent {
        let script = Script::written(move |_, message| {
            let pause = (!thinks.is_zero()).then_some(Step::Pause(thinks));
            pause.into_iter().chain([Step::say(message.text.clone())]).collect()
        });
        Attentive { witness: self.clone(), script }
    }
}

struct Attentive {
    witness: Witness,
    script: Script,
}

impl Agent for Attentive {
    fn answer(&self, message: &InboundMessage) -> Answer {
        self.witness.note(Sight::Began, &message.id, &message.conversation.id);
        self.script.answer(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reads_back_as_it_was_written() {
        for sight in Sight::ALL {
            let (message, conversation) = ("msgA+/==".to_owned(), "cid1==".to_owned());
            let sighting = Sighting { sight, life: 3, at: 17, message, conversation };
            assert_eq!(Sighting::parse(&sighting.to_string()), Some(sighting));
        }
    }

    #[test]
    fn half_a_line_is_none() {
        for line in ["", "began 1 17 m", "began 1 17 m c d", "begun 1 17 m c", "began x 17 m c"] {
            assert_eq!(Sighting::parse(line), None, "{line:?}");
        }
    }
}
