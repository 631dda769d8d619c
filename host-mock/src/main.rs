//! The simulated host as a program.

use clap::Parser;
use host_mock::command::Cli;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    Cli::parse().end().await
}
