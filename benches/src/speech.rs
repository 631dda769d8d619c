//! What answers cost that grow while people watch.

use crate::{
    Error,
    field::{Field, room},
    figures::Size,
    gateway::{Gateway, Push},
    process::Usage,
};
use std::{
    fmt,
    time::{Duration, Instant},
};

/// What is said.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// How many answers grow at once.
    pub answers: usize,
    /// How many tokens each has.
    pub tokens: usize,
    /// How many of them a second.
    pub per_second: u32,
}

/// What it cost.
#[derive(Clone, Copy, Debug)]
pub struct Spoken {
    took: Duration,
    usage: Usage,
    calls: usize,
}

/// What the same answers cost said to the plugin, and said to nobody.
///
/// # Errors
/// When one run does not come about.
pub async fn play(field: &Field, plan: Plan) -> Result<[Spoken; 2], Error> {
    Ok([spoken(field, plan, true).await?, spoken(field, plan, false).await?])
}

async fn spoken(field: &Field, plan: Plan, aloud: bool) -> Result<Spoken, Error> {
    let state = room()?;
    let gateway = Gateway::start().await?;
    let mut running = field.start_speaker(&gateway, plan, aloud, state.path())?;
    running.during(gateway.connected(1)).await?;
    let (before, begun) = (running.usage(), Instant::now());
    gateway.play(Push { messages: plan.answers, per_second: None, people: plan.answers }).await?;
    let last = format!("ended {}", plan.answers);
    while running.says().await? != last {}
    let (took, after) = (begun.elapsed(), running.usage());
    let usage = Usage { cpu: after.cpu.saturating_sub(before.cpu), ..after };
    Ok(Spoken { took, usage, calls: gateway.calls() })
}

/// The two as a table.
pub struct Table(pub Plan, pub [Spoken; 2]);

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(plan, [aloud, silent]) = self;
        writeln!(
            f,
            "| {} answers at once, {} tokens at {}/s | of a processor | memory | calls |",
            plan.answers, plan.tokens, plan.per_second
        )?;
        writeln!(f, "|---|---|---|---|")?;
        for (name, it) in [("shown by the plugin", aloud), ("made, and shown to nobody", silent)] {
            let share = it.usage.cpu.as_secs_f64() / it.took.as_secs_f64().max(f64::EPSILON);
            writeln!(f, "| {name} | {share:.2} | {} | {} |", Size(it.usage.resident), it.calls)?;
        }
        Ok(())
    }
}
