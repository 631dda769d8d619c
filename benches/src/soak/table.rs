//! A day as a table.

use super::{Day, Row};
use crate::figures::{Short, Size};
use std::fmt;

/// Part by part, and what happened meanwhile.
pub struct Table<'a>(pub &'a Day);

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(day) = self;
        writeln!(
            f,
            "| messages | answers | files kept | memory | in use | threads | descriptors | disk | of answers remembered | the part took |"
        )?;
        writeln!(f, "|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")?;
        for row in &day.rows {
            writeln!(f, "{}", line(row))?;
        }
        let Day { sent_files, tokens, refused, connections, repeated, turns, .. } = day;
        writeln!(
            f,
            "\n{turns} turns, {repeated} messages pushed again; {sent_files} files; {tokens} tokens, {refused} calls with \
             one that was taken back; {connections} connections."
        )
    }
}

/// One part.
pub(super) fn line(row: &Row) -> String {
    let Row { messages, answers, took, usage, in_use, files, disk, ledgers } = row;
    format!(
        "| {messages} | {answers} | {files} | {} | {} | {} | {} | {} | {} | {} |",
        Size(usage.resident),
        Size(*in_use),
        usage.threads,
        usage.descriptors,
        Size(*disk),
        Size(*ledgers),
        Short(*took)
    )
}
