//! How fast and how large it is in the real gateway, beside the least JavaScript that answers.
//!
//! `cargo xtask openclaw-bench` runs it. Every plugin has a gateway and a fake DingTalk of its own; rounds
//! go to one after the other, each time in another order, so that whatever else the machine does meets all
//! of them.

mod bare;
pub(crate) mod candidate;
pub(crate) mod disk;
mod figures;
mod goal;
pub(crate) mod memory;
mod round;
mod spread;
mod table;

use candidate::{Candidate, Running};
use figures::{Figures, milliseconds};
use serde::Deserialize;
use serde_json::json;
use spread::Spread;
use std::{path::PathBuf, thread};
use table::Table;

/// How often each is started in a Node.js that does nothing else.
const BARE: usize = 5;

/// What to measure, as `cargo xtask openclaw-bench` says it in `OPENCLAW_BENCH`.
#[derive(Deserialize)]
pub(crate) struct Settings {
    /// How many rounds each plugin plays.
    rounds: usize,
    /// The release of OpenClaw.
    openclaw: String,
    /// Whether to say it in JSON.
    json: bool,
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

    fn candidates(&self) -> Vec<Candidate> {
        let peers = self.peers.iter().map(|peer| Candidate::peer(&peer.folder, peer.config.as_deref()));
        [Candidate::probe(), Candidate::ours()].into_iter().chain(peers).collect()
    }
}

/// A plugin, and what was measured of it.
type Measured<T> = Vec<(T, Figures)>;

/// Measures, says on standard error how it goes, and prints the table.
pub(crate) async fn run(settings: Settings) {
    let mut candidates: Measured<Candidate> =
        settings.candidates().into_iter().map(|candidate| (candidate, Figures::default())).collect();
    bare(&mut candidates).await;
    let mut disk = Vec::new();
    let measured = if settings.rounds == 0 {
        candidates.into_iter().map(|(candidate, figures)| (candidate.name, figures)).collect()
    } else {
        gateways(candidates, settings.rounds, &mut disk).await
    };
    report(settings, &Table::of(&measured), Spread::of(&disk));
}

/// What they take of memory beside no gateway. Other plugins need modules of OpenClaw's for that.
async fn bare(candidates: &mut Measured<Candidate>) {
    for number in 1..=BARE {
        eprintln!("== bare Node.js {number} of {BARE}");
        for (candidate, figures) in candidates.iter_mut().take(2) {
            figures.bare.extend(bare::memory(candidate).await);
        }
    }
}

/// How they answer in a gateway each, and what that takes of memory.
async fn gateways(candidates: Measured<Candidate>, rounds: usize, disk: &mut Vec<f64>) -> Measured<String> {
    let mut running = Vec::new();
    for (candidate, figures) in candidates {
        eprintln!("== starting a gateway with {}", candidate.name);
        running.push((candidate.start().await, figures));
    }
    for (candidate, _) in &mut running {
        candidate.warm_up().await;
    }
    for number in 1..=rounds {
        eprintln!("== round {number} of {rounds}");
        let count = running.len();
        for place in 0..count {
            let (candidate, figures) = &mut running[(number + place) % count];
            disk.push(milliseconds(disk::sync(candidate.world.home.path())));
            let round = round::play(candidate).await;
            round.short.iter().chain([&round.long]).for_each(|it| eprintln!("{}: {it}", candidate.name));
            figures.add(round);
        }
    }
    let mut measured = Vec::new();
    for (candidate, mut figures) in running {
        figures.memory = memory::settled(&candidate.world).await;
        measured.push((candidate.name.clone(), figures));
        candidate.end().await;
    }
    measured
}

fn report(Settings { rounds, openclaw, json, .. }: Settings, table: &Table, disk: Option<Spread>) {
    let processors = thread::available_parallelism().map_or(0, usize::from);
    if json {
        let machine = json!({"openclaw": openclaw, "processors": processors, "diskMs": disk});
        return println!("{}", json!({"machine": machine, "rounds": rounds, "table": table}));
    }
    println!("\n{table}\nOpenClaw {openclaw}, {rounds} rounds, {processors} processors.");
    if let Some(Spread { median, low, high }) = disk {
        println!("1 KiB takes {median:.1} ms ({low:.1}–{high:.1}) to be safe on the disk.");
    }
}

impl Running {
    /// The first turns of a gateway take seconds, which are not what is measured.
    async fn warm_up(&mut self) {
        for _ in 0..2 {
            round::play(self).await;
        }
    }
}
