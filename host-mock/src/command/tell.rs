//! What a command tells on stdout.

use serde::Serialize;
use std::io::{self, Write};

/// Writes a text. That nobody reads any more undoes nothing of what was done.
pub(super) fn tell(text: impl std::fmt::Display) {
    let _unread = write!(io::stdout(), "{text}");
}

/// Says on stderr how far it is. That nobody reads that any more undoes nothing, either.
pub(super) fn say(text: impl std::fmt::Display) {
    let _unread = writeln!(io::stderr(), "{text}");
}

/// Writes JSON that people can read, too.
pub(super) fn tell_json(value: &impl Serialize) {
    tell(format_args!("{}\n", serde_json::to_string_pretty(value).unwrap_or_default()));
}

/// Nothing that others wrote reaches a terminal but what can be seen.
pub(super) fn plain(text: &str) -> String {
    text.escape_debug().to_string()
}

/// Rows below a head, in columns. Nothing follows the last one.
pub(super) fn table<const N: usize>(head: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let rows: Vec<_> = [head.map(str::to_owned)].into_iter().chain(rows).collect();
    let mut text = String::new();
    for row in &rows {
        let cells = row.iter().enumerate().map(|(column, cell)| {
            let width = rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
            format!("{cell:width$}")
        });
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}
