//! The types of what the host itself reads in the configuration.

use super::HostError;
use serde_json::{Map, Value};
use std::{collections::BTreeSet, path::Path};

/// Checks types, and names the file and the place in what it says.
pub(super) struct Shape<'a> {
    pub(super) file: &'a Path,
}

impl Shape<'_> {
    /// An object; an absent one is empty.
    pub(super) fn object(&self, value: Option<Value>, at: &str) -> Result<Map<String, Value>, HostError> {
        match value {
            None => Ok(Map::new()),
            Some(Value::Object(fields)) => Ok(fields),
            Some(other) => Err(self.wrong(&other, at, "an object, as in { … }")),
        }
    }

    /// A list; an absent one is empty.
    pub(super) fn list<'a>(&self, value: Option<&'a Value>, at: &str) -> Result<&'a [Value], HostError> {
        match value {
            None => Ok(&[]),
            Some(Value::Array(items)) => Ok(items),
            Some(other) => Err(self.wrong(other, at, "a list, as in [ … ]")),
        }
    }

    /// A text that has to be there, without the space around it.
    pub(super) fn text<'a>(&self, value: Option<&'a Value>, at: &str) -> Result<&'a str, HostError> {
        match value {
            Some(Value::String(text)) => Ok(text.trim()),
            other => Err(self.wrong(other.unwrap_or(&Value::Null), at, "a text, as in \"…\"")),
        }
    }

    /// A list of names; an absent one is empty.
    pub(super) fn names(&self, value: Option<&Value>, at: &str) -> Result<BTreeSet<String>, HostError> {
        const EXPECTED: &str = "a list of plugin ids, as in [\"dingtalk\"]";
        match value {
            None => Ok(BTreeSet::new()),
            Some(Value::Array(items)) => (items.iter())
                .map(|item| Ok(item.as_str().ok_or_else(|| self.wrong(item, at, EXPECTED))?.to_owned()))
                .collect(),
            Some(other) => Err(self.wrong(other, at, EXPECTED)),
        }
    }

    pub(super) fn wrong(&self, found: &Value, at: &str, expected: &'static str) -> HostError {
        let found = match found {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        HostError::ConfigShape { file: self.file.to_owned(), at: at.to_owned(), found, expected }
    }
}
