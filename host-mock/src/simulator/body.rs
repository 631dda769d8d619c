//! What is sent to the interface, as it is written; a scenario is a list of the same.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::faults::Wish;
use super::refusal::Refusal;

/// A person writes something.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", expecting = "a message, as {\"chat\", \"text\"}")]
pub(super) struct Say {
    /// The conversation's id.
    pub(super) chat: String,
    /// Who, by staff id; in a private chat it can only be the one whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) person: Option<String>,
    /// In a group: the Client ID of the mentioned robot's app, the first one if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) to: Option<String>,
    /// In a group: whether a robot is mentioned; `true` if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mention: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<String>,
    /// The id of an earlier message or card that the text answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) quote: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) picture: Option<File>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<File>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) voice: Option<Voice>,
}

/// A file, as JSON has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, expecting = "a file, as {\"name\", \"base64\"}")]
pub(super) struct File {
    pub(super) name: String,
    pub(super) base64: String,
}

/// Something spoken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(
    deny_unknown_fields,
    rename_all = "camelCase",
    expecting = "a voice, as {\"transcript\", \"durationMs\"}"
)]
pub(super) struct Voice {
    /// What DingTalk understood; nothing if left out.
    #[serde(default)]
    pub(super) transcript: String,
    /// Milliseconds, 1 to 60,000.
    pub(super) duration_ms: u64,
    /// AMR; made up if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) base64: Option<String>,
}

/// A person presses a button of a card.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, expecting = "a press, as {\"person\", \"card\", \"button\"}")]
pub(super) struct Press {
    pub(super) person: String,
    /// The `outTrackId`.
    pub(super) card: String,
    /// The button's id.
    pub(super) button: String,
}

/// A fault goes on or off.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, expecting = "a fault, as {\"name\", \"on\"}")]
pub(super) struct Flip {
    pub(super) name: String,
    pub(super) on: bool,
    /// Its number, where it takes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<u64>,
    /// How many calls it strikes, where it strikes calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) times: Option<u32>,
}

impl Flip {
    pub(super) fn wish(&self) -> Wish {
        Wish { on: self.on, value: self.value, times: self.times }
    }
}

/// A person who scanned a code lets an application be registered, or does not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a scan, as {\"code\", \"allow\"}")]
pub(super) struct Scan {
    pub(super) code: String,
    pub(super) allow: bool,
}

/// Somebody new.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", expecting = "a person, as {\"staffId\", \"nick\"}")]
pub(super) struct NewPerson {
    pub(super) staff_id: String,
    pub(super) nick: String,
    #[serde(default)]
    pub(super) admin: bool,
}

/// A new group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", expecting = "a group, as {\"title\"}")]
pub(super) struct NewGroup {
    pub(super) title: String,
    /// The conversation's id, made from the title if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
}

/// A body as it came, if it came.
pub(super) type Sent = Result<Bytes, BytesRejection>;

/// Reads a body.
pub(super) fn read<T: DeserializeOwned>(sent: Sent) -> Result<T, Refusal> {
    let bytes = sent.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "a body has at most 28 MiB")
        }
        _ => Refusal::bad("bad_json", "the body broke off"),
    })?;
    serde_json::from_slice(&bytes).map_err(|error| {
        let code = if error.is_data() { "bad_field" } else { "bad_json" };
        Refusal::bad(code, in_our_words(&error))
    })
}

/// What is wrong with a body, without the names that its parts have in this program.
pub(super) fn in_our_words(error: &serde_json::Error) -> String {
    let said = error.to_string();
    ["u64", "u32"].iter().fold(said, |said, number| {
        said.replace(&format!("expected {number}"), "expected a whole number, not negative")
    })
}
