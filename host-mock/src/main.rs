//! The simulated host as a program.

use clap::{Parser, Subcommand};
use host_mock::demo;
use std::process::ExitCode;

/// A simulated OpenClaw host and a fake DingTalk.
#[derive(Parser)]
#[command(name = "host-mock", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Demo(demo::Args),
}

#[tokio::main]
async fn main() -> ExitCode {
    let Cli { command: Command::Demo(args) } = Cli::parse();
    match demo::run(&args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}
