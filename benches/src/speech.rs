//! What answers cost that grow while people watch.

use crate::{
    Error,
    field::{Candidate, Field, room},
    figures::{Short, Size},
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

/// What it cost, until everything was said and until everything was seen.
#[derive(Clone, Copy, Debug)]
pub struct Spoken {
    said: Stand,
    seen: Stand,
}

/// How far it was at some time.
#[derive(Clone, Copy, Debug)]
struct Stand {
    after: Duration,
    cpu: Duration,
    resident: u64,
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
    let stand = |now: Usage| Stand {
        after: begun.elapsed(),
        cpu: now.cpu.saturating_sub(before.cpu),
        resident: now.resident,
        calls: gateway.calls(),
    };
    let [last_said, last_ended] = ["said", "ended"].map(|what| format!("{what} {}", plan.answers));
    let mut said = None;
    loop {
        let line = running.says().await?;
        if line == last_said {
            said = Some(stand(running.usage()));
        } else if line == last_ended {
            let seen = stand(running.usage());
            return Ok(Spoken { said: said.unwrap_or(seen), seen });
        } else if line.starts_with("failed") {
            return Err(Error::Candidate { candidate: Candidate::Plugin.name(), what: line });
        }
    }
}

/// The two as a table.
pub struct Table(pub Plan, pub [Spoken; 2]);

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(plan, [aloud, silent]) = self;
        writeln!(
            f,
            "| {} answers at once, {} tokens at {}/s | of a processor while they are said | processor in all | memory | calls | \
             the last is seen whole after |",
            plan.answers, plan.tokens, plan.per_second
        )?;
        writeln!(f, "|---|---|---|---|---|---|")?;
        for (name, it) in [("shown by the plugin", aloud), ("made, and shown to nobody", silent)] {
            let Spoken { said, seen } = it;
            let share = said.cpu.as_secs_f64() / said.after.as_secs_f64().max(f64::EPSILON);
            let memory = Size(said.resident.max(seen.resident));
            writeln!(
                f,
                "| {name} | {share:.2} | {} | {memory} | {} | {} |",
                Short(seen.cpu),
                seen.calls,
                if seen.calls == 0 { "never".to_owned() } else { Short(seen.after).to_string() }
            )?;
        }
        Ok(())
    }
}
