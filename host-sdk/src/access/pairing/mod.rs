//! Who asked to be let in, and who was.

mod code;
#[cfg(test)]
mod tests;

pub use code::Code;

use super::list::ids;
use crate::value::Sender;
use serde::{Deserialize, Serialize};
use std::{error::Error, fmt};

/// The format that is written; older ones would be brought to it, newer ones are refused.
const FORMAT: u32 = 1;
/// How long a request can be approved, in milliseconds.
const LIFE_MS: i64 = 60 * 60 * 1000;
/// How many may wait at the same time: more are not answered, so that nobody can fill a disk by asking.
const PENDING: usize = 3;
/// How many may be approved. More belong into `allowFrom`.
const APPROVED: usize = 10_000;
/// How often a code is drawn: of random ones, hardly ever is the first somebody's already.
const DRAWS: usize = 8;
/// How much of a name is kept, in characters.
const NAME: usize = 80;

/// Who asked to be let in to one account, and who was.
///
/// A person gets a [`Code`] with their first message, and the owner approves it within an hour. At most three
/// may wait at the same time. Times are given in milliseconds since the epoch, by a clock that survives a
/// restart, as this does in the form of [JSON](Self::to_json).
///
/// ```
/// use host_sdk::{Sender, access::{Asked, Code, Pairing}};
///
/// let lin = Sender { id: "lin".into(), name: "Lin".into(), ..Default::default() };
/// let mut pairing = Pairing::default();
/// let asked = pairing.ask(&lin, "message 1", 0, || Code::from_random(7));
/// let Asked::Created(code) = asked else { panic!("she is the first") };
/// assert_eq!(pairing.ask(&lin, "message 2", 1_000, || Code::from_random(8)), Asked::Pending);
///
/// pairing.approve(code.as_str(), 60_000)?;
/// assert!(pairing.has(&lin));
/// # Ok::<_, host_sdk::access::NotApproved>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pairing {
    requests: Vec<Request>,
    approved: Vec<Approval>,
}

/// Somebody who waits to be let in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// What the owner approves them by.
    pub code: Code,
    /// Their id.
    pub id: String,
    /// Their name, as far as known.
    #[serde(default)]
    pub name: String,
    /// When they asked, in milliseconds since the epoch.
    pub asked_at_ms: i64,
    /// The id of the message that asked.
    #[serde(default)]
    message: String,
}

/// Somebody who was let in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Approval {
    /// Their id.
    pub id: String,
    /// Their name, as far as known.
    #[serde(default)]
    pub name: String,
    /// When they were let in, in milliseconds since the epoch.
    pub approved_at_ms: i64,
}

/// What came of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// There is a request now: tell them this code. A message that asks again, because it was not known
    /// whether its author could be told, gets the same one.
    Created(Code),
    /// They wait already, and know their code.
    Pending,
    /// Too many wait.
    Full,
}

/// Why nobody was let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotApproved {
    /// Nobody who waits has this code.
    Unknown,
    /// There are too many.
    Full,
}

/// Why a text is not what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// A newer version has written it, in this format.
    Newer(u32),
    /// It is damaged.
    Damaged {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
}

impl fmt::Display for NotApproved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => {
                f.write_str("nobody waits with this code: it may be misspelt, or more than an hour old")
            }
            Self::Full => {
                write!(f, "{APPROVED} people are approved, and no more can be: write them into `allowFrom`")
            }
        }
    }
}

impl Error for NotApproved {}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newer(format) => {
                write!(f, "it has format {format}, and this version knows formats up to {FORMAT}")
            }
            Self::Damaged { line, column } => {
                write!(f, "it is damaged: wrong at line {line}, column {column}")
            }
        }
    }
}

impl Error for Unreadable {}

