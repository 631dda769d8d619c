//! The commands of `host-mock`, one file each.
//!
//! A command is its arguments and what becomes of them. What it found goes to stdout, how far it is and what is
//! wrong to stderr; how it ends is a [`Failure`] or nothing.

pub mod config;
mod exit;
pub mod pairing;
mod place;
pub mod plugins;
mod tell;

pub use exit::{EXIT_CODES, Exit, Failure};
pub use place::{ConfigFile, PluginsDirectory, StateDirectory};

use crate::demo;
use clap::{Parser, Subcommand};
use std::{io, process::ExitCode};

/// A simulated OpenClaw host and a fake DingTalk.
#[derive(Debug, Parser)]
#[command(name = "host-mock", version, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Args),
    Pairing(pairing::Args),
    Config(config::Args),
    Plugins(plugins::Args),
}

impl Cli {
    /// Does what was asked.
    ///
    /// # Errors
    /// When it does not end well.
    pub async fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Demo(args) => demo::run(&args).await.map_err(Failure::from),
            Command::Pairing(args) => args.run(&mut io::stdout()),
            Command::Config(args) => args.run(),
            Command::Plugins(args) => args.run(),
        }
    }

    /// Does what was asked, says on stderr what is wrong, and ends the program so.
    pub async fn end(self) -> ExitCode {
        let Err(failure) = self.run().await else { return ExitCode::SUCCESS };
        if !failure.sentence.is_empty() {
            eprintln!("error: {failure}");
        }
        failure.exit.into()
    }
}
