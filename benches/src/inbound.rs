//! How many messages a second are acknowledged, and how soon.

use crate::{
    Error,
    field::{Candidate, Field, room},
    figures::Short,
    gateway::{Gateway, Push, Round},
};
use std::{fmt, time::Duration};

/// How many people write to each connection.
const PEOPLE: usize = 500;

/// What is played to each candidate.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// How many connections it has.
    pub connections: usize,
    /// How many messages come at once.
    pub flood: usize,
    /// How many come one after the other, and how many of them a second.
    pub paced: (usize, u32),
    /// How often all of this is played, to all candidates in turn.
    pub rounds: usize,
}

/// What a candidate did.
#[derive(Clone, Debug)]
pub struct Row {
    /// Who.
    pub candidate: Candidate,
    /// Messages acknowledged a second, of those that came at once: each round's.
    pub rates: Vec<f64>,
    /// Its time on a processor for one of these: each round's.
    pub costs: Vec<Duration>,
    /// The wait of every one of these, shortest first.
    pub crowded_waits: Vec<Duration>,
    /// Every message's wait where they came one after the other, shortest first.
    pub waits: Vec<Duration>,
}

/// Plays to all candidates in turn, as often as is planned.
///
/// # Errors
/// When one cannot be played to.
pub async fn play(field: &Field, plan: Plan) -> Result<Vec<Row>, Error> {
    let mut rows: Vec<_> = field.candidates().into_iter().map(Row::new).collect();
    for _ in 0..plan.rounds {
        for row in &mut rows {
            play_to(field, plan, row).await?;
        }
    }
    for row in &mut rows {
        row.crowded_waits.sort_unstable();
        row.waits.sort_unstable();
    }
    Ok(rows)
}

async fn play_to(field: &Field, plan: Plan, row: &mut Row) -> Result<(), Error> {
    let state = room()?;
    let gateway = Gateway::start().await?;
    let mut running = field.start(row.candidate, gateway.base(), plan.connections, state.path())?;
    running.during(gateway.connected(plan.connections)).await?;
    // What is compiled, cached or grown with the first messages is not what is measured.
    gateway.play(Push { messages: plan.flood / 10, per_second: None, people: PEOPLE }).await?;
    let before = running.usage().cpu;
    let flood = gateway.play(Push { messages: plan.flood, per_second: None, people: PEOPLE }).await?;
    row.flooded(&flood, running.usage().cpu.saturating_sub(before));
    let (messages, per_second) = plan.paced;
    row.waits.extend(
        gateway.play(Push { messages, per_second: Some(per_second), people: PEOPLE }).await?.latencies,
    );
    if row.candidate.is_ours() {
        running.dismiss().await?;
    }
    Ok(())
}

impl Row {
    fn new(candidate: Candidate) -> Self {
        Self { candidate, rates: Vec::new(), costs: Vec::new(), crowded_waits: Vec::new(), waits: Vec::new() }
    }

    fn flooded(&mut self, flood: &Round, cpu: Duration) {
        let messages = flood.latencies.len().max(1);
        self.rates.push(messages as f64 / flood.took.as_secs_f64().max(f64::EPSILON));
        self.costs.push(cpu / u32::try_from(messages).unwrap_or(u32::MAX));
        self.crowded_waits.extend(&flood.latencies);
    }

    /// The middle one of the rounds' rates.
    #[must_use]
    pub fn rate(&self) -> f64 {
        let mut rates = self.rates.clone();
        rates.sort_unstable_by(f64::total_cmp);
        rates.get(rates.len() / 2).copied().unwrap_or_default()
    }

    fn cost(&self) -> Duration {
        let mut costs = self.costs.clone();
        costs.sort_unstable();
        costs.get(costs.len() / 2).copied().unwrap_or_default()
    }
}

/// The wait that so many of a thousand messages do not exceed.
fn wait(waits: &[Duration], of_a_thousand: usize) -> Duration {
    let last = waits.len().saturating_sub(1);
    waits.get((waits.len() * of_a_thousand / 1_000).min(last)).copied().unwrap_or_default()
}

/// The rows as a table, each beside the first one, which is the limit.
pub struct Table<'a>(pub Plan, pub &'a [Row]);

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(plan, rows) = self;
        let connections = if plan.connections == 1 { "connection" } else { "connections" };
        writeln!(
            f,
            "| {} {connections} | messages/s, {} at once | of the limit | processor, each | p99 of those | p50 at {}/s | p99 | times the limit's | p99.9 |",
            plan.connections, plan.flood, plan.paced.1
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|---|---|")?;
        let limit = rows.first().map_or(0.0, Row::rate);
        let soonest = rows.first().map_or(Duration::ZERO, |row| wait(&row.waits, 990));
        for row in *rows {
            let ratio = row.rate() / limit.max(f64::EPSILON);
            let late = wait(&row.waits, 990);
            let slower = late.as_secs_f64() / soonest.as_secs_f64().max(f64::EPSILON);
            writeln!(
                f,
                "| {} | {:.0} | {ratio:.2} | {} | {} | {} | {} | {slower:.1} | {} |",
                row.candidate.name(),
                row.rate(),
                Short(row.cost()),
                Short(wait(&row.crowded_waits, 990)),
                Short(wait(&row.waits, 500)),
                Short(late),
                Short(wait(&row.waits, 999)),
            )?;
        }
        Ok(())
    }
}
