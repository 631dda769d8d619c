//! The packaged plugin in the real OpenClaw gateway, against the fake DingTalk and a scripted model.
//! `cargo xtask openclaw-e2e` runs it.
#![allow(clippy::unwrap_used, reason = "a test may, also in the functions it is made of")]

mod accounts;
mod bench;
mod claim;
mod gateway;
mod home;
mod load;
mod neighbours;
mod media;
mod one_bot;
mod options;
mod packaging;
mod pairing;
mod reload;
mod rejected;
mod secrets;
mod setup;
mod trouble;
mod turns;
mod world;

use claim::{Stage, Verdicts};
use std::process::ExitCode;

/// What is claimed, by the configuration that it is claimed of.
const STAGES: [&Stage; 9] = [
    &one_bot::STAGE,
    &accounts::STAGE,
    &pairing::STAGE,
    &trouble::STAGE,
    &setup::STAGE,
    &neighbours::STAGE,
    &turns::STAGE,
    &options::STAGE,
    &packaging::STAGE,
];

/// What is played only if it is named.
const ON_DEMAND: [&Stage; 2] = [&load::STAGE, &rejected::STAGE];

/// The arguments are parts of names; without any, everything is played.
#[tokio::main]
async fn main() -> ExitCode {
    let wanted: Vec<_> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    if let Some(settings) = bench::Settings::asked() {
        bench::run(settings).await;
        return ExitCode::SUCCESS;
    }
    let mut verdicts = Verdicts::default();
    let on_demand = if wanted.is_empty() { &[][..] } else { &ON_DEMAND[..] };
    for stage in STAGES.iter().chain(on_demand) {
        verdicts.extend(stage.play(&wanted).await);
    }
    println!("\n{verdicts}");
    if verdicts.all_hold() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
