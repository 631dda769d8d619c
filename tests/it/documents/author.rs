//! The guide for authors of channels quotes the example, which is built and played elsewhere.

use super::page::{Page, in_chinese, root};
use host_sdk::host::Manifest;
use std::fs;
use tests::file_channel;

const GUIDE: &str = "docs/author.md";
const EXAMPLE: &str = "examples/file-channel";
/// What begins the block in which the channel says what it is.
const INSPECTION: &str = "$ cargo run --package host-mock -- plugins inspect";

#[test]
fn every_line_of_code_is_quoted_from_the_example() {
    let sources = ["src/lib.rs", "build.rs", "Cargo.toml", "manifest.toml"].map(source);
    for page in both() {
        let quotes: Vec<_> =
            page.blocks.iter().filter(|block| ["rust", "toml"].contains(&&*block.kind)).collect();
        assert!(quotes.len() > 8, "{} quotes less than it did", page.path);
        for quote in quotes {
            let lines = trimmed(&quote.text);
            let is_quoted = sources.iter().any(|source| contains(source, &lines, quote.kind == "toml"));
            assert!(is_quoted, "{}: the example has no such lines:\n{}", page.at(quote.line), quote.text);
        }
    }
}

#[test]
fn what_is_shown_of_the_example_is_what_it_says_of_itself() {
    let example = file_channel();
    let about = example.plugin().descriptor().clone();
    let manifest = Manifest::read(example.folder()).unwrap();
    assert_eq!((&about.id, about.version), (&manifest.id, manifest.version.to_string()));
    let said = [
        format!("{} ({}) {}", about.id, about.name, manifest.version),
        format!("built with host-sdk {}", about.sdk),
        format!("can: {}", about.capabilities.join(", ")),
    ];
    for page in both() {
        let shown = page.blocks.iter().find(|block| block.text.starts_with(INSPECTION)).unwrap();
        assert_eq!(trimmed(&shown.text)[1..], said, "{}", page.at(shown.line));
    }
}

fn both() -> [Page; 2] {
    [Page::read(GUIDE), Page::read(&in_chinese(GUIDE))]
}

fn source(file: &str) -> Vec<String> {
    let path = root().join(EXAMPLE).join(file);
    trimmed(&fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

/// The lines that say something, without what stands before and after them.
fn trimmed(text: &str) -> Vec<String> {
    text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

/// Whether `lines` are in `source`: one after the other, or `with_gaps` between them.
fn contains(source: &[String], lines: &[String], with_gaps: bool) -> bool {
    if with_gaps {
        let mut source = source.iter();
        return lines.iter().all(|line| source.any(|there| there == line));
    }
    source.windows(lines.len()).any(|there| there == lines)
}
