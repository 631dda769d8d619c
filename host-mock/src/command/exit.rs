//! How a command of `host-mock` ends.

use crate::{demo::DemoError, host::HostError};
use std::{fmt, process::ExitCode};

/// The exit codes, for the end of `--help`.
pub const EXIT_CODES: &str = "\
Exit codes:
    0  done
    1  it did not go well: an answer is missing, an account does not connect, a check found something
    2  something that you wrote or installed has to be corrected: arguments, configuration, plugins
    3  it takes a host that runs (`host-mock run`), and there is none
  130  interrupted";

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Exit {
    /// It was tried, and did not go well.
    Failed,
    /// A person has to correct something that they wrote or installed.
    Wrong,
    /// No host runs that could be asked.
    NoHost,
    /// Ctrl-C was pressed before it was done.
    Interrupted,
}

impl Exit {
    /// The number that shells see.
    pub fn code(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Wrong => 2,
            Self::NoHost => 3,
            Self::Interrupted => 130, // as shells count it: 128 and SIGINT
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why a command did not end well: how it ends, and a sentence that says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// How it ends.
    pub exit: Exit,
    /// What is said on stderr after `error: `. Empty where stdout has said it.
    pub sentence: String,
}

impl Failure {
    /// A command that ends so, and says why.
    pub fn new(exit: Exit, sentence: impl Into<String>) -> Self {
        Self { exit, sentence: sentence.into() }
    }

    /// A command that has said on stdout what there is to say.
    pub fn told(exit: Exit) -> Self {
        Self::new(exit, "")
    }

    /// Something of the system failed.
    pub fn system(doing: &str, error: &std::io::Error) -> Self {
        Self::new(Exit::Failed, format!("cannot {doing}: {error}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for Failure {}

impl From<HostError> for Failure {
    fn from(error: HostError) -> Self {
        let exit = if error.is_for_a_person() { Exit::Wrong } else { Exit::Failed };
        Self::new(exit, error.to_string())
    }
}

impl From<DemoError> for Failure {
    fn from(error: DemoError) -> Self {
        match error {
            DemoError::Host(error) => error.into(),
            DemoError::Interrupted => Self::new(Exit::Interrupted, error.to_string()),
            _ => Self::new(Exit::Failed, error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_exit_is_in_the_help() {
        for exit in [Exit::Failed, Exit::Wrong, Exit::NoHost, Exit::Interrupted] {
            let line = format!("{:>5}  ", exit.code());
            assert!(EXIT_CODES.lines().any(|known| known.starts_with(&line)), "{exit:?}");
        }
    }
}
