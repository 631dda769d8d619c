//! What becomes of a reply under each fault, as the person sees it: whole, once, and with no card left
//! open. Each scenario is played to the library that ships; the table in `docs/replies.md` has a row for each.
#![allow(clippy::unwrap_used, reason = "a test may, also in the functions it is made of")]

mod crash;
mod creation;
mod crowd;
mod documents;
mod growing;
mod last_words;
mod messages;
mod play;
mod several;
mod verdict;
mod words;

use libtest_mimic::{Arguments, Trial};
use std::process::ExitCode;
use tests::Scenario;

/// So many scenarios are played at once unless told otherwise: nearly all of them wait.
const SIDE_BY_SIDE: usize = 24;

/// Each fault, by the name that its row in that table has, and its scenarios.
const FAULTS: &[(&str, &[&[Scenario]])] = &[
    ("permission_missing", &[creation::DENIED, growing::DENIED]),
    ("template_unusable", &[creation::TEMPLATE, growing::TEMPLATE]),
    ("card_not_delivered", &[creation::NOT_DELIVERED]),
    ("card_refuses_text", &[last_words::REFUSED_FOR_EVER]),
    ("throttled", &[creation::THROTTLED, growing::THROTTLED, last_words::THROTTLED, messages::THROTTLED]),
    (
        "server_errors",
        &[
            creation::SERVER_ERRORS,
            growing::SERVER_ERRORS,
            last_words::SERVER_ERRORS,
            messages::SERVER_ERRORS,
        ],
    ),
    (
        "answers_lost",
        &[creation::LOST_ANSWERS, growing::LOST_ANSWERS, last_words::LOST_ANSWERS, messages::LOST_ANSWERS],
    ),
    ("request_hangs", &[creation::HANGS, growing::HANGS, last_words::HANGS]),
    ("token_invalid", &[growing::TOKEN, last_words::TOKEN, messages::TOKEN]),
    ("quota_used_up", &[creation::QUOTA, messages::QUOTA]),
    ("webhook_expired", &[messages::WEBHOOK_EXPIRED]),
    ("webhook_refuses", &[messages::WEBHOOK_REFUSES]),
    ("person_out_of_range", &[messages::OUT_OF_RANGE]),
    ("turn_fails", &[last_words::FAILED_TURN]),
    ("second_card", &[several::SECOND_CARD]),
    ("two_at_once", &[several::AT_ONCE]),
    ("crash", &[crash::CRASH]),
];

/// Faults whose scenarios have times that count: they are played when the others have ended.
const FAULTS_IN_TIME: &[(&str, &[&[Scenario]])] = &[("crowd", &[crowd::CROWD])];

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(SIDE_BY_SIDE);
    let of_documents = documents::ALL.iter().map(|scenario| trial(scenario.name, *scenario));
    let first = libtest_mimic::run(&arguments, trials(FAULTS).chain(of_documents).collect());
    let then = libtest_mimic::run(&arguments, trials(FAULTS_IN_TIME).collect());
    if first.has_failed() { first.exit_code() } else { then.exit_code() }
}

fn trials(faults: &'static [(&str, &[&[Scenario]])]) -> impl Iterator<Item = Trial> {
    faults.iter().flat_map(|(fault, groups)| {
        let scenarios = groups.iter().copied().flatten();
        scenarios.map(move |scenario| trial(&format!("{fault}::{}", scenario.name), *scenario))
    })
}

fn trial(name: &str, scenario: Scenario) -> Trial {
    Trial::test(name, move || {
        scenario.play();
        Ok(())
    })
}
