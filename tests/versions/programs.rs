//! Programs that are run, some of which were copied before.
//!
//! A program that somebody has open to write cannot be run, and a child has open what its parent has until it
//! has become another program: none starts while one is copied.

use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
    sync::{PoisonError, RwLock},
};

/// Whoever starts a program reads, whoever copies one writes.
static STARTING: RwLock<()> = RwLock::new(());

/// Runs a program to its end.
pub(crate) fn run(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let starting = STARTING.read().unwrap_or_else(PoisonError::into_inner);
    let child = command.spawn().unwrap();
    drop(starting); // it is another program by now
    child.wait_with_output().unwrap()
}

/// Copies a program, to be run.
pub(crate) fn copy(from: &Path, to: &Path) {
    let _nothing_starts = STARTING.write().unwrap_or_else(PoisonError::into_inner);
    fs::copy(from, to).unwrap();
}
