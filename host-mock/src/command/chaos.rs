//! `chaos`: a rehearsal of faults, with one plugin in this process.
//!
//! It is a glance. The proof, with a host that is killed, slow or refusing and a ledger of every message, is
//! `cargo xtask chaos`.

use super::{
    Exit, Failure,
    place::PluginsDirectory,
    signals::Ending,
    tell::{say, tell, tell_json},
};
use crate::{
    dingtalk::{App, Settings, View},
    host::{ConfigSource, Host, LogEntry, Options, PluginSource},
    simulator::{AllowedHosts, FaultKind, Refusal, Simulator, WrittenFault, faults},
};
use host_sdk::LogLevel;
use serde::Serialize;
use serde_json::json;
use std::{
    collections::BTreeMap,
    io::{self, IsTerminal},
    sync::Arc,
    time::{Duration, Instant},
};

const EXAMPLES: &str = "\
Examples:
  host-mock chaos --plugins target/dist
      300 messages while everything goes wrong that can be rehearsed in a minute
  host-mock chaos --plugins target/dist --fault f3-reset --fault lost-answer --fault latency=500 --messages 1000 --json
      only these, for scripts; `host-mock gateway --faults` lists all
  host-mock chaos --plugins target/dist --seed 7
      the same order of faults again

The proof, with hosts that are killed, is `cargo xtask chaos`.";

/// Between two messages.
const PACE: Duration = Duration::from_millis(40);
/// How many messages lie between two faults.
const EVERY: u32 = 20;
/// How long the last answer may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// What every message begins with.
const PREFIX: &str = "rehearsal ";

/// Rehearses faults: pushes messages while connections and calls fail, and counts the answers.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    plugins: PluginsDirectory,
    /// Which fault strikes, and its number; may be given several times. Those that a bot gets over within
    /// seconds, unless told otherwise.
    #[arg(long, value_name = "NAME[=NUMBER][:TIMES]")]
    fault: Vec<WrittenFault>,
    /// How many messages are pushed.
    #[arg(long, value_name = "NUMBER", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=5_000))]
    messages: u32,
    /// What decides the order of faults; another one each time, unless told otherwise.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// What came of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    seed: u64,
    messages: u32,
    faults: usize,
    connections: usize,
    answered: usize,
    unanswered: Vec<u32>,
    twice: Vec<u32>,
    violations: Vec<String>,
    seconds: f64,
}

/// Plays it.
///
/// # Errors
/// When the host cannot run, or a message was not answered exactly once.
pub async fn run(args: &Args) -> Result<(), Failure> {
    let mut ending = Ending::listen();
    let outcome = tokio::select! {
        outcome = play(args) => outcome?,
        () = ending.asked() => return Err(Failure::new(Exit::Interrupted, "interrupted")),
    };
    if args.json {
        tell_json(&outcome);
    } else {
        tell(outcome.people_s());
    }
    if outcome.is_clean() { Ok(()) } else { Err(Failure::told(Exit::Failed)) }
}

impl Args {
    /// Which faults strike.
    fn faults(&self) -> Vec<WrittenFault> {
        if self.fault.is_empty() {
            return USUAL.iter().map(|name| WrittenFault::named(name)).collect();
        }
        self.fault.clone()
    }
}

/// Faults after which every message is answered once, within seconds.
const USUAL: [&str; 10] = [
    "f1-disconnect",
    "f2-deaf",
    "f3-reset",
    "f3-drop",
    "f3-close",
    "f7-503",
    "f8-close",
    "webhook-qps",
    "revoke-tokens",
    "expire-webhooks",
];
/// How many calls a fault of calls strikes, unless told otherwise: of those that a client repeats, and of others.
const TIMES: u32 = 3;

/// Has a fault strike, for as long as the next one lets it.
fn strike(simulator: &Simulator, fault: &WrittenFault) -> Result<(), Refusal> {
    simulator.all_off()?;
    let kind = faults().find(|(name, ..)| *name == fault.name).map(|(_, _, kind)| kind);
    let times = match kind {
        Some(FaultKind::Connecting) => Some(1),
        Some(FaultKind::Calls) if fault.name == "lost-answer" => Some(1), // none that are repeated
        Some(FaultKind::Calls) => Some(TIMES),
        _ => None,
    };
    let outcome = simulator.turn_on_written(&WrittenFault { times: fault.times.or(times), ..fault.clone() });
    if kind == Some(FaultKind::Connecting) {
        simulator.dingtalk().connections().drop_abruptly(); // nobody would connect otherwise
    }
    match outcome {
        // Just now nothing is connected, because of the fault before.
        Err(refusal) if refusal.is_for_lack_of_connections() => Ok(()),
        outcome => outcome,
    }
}

