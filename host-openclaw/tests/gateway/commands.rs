//! What the documents have somebody type, in `commands.txt`: what is listed as played has to be among what was run,
//! and OpenClaw has to know the rest.

use crate::{
    claim::{Found, Stage, claims},
    lack::Lack,
    world::World,
};
use futures_util::{StreamExt, stream};
use host_mock::dingtalk::App;
use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

const LIST: &str = include_str!("commands.txt");
const PLAYED: &str = "[played]";
const KNOWN: &str = "[known]";
/// So many are asked at once: each is a process.
const AT_ONCE: usize = 2;
/// So many words and values are kept of what was run; it is less than a thousand.
const MOST: usize = 10_000;

pub(crate) const STAGE: Stage = Stage {
    name: "commands",
    begin: || Box::pin(begin()),
    claims: claims![what_the_documents_have_one_type_is_known_to_openclaw],
};

/// Whatever was run, in every home.
static RAN: Mutex<BTreeSet<Vec<String>>> = Mutex::new(BTreeSet::new());

/// Notes that OpenClaw was run with these arguments.
pub(crate) fn ran<'a>(arguments: impl IntoIterator<Item = &'a str>) {
    let mut ran = RAN.lock().unwrap_or_else(PoisonError::into_inner);
    if ran.len() < MOST {
        ran.insert(arguments.into_iter().map(str::to_owned).collect());
    }
}

/// Notes what somebody types at a shell.
pub(crate) fn typed(line: &str) {
    let words = shlex::split(line).unwrap_or_default();
    if let Some(("openclaw", rest)) = words.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        ran(rest.iter().map(String::as_str));
    }
}

/// The commands that are listed as played, and were not.
pub(crate) fn unplayed() -> Vec<String> {
    let ran = RAN.lock().unwrap_or_else(PoisonError::into_inner);
    let is_missing = |line: &&str| !ran.iter().any(|words| is_like(line, words));
    section(PLAYED).filter(is_missing).map(str::to_owned).collect()
}

async fn begin() -> World {
    let world = World::with_apps(vec![App::default()]).await;
    world.home.has_plugin().await;
    world
}

async fn what_the_documents_have_one_type_is_known_to_openclaw(world: &mut World) -> Found {
    // Who has run all of a longer one knows that there is the shorter one.
    let begins = |line: &str| section(PLAYED).any(|played| played.starts_with(&format!("{line} ")));
    let asked = section(KNOWN).filter(|line| !begins(line));
    let world = &*world;
    let answers = stream::iter(asked).map(|line| is_known(world, line)).buffer_unordered(AT_ONCE);
    let answers: Vec<_> = answers.collect().await;
    answers.into_iter().collect()
}

/// What a release lacks that does not know a command with this in it.
const LACKS: [(&str, Lack); 2] =
    [("plugins reload", Lack::PluginReload), (" --client-id ", Lack::AddOptions)];

/// OpenClaw's help has this command with its options.
async fn is_known(world: &World, line: &str) -> Found {
    let (path, options): (Vec<_>, Vec<_>) = line.split(' ').partition(|word| !word.starts_with('-'));
    let asked = [&path[..], &["--help"]].concat();
    let said = world.home.tries(&asked).await;
    let help = said.on_one_line();
    // Help is that of the innermost command: its name, and then what it takes.
    let command = command_of(&path).join(" ");
    let has_command = help.contains(&format!("Usage: openclaw {command}"));
    let missing: Vec<_> = options.into_iter().filter(|option| !help.contains(option)).collect();
    if has_command && missing.is_empty() {
        return Ok(());
    }
    let lack = LACKS.iter().find(|(words, _)| line.contains(words));
    lack.map_or_else(
        || panic!("there is no {command}, or without {missing:?}: {said}"),
        |(_, lack)| Err(*lack),
    )
}

/// The words that name a command, without what it is about.
fn command_of<'a>(path: &[&'a str]) -> Vec<&'a str> {
    let is_name = |word: &str| word.chars().all(|letter| letter.is_ascii_lowercase());
    let begins = path.iter().take(1);
    let goes_on = path.iter().skip(1).take_while(|word| is_name(word) && **word != "dingtalk");
    begins.chain(goes_on).copied().collect()
}

fn section(name: &str) -> impl Iterator<Item = &'static str> {
    let lines = LIST.lines().skip_while(move |line| *line != name).skip(1);
    let lines = lines.take_while(|line| !line.starts_with('['));
    lines.filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Whether `words` are those of `line`, where words in capitals are whatever one likes.
fn is_like(line: &str, words: &[String]) -> bool {
    let is_value = |word: &str| word.chars().all(|letter| letter.is_ascii_uppercase());
    let line: Vec<_> = line.split(' ').collect();
    line.len() == words.len() && line.iter().zip(words).all(|(line, word)| line == word || is_value(line))
}
