//! The benchmark of replies as a program; `cargo xtask replies` builds it and runs it.

use clap::{Parser, Subcommand};
use replies::{
    Error,
    contest::{self, Round},
    crowd::{self, Crowd},
    picture,
};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

/// The benchmark of replies.
#[derive(Parser)]
#[command(name = "replies", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Plays answers, and prints how they came to people as two tables.
    Run(Run),
    /// Plays one answer, and prints a picture of its card as it grew.
    Picture {
        /// The plugins directory.
        #[arg(long)]
        plugins: PathBuf,
    },
}

#[derive(clap::Args)]
struct Run {
    /// The plugins directory.
    #[arg(long)]
    plugins: PathBuf,
    /// Few answers and short ones: that it runs, and that every answer is seen whole and once.
    #[arg(long)]
    short: bool,
}

/// What the calls of DingTalk's take.
const LATENCIES: [Duration; 3] =
    [Duration::from_millis(10), Duration::from_millis(60), Duration::from_millis(300)];

#[tokio::main]
async fn main() -> ExitCode {
    let played = match Cli::parse().command {
        Command::Run(run) => play(&run).await,
        Command::Picture { plugins } => picture::draw(&plugins).await.map(|svg| println!("{svg}")),
    };
    match played {
        Ok(()) => ExitCode::SUCCESS,
        Err(error @ Error::Wrong { .. }) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

async fn play(run: &Run) -> Result<(), Error> {
    println!("{}", contest::HEAD);
    let words: &[usize] = if run.short { &[40] } else { &[100, 400] };
    for words in words {
        one_by_one(&run.plugins, *words, if run.short { 1 } else { 3 }).await?;
    }
    println!("\n{}", crowd::HEAD);
    let even = |people: u32, per_second, words| Crowd { people: people as usize, per_second, words };
    let crowds = if run.short {
        vec![even(20, 10, 80)]
    } else {
        vec![even(50, 16, 400), even(200, 16, 520), even(50, 1_000, 400), even(200, 1_000, 400)]
    };
    for crowd in crowds {
        println!("{}", crowd::play(&run.plugins, crowd).await?);
    }
    Ok(())
}

/// The latencies side by side: each has a DingTalk of its own, and all of them are idle most of the time.
async fn one_by_one(plugins: &Path, words: usize, times: usize) -> Result<(), Error> {
    let round = |latency| contest::play(plugins, Round { words, latency, times });
    let [short, middle, long] = LATENCIES.map(round);
    let (short, middle, long) = tokio::try_join!(short, middle, long)?;
    [short, middle, long].into_iter().flatten().for_each(|row| println!("{row}"));
    Ok(())
}
