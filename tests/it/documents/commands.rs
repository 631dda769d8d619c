//! What the documents have one type.

use super::{
    documents, fine,
    page::{Page, root},
    pairs,
};
use clap::{CommandFactory, Parser, error::ErrorKind};
use host_mock::command::Cli;
use std::{collections::BTreeSet, fs};
use xtask::command::Arguments;

/// What the end-to-end tests compare with what they ran.
const OF_OPENCLAW: &str = include_str!("../../../host-openclaw/tests/gateway/commands.txt");
/// Has the names of all claims that they play.
const CLAIMS: &str = include_str!("../../../host-openclaw/tests/gateway/proof.rs");
/// Blocks of what is typed.
const TYPED: [&str; 3] = ["sh", "console", "powershell"];
/// Stands for any command.
const ANY: &str = "COMMAND";

#[test]
fn both_languages_have_the_same_commands() {
    let typed = |page: &Page| in_blocks(page).into_iter().map(|(_, line)| line).collect::<Vec<_>>();
    for [chinese, english] in pairs() {
        assert_eq!(typed(&chinese), typed(&english), "{}", english.path);
    }
}

#[test]
fn every_command_is_one_that_is_understood() {
    let mut complaints = Vec::new();
    for page in documents().into_iter().filter(|page| page.path != "CHANGELOG.md") {
        for Command { line, words, is_whole } in commands(&page) {
            if let Some(complaint) = misunderstood(&words, is_whole) {
                complaints.push(format!("{}: `{}`: {complaint}", page.at(line), words.join(" ")));
            }
        }
    }
    fine(&complaints);
}

#[test]
fn every_example_in_a_help_is_one_that_is_understood() {
    let (mut examples, mut complaints) = (0, Vec::new());
    for command in Cli::command().get_subcommands() {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        for line in help.lines().map(str::trim).filter(|line| line.starts_with("host-mock ")) {
            examples += 1;
            let words = shlex::split(line).unwrap_or_else(|| panic!("`{line}` has an odd quote"));
            for words in simple(&words) {
                complaints
                    .extend(misunderstood(&words, true).map(|complaint| format!("`{line}`: {complaint}")));
            }
        }
    }
    assert!(examples > 20, "{examples} examples");
    fine(&complaints);
}

#[test]
fn a_command_with_an_option_that_there_is_not_is_found() {
    for wrong in [
        "cargo xtask demo --pages",
        "cargo run --package host-mock -- docter",
        "host-mock doctor --language zh",
        "openclaw plugins instal X",
        "FOO=1 openclaw gateway rum &",
        "cargo test --package tests --test option",
        "cargo xtask openclaw-e2e a_picture no_such_claim",
    ] {
        let found = simple(&shlex::split(wrong).unwrap());
        assert!(found.iter().any(|words| misunderstood(words, true).is_some()), "{wrong}");
    }
}

/// A command of a document; `is_whole` if it is to be typed as it stands, and not only spoken of.
struct Command {
    line: usize,
    words: Vec<String>,
    is_whole: bool,
}

/// What a program says against `words`; nothing if it is none of ours, or understands them.
fn misunderstood(words: &[String], is_whole: bool) -> Option<String> {
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["cargo", "xtask", rest @ ..] => {
            misread::<Arguments>("xtask", rest, is_whole).or_else(|| is_no_claim(rest))
        }
        ["cargo", "run", "--package" | "-p", "host-mock", "--", rest @ ..] | ["host-mock", rest @ ..] => {
            misread::<Cli>("host-mock", rest, is_whole)
        }
        ["cargo", "test" | "bench", rest @ ..] => is_missing(rest),
        ["openclaw", rest @ ..] => {
            let is_known = of_openclaw().any(|line| {
                let line = if is_whole { &line } else { &line[..rest.len().min(line.len())] };
                is_like(line, rest)
            });
            (!is_known).then(|| "host-openclaw/tests/gateway/commands.txt has nothing like it".to_owned())
        }
        _ => None,
    }
}

/// What of the end-to-end tests is to be played, by a part of a claim's name that none has.
fn is_no_claim(words: &[&str]) -> Option<String> {
    let ["openclaw-e2e", parts @ ..] = words else { return None };
    let claims = || CLAIMS.split('"').filter(|quoted| quoted.contains("::") && !quoted.contains(' '));
    let mut parts = parts.iter().take_while(|part| !part.starts_with('-'));
    let unknown = parts.find(|&&part| !claims().any(|claim| claim.contains(part)))?;
    Some(format!("no claim has {unknown} in its name"))
}