async fn play(args: &Args) -> Result<Outcome, Failure> {
    let seed = args.seed.unwrap_or_else(a_seed);
    let directory = tempfile::Builder::new().prefix("openclaw-chaos-").tempdir();
    let directory = directory.map_err(|error| Failure::system("make a temporary directory", &error))?;
    for fault in args.faults() {
        fault.check().map_err(|why| Failure::new(Exit::Wrong, format!("--fault {fault}: {why}")))?;
    }
    let simulator = Simulator::start(settings(seed), AllowedHosts::default()).await;
    let simulator = simulator.map_err(|error| Failure::system("open a port on 127.0.0.1", &error))?;
    let dingtalk = simulator.dingtalk();
    let config = ConfigSource::Value(config(&dingtalk.base_url(), &dingtalk.app()));
    let plugins = PluginSource::Directory(args.plugins.path()?);
    let mut options = Options::new(config, plugins, directory.path());
    options.log_sink = Some(Arc::new(|entry: &LogEntry| {
        if entry.level == LogLevel::Error {
            say(entry);
        }
    }));
    let host = Host::start(options).await?;
    for account in host.accounts() {
        host.wait_connected(&account.to_string()).await?;
    }
    let begun = Instant::now();
    let faults = push(args, &simulator, seed).await?;
    // Whether or not all came, the count says.
    drop(dingtalk.try_wait_for(PATIENCE, |view| all_answered(view, args.messages)).await);
    let outcome = dingtalk.look(|view| Outcome::of(args.messages, view));
    let violations = dingtalk.violations().iter().map(ToString::to_string).collect();
    let seconds = begun.elapsed().as_secs_f64();
    host.stop().await?;
    Ok(Outcome { seed, faults, violations, seconds, ..outcome })
}

/// Pushes all messages, with a fault now and then; how many there were.
async fn push(args: &Args, simulator: &Simulator, seed: u64) -> Result<usize, Failure> {
    let dingtalk = simulator.dingtalk();
    let shown = io::stderr().is_terminal();
    let chosen = args.faults();
    let (mut faults, mut next) = (0, seed);
    for number in 0..args.messages {
        if number % EVERY == EVERY / 2 {
            next = mix(next);
            let place = usize::try_from(next % chosen.len() as u64).unwrap_or_default();
            strike(simulator, &chosen[place]).map_err(|why| Failure::new(Exit::Wrong, why.to_string()))?;
            faults += 1;
        }
        match number % 3 {
            0 => dingtalk.says("Lin", &text(number)),
            1 => dingtalk.says("Mo", &text(number)),
            _ => dingtalk.says_in_group("Release crew", "Lin", &text(number)),
        };
        if shown {
            eprint!("\r{} of {} messages, {faults} faults", number + 1, args.messages);
        }
        tokio::time::sleep(PACE).await;
    }
    if shown {
        eprintln!();
    }
    // What waits for its end is to be answered now.
    simulator.all_off().map_err(|why| Failure::new(Exit::Failed, why.to_string()))?;
    dingtalk.connections().resume();
    Ok(faults)
}

impl Outcome {
    fn of(messages: u32, view: View<'_>) -> Self {
        let answers = answers(view);
        let often = |number: &u32| answers.get(number).copied().unwrap_or_default();
        let unanswered: Vec<_> = (0..messages).filter(|number| often(number) == 0).collect();
        let twice = (0..messages).filter(|number| often(number) > 1).collect();
        let answered = messages as usize - unanswered.len();
        let connections = view.connections().count();
        let (seed, faults, violations, seconds) = Default::default();
        Self { seed, messages, faults, connections, answered, unanswered, twice, violations, seconds }
    }

    fn is_clean(&self) -> bool {
        self.unanswered.is_empty() && self.twice.is_empty() && self.violations.is_empty()
    }

    fn people_s(&self) -> String {
        let Self { seed, messages, faults, connections, answered, seconds, .. } = self;
        let mut text = format!(
            "{answered} of {messages} messages answered, {} of them twice; {faults} faults, {connections} \
             connections, {seconds:.0} s\nseed: {seed}\n",
            self.twice.len(),
        );
        self.unanswered
            .iter()
            .take(10)
            .for_each(|number| text.push_str(&format!("  unanswered: {number}\n")));
        self.twice.iter().take(10).for_each(|number| text.push_str(&format!("  twice: {number}\n")));
        self.violations
            .iter()
            .take(10)
            .for_each(|line| text.push_str(&format!("  against the rules: {line}\n")));
        text
    }
}

fn all_answered(view: View<'_>, messages: u32) -> Option<()> {
    (answers(view).len() >= messages as usize).then_some(())
}

/// How often each message was answered.
fn answers(view: View<'_>) -> BTreeMap<u32, usize> {
    let mut answers = BTreeMap::new();
    let numbers =
        view.messages().filter_map(|message| message.text().trim().strip_prefix(PREFIX)?.parse().ok());
    numbers.for_each(|number| *answers.entry(number).or_default() += 1);
    answers
}

fn text(number: u32) -> String {
    format!("{PREFIX}{number}")
}

fn settings(seed: u64) -> Settings {
    Settings {
        seed,
        callback_repush_after: Some(Duration::from_secs(3)),
        repush_times: 30,
        disconnect_grace: Duration::from_secs(1),
        remember: 1_000_000,
        ..Settings::default()
    }
}

/// Answers are plain messages here: one each, to be counted.
fn config(base_url: &str, app: &App) -> serde_json::Value {
    let dingtalk = json!({
        "clientId": app.client_id, "clientSecret": app.client_secret, "enableAICard": false,
        "endpoints": {"api": base_url, "oapi": base_url},
        "dmPolicy": "open", "groupPolicy": "open",
    });
    json!({"channels": {"dingtalk": dingtalk}})
}

/// Another number that is as good as any (SplitMix64).
fn mix(seed: u64) -> u64 {
    let seed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB) >> 3
}

fn a_seed() -> u64 {
    // Short enough to be read out.
    std::time::UNIX_EPOCH.elapsed().map(|since| u64::from(since.subsec_micros())).unwrap_or_default()
}
