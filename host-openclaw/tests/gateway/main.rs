//! The packaged plugin in the real OpenClaw gateway, against the fake DingTalk and a scripted model.
//! `cargo xtask openclaw-e2e` runs it.
#![allow(clippy::unwrap_used, reason = "a test may, also in the functions it is made of")]

mod accounts;
mod claim;
mod gateway;
mod home;
mod load;
mod one_bot;
mod options;
mod package;
mod packaging;
mod pairing;
mod registry;
mod secrets;
mod trouble;
mod updates;
mod world;

use claim::{Stage, Verdicts};
use std::process::ExitCode;

/// What is claimed, by the configuration that it is claimed of.
const STAGES: [&Stage; 7] = [
    &one_bot::STAGE,
    &accounts::STAGE,
    &pairing::STAGE,
    &trouble::STAGE,
    &options::STAGE,
    &packaging::STAGE,
    &updates::STAGE,
];

/// What is played only if it is named.
const ON_DEMAND: [&Stage; 1] = [&load::STAGE];

/// The arguments are parts of names; without any, everything is played.
#[tokio::main]
async fn main() -> ExitCode {
    let wanted: Vec<_> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let mut verdicts = Verdicts::default();
    let on_demand = if wanted.is_empty() { &[][..] } else { &ON_DEMAND[..] };
    for stage in STAGES.iter().chain(on_demand) {
        verdicts.extend(stage.play(&wanted).await);
    }
    println!("\n{verdicts}");
    if verdicts.all_hold() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
