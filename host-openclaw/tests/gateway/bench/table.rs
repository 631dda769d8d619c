//! The table: a row for each figure, a column for each plugin, beside the first.

use super::figures::{Figures, median};
use std::fmt;

/// What the figures of a plugin are, in the order of the rows.
const ROWS: [&str; 8] = [
    "ACK of one message",
    "whole short answer",
    "first words, 3 s answer",
    "whole 3 s answer",
    "calls per 3 s answer",
    "resident memory",
    "of it JavaScript's heap",
    "threads",
];

/// Plugins with their figures; its `Display` is for a terminal, and for a README.
#[derive(Default)]
pub(super) struct Table(Vec<(String, [f64; 8])>);

impl Table {
    pub(super) fn add(&mut self, name: String, figures: Figures) {
        const MEGABYTE: f64 = 1e6;
        let memory = figures.memory.as_ref();
        #[allow(clippy::cast_precision_loss, reason = "less than 2^52 bytes")]
        let of_memory = |bytes: Option<u64>| bytes.unwrap_or(0) as f64;
        let values = [
            median(figures.acks()),
            median(figures.of(|round| round.short)),
            median(figures.of(|round| round.first)),
            median(figures.of(|round| round.whole)),
            median(figures.calls()),
            of_memory(memory.map(|memory| memory.resident)) / MEGABYTE,
            of_memory(memory.map(|memory| memory.heap)) / MEGABYTE,
            of_memory(memory.map(|memory| memory.threads)),
        ];
        self.0.push((name, values));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((_, beside)) = self.0.first() else { return Ok(()) };
        write!(f, "| medians |")?;
        for (name, _) in &self.0 {
            write!(f, " {name} |")?;
        }
        writeln!(f)?;
        writeln!(f, "|---|{}", "---:|".repeat(self.0.len()))?;
        for (row, name) in ROWS.into_iter().enumerate() {
            write!(f, "| {name} |")?;
            for (number, (_, values)) in self.0.iter().enumerate() {
                write!(f, " {}", shown(row, values[row]))?;
                if number > 0 {
                    write!(f, " ({:+.1}, ×{:.2})", values[row] - beside[row], values[row] / beside[row])?;
                }
                write!(f, " |")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

fn shown(row: usize, value: f64) -> String {
    match row {
        0..=3 => format!("{value:.1} ms"),
        5 | 6 => format!("{value:.1} MB"),
        _ => format!("{value:.0}"),
    }
}
