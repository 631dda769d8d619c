//! The boundary's tests under a memory checker: whatever is read, written or freed wrongly, on
//! either side, fails them.
//!
//! The checker is valgrind: it watches the programs as they are, with the libraries they load and
//! the system's allocator. Miri would see more of what it can run, but it cannot load a library.

use crate::{
    Error,
    cargo::{missing, output, test_programs},
    progress,
};
use std::{
    path::Path,
    process::{Command, Stdio},
};

const CHECKER: &str = "valgrind";

/// The tests whose memory is watched: host-sdk's own, the same through a library that is really
/// loaded, and one that opens hundreds of accounts of another.
const TESTS: [&[&str]; 3] = [
    &["--package", "host-sdk", "--features", "channel,host"],
    &["--package", "tests", "--test", "loaded"],
    &["--package", "tests", "--test", "crowd"],
];

/// Claims about deadlines under thousands of tasks, which the checker, thirty times slower and with one
/// thread at a time, cannot keep; the code they go through is that of the other tests.
const TOO_SLOW: [&str; 4] = [
    "a_stop_with_as_much_under_way",
    "thousands_of_open_streams_do_not_keep",
    "two_hundred_channels_stop_together",
    "hammer::",
];

/// The command: builds the tests, and runs each under the checker.
///
/// # Errors
/// When the checker is not installed, finds something, or a test fails: nothing is skipped.
pub fn run() -> Result<(), Error> {
    let mut version = Command::new(CHECKER);
    let version = output(version.arg("--version").stdin(Stdio::null()))?;
    eprintln!("checking with {}", String::from_utf8_lossy(&version).trim());
    for arguments in TESTS {
        for program in test_programs(arguments)? {
            progress::step(&name(&program), || watch(&program))?;
        }
    }
    Ok(())
}

fn watch(program: &Path) -> Result<(), Error> {
    let mut command = Command::new(CHECKER);
    command
        // What is leaked is leaked on purpose: a library stays loaded until the process ends.
        .args(["--quiet", "--error-exitcode=1", "--leak-check=no", "--fair-sched=yes"])
        .arg(program)
        .args(TOO_SLOW.iter().flat_map(|test| ["--skip", test]))
        .stdin(Stdio::null());
    let status = command.status().map_err(missing(&command))?;
    if status.success() {
        return Ok(());
    }
    Err(Error::Failed { command: format!("{CHECKER} {}", name(program)), status })
}

/// Without cargo's hash.
fn name(program: &Path) -> String {
    let stem = program.file_stem().unwrap_or_default().to_string_lossy();
    stem.rsplit_once('-').map_or(&*stem, |(name, _hash)| name).to_owned()
}
