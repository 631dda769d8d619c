//! The fuzzer: feeds the plugin, wherever it reads what others wrote, with whatever finds new ways through it.
//!
//! libFuzzer, as `cargo fuzz` has it, on the stable compiler: the passes that count how the code is gone
//! through are LLVM's own, and only its sanitizers, which plain Rust needs less, take another compiler.

mod corpus;

use crate::{
    Error,
    cargo::{Metadata, cargo, missing, output, root, words},
    progress,
};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// The places where the plugin reads what others wrote, and what they are known to write there.
const TARGETS: [(&str, &str); 10] = [
    ("body", "fuzz/seeds/body"),
    ("callback", "tests/fixtures/callbacks"),
    ("card", "fuzz/seeds/card"),
    ("config", "fuzz/seeds/config"),
    ("frame", "tests/fixtures/frames"),
    ("manifest", "fuzz/seeds/manifest"),
    ("markdown", "fuzz/seeds/markdown"),
    ("pairing", "fuzz/seeds/pairing"),
    ("payload", "tests/fixtures/dingtalk"),
    ("state", "fuzz/seeds/state"),
];

/// How they are built: a profile of Cargo.toml, quick to build, or for a run of so many seconds optimised.
const PROFILE: &str = "fuzz";
const LONG: u64 = 300;
const LONG_PROFILE: &str = "release";

/// A short run tries the same each time: it is a gate, and what it finds is what has just been changed.
const SHORT_SEED: &str = "-seed=1";

/// Has LLVM count what is gone through, and show what is compared.
const COVERAGE: [&str; 5] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// So many inputs are kept for the next run; with more, only those that it needs.
const KEPT: usize = 4_000;

/// What to try, and for how long.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// What to try [default: everything at once].
    #[arg(value_parser = TARGETS.map(|(name, _)| name))]
    pub target: Option<String>,
    /// For how long.
    #[arg(long, default_value_t = 60)]
    pub seconds: u64,
    /// Keep in `fuzz/corpora` what is needed of the inputs, also for who runs it next.
    #[arg(long)]
    pub keep: bool,
    /// A file that was found earlier, to be tried once more.
    #[arg(long, value_name = "FILE", requires = "target")]
    pub again: Option<PathBuf>,
}

/// The command: builds the targets and runs them.
///
/// # Errors
/// When there is no C++ compiler, a build fails, or an input is found for which a claim does not hold.
pub fn run(options: &Options) -> Result<(), Error> {
    let wanted = |name: &str| options.target.as_deref().is_none_or(|target| target == name);
    let targets: Vec<_> = TARGETS.into_iter().filter(|(name, _)| wanted(name)).collect();
    let room = Metadata::workspace()?.target_directory.join("fuzz");
    let profile = if options.seconds < LONG { PROFILE } else { LONG_PROFILE };
    let name = format!("building the targets ({profile} profile)");
    let built = progress::step(&name, || build(&targets, profile, &room))?;
    if let Some(file) = &options.again {
        let mut command = Command::new(built.join(program(targets[0].0)));
        return finish(command.arg(file));
    }
    let running: Vec<_> = targets
        .into_iter()
        .map(|(name, seeds)| Run::start(name, &root().join(seeds), options.seconds, &built, &room))
        .collect::<Result<_, _>>()?;
    // Everything is seen to its end before the first that found something is told.
    let outcomes: Vec<_> = running.into_iter().map(|run| run.finish(options.keep)).collect();
    outcomes.into_iter().collect()
}

fn program(target: &str) -> String {
    format!("fuzz-{target}{}", std::env::consts::EXE_SUFFIX)
}

/// Builds the targets, and says in which folder they are.
fn build(targets: &[(&str, &str)], profile: &str, room: &Path) -> Result<PathBuf, Error> {
    let host = host()?;
    let mut command = cargo();
    command.args(["build", "--package", "fuzz", "--features", "engine", "--profile", profile]);
    for (target, _) in targets {
        command.arg("--bin").arg(format!("fuzz-{target}"));
    }
    // For a named system, so that what runs at compile time is built as usual.
    command.args(["--target", &host, "--target-dir"]).arg(room);
    command.env("RUSTFLAGS", COVERAGE.join(" "));
    finish(&mut command)?;
    Ok(room.join(host).join(profile))
}

