//! Each option of `channels.dingtalk`, through the library that ships, a host, and the fake DingTalk. `docs/options.md`
//! links each option to its file here; a trial's name begins with the option's own, and with its number in the
//! mission (O1 to O11, M1 to M4, B1 to B3) where it has one.
#![allow(clippy::unwrap_used, reason = "a test may, also in the functions it is made of")]

mod account;
mod bots;
mod budget;
mod cards;
mod connection;
mod credentials;
mod documents;
mod files;
mod guides;
mod hosts;
mod language;
mod marks;
mod notice;
mod people;
mod row;
mod way;
mod wrong;

use libtest_mimic::{Arguments, Trial};
use row::Row;
use std::process::ExitCode;
use tests::Scenario;

/// So many scenarios are played at once unless told otherwise: nearly all of them wait.
const SIDE_BY_SIDE: usize = 16;

/// The tables by the name of their file.
const TABLES: &[(&str, &[Row])] = &[
    ("account", account::ROWS),
    ("budget", budget::ROWS),
    ("cards", cards::ROWS),
    ("connection", connection::ROWS),
    ("credentials", credentials::ROWS),
    ("files", files::ROWS),
    ("hosts", hosts::ROWS),
    ("language", language::ROWS),
    ("marks", marks::ROWS),
    ("notice", notice::ROWS),
    ("people", people::ROWS),
    ("way", way::ROWS),
];

/// What is not of one option.
const OTHERS: &[(&str, &[Scenario])] =
    &[("wrong", wrong::ALL), ("guides", guides::ALL), ("documents", documents::ALL)];

fn rows() -> impl Iterator<Item = &'static Row> {
    TABLES.iter().flat_map(|(_, rows)| *rows)
}

fn main() -> ExitCode {
    if let Some(ended) = guides::host_of_a_guide() {
        return ended;
    }
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(SIDE_BY_SIDE);
    let played = rows().flat_map(|row| row.plays.iter().map(|scenario| trial(row.option, *scenario)));
    let others = OTHERS.iter().flat_map(|(about, all)| all.iter().map(|scenario| trial(about, *scenario)));
    let trials = rows().map(Row::trial).chain(played).chain(others).collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trial(about: &str, scenario: Scenario) -> Trial {
    Trial::test(format!("{about}::{}", scenario.name), move || {
        scenario.play();
        Ok(())
    })
}
