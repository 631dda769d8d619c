//! The commands of `host-mock`, one file each.
//!
//! A command is its arguments and what becomes of them. What it found goes to stdout, how far it is and what is
//! wrong to stderr; how it ends is a [`Failure`] or nothing.

pub mod channels;
pub mod chaos;
pub mod config;
pub mod doctor;
mod exit;
pub mod gateway;
pub mod message;
pub mod pairing;
mod place;
pub mod plugins;
pub mod run;
pub mod setup;
mod signals;
mod tell;

pub use exit::{EXIT_CODES, Exit, Failure};
pub use place::{ConfigFile, Found, Places, PluginsDirectory, StateDirectory};

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
    Gateway(gateway::Args),
    Run(run::Args),
    Chaos(chaos::Args),
    Message(message::Args),
    Channels(channels::Args),
    Pairing(pairing::Args),
    Config(config::Args),
    Plugins(plugins::Args),
    Doctor(doctor::Args),
    Setup(setup::Args),
}

impl Cli {
    /// Does what was asked.
    ///
    /// # Errors
    /// When it does not end well.
    pub async fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Demo(args) => demo::run(&args).await.map_err(Failure::from),
            Command::Gateway(args) => gateway::run(&args, &mut io::stdout()).await.map_err(Failure::from),
            Command::Run(args) => run::run(&args).await,
            Command::Chaos(args) => chaos::run(&args).await,
            Command::Message(args) => message::run(&args).await,
            Command::Channels(args) => channels::run(&args).await,
            Command::Pairing(args) => args.run(&mut io::stdout()),
            Command::Config(args) => args.run(),
            Command::Plugins(args) => args.run(),
            Command::Doctor(args) => doctor::run(&args).await,
            Command::Setup(args) => setup::run(&args).await,
        }
    }

    /// Does what was asked, says on stderr what is wrong, and ends the program so.
    pub async fn end(self) -> ExitCode {
        let Err(failure) = self.run().await else { return ExitCode::SUCCESS };
        if !failure.sentence.is_empty() {
            tell::say(format_args!("error: {failure}"));
        }
        failure.exit.into()
    }
}