/// The system that this compiler compiles for by itself.
fn host() -> Result<String, Error> {
    let mut command = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    let told = output(command.args(["--print", "host-tuple"]))?;
    Ok(String::from_utf8_lossy(&told).trim().to_owned())
}

fn finish(command: &mut Command) -> Result<(), Error> {
    let status = command.status().map_err(missing(command))?;
    if status.success() { Ok(()) } else { Err(Error::Failed { command: words(command), status }) }
}

/// A target that is being run.
struct Run {
    name: &'static str,
    program: PathBuf,
    corpus: PathBuf,
    /// What is there from the beginning: written by hand, and kept of earlier runs.
    given: [PathBuf; 2],
    log: PathBuf,
    child: Child,
}

impl Run {
    fn start(
        name: &'static str,
        seeds: &Path,
        seconds: u64,
        built: &Path,
        room: &Path,
    ) -> Result<Self, Error> {
        let corpus = room.join("corpus").join(name);
        let found = room.join("found");
        for folder in [&corpus, &found] {
            fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
        }
        let given = [seeds.to_owned(), room.join("kept").join(name)];
        corpus::unpack(name, &given[1])?;
        let log = room.join(format!("{name}.log"));
        let program = built.join(program(name));
        let mut command = Command::new(&program);
        command.arg(&corpus).args(&given);
        command.arg(format!("-max_total_time={seconds}"));
        if seconds < LONG {
            command.arg(SHORT_SEED);
        }
        command.arg(format!("-artifact_prefix={}/{name}-", found.display()));
        command.args(["-max_len=16384", "-timeout=60", "-rss_limit_mb=1024", "-print_final_stats=1"]);
        let told = File::create(&log).map_err(Error::file("create", &log))?;
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(told);
        let child = command.spawn().map_err(missing(&command))?;
        Ok(Self { name, program, corpus, given, log, child })
    }

    /// Waits for its end, and tells what came of it.
    fn finish(mut self, keep: bool) -> Result<(), Error> {
        let status = self.child.wait().map_err(Error::file("wait for", &self.program))?;
        let told = fs::read(&self.log).map_err(Error::file("read", &self.log))?;
        let told = String::from_utf8_lossy(&told);
        if !status.success() {
            let last = told.lines().count().saturating_sub(40);
            told.lines().skip(last).for_each(|line| eprintln!("{line}"));
            return Err(Error::Failed { command: format!("cargo xtask fuzz {}", self.name), status });
        }
        let figure = |name: &str| {
            let line = told.lines().rev().find_map(|line| line.strip_prefix(name));
            line.map_or("?", str::trim).to_owned()
        };
        let kept = self.keep_what_is_needed()?;
        if keep {
            let needed = self.needed(&self.given)?;
            corpus::pack(self.name, &needed)?;
            fs::remove_dir_all(&needed).map_err(Error::file("remove", &needed))?;
        }
        println!(
            "{}: {} executions, {} a second; {kept} inputs are kept; nothing found",
            self.name,
            figure("stat::number_of_executed_units:"),
            figure("stat::average_exec_per_sec:"),
        );
        Ok(())
    }

    /// Keeps the corpus within its bound.
    fn keep_what_is_needed(&self) -> Result<usize, Error> {
        let inputs =
            |folder: &Path| fs::read_dir(folder).map(Iterator::count).map_err(Error::file("read", folder));
        if inputs(&self.corpus)? > KEPT {
            let needed = self.needed(&[])?;
            fs::remove_dir_all(&self.corpus).map_err(Error::file("remove", &self.corpus))?;
            fs::rename(&needed, &self.corpus).map_err(Error::file("rename", &needed))?;
        }
        inputs(&self.corpus)
    }

    /// A folder with as many inputs, of the corpus and of `others`, as go every way that all of them go.
    fn needed(&self, others: &[PathBuf]) -> Result<PathBuf, Error> {
        let needed = self.corpus.with_extension("needed");
        fs::create_dir_all(&needed).map_err(Error::file("create", &needed))?;
        let mut command = Command::new(&self.program);
        command.arg("-merge=1").args([&needed, &self.corpus]).args(others).stderr(Stdio::null());
        finish(&mut command)?;
        Ok(needed)
    }
}
