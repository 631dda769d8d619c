//! One line of a log.

use crate::abi::open_set;

open_set! {
    /// How loud a line is.
    pub struct LogLevel(u8) {
        /// Nothing at all.
        Off = 0 as "off",
        /// Something failed.
        Error = 1 as "error",
        /// Something is not as it should be.
        Warn = 2 as "warn",
        /// Something a person may want to know happened.
        Info = 3 as "info",
        /// What a developer wants to know.
        Debug = 4 as "debug",
        /// Everything.
        Trace = 5 as "trace",
    }
}

/// A line of a plugin's log, borrowed for the length of a call.
#[derive(Clone, Debug)]
pub struct LogLine<'a> {
    /// How loud it is.
    pub level: LogLevel,
    /// The module that speaks.
    pub target: &'a str,
    /// The sentence.
    pub message: &'a str,
    /// The event's fields, then those of the enclosing spans, innermost first.
    pub fields: Vec<LogField<'a>>,
}

/// A named value beside a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogField<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its value as text.
    pub value: &'a str,
}
