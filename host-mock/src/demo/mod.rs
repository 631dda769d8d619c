//! The demo: a host, a fake DingTalk, and a person at the terminal who talks to the bot.

mod answer;
mod bubble;
mod chat;
mod command;
mod friend;
mod paint;
mod screen;
mod stage;
mod terminal;
mod transcript;
mod verdict;
mod wrap;

use crate::host::HostError;
use std::{io, path::PathBuf};

/// What to type, for the end of `--help`.
const EXAMPLES: &str = "\
Examples:
  host-mock demo --plugins target/dist
      talk to the bot; /help tells how
  host-mock demo --plugins target/dist --say \"你好\" --say \"And in English?\"
      play this conversation; fails unless every answer is whole on its card
  host-mock demo --plugins target/dist --group --say \"status?\" --tokens-per-second 100
      the same in a group, faster";

/// Talks to the bot through a fake DingTalk: no account, no network.
///
/// On a terminal you write to the bot and watch the card grow. Without a terminal, or with --say, a
/// conversation is played and written down; it succeeds only if every answer is whole on its card.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The plugins directory: the plugin's folder lies in it.
    #[arg(long, value_name = "DIR")]
    pub plugins: PathBuf,
    /// Plays this message instead of waiting for one; may be given several times.
    #[arg(long, value_name = "TEXT")]
    pub say: Vec<String>,
    /// Talks in a group, mentioning the bot, instead of in private.
    #[arg(long)]
    pub group: bool,
    /// How fast the agent speaks; 0 is at once.
    #[arg(long, value_name = "NUMBER", default_value_t = 30.0, value_parser = pace)]
    pub tokens_per_second: f64,
    /// Makes the fake DingTalk's ids others than usual.
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u64>,
    /// Shows what the host and the plugin log, not only warnings.
    #[arg(long, short)]
    pub verbose: bool,
}

/// Why a demo did not end well.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DemoError {
    /// The host could not run.
    #[error(transparent)]
    Host(#[from] HostError),
    /// Something of the system failed.
    #[error("cannot {what}: {source}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// Not every answer reached its card.
    #[error("not every answer reached its card:{}", .0.iter().map(|line| format!("\n  - {line}")).collect::<String>())]
    Incomplete(Vec<String>),
    /// Ctrl-C was pressed.
    #[error("interrupted")]
    Interrupted,
}

impl DemoError {
    fn io(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { what, source }
    }
}

/// Runs the demo.
///
/// # Errors
/// When the host cannot run, or a played conversation did not go as it should.
pub async fn run(args: &Args) -> Result<(), DemoError> {
    if args.say.is_empty() && terminal::is_interactive() {
        chat::run(args).await
    } else {
        transcript::run(args).await
    }
}

/// Waits for Ctrl-C.
async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        // It cannot be noticed here: then it ends the process as it always does.
        std::future::pending::<()>().await;
    }
}

fn pace(text: &str) -> Result<f64, String> {
    let pace: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    let sensible = (0.0..=100_000.0).contains(&pace);
    sensible.then_some(pace).ok_or_else(|| "a number from 0 to 100000".to_owned())
}