impl Request {
    /// For how many milliseconds it can still be approved; 0 or less if it cannot.
    pub fn left_ms(&self, now_ms: i64) -> i64 {
        // Asked in the future, the clock was set back: so much the sooner it is over.
        LIFE_MS.saturating_sub(now_ms.saturating_sub(self.asked_at_ms).saturating_abs())
    }
}

impl Pairing {
    /// Somebody wrote `message`, and is neither listed nor approved. A new request takes its code from
    /// `fresh`, which is called again should it give one that somebody has.
    pub fn ask(
        &mut self,
        sender: &Sender,
        message: &str,
        now_ms: i64,
        mut fresh: impl FnMut() -> Code,
    ) -> Asked {
        self.expire(now_ms);
        if let Some(request) = self.requests.iter().find(|request| request.id == sender.id) {
            let is_the_same = request.message == message;
            return if is_the_same { Asked::Created(request.code.clone()) } else { Asked::Pending };
        }
        if self.requests.len() >= PENDING {
            return Asked::Full;
        }
        let is_new = |code: &Code| self.requests.iter().all(|request| request.code != *code);
        let Some(code) = (0..DRAWS).map(|_| fresh()).find(is_new) else { return Asked::Full };
        self.requests.push(Request {
            code: code.clone(),
            id: sender.id.clone(),
            name: sender.name.chars().take(NAME).collect(),
            asked_at_ms: now_ms,
            message: message.to_owned(),
        });
        Asked::Created(code)
    }

    /// Takes a request back: its code could not be told to who asked.
    pub fn withdraw(&mut self, code: &Code) {
        self.requests.retain(|request| request.code != *code);
    }

    /// The owner lets in who has this code, written in whatever case.
    ///
    /// # Errors
    /// When nobody who waits has it, or there are too many already.
    pub fn approve(&mut self, written: &str, now_ms: i64) -> Result<Approval, NotApproved> {
        self.expire(now_ms);
        let index = self.requests.iter().position(|request| request.code.is_written(written));
        let index = index.ok_or(NotApproved::Unknown)?;
        if self.approved.len() >= APPROVED {
            return Err(NotApproved::Full);
        }
        let Request { id, name, .. } = self.requests.remove(index);
        self.approved.retain(|approval| approval.id != id);
        let approval = Approval { id, name, approved_at_ms: now_ms };
        self.approved.push(approval.clone());
        Ok(approval)
    }

    /// Whether somebody was let in, by any of their ids.
    pub fn has(&self, sender: &Sender) -> bool {
        ids(sender).any(|id| self.approved.iter().any(|approval| approval.id == id))
    }

    /// Who waits, oldest first.
    pub fn requests(&self, now_ms: i64) -> impl Iterator<Item = &Request> {
        self.requests.iter().filter(move |request| request.left_ms(now_ms) > 0)
    }

    /// Who was let in, oldest first.
    pub fn approved(&self) -> &[Approval] {
        &self.approved
    }

    fn expire(&mut self, now_ms: i64) {
        self.requests.retain(|request| request.left_ms(now_ms) > 0);
    }

    /// All of it as a text, to be kept.
    pub fn to_json(&self) -> String {
        let Self { requests, approved } = self;
        let file = serde_json::json!({"format": FORMAT, "requests": requests, "approved": approved});
        format!("{file:#}\n")
    }

    /// Reads what [`to_json`](Self::to_json) gave.
    ///
    /// # Errors
    /// When a newer version has written it, or it is damaged.
    pub fn from_json(text: &str) -> Result<Self, Unreadable> {
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        #[derive(Deserialize)]
        struct File {
            requests: Vec<Request>,
            approved: Vec<Approval>,
        }
        let damaged =
            |error: serde_json::Error| Unreadable::Damaged { line: error.line(), column: error.column() };
        let Head { format } = serde_json::from_str(text).map_err(damaged)?;
        if format > FORMAT {
            return Err(Unreadable::Newer(format));
        }
        let File { requests, approved } = serde_json::from_str(text).map_err(damaged)?;
        Ok(Self { requests, approved })
    }
}
