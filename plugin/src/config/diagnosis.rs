//! What a person should know about a configuration, as it is found.

use host_sdk::{Diagnostic, Severity};
use serde_json::Value;

/// Collects diagnostics.
#[derive(Debug, Default)]
pub(super) struct Diagnosis(Vec<Diagnostic>);

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

    fn add(&mut self, severity: Severity, path: String, message: String, suggestion: String) {
        self.0.push(Diagnostic { severity, path, message, suggestion, ..Diagnostic::default() });
    }

    /// All of them, in the order they were found.
    pub(super) fn into_vec(self) -> Vec<Diagnostic> {
        self.0
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
