//! What a person should know about a configuration, as it is found.

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
        message: impl Into<String>,
        suggestion: impl Into<String>,
    ) {
        self.add(Severity::Warning, path.into(), message.into(), suggestion.into());
    }

    /// What `path` speaks of does not work.
    pub(super) fn error(
        &mut self,
        path: impl Into<String>,
        message: impl Into<String>,
        suggestion: impl Into<String>,
    ) {
        self.add(Severity::Error, path.into(), message.into(), suggestion.into());
    }

    /// A key of another plugin's, which has no effect.
    pub(super) fn foreign(&mut self, path: &str, message: String, suggestion: impl Into<String>) {
        self.brought(path, message, suggestion.into(), json!({"code": "foreignKey"}));
    }

    /// A key of another plugin's that is taken as `option`, with which value where that is not the written one.
    pub(super) fn understood(&mut self, path: &str, option: &str, value: Option<&Value>) {
        let message = format!("this is taken as `{option}`");
        let extra = match value {
            Some(value) => json!({"code": "foreignKey", "option": option, "value": value}),
            None => json!({"code": "foreignKey", "option": option}),
        };
        self.brought(path, message, format!("write `{option}` in its place"), extra);
    }

    fn brought(&mut self, path: &str, message: String, suggestion: String, extra: Value) {
        self.warn(path, message, suggestion);
        if let Some(last) = self.found.last_mut().filter(|last| last.path == path) {
            last.extra = Json::new(&extra);
        }
    }

    fn add(&mut self, severity: Severity, path: String, message: String, suggestion: String) {
        if self.told.insert((path.clone(), message.clone())) {
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
pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
