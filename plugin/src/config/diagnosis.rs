//! What a person should know about a configuration, as it is found.

use super::sentences;
use crate::bilingual::{Pair, Said, both};
use host_sdk::{Diagnostic, Json, Severity};
use serde_json::{Value, json};
use std::collections::HashSet;

/// Collects diagnostics, each once: what stands at the top level is met again in each account.
#[derive(Debug, Default)]
pub(super) struct Diagnosis {
    found: Vec<Diagnostic>,
    told: HashSet<(String, String)>,
}

impl Diagnosis {
    /// It works, but perhaps not as meant.
    pub(super) fn warn(
        &mut self,
        path: impl Into<String>,
        message: impl Into<Said>,
        suggestion: impl Into<Said>,
    ) {
        self.add(Severity::Warning, path.into(), &message.into(), &suggestion.into());
    }

    /// What `path` speaks of does not work.
    pub(super) fn error(
        &mut self,
        path: impl Into<String>,
        message: impl Into<Said>,
        suggestion: impl Into<Said>,
    ) {
        self.add(Severity::Error, path.into(), &message.into(), &suggestion.into());
    }

    /// `written` is not what is expected at `path`; what holds `instead`.
    pub(super) fn wrong_type(
        &mut self,
        path: impl Into<String>,
        written: &Value,
        [expected, instead]: [[&str; 2]; 2],
        suggestion: impl Into<Said>,
    ) {
        let message = Said::new(sentences::WRONG_TYPE, &[kind_of(written), expected, instead]);
        self.error(path, message, suggestion);
    }

    /// A key of another plugin's, which has no effect.
    pub(super) fn foreign(&mut self, path: &str, message: &Said) {
        self.brought(path, message, &sentences::REMOVE.into(), &json!({"code": "foreignKey"}));
    }

    /// A key of another plugin's that is taken as `option`, with which value where that is not the written one.
    pub(super) fn understood(&mut self, path: &str, option: &str, value: Option<&Value>) {
        let [message, suggestion] = [sentences::TAKEN_AS, sentences::WRITE_INSTEAD]
            .map(|sentence| Said::new(sentence, &[both(option)]));
        let extra = match value {
            Some(value) => json!({"code": "foreignKey", "option": option, "value": value}),
            None => json!({"code": "foreignKey", "option": option}),
        };
        self.brought(path, &message, &suggestion, &extra);
    }

    fn brought(&mut self, path: &str, message: &Said, suggestion: &Said, extra: &Value) {
        self.add(Severity::Warning, path.to_owned(), message, suggestion);
        if let Some(last) = self.found.last_mut().filter(|last| last.path == path) {
            last.extra = Json::new(extra);
        }
    }

    fn add(&mut self, severity: Severity, path: String, message: &Said, suggestion: &Said) {
        let message = message.to_string();
        if self.told.insert((path.clone(), message.clone())) {
            let suggestion = suggestion.to_string();
            self.found.push(Diagnostic { severity, path, message, suggestion, ..Diagnostic::default() });
        }
    }

    /// All of them, in the order they were found.
    pub(super) fn into_vec(self) -> Vec<Diagnostic> {
        self.found
    }
}

/// `name` inside `path`.
pub(super) fn at(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// What kind of value something is. Never the value: it may be a secret at the wrong place.
pub(super) fn kind_of(value: &Value) -> Pair {
    match value {
        Value::Null => both("null"),
        Value::Bool(_) => sentences::BOOLEAN,
        Value::Number(_) => sentences::NUMBER,
        Value::String(_) => sentences::TEXT,
        Value::Array(_) => sentences::LIST,
        Value::Object(_) => sentences::OBJECT,
    }
}
