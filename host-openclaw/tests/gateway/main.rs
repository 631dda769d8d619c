//! The packaged plugin in the real OpenClaw gateway, against the fake DingTalk and a scripted model.
//! `cargo xtask openclaw-e2e` runs it.
#![allow(clippy::unwrap_used, reason = "a test may, also in the functions it is made of")]

mod accounts;
mod bench;
mod claim;
mod commands;
mod failure;
mod files;
mod gateway;
mod groups;
mod guide;
mod home;
mod lack;
mod leftovers;
mod load;
mod media;
mod moving;
mod neighbours;
mod onboarding;
mod one_bot;
mod options;
mod package;
mod packaging;
mod pairing;
mod proof;
mod registry;
mod rejected;
mod reload;
mod restarts;
mod scanning;
mod secrets;
mod setup;
mod terminal;
mod transcript;
mod trouble;
mod turns;
mod updates;
mod verdict;
mod world;

use claim::{Stage, play};
use futures_util::{StreamExt, stream};
use proof::Proof;
use std::{process::ExitCode, thread};
use tokio::signal::unix::{SignalKind, signal};
use verdict::Verdicts;

/// What `--short` plays, by the gateway that it is claimed of: stages that begin alike share one, which the first
/// of them begins. What takes longest comes first.
const SHORT: &[&[&Stage]] = &[
    &[&trouble::STAGE, &turns::STAGE],
    &[&setup::STAGE],
    &[&one_bot::STAGE],
    &[&accounts::STAGE],
    &[&options::STAGE],
    &[&guide::STAGE],
    &[&pairing::STAGE],
];

/// What it leaves out: restarts, commands more than messages, each of which starts a Node.js, and much at once.
const LONG: &[&[&Stage]] = &[
    &[&restarts::STAGE],
    &[&packaging::STAGE],
    &[&updates::STAGE],
    &[&neighbours::STAGE],
    &[&moving::STAGE],
    &[&commands::STAGE],
];

/// What it leaves out, too, and what is played when nothing else is: it looks how soon, and how much.
const ALONE: &[&[&Stage]] = &[&[&load::STAGE]];

/// What is played only if it is named.
const ON_DEMAND: &[&[&Stage]] = &[&[&rejected::STAGE]];

/// How many gateways run at once, at most: each has 700 MB.
const MOST_AT_ONCE: usize = 4;

/// The arguments are parts of names; without any, everything is played that need not be named. With `--may-lack`
/// OpenClaw is a release that need not offer all that is claimed.
#[tokio::main]
async fn main() -> ExitCode {
    let ended = async {
        let mut asked = signal(SignalKind::terminate()).unwrap();
        tokio::select! { _ = asked.recv() => {} _ = tokio::signal::ctrl_c() => {} }
    };
    // Gateways have process groups of their own: nobody ends them but who started them.
    tokio::select! {
        code = run() => code,
        () = ended => ExitCode::FAILURE,
    }
}

async fn run() -> ExitCode {
    failure::keeps_what_panics_say();
    let (flags, wanted): (Vec<_>, Vec<_>) =
        std::env::args().skip(1).partition(|argument| argument.starts_with('-'));
    let has = |flag: &str| flags.iter().any(|given| given == flag);
    if let Some(settings) = bench::Settings::asked() {
        bench::run(settings).await;
        return ExitCode::SUCCESS;
    }
    let all = [LONG, SHORT, ALONE, ON_DEMAND].concat();
    let names: Vec<_> = all.iter().copied().flatten().flat_map(|stage| stage.names()).collect();
    let unknown = Proof::unknown(&names);
    assert!(unknown.is_empty(), "what has to be proved names claims that nobody makes: {unknown:#?}");
    let is_named = |part: &&String| names.iter().any(|name| name.contains(part.as_str()));
    let nowhere: Vec<_> = wanted.iter().filter(|part| !is_named(part)).collect();
    assert!(nowhere.is_empty(), "no claim has this in its name: {nowhere:?}");
    let (gateways, alone) = match (has("--short"), wanted.is_empty()) {
        (true, _) => (SHORT.to_vec(), &[][..]),
        (_, true) => ([LONG, SHORT].concat(), ALONE),
        _ => ([LONG, SHORT, ON_DEMAND].concat(), ALONE),
    };
    let at_once = thread::available_parallelism().map_or(1, |processors| processors.get().min(MOST_AT_ONCE));
    let playing = stream::iter(gateways).map(|stages| play(stages, &wanted)).buffer_unordered(at_once);
    let mut verdicts = playing.fold(Verdicts::default(), async |all, more| all.with(more)).await;
    for stages in alone {
        verdicts = verdicts.with(play(stages, &wanted).await);
    }
    println!("\n{}\n{verdicts}", Proof(&verdicts));
    // Only who plays everything has run all that the documents speak of; older releases have other words.
    let plays_all = !has("--short") && wanted.is_empty() && !lack::is_possible();
    let unplayed = if plays_all { commands::unplayed() } else { Vec::new() };
    for command in &unplayed {
        println!("NOT RUN, although the documents have it as played: openclaw {command}");
    }
    let lacks = verdicts.lacks();
    let may_lack = lacks.is_empty() || lack::is_possible();
    if !may_lack {
        println!("the release that the adapter is made for has to offer all that is claimed, also {lacks:?}");
    }
    if verdicts.none_fails() && may_lack && unplayed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
