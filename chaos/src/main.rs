//! The reliability proof as a program; `cargo xtask chaos` and `cargo xtask burst` build it and run it.

#[cfg(target_os = "linux")]
use chaos::flood::{self, Floods};
use chaos::{
    Error, StageOptions,
    burst::{self, Burst},
    driver, host,
    plan::Plan,
};
use clap::{Parser, Subcommand};
use std::{
    io::IsTerminal,
    path::PathBuf,
    process::ExitCode,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

/// The reliability proof.
#[derive(Parser)]
#[command(name = "chaos", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Plays a random mix of faults, and prints what became of every message.
    Run(Run),
    /// Pushes many messages to an agent that takes seconds, and prints how soon they were acknowledged.
    Burst(BurstRun),
    /// Has one flood after the other come, and prints what came of it.
    #[cfg(target_os = "linux")]
    Flood(FloodRun),
    /// The host's process, which `run` and `burst` start.
    Host(host::Args),
}

#[derive(clap::Args)]
struct Run {
    /// The plugins directory.
    #[arg(long)]
    plugins: PathBuf,
    /// How many messages are pushed.
    #[arg(long, default_value_t = 3_000)]
    messages: u32,
    /// What decides the plan; another one each time unless told.
    #[arg(long)]
    seed: Option<u64>,
    /// How many connections the plugin keeps.
    #[arg(long, default_value_t = 1)]
    connections: u32,
    /// Prints the plan instead of playing it.
    #[arg(long)]
    plan: bool,
}

#[derive(clap::Args)]
struct BurstRun {
    /// The plugins directory.
    #[arg(long)]
    plugins: PathBuf,
    #[command(flatten)]
    burst: Burst,
}

#[cfg(target_os = "linux")]
#[derive(clap::Args)]
struct FloodRun {
    /// The plugins directory.
    #[arg(long)]
    plugins: PathBuf,
    #[command(flatten)]
    floods: Floods,
}

#[tokio::main]
async fn main() -> ExitCode {
    let clean = match Cli::parse().command {
        Command::Run(run) => play(run).await,
        Command::Burst(run) => push_burst(run).await,
        #[cfg(target_os = "linux")]
        Command::Flood(run) => pour(run).await,
        Command::Host(args) => host::run(&args).await.map(|()| true),
    };
    match clean {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

async fn play(run: Run) -> Result<bool, Error> {
    let seed = run.seed.unwrap_or_else(a_seed);
    let plan = Plan::new(seed, run.messages);
    if run.plan {
        plan.steps.iter().for_each(|step| match step.fault() {
            Some(fault) => println!("{step:?} ({fault})"),
            None => println!("{step:?}"),
        });
        return Ok(true);
    }
    let stage = StageOptions::new(run.plugins.clone(), program()?);
    let options = StageOptions { seed, connections: run.connections, ..stage };
    let begun = Instant::now();
    let shown = std::io::stderr().is_terminal();
    let outcome = driver::run(&plan, options, |pushed| {
        if shown {
            eprint!("\r{pushed} of {} messages", run.messages);
        }
    });
    let outcome = outcome.await?;
    if shown {
        eprintln!();
    }
    let account = outcome.ledger.account();
    println!("{account}");
    println!("time: {:.0} s", begun.elapsed().as_secs_f64());
    println!("seed: {seed}");
    println!("again: {}", again(&run, seed));
    if !account.is_clean() {
        account.lost.iter().take(10).for_each(|id| println!("  lost: {id}"));
        account.without_answer.iter().take(10).for_each(|id| println!("  without an answer: {id}"));
        account.duplicated.iter().take(10).for_each(|id| println!("  duplicated: {id}"));
        println!("what was written is in {}", outcome.stage.keep().display());
    }
    Ok(account.is_clean())
}

async fn push_burst(run: BurstRun) -> Result<bool, Error> {
    let report = burst::run(&run.burst, StageOptions::new(run.plugins, program()?)).await?;
    println!("{report}");
    Ok(report.is_clean())
}

#[cfg(target_os = "linux")]
async fn pour(run: FloodRun) -> Result<bool, Error> {
    let program = program()?;
    let mut playing = tokio::task::JoinSet::new();
    let mut is_clean = true;
    for flood in run.floods.chosen() {
        let (floods, options) = (run.floods.clone(), StageOptions::new(run.plugins.clone(), program.clone()));
        playing.spawn(async move { flood::run(flood, &floods, options).await });
        // Short ones wait for most of their time.
        while !run.floods.short
            && let Some(played) = playing.join_next().await
        {
            is_clean &= told(played)?;
        }
    }
    while let Some(played) = playing.join_next().await {
        is_clean &= told(played)?;
    }
    Ok(is_clean)
}

/// Tells what came of a flood, and whether that is well.
#[cfg(target_os = "linux")]
fn told(played: Result<Result<flood::Report, Error>, tokio::task::JoinError>) -> Result<bool, Error> {
    let report = played.map_err(|error| Error::System { doing: "play a flood", source: error.into() })??;
    println!("{report}");
    Ok(report.is_clean())
}

/// The command that plays the same plan.
fn again(run: &Run, seed: u64) -> String {
    let connections = match run.connections {
        1 => String::new(),
        more => format!(" --connections {more}"),
    };
    format!("cargo xtask chaos --messages {} --seed {seed}{connections}", run.messages)
}

fn a_seed() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    // Short enough to be read out.
    u64::from(since.subsec_micros())
}

fn program() -> Result<PathBuf, Error> {
    std::env::current_exe().map_err(|source| Error::System { doing: "find this program", source })
}
