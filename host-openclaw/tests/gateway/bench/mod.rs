//! How fast and how large it is in the real gateway, beside the least JavaScript that answers.
//!
//! `cargo xtask openclaw-bench` runs it. Every plugin has a gateway and a fake DingTalk of its own; rounds
//! go to one after the other, so that whatever else the machine does meets all of them.

mod candidate;
mod disk;
mod figures;
mod memory;
mod round;
mod table;

use candidate::{Candidate, Running};
use figures::Figures;
use serde::Deserialize;
use std::path::PathBuf;
use table::Table;

/// What to measure, as `cargo xtask openclaw-bench` says it in `OPENCLAW_BENCH`.
#[derive(Deserialize)]
pub(crate) struct Settings {
    /// How many answers each plugin gives.
    rounds: usize,
    /// Other plugins.
    peers: Vec<Peer>,
}

/// Another plugin.
#[derive(Deserialize)]
struct Peer {
    /// Its folder.
    folder: PathBuf,
    /// A file that says how it is configured.
    config: Option<PathBuf>,
}

impl Settings {
    /// What was asked for; `None`: claims are to be played.
    pub(crate) fn asked() -> Option<Self> {
        let asked = std::env::var("OPENCLAW_BENCH").ok()?;
        Some(serde_json::from_str(&asked).unwrap())
    }
}

/// Measures, and prints the table.
pub(crate) async fn run(settings: Settings) {
    let mut candidates = vec![Candidate::probe(), Candidate::ours()];
    candidates
        .extend(settings.peers.iter().map(|peer| Candidate::peer(&peer.folder, peer.config.as_deref())));
    let mut running = Vec::new();
    for candidate in candidates {
        println!("== starting a gateway with {}", candidate.name);
        running.push((candidate.start().await, Figures::default()));
    }
    for (candidate, _) in &running {
        candidate.warm_up().await;
    }
    let mut disk = Vec::new();
    for number in 1..=settings.rounds {
        println!("== round {number} of {}", settings.rounds);
        for (candidate, figures) in &mut running {
            let round = round::play(candidate).await;
            println!("{}: {round}", candidate.name);
            figures.add(round);
            disk.push(disk::sync(candidate.world.home.path()));
        }
    }
    let mut table = Table::default();
    for (candidate, mut figures) in running {
        figures.memory = memory::settled(&candidate).await;
        table.add(candidate.name.clone(), figures);
        candidate.end().await;
    }
    let disk = figures::median(disk.into_iter().map(figures::milliseconds).collect());
    println!("\n{table}\nMeanwhile 1 KiB took {disk:.1} ms to be safe on this disk (median).");
}

impl Running {
    /// The first turn of a gateway takes seconds, which are not what is measured.
    async fn warm_up(&self) {
        for _ in 0..2 {
            round::play(self).await;
        }
    }
}
