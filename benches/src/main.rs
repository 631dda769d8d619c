//! The benchmark of the whole as a program; `cargo xtask bench` builds it and runs it.

use benches::{
    Error,
    candidate::{self, Accept, Load, Manner},
    field::Field,
    footprint::{self, Accounts, Conversations},
    inbound::{self, Plan},
    soak, speech,
};
use clap::{Parser, Subcommand};
use std::{error::Error as _, path::PathBuf, process::ExitCode};

/// The benchmark of the whole.
#[derive(Parser)]
#[command(name = "benches", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measures, and prints tables.
    Run(Run),
    /// Plays a day of messages, and prints whether anything grows.
    Soak(soak::Plan),
    /// Is what is measured, until its standard input ends.
    #[command(subcommand)]
    Candidate(Candidate),
}

#[derive(clap::Args)]
struct Run {
    #[command(flatten)]
    field: Field,
    /// Little of everything: that it runs.
    #[arg(long)]
    short: bool,
    /// What to measure [default: all of it].
    #[arg(long, value_name = "PART")]
    only: Vec<Part>,
}

/// What the tables are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Messages that come in.
    Inbound,
    /// Answers that grow.
    Answers,
    /// What it takes to be there.
    Footprint,
}

impl Run {
    fn has(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}

#[derive(Subcommand)]
enum Candidate {
    /// The least that acknowledges.
    Bare {
        /// The gateway.
        #[arg(long)]
        api: String,
        /// How many connections.
        #[arg(long)]
        connections: usize,
    },
    /// The plugin in the least of a host.
    Plugin {
        /// The gateway.
        #[arg(long)]
        api: String,
        /// The plugin's folder.
        #[arg(long)]
        plugin: PathBuf,
        /// Where state goes.
        #[arg(long)]
        state: PathBuf,
        /// How many accounts.
        #[arg(long)]
        accounts: usize,
        /// When a message counts as accepted.
        #[arg(long)]
        accept: Accept,
        /// A certificate to trust besides the system's.
        #[arg(long)]
        ca_file: Option<PathBuf>,
        /// How many tokens each message is answered with.
        #[arg(long, default_value_t = 0)]
        tokens: usize,
        /// How many of them a second.
        #[arg(long, default_value_t = 40)]
        per_second: u32,
        /// Whether the plugin is told.
        #[arg(long)]
        aloud: bool,
    },
    /// The plugin in a host that keeps, reads and answers messages.
    Soak(candidate::soak::Day),
}

#[tokio::main]
async fn main() -> ExitCode {
    let played = match Cli::parse().command {
        Command::Run(run) => play(&run).await,
        Command::Soak(plan) => match soak::play(&plan).await {
            Ok(day) => return told(&day),
            Err(error) => Err(error),
        },
        Command::Candidate(candidate) => be(candidate).await,
    };
    match played {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("  because: {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

/// Prints a day, and what is not as it is claimed.
fn told(day: &soak::Day) -> ExitCode {
    println!("{}", soak::Table(day));
    let faults = day.faults();
    faults.iter().for_each(|fault| println!("not as claimed: {fault}"));
    if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn play(run: &Run) -> Result<(), Error> {
    if run.has(Part::Inbound) {
        play_inbound(run).await?;
    }
    if run.has(Part::Answers) {
        let (answers, tokens) = if run.short { (20, 40) } else { (1_000, 400) };
        let plan = speech::Plan { answers, tokens, per_second: 40 };
        println!("{}", speech::Table(plan, speech::play(&run.field, plan).await?));
    }
    if run.has(Part::Footprint) {
        play_footprint(run).await?;
    }
    Ok(())
}

async fn play_inbound(run: &Run) -> Result<(), Error> {
    let plans = if run.short {
        vec![Plan { connections: 1, flood: 500, paced: (200, 1_000), rounds: 1 }]
    } else {
        [1, 200]
            .map(|connections| Plan { connections, flood: 10_000, paced: (5_000, 1_000), rounds: 3 })
            .to_vec()
    };
    for plan in plans {
        println!("{}", inbound::Table(plan, &inbound::play(&run.field, plan).await?));
    }
    Ok(())
}

async fn play_footprint(run: &Run) -> Result<(), Error> {
    println!("{}\n", footprint::library(&run.field).await?);
    let (accounts, conversations): (&[_], &[_]) =
        if run.short { (&[0, 1], &[10]) } else { (&[0, 1, 10, 100, 1_000], &[1, 100, 1_000, 10_000]) };
    println!("{}", Accounts(&footprint::accounts(&run.field, accounts).await?));
    println!("{}", Conversations(&footprint::conversations(&run.field, conversations).await?));
    Ok(())
}

async fn be(candidate: Candidate) -> Result<(), Error> {
    match candidate {
        Candidate::Soak(day) => candidate::soak::run(&day).await,
        Candidate::Bare { api, connections } => candidate::bare(&api, connections).await,
        Candidate::Plugin { api, plugin, state, accounts, accept, ca_file, tokens, per_second, aloud } => {
            let manner = (tokens > 0).then_some(Manner { tokens, per_second, aloud });
            candidate::plugin(&api, &Load { plugin, state, accounts, accept, ca_file, manner }).await
        }
    }
}
