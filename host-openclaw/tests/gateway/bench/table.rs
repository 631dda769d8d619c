//! The table: a row for each figure, a column for each plugin, beside the first.

use super::{
    figures::{Answered, Figures, of_memory},
    goal::{Goal, Verdict},
    memory::Memory,
    spread::{Difference, Spread},
};
use serde::Serialize;
use std::{fmt, time::Duration};

const MEGABYTE: f64 = 1e6;

/// What is measured.
struct Figure {
    name: &'static str,
    unit: &'static str,
    goal: Option<Goal>,
    values: fn(&Figures) -> Vec<f64>,
}

const fn figure(name: &'static str, unit: &'static str, values: fn(&Figures) -> Vec<f64>) -> Figure {
    Figure { name, unit, goal: None, values }
}

impl Figure {
    const fn wanted(self, goal: Goal) -> Self {
        Self { goal: Some(goal), ..self }
    }
}

/// All of it, in the order of the rows.
const FIGURES: [Figure; 14] = [
    figure("ACK of one message", "ms", |of| of.of_all(|it| it.ack)).wanted(Goal::Under(2.0)),
    figure("until the model is asked", "ms", |of| of.of_all(|it| it.asked)),
    figure("first words", "ms", |of| of.of_all(|it| it.first)).wanted(Goal::Beyond(5.0)),
    figure("of it since the model was asked", "ms", |of| of.of_all(|it| it.first.saturating_sub(it.asked))),
    figure("a short answer, whole", "ms", |of| Figures::of(&of.short, |it| it.whole)),
    figure("one of 3 s, whole", "ms", |of| Figures::of(&of.long, |it| it.whole)).wanted(Goal::Beyond(20.0)),
    figure("one of 3 s, ended", "ms", |of| Figures::of_ends(&of.long, |_| Duration::ZERO))
        .wanted(Goal::Beyond(20.0)),
    figure("of it since the model's last word", "ms", |of| Figures::of_ends(&of.long, |it| it.said)),
    figure("calls for that", "", |of| of.long.iter().map(calls).collect()).wanted(Goal::AtMost(8.0)),
    figure("memory in a bare Node.js", "MB", |of| megabytes(&of.bare, |it| it.resident))
        .wanted(Goal::Beyond(8.0)),
    figure("of it pages of native code", "MB", |of| megabytes(&of.bare, |it| it.native)),
    figure("memory of the gateway", "MB", |of| megabytes(&of.memory, |it| it.resident)),
    figure("of it JavaScript's heap", "MB", |of| megabytes(&of.memory, |it| it.heap)),
    figure("threads of the gateway", "", |of| of_memory(&of.memory, |it| it.threads)),
];

#[allow(clippy::cast_precision_loss, reason = "a few dozen")]
fn calls(answered: &Answered) -> f64 {
    answered.calls as f64
}

fn megabytes(samples: &[Memory], which: impl Fn(&Memory) -> u64) -> Vec<f64> {
    of_memory(samples, which).into_iter().map(|bytes| bytes / MEGABYTE).collect()
}

/// What is said of all plugins; its `Display` is for a terminal, and for a document.
#[derive(Serialize)]
pub(super) struct Table {
    plugins: Vec<String>,
    rows: Vec<Row>,
}

/// One figure of all plugins.
#[derive(Serialize)]
struct Row {
    name: &'static str,
    unit: &'static str,
    goal: Option<Goal>,
    /// Of the second plugin, which is this one.
    verdict: Option<Verdict>,
    cells: Vec<Cell>,
}

#[derive(Serialize)]
struct Cell {
    /// `None` where it was not measured.
    spread: Option<Spread>,
    /// From the first plugin.
    difference: Option<Difference>,
}

impl Table {
    /// What was measured of the least that answers, of this plugin and of all others; nothing of what was not.
    pub(super) fn of(measured: &[(String, Figures)]) -> Self {
        let rows = FIGURES.iter().map(|figure| Row::of(figure, measured));
        let rows = rows.filter(|row| row.cells.iter().any(|cell| cell.spread.is_some())).collect();
        Self { plugins: measured.iter().map(|(name, _)| name.clone()).collect(), rows }
    }
}

impl Row {
    fn of(figure: &Figure, measured: &[(String, Figures)]) -> Self {
        let values: Vec<_> = measured.iter().map(|(_, figures)| (figure.values)(figures)).collect();
        let cells: Vec<_> = values
            .iter()
            .enumerate()
            .map(|(number, of)| Cell {
                spread: Spread::of(of),
                difference: if number == 0 { None } else { Difference::between(of, &values[0]) },
            })
            .collect();
        let verdict = figure
            .goal
            .and_then(|goal| cells.get(1).and_then(|ours| Some(goal.judge(ours.spread?, ours.difference))));
        Self { name: figure.name, unit: figure.unit, goal: figure.goal, verdict, cells }
    }

    /// A number with as many digits as it has meaning.
    fn shown(&self, value: f64) -> String {
        let digits = usize::from(!self.unit.is_empty() && value.abs() < 100.0);
        format!("{value:.digits$}")
    }

    fn cell(&self, Cell { spread, difference }: &Cell) -> String {
        let Some(Spread { median, low, high }) = *spread else { return "–".to_owned() };
        let [median, low, high] = [median, low, high].map(|value| self.shown(value));
        let mut cell = if low == high { median } else { format!("{median} ({low}–{high})") };
        if let Some(Difference { median, within }) = difference {
            let sign = if *median < 0.0 { '−' } else { '+' };
            cell += &format!(", {sign}{} ± {}", self.shown(median.abs()), self.shown(*within));
        }
        cell
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| median (quartiles), ± beside the first | {} | goal | |", self.plugins.join(" | "))?;
        writeln!(f, "|---|{}---:|---|", "---:|".repeat(self.plugins.len()))?;
        for row in &self.rows {
            let unit = if row.unit.is_empty() { String::new() } else { format!(", {}", row.unit) };
            let cells: Vec<_> = row.cells.iter().map(|cell| row.cell(cell)).collect();
            let goal = row.goal.map(|goal| goal.to_string()).unwrap_or_default();
            let verdict = row.verdict.map(|verdict| verdict.to_string()).unwrap_or_default();
            writeln!(f, "| {}{unit} | {} | {goal} | {verdict} |", row.name, cells.join(" | "))?;
        }
        Ok(())
    }
}
