//! What becomes of a reply under each fault, as the person sees it: whole, once, and with no card left
//! open. Each scenario is played to the library that ships; the table in the README has a row for each.
#![allow(clippy::unwrap_used, reason = "a test may, also in the functions it is made of")]

mod crash;
mod creation;
mod crowd;
mod documents;
mod growing;
mod last_words;
mod messages;
mod play;
mod scenario;
mod several;
mod verdict;
mod words;

use libtest_mimic::{Arguments, Trial};
use scenario::Scenario;
use std::process::ExitCode;

/// So many scenarios are played at once unless told otherwise: nearly all of them wait.
const SIDE_BY_SIDE: usize = 24;

/// The scenarios of which the README speaks.
fn faults() -> impl Iterator<Item = Scenario> {
    let groups =
        [creation::ALL, growing::ALL, last_words::ALL, messages::ALL, several::ALL, crash::ALL, crowd::ALL];
    groups.into_iter().flatten().copied()
}

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(SIDE_BY_SIDE);
    let trial = |scenario: Scenario| {
        Trial::test(scenario.name, move || {
            scenario.play();
            Ok(())
        })
    };
    let trials = faults().chain(documents::ALL.iter().copied()).map(trial).collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}
