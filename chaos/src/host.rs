//! The host's process: the real plugin, and an agent that writes down what it sees.
//!
//! It is told on stdin, a line each: `prompt`, `slow MILLISECONDS`, `refusing`; the end of stdin stops it
//! in order. On stdout are the lines of its record as it writes them.

use crate::{Error, witness::Witness};
use host_mock::host::{ConfigSource, Host, Mood, Options, PluginSource, Reluctance};
use std::{
    fs::File,
    io::Write,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::io::{AsyncBufReadExt, BufReader};

/// What the process is started with.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The plugins directory.
    #[arg(long)]
    pub plugins: PathBuf,
    /// The configuration.
    #[arg(long)]
    pub config: PathBuf,
    /// The host's state.
    #[arg(long)]
    pub state: PathBuf,
    /// The agent's record.
    #[arg(long)]
    pub record: PathBuf,
    /// What host and plugin log is appended here.
    #[arg(long)]
    pub log: PathBuf,
    /// The number of the process.
    #[arg(long)]
    pub life: u32,
    /// How long the agent thinks, in milliseconds.
    #[arg(long, default_value_t = 0)]
    pub thinks: u64,
}

/// Runs until stdin ends.
///
/// # Errors
/// When the host does not start, or does not stop in order.
pub async fn run(args: &Args) -> Result<(), Error> {
    let witness = Witness::new(&args.record, args.life)?;
    let log = File::options().create(true).append(true).open(&args.log);
    let log = Mutex::new(log.map_err(Error::system("open the log"))?);
    let reluctance = Reluctance::default();
    let plugins = PluginSource::Directory(args.plugins.clone());
    let mut options = Options::new(ConfigSource::File(args.config.clone()), plugins, args.state.clone())
        .agent(witness.agent(Duration::from_millis(args.thinks)));
    options.reluctance = reluctance.clone();
    options.record_sink = Some(Arc::new(move |recorded| witness.hear(recorded)));
    let life = args.life;
    options.log_sink = Some(Arc::new(move |entry| {
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        // A log that is full is no reason to end.
        drop(writeln!(log, "[{life}] {entry}"));
    }));
    let host = Host::start(options).await?;
    let mut orders = BufReader::new(tokio::io::stdin()).lines();
    while let Ok(Some(order)) = orders.next_line().await {
        match mood(&order) {
            Some(mood) => reluctance.set(mood),
            None => eprintln!("not understood: {order:?}"),
        }
    }
    Ok(host.stop().await?)
}

fn mood(order: &str) -> Option<Mood> {
    match order.split_once(' ') {
        None if order == "prompt" => Some(Mood::Prompt),
        None if order == "refusing" => Some(Mood::Refusing),
        Some(("slow", takes)) => Some(Mood::Slow(Duration::from_millis(takes.parse().ok()?))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mood_has_its_words() {
        assert_eq!(mood("prompt"), Some(Mood::Prompt));
        assert_eq!(mood("refusing"), Some(Mood::Refusing));
        assert_eq!(mood("slow 1500"), Some(Mood::Slow(Duration::from_millis(1500))));
        for other in ["", "slow", "slow x", "stop"] {
            assert_eq!(mood(other), None, "{other:?}");
        }
    }
}
