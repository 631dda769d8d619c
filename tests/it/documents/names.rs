//! Names in backquotes: of settings, of variables in the environment, and of files.

use super::{fine, guides, page::root};
use std::{collections::BTreeSet, fs, path::Path};

/// Where the names come from.
const SOURCES: [&str; 6] =
    ["plugin/src", "host-sdk/src", "host-mock/src", "host-openclaw/js", "host-openclaw/tests", "xtask/src"];
/// What a path in the repository begins with.
const FOLDERS: [&str; 11] = [
    "chaos",
    "docs",
    "examples",
    "fuzz",
    "host-mock",
    "host-openclaw",
    "host-sdk",
    "plugin",
    "replies",
    "tests",
    "xtask",
];

#[test]
fn every_name_of_a_setting_or_a_variable_is_in_the_sources() {
    let mut known = BTreeSet::new();
    SOURCES.iter().for_each(|folder| collect(&root().join(folder), &mut known));
    let mut complaints = Vec::new();
    for page in guides() {
        let in_blocks = page.blocks.iter().filter(|block| block.kind == "sh" || block.kind == "console");
        let in_blocks = in_blocks.flat_map(|block| variables(&block.text).map(|name| (block.line, name)));
        let in_words = page.words.iter().flat_map(|word| names(&word.code).map(|name| (word.line, name)));
        for (line, name) in in_blocks.chain(in_words) {
            if !known.contains(name) {
                complaints.push(format!("{}: no source speaks of {name}", page.at(line)));
            }
        }
    }
    fine(&complaints);
}

#[test]
fn every_path_in_the_repository_is_there() {
    let mut complaints = Vec::new();
    for page in guides() {
        for word in &page.words {
            let is_path = FOLDERS.iter().any(|folder| word.code.starts_with(&format!("{folder}/")));
            let is_one = is_path && !word.code.contains([' ', '*', '…']);
            if is_one && !root().join(&word.code).exists() {
                complaints.push(format!("{}: there is no {}", page.at(word.line), word.code));
            }
        }
    }
    fine(&complaints);
}

#[test]
fn every_archive_that_is_named_is_one_of_this_version() {
    let (name, version) = ("openclaw-dingtalk-", env!("CARGO_PKG_VERSION"));
    let mut complaints = Vec::new();
    for page in guides() {
        for (at, _) in page.text.match_indices(name) {
            let rest = &page.text[at + name.len()..];
            if rest.starts_with(|letter: char| letter.is_ascii_digit()) && !rest.starts_with(version) {
                let line = page.text[..at].matches('\n').count() + 1;
                complaints.push(format!("{}: this is version {version}", page.at(line)));
            }
        }
    }
    fine(&complaints);
}

/// All words of all sources below `folder`.
fn collect(folder: &Path, known: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, known);
        } else if let Ok(text) = fs::read_to_string(&path) {
            known.extend(words(&text).map(str::to_owned));
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
        .filter(|word| !word.is_empty())
}

/// Words such as `dmPolicy` and `HTTPS_PROXY`.
fn names(code: &str) -> impl Iterator<Item = &str> {
    words(code).filter(|word| is_camel(word) || is_variable(word))
}

fn variables(text: &str) -> impl Iterator<Item = &str> {
    words(text).filter(|word| is_variable(word))
}

fn is_camel(word: &str) -> bool {
    let begins = word.starts_with(|letter: char| letter.is_ascii_lowercase());
    begins && !word.contains('_') && word.chars().any(|letter| letter.is_ascii_uppercase())
}

fn is_variable(word: &str) -> bool {
    let is_loud =
        word.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_');
    is_loud && word.contains('_') && word.starts_with(|letter: char| letter.is_ascii_uppercase())
}