/// What of a command to cargo is not there: the package, or its test or benchmark.
fn is_missing(words: &[&str]) -> Option<String> {
    let value = |names: &[&str]| words.windows(2).find(|pair| names.contains(&pair[0])).map(|pair| pair[1]);
    let package = value(&["--package", "-p"])?;
    let folder = root().join(package);
    let Ok(manifest) = fs::read_to_string(folder.join("Cargo.toml")) else {
        return Some(format!("there is no package {package}"));
    };
    let target = value(&["--test", "--bench"])?;
    let is_there = manifest.contains(&format!("name = \"{target}\""))
        || ["tests", "benches"].iter().any(|place| folder.join(place).join(format!("{target}.rs")).exists());
    (!is_there).then(|| format!("{package} has no {target}"))
}

fn misread<P: Parser>(program: &str, words: &[&str], is_whole: bool) -> Option<String> {
    let error = P::try_parse_from([program].iter().chain(words)).err()?;
    let is_fine = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => true,
        // "`host-mock pairing` lets them in", "`--fault NAME` is on from the beginning."
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        | ErrorKind::MissingRequiredArgument
        | ErrorKind::InvalidValue
        | ErrorKind::ValueValidation => !is_whole,
        _ => words.contains(&ANY),
    };
    (!is_fine).then(|| error.to_string().lines().next().unwrap_or_default().to_owned())
}

fn of_openclaw() -> impl Iterator<Item = Vec<&'static str>> {
    let lines = OF_OPENCLAW.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with(['#', '[']));
    lines.map(|line| line.split(' ').collect())
}

/// Whether `words` are those of `line`, where words in capitals are whatever one likes.
fn is_like(line: &[&str], words: &[&str]) -> bool {
    let is_value = |word: &str| word.chars().all(|letter| letter.is_ascii_uppercase() || letter == '-');
    line.len() == words.len() && line.iter().zip(words).all(|(line, word)| line == word || is_value(line))
}

/// The commands of a document, in blocks and in backquotes.
fn commands(page: &Page) -> Vec<Command> {
    let begins = ["cargo xtask ", "cargo run ", "cargo test ", "cargo bench ", "host-mock ", "openclaw "];
    let is_command = |code: &str| begins.iter().any(|begin| code.starts_with(begin));
    let words = page.words.iter().filter(|word| is_command(&word.code));
    let spoken_of = words.map(|word| (word.line, word.code.clone(), false));
    let typed = in_blocks(page).into_iter().map(|(line, typed)| (line, typed, true));
    typed
        .chain(spoken_of)
        .flat_map(|(line, text, is_whole)| {
            let words = shlex::split(&text);
            let words = words.unwrap_or_else(|| panic!("{}: `{text}` has an odd quote", page.at(line)));
            simple(&words).into_iter().map(move |words| Command { line, words, is_whole })
        })
        .collect()
}

/// What is typed in blocks, with the lines; one that goes on in the next line is one.
fn in_blocks(page: &Page) -> Vec<(usize, String)> {
    let mut typed: Vec<(usize, String)> = Vec::new();
    for block in page.blocks.iter().filter(|block| TYPED.contains(&block.kind.as_str())) {
        let mut goes_on = false;
        for (number, line) in block.text.lines().enumerate() {
            let line = match (block.kind.as_str(), line.strip_prefix("$ ")) {
                ("console", None) if !goes_on => continue,
                (_, Some(line)) => line,
                (_, None) => line,
            };
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let (line, more) = line.strip_suffix('\\').map_or((line, false), |line| (line, true));
            match typed.last_mut() {
                Some((_, before)) if goes_on => before.push_str(line.trim_start()),
                _ => typed.push((block.line + 1 + number, line.to_owned())),
            }
            goes_on = more;
        }
    }
    typed
}

/// The single commands of a line of a shell, without variables that are set for them, and where they write to.
fn simple(words: &[String]) -> Vec<Vec<String>> {
    let is_between = |word: &String| ["&&", "||", "|", ";", "&"].contains(&word.as_str());
    let is_setting = |word: &&String| {
        let name = word.split_once('=').map_or("", |(name, _)| name);
        !name.is_empty() && name.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_')
    };
    let single = |words: &[String]| {
        let words: Vec<_> = words.iter().skip_while(is_setting).cloned().collect();
        let end = words.iter().position(|word| word.starts_with(['>', '<'])).unwrap_or(words.len());
        words[..end].to_vec()
    };
    words.split(is_between).map(single).filter(|words| !words.is_empty()).collect()
}

#[test]
fn no_command_is_listed_twice() {
    let mut known = BTreeSet::new();
    let twice: Vec<_> = of_openclaw().filter(|line| !known.insert(line.clone())).collect();
    assert!(twice.is_empty(), "{twice:?}");
}
