//! The log: lines of the host and of its plugins, collected and handed on.

use super::{Address, chronicle::Chronicle};
use host_sdk::{LogLevel, LogLine};
use std::{fmt, sync::Arc};

/// How many lines are kept.
const KEPT: usize = 10_000;

/// The module that speaks where the host itself does.
const HOST: &str = "host";

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// How loud it is.
    pub level: LogLevel,
    /// The account it is about, if it is about one.
    pub account: Option<Address>,
    /// The module that speaks.
    pub target: String,
    /// The sentence.
    pub message: String,
    /// What stands beside it, by name.
    pub fields: Vec<(String, String)>,
}

impl fmt::Display for LogEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:5} ", self.level.name().unwrap_or("?"))?;
        if let Some(account) = &self.account {
            write!(f, "{account} ")?;
        }
        write!(f, "{}: {}", self.target, self.message)?;
        self.fields.iter().try_for_each(|(name, value)| {
            let plain = !value.is_empty() && !value.contains(|c: char| c.is_whitespace() || c == '"');
            if plain { write!(f, " {name}={value}") } else { write!(f, " {name}={value:?}") }
        })
    }
}

/// What is called with every line, on the thread that logs: it must not block for long.
pub type LogSink = Arc<dyn Fn(&LogEntry) + Send + Sync>;

/// Where lines go. Clones share it.
#[derive(Clone)]
pub(super) struct Log {
    lines: Arc<Chronicle<LogEntry>>,
    sink: Option<LogSink>,
}

impl Log {
    pub(super) fn new(sink: Option<LogSink>) -> Self {
        Self { lines: Arc::new(Chronicle::new(KEPT)), sink }
    }

    /// A line of the host's own.
    pub(super) fn say(&self, level: LogLevel, account: Option<&Address>, message: impl Into<String>) {
        self.write(LogEntry {
            level,
            account: account.cloned(),
            target: HOST.to_owned(),
            message: message.into(),
            fields: Vec::new(),
        });
    }

    /// A line of a plugin's.
    pub(super) fn pass_on(&self, account: Option<&Address>, line: &LogLine<'_>) {
        let fields = line.fields.iter().map(|field| (field.name.to_owned(), field.value.to_owned()));
        self.write(LogEntry {
            level: line.level,
            account: account.cloned(),
            target: line.target.to_owned(),
            message: line.message.to_owned(),
            fields: fields.collect(),
        });
    }

    pub(super) fn lines(&self) -> &Chronicle<LogEntry> {
        &self.lines
    }

    fn write(&self, entry: LogEntry) {
        if let Some(sink) = &self.sink {
            sink(&entry);
        }
        self.lines.append(|_| entry);
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Log")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reads_level_account_target_message_fields() {
        let entry = LogEntry {
            level: LogLevel::Warn,
            account: Some(Address::new("dingtalk", "default")),
            target: "stream".into(),
            message: "connection lost".into(),
            fields: vec![("attempt".into(), "2".into()), ("why".into(), "no route".into())],
        };
        let expected = "warn  dingtalk/default stream: connection lost attempt=2 why=\"no route\"";
        assert_eq!(entry.to_string(), expected);
    }
}
