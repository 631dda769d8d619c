//! Floods, servers that do not come to an end, and systems that give nothing more.
//!
//! Each is played against a host with two accounts. One meets it; the other has to go on, the process has to live,
//! and somebody has to be told of this very flood. What is logic in it the tests of plugin and inbox claim with small
//! numbers; this is about the whole, with large ones.

mod flooding;
mod limit;
mod loris;
mod report;

pub use report::Report;

use crate::{Error, Process, Stage, StageOptions};
use flooding::Flooding;
use limit::Limit;
use std::time::{Duration, Instant};

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Flood {
    /// A million messages from one person.
    OnePerson,
    /// A million messages from 100,000 people.
    Crowd,
    /// 100,000 frames of a few bytes, at once.
    TinyFrames,
    /// A frame of 10 MB.
    LargeFrame,
    /// A server whose answers, and whose handshake, come a byte at a time.
    SlowServer,
    /// Files that do not grow.
    FullDisk,
    /// No descriptors for files and connections.
    NoDescriptors,
    /// No memory for another thread.
    NoThreads,
}

/// Which floods, and how large.
#[derive(Clone, Debug, clap::Args)]
pub struct Floods {
    /// Which [default: one after the other].
    pub floods: Vec<Flood>,
    /// A hundredth of each, or what reaches its limit; all of them at the same time.
    #[arg(long)]
    pub short: bool,
}

/// More messages than an account may have unfinished, and than it finishes meanwhile.
const BEYOND_AN_INBOX: u32 = 30_000;

/// Else a thread would get the stack of one that has ended, and no memory be asked for.
const KEEPS_NO_STACKS: (&str, &str) = ("GLIBC_TUNABLES", "glibc.pthread.stack_cache_size=0");

/// For an answer of an account that nothing stands in the way of.
const PROMPT: Duration = Duration::from_secs(30);
/// For one whose flood has to be worked off first.
const WORKED_OFF: Duration = Duration::from_secs(240);

impl Floods {
    /// Those to play, in order.
    pub fn chosen(&self) -> Vec<Flood> {
        if self.floods.is_empty() {
            <Flood as clap::ValueEnum>::value_variants().to_vec()
        } else {
            self.floods.clone()
        }
    }

    fn of(&self, many: u32) -> u32 {
        if self.short { many / 100 } else { many }
    }
}

/// Plays one flood from a start of the host to its end.
///
/// # Errors
/// When it cannot be played, or the host's process has ended by itself.
pub async fn run(flood: Flood, floods: &Floods, mut options: StageOptions) -> Result<Report, Error> {
    options.apps = 2;
    options.people = 3;
    options.remember = 4_000;
    if flood == Flood::NoThreads {
        options.environment.push(KEEPS_NO_STACKS);
    }
    options.outlives_limits = flood == Flood::FullDisk;
    // Nobody answers as fast as a flood asks.
    options.thinks = Duration::from_millis(20);
    let loris = (flood == Flood::SlowServer).then(loris::start);
    let loris = match loris {
        Some(starting) => Some(starting.await?),
        None => None,
    };
    options.slow_base = loris.as_ref().map(|loris| loris.base().to_owned());
    let (mut stage, _bell) = Stage::open(options).await?;
    let mut process = stage.start_host()?;
    let begun = Instant::now();
    let mut flooding = Flooding::of(&stage);
    let connections = if loris.is_some() { 1 } else { 2 };
    stage.dingtalk().connected_times(connections).await;
    flooding.other_answers(PROMPT).await?;
    let before = process.peak_memory().unwrap_or_default();

    let Played { done, is_served, limit } = play(flood, floods, &mut flooding, &process).await?;
    process.still_runs()?;
    let is_scarce = matches!(flood, Flood::FullDisk | Flood::NoDescriptors | Flood::NoThreads);
    // What the system does not give, it gives nobody: then both have to come back.
    let other_answers = is_scarce || flooding.other_answers(PROMPT).await.is_ok();
    let mut told = report::complaints(&stage.log())?;
    told.extend(flooding.people_told());
    drop(limit);
    if flood == Flood::FullDisk {
        process.kill().await?;
        process = stage.start_host()?;
        flooding = Flooding::of(&stage);
    }
    let goes_on = match flood {
        Flood::SlowServer => true, // as long as the server is slow there is nothing to see
        Flood::OnePerson | Flood::Crowd => flooding.flooded_takes(WORKED_OFF).await.is_ok(),
        Flood::FullDisk => {
            flooding.flooded_answers(WORKED_OFF).await.is_ok()
                && flooding.acknowledged_are_answered(WORKED_OFF).await.is_ok()
        }
        _ => flooding.flooded_answers(WORKED_OFF).await.is_ok(),
    };
    let other_goes_on = flooding.other_answers(PROMPT).await.is_ok();
    let memory = [before, process.peak_memory().unwrap_or_default()];
    process.still_runs()?;
    process.kill().await?;
    let answers = [other_answers && other_goes_on, goes_on];
    Ok(Report { flood, done, is_served, answers, told, memory, took: begun.elapsed() })
}

/// A flood that has come.
struct Played {
    /// What was done, in numbers.
    done: String,
    /// Whether all that was asked for was seen to be done.
    is_served: bool,
    /// Stays until it is dropped.
    limit: Option<Limit>,
}

impl From<String> for Played {
    fn from(done: String) -> Self {
        Self { done, is_served: false, limit: None }
    }
}

/// Has the flood come.
async fn play(
    flood: Flood,
    floods: &Floods,
    flooding: &mut Flooding<'_>,
    process: &Process,
) -> Result<Played, Error> {
    Ok(match flood {
        Flood::OnePerson => flooding.messages(floods.of(1_000_000), 1).await?.into(),
        Flood::Crowd => {
            let many = floods.of(1_000_000).max(BEYOND_AN_INBOX);
            flooding.messages(many, floods.of(100_000)).await?.into()
        }
        Flood::TinyFrames => flooding.tiny_frames(floods.of(100_000)).await?.into(),
        Flood::LargeFrame => flooding.large_frame().await?.into(),
        Flood::SlowServer => flooding.slow_server().await.into(),
        Flood::FullDisk => {
            let limit = Limit::file_size(process, 48 * 1024)?;
            Played { limit: Some(limit), ..flooding.full_disk().await?.into() }
        }
        Flood::NoDescriptors => {
            let limit = Limit::descriptors(process)?;
            Played { limit: Some(limit), ..flooding.no_descriptors().await?.into() }
        }
        Flood::NoThreads => {
            flooding.rest().await;
            let (resting, limit) = (limit::threads_of(process)?, Limit::threads(process)?);
            let (done, is_served) = flooding.no_threads().await;
            let then = limit::threads_of(process)?;
            let done = format!("{done}; {resting} threads before, {then} then");
            Played { done, is_served, limit: Some(limit) }
        }
    })
}
