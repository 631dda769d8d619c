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
mod packaging;
mod pairing;
mod rejected;
mod reload;
mod secrets;
mod setup;
mod transcript;
mod trouble;
mod turns;
mod world;

use claim::{Stage, Verdicts};
use futures_util::{StreamExt, stream};
use std::{process::ExitCode, thread};

/// What is claimed, by the configuration that it is claimed of; what takes longest comes first.
const STAGES: &[&Stage] = &[
    &trouble::STAGE,
    &turns::STAGE,
    &setup::STAGE,
    &one_bot::STAGE,
    &options::STAGE,
    &packaging::STAGE,
    &neighbours::STAGE,
    &guide::STAGE,
    &accounts::STAGE,
    &pairing::STAGE,
];

/// What is played only if it is named.
const ON_DEMAND: &[&Stage] = &[&load::STAGE, &rejected::STAGE];

/// How many gateways run at once, at most: each has 700 MB.
const MOST_AT_ONCE: usize = 4;

/// The arguments are parts of names; without any, everything is played.
#[tokio::main]
async fn main() -> ExitCode {
    let wanted: Vec<_> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    if let Some(settings) = bench::Settings::asked() {
        bench::run(settings).await;
        return ExitCode::SUCCESS;
    }
    let on_demand = if wanted.is_empty() { &[] } else { ON_DEMAND };
    let stages = stream::iter(STAGES.iter().chain(on_demand));
    let at_once = thread::available_parallelism().map_or(1, |processors| processors.get().min(MOST_AT_ONCE));
    let playing = stages.map(|stage| stage.play(&wanted)).buffer_unordered(at_once);
    let verdicts = playing.fold(Verdicts::default(), async |all, more| all.with(more)).await;
    println!("\n{verdicts}");
    if verdicts.all_hold() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
