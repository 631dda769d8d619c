//! The packaged plugin in the real OpenClaw gateway, against the fake DingTalk and a scripted model.
//! `cargo xtask openclaw-e2e` runs it.
#![allow(clippy::unwrap_used, reason = "a test may, also in the functions it is made of")]

mod accounts;
mod bench;
mod claim;
mod files;
mod gateway;
mod guide;
mod home;
mod load;
mod media;
mod neighbours;
mod one_bot;
mod options;
mod package;
mod packaging;
mod pairing;
mod proof;
mod registry;
mod rejected;
mod reload;
mod scanning;
mod secrets;
mod setup;
mod terminal;
mod transcript;
mod trouble;
mod turns;
mod updates;
mod world;

use claim::{Stage, Verdicts};
use futures_util::{StreamExt, stream};
use proof::Proof;
use std::{process::ExitCode, thread};

/// What is claimed, by the configuration that it is claimed of; what takes longest comes first.
const STAGES: &[&Stage] = &[
    &trouble::STAGE,
    &turns::STAGE,
    &one_bot::STAGE,
    &options::STAGE,
    &accounts::STAGE,
    &pairing::STAGE,
    &guide::STAGE,
];

/// What `--short` leaves out: commands more than messages, and each starts a Node.js.
const COMMANDS: &[&Stage] = &[&updates::STAGE, &packaging::STAGE, &setup::STAGE, &neighbours::STAGE];

/// What is played only if it is named.
const ON_DEMAND: &[&Stage] = &[&load::STAGE, &rejected::STAGE];

/// How many gateways run at once, at most: each has 700 MB.
const MOST_AT_ONCE: usize = 4;

/// The arguments are parts of names; without any, everything is played that need not be named.
#[tokio::main]
async fn main() -> ExitCode {
    let (flags, wanted): (Vec<_>, Vec<_>) =
        std::env::args().skip(1).partition(|argument| argument.starts_with('-'));
    let is_short = flags.iter().any(|flag| flag == "--short");
    if let Some(settings) = bench::Settings::asked() {
        bench::run(settings).await;
        return ExitCode::SUCCESS;
    }
    let all = [STAGES, COMMANDS, ON_DEMAND].concat();
    let unknown = Proof::unknown(&all.iter().flat_map(|stage| stage.names()).collect::<Vec<_>>());
    assert!(unknown.is_empty(), "what has to be proved names claims that nobody makes: {unknown:#?}");
    let stages = if is_short {
        STAGES.to_vec()
    } else if wanted.is_empty() {
        [STAGES, COMMANDS].concat()
    } else {
        all
    };
    let at_once = thread::available_parallelism().map_or(1, |processors| processors.get().min(MOST_AT_ONCE));
    let playing = stream::iter(stages).map(|stage| stage.play(&wanted)).buffer_unordered(at_once);
    let verdicts = playing.fold(Verdicts::default(), async |all, more| all.with(more)).await;
    println!("\n{}\n{verdicts}", Proof(&verdicts));
    if verdicts.all_hold() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
