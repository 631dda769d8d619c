//! The simulated host as a program.

use clap::{Parser, Subcommand};
use host_mock::{demo, gateway, pairing};
use std::{io, process::ExitCode};

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
    Gateway(gateway::Args),
    Pairing(pairing::Args),
}

#[tokio::main]
async fn main() -> ExitCode {
    let ended = match Cli::parse().command {
        Command::Demo(args) => demo::run(&args).await.map_err(|error| (error.exit_code(), error.to_string())),
        Command::Gateway(args) => {
            let ended = gateway::run(&args, &mut io::stdout()).await;
            ended.map_err(|error| (error.exit_code(), error.to_string()))
        }
        Command::Pairing(args) => {
            args.run(&mut io::stdout()).map_err(|error| (error.exit_code(), error.to_string()))
        }
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err((code, error)) => {
            eprintln!("error: {error}");
            ExitCode::from(code)
        }
    }
}
