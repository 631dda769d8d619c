//! A burst: many messages at a pace, to an agent that takes seconds for each.

use crate::{
    Error, Stage, StageOptions,
    ledger::Spread,
    process::Patience,
    stage::person,
    witness::{self, Sight},
};
use std::{collections::HashSet, fmt, time::Duration};

/// What to try.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Burst {
    /// How many messages are pushed.
    #[arg(long, default_value_t = 5_000)]
    pub messages: u32,
    /// In how many conversations.
    #[arg(long, default_value_t = 500)]
    pub conversations: u32,
    /// How many a second; 0 for all at once, which tells how long the queues of TCP get.
    #[arg(long, default_value_t = 1_000)]
    pub per_second: u32,
    /// How long the agent thinks about each, in milliseconds.
    #[arg(long, default_value_t = 2_000)]
    pub thinks: u64,
}

/// What came of it.
#[derive(Clone, Copy, Debug)]
pub struct Report {
    /// Messages that were pushed.
    pub pushed: usize,
    /// Messages that were acknowledged.
    pub acknowledged: usize,
    /// Messages that the agent saw.
    pub seen: usize,
    /// From TCP having a frame to its ACK.
    pub ack: Spread,
    /// How long the pushing took.
    pub pushing: Duration,
    /// Messages that the host had taken and not answered when the last one was pushed.
    pub unfinished: usize,
    /// The most memory of the host's process when it was connected, when the last message was pushed, and in
    /// the end, in bytes.
    pub memory: [u64; 3],
}

/// No ACK may take longer than this, but for one in a hundred.
pub const ACK_IN_TIME: Duration = Duration::from_millis(50);

/// How long nothing may happen before what is missing is given up.
const PATIENCE: Duration = Duration::from_secs(30);

/// Pushes the burst, and waits until the agent has seen all of it.
///
/// # Errors
/// When it cannot be played to its end.
pub async fn run(burst: &Burst, mut options: StageOptions) -> Result<Report, Error> {
    options.people = burst.conversations.max(1);
    options.thinks = Duration::from_millis(burst.thinks);
    options.remember = options.remember.max(burst.messages as usize);
    let (mut stage, mut bell) = Stage::open(options).await?;
    let mut process = stage.start_host()?;
    stage.dingtalk().connected().await;
    let connected = process.peak_memory().unwrap_or_default();
    let begun = stage.dingtalk().now();
    // The pace is what is tried: each message has its time.
    let mut pace =
        (burst.per_second > 0).then(|| tokio::time::interval(Duration::from_secs(1) / burst.per_second));
    for number in 0..burst.messages {
        if let Some(pace) = &mut pace {
            pace.tick().await;
        }
        stage.dingtalk().says(&person(number % burst.conversations.max(1)), &number.to_string());
    }
    let pushing = stage.dingtalk().now() - begun;
    let far_behind = process.peak_memory().unwrap_or_default();
    let unfinished = unfinished(&stage)?;

    let mut seen = HashSet::new();
    let patience = Patience::new(PATIENCE);
    let mut patience = patience;
    while seen.len() < burst.messages as usize && !patience.is_over() {
        process.still_runs()?;
        let rung = tokio::time::timeout(Duration::from_secs(1), bell.recv()).await;
        if let Ok(Some(id)) = rung
            && seen.insert(id)
        {
            patience.put_off();
        }
    }
    let latencies: Vec<_> = stage.dingtalk().look(|view| {
        let latency = |push: &host_mock::dingtalk::Push| {
            let delivery = push.deliveries.iter().find(|it| it.ack.is_some())?;
            let from = delivery.written.unwrap_or(delivery.sent);
            Some(delivery.ack.as_ref()?.moment.at.saturating_sub(from.at))
        };
        view.pushes().filter_map(latency).collect()
    });
    let memory = [connected, far_behind, process.peak_memory().unwrap_or_default()];
    process.kill().await?;
    let (pushed, acknowledged, seen) = (burst.messages as usize, latencies.len(), seen.len());
    Ok(Report { pushed, acknowledged, seen, ack: Spread::of(latencies), pushing, unfinished, memory })
}

/// Messages that the host has taken and not answered, by the agent's record.
fn unfinished(stage: &Stage) -> Result<usize, Error> {
    let sightings = witness::read(&stage.record())?;
    let count = |sight: Sight| sightings.iter().filter(|it| it.sight == sight).count();
    Ok(count(Sight::Taken).saturating_sub(count(Sight::Ended)))
}

impl Report {
    /// Whether everything was acknowledged in time, and seen.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        [self.acknowledged, self.seen] == [self.pushed; 2] && self.ack.p99 <= ACK_IN_TIME
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [connected, far_behind, end] = self.memory.map(|bytes| format!("{:.1} MB", bytes as f64 / 1e6));
        writeln!(f, "pushed: {} in {:.2} s", self.pushed, self.pushing.as_secs_f64())?;
        writeln!(f, "acknowledged: {}", self.acknowledged)?;
        writeln!(f, "seen by the agent: {}", self.seen)?;
        writeln!(f, "ack p50/p99/max: {}", self.ack)?;
        writeln!(f, "unanswered when the last was pushed: {}", self.unfinished)?;
        write!(f, "peak memory of the host: {connected} connected, {far_behind} then, {end} in the end")
    }
}
