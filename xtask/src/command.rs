//! The command line of `cargo xtask`.

use crate::{
    Error, bench, chaos,
    check::{self, Check},
    demo,
    dist::{self, Profile},
    fuzz, memory, node_host, openclaw_bench, openclaw_e2e, page, picture, release, replies, sdk_conformance,
    soak,
};
use clap::{Parser, Subcommand};
use std::{
    path::PathBuf,
    process::{ExitCode, ExitStatus},
};

/// The project's own commands.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask")]
pub struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Builds the plugin folder, `dingtalk`, as it ships.
    Dist {
        /// Another package of the workspace that is a channel.
        #[arg(long, default_value = dist::PLUGIN)]
        package: String,
        /// The profile to build with.
        #[arg(long, default_value = "dist")]
        profile: Profile,
        /// The plugins directory to put it into [default: target/dist].
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Makes an archive of that folder, for people without Rust, and its checksum.
    Release(release::Options),
    /// Lets you talk to the bot through a fake DingTalk: builds everything, needs no account.
    Demo(demo::Options),
    /// Proves that no message is lost or answered twice under faults, restarts and kill -9.
    Chaos(chaos::Options),
    /// Pushes thousands of messages to an agent that takes seconds, and tells how soon they are acknowledged.
    Burst(chaos::BurstOptions),
    /// Floods the plugin, and takes files, descriptors and memory from its host; Linux alone.
    Flood(chaos::BurstOptions),
    /// Measures messages through a socket and back, beside the SDKs of others and what is possible.
    Bench(bench::Options),
    /// Plays a day of messages in minutes, and tells whether memory, files, threads or the disk grow.
    Soak(soak::Options),
    /// Measures how soon and how steadily people see an answer, beside what is possible.
    Replies(replies::Options),
    /// Checks the project's own rules; without a name, all that need no build.
    Check {
        /// Which.
        names: Vec<Check>,
    },
    /// Feeds the plugin what a fuzzer thinks of, wherever it reads what others wrote; needs a C++ compiler.
    Fuzz(fuzz::Options),
    /// Runs the boundary's tests under valgrind, which must be installed; takes a minute.
    MemoryCheck,
    /// Tries the plugin in Node.js, through the addon of host-openclaw; fetches Node.js with npm.
    NodeHost(node_host::Options),
    /// Plays the packaged plugin in the real OpenClaw gateway; fetches it, and Node.js, with npm.
    OpenclawE2e(openclaw_e2e::Options),
    /// Runs DingTalk's own Stream SDKs against the fake DingTalk; fetches them with pip and npm.
    SdkConformance(sdk_conformance::Options),
    /// Tries the simulator's page in a browser; needs a Chromium, from PATH or CHROME=path.
    PageTest(page::Options),
    /// Draws `docs/images/` from the page in that browser.
    Screenshots,
    /// Measures it there, beside the least JavaScript that answers and any other DingTalk plugin.
    OpenclawBench(openclaw_bench::Options),
    /// Draws `docs/demo.svg` and `docs/reply.svg` from real runs.
    Picture(demo::Options),
}

/// Does what was asked.
///
/// # Errors
/// When it does not end well.
pub fn run(arguments: Arguments) -> Result<ExitCode, Error> {
    match arguments.command {
        Task::Dist { package, profile, out } => dist::run(&package, profile, out)?,
        Task::Release(options) => release::run(&options)?,
        Task::Demo(options) => return demo::run(&options).map(code),
        Task::Chaos(options) => return chaos::run(&options).map(code),
        Task::Burst(options) => return chaos::more("burst", &options).map(code),
        Task::Flood(options) => return chaos::more("flood", &options).map(code),
        Task::Bench(options) => return bench::run(&options).map(code),
        Task::Soak(options) => return soak::run(&options).map(code),
        Task::Replies(options) => return replies::run(&options).map(code),
        Task::Check { names } => check::run(&names)?,
        Task::Fuzz(options) => fuzz::run(&options)?,
        Task::MemoryCheck => memory::run()?,
        Task::NodeHost(options) => node_host::run(&options)?,
        Task::OpenclawE2e(options) => openclaw_e2e::run(&options)?,
        Task::SdkConformance(options) => sdk_conformance::run(&options)?,
        Task::PageTest(options) => page::test(&options)?,
        Task::Screenshots => page::screenshots()?,
        Task::OpenclawBench(options) => openclaw_bench::run(&options)?,
        Task::Picture(options) => picture::run(&options)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// A program's end, as shells pass it on.
fn code(status: ExitStatus) -> ExitCode {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal = None;
    let code = status.code().or(signal.map(|signal: i32| 128 + signal)).unwrap_or(1);
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}
