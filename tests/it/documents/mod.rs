//! What keeps the documents true.
//!
//! A guide is `docs/guides/NAME.md` and `NAME.zh-CN.md`: one task, told to "you", in the order in which it is done,
//! with what one sees when it worked and what to do when not. What is said elsewhere is linked, not said again.
//! These are the conventions that the claims rely on:
//!
//! - The first line links to the other language. Both have the same headings, the same commands, and configurations
//!   of the same meaning; their words are their own.
//! - Commands stand in blocks of `sh` (without a prompt) or `console` (`$ ` before a command, then what it says) or
//!   `powershell`, or in backquotes. `host-mock …`, `cargo xtask …` and `cargo run --package host-mock -- …` are read
//!   by the real parsers; `openclaw …` has to be in `host-openclaw/tests/gateway/commands.txt`, which the end-to-end
//!   tests compare with what they ran.
//! - Blocks of `json5` and `json` are read; with `channels` they are whole configurations, and mean what they say
//!   without a complaint. `json5 complains=gatewayToken` announces the options of which there is one.
//! - A default is written `option` (default `value`), or `option`（默认 `value`）, or in a table whose second column
//!   is called default (默认值).
//! - Names in backquotes such as `dmPolicy` or `HTTPS_PROXY` have to be found in the project's sources.

mod author;
mod commands;
mod configuration;
mod names;
mod page;
mod quotes;
mod steps;

use page::{Page, in_chinese, pages_in, root};
use std::collections::BTreeSet;

/// Told to developers alone, in English.
const FOR_DEVELOPERS: [&str; 5] = [
    "docs/boundary-cost.md",
    "docs/dependencies.md",
    "docs/hardening.md",
    "docs/performance.md",
    "docs/simulator-api.md",
];
const GUIDES: &str = "docs/guides";
const INDEX: &str = "docs/guides/README.md";
const READMES: [&str; 2] = ["README.md", "README.zh-CN.md"];

/// What users read, in English, with the same in Chinese.
fn pairs() -> Vec<[Page; 2]> {
    let documents = pages_in("docs").into_iter().chain(guides()).chain(READMES.map(Page::read));
    let english = documents.filter(|page| !page.is_chinese() && !FOR_DEVELOPERS.contains(&&*page.path));
    english.map(|page| [Page::read(&in_chinese(&page.path)), page]).collect()
}

fn guides() -> Vec<Page> {
    pages_in(GUIDES)
}

/// All that is kept true, in whatever language.
fn documents() -> Vec<Page> {
    [pages_in(""), pages_in("docs"), guides()].into_iter().flatten().collect()
}

/// Fails with all complaints, one in a line.
#[track_caller]
fn fine(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn every_document_is_there_in_both_languages_and_leads_to_the_other_one() {
    let english: BTreeSet<_> = pairs().iter().map(|[chinese, _]| chinese.path.clone()).collect();
    let chinese = documents().into_iter().filter(Page::is_chinese).map(|page| page.path);
    let alone: Vec<_> = chinese.filter(|path| !english.contains(path)).collect();
    assert_eq!(alone, [""; 0], "without an English one");
    for [chinese, english] in pairs() {
        for (page, other) in [(&chinese, &english), (&english, &chinese)] {
            let name = other.path.rsplit('/').next().unwrap();
            let first = page.text.lines().next().unwrap_or_default();
            assert!(
                first.contains(&format!("({name})")),
                "{} does not begin with a link to {name}",
                page.path
            );
        }
    }
}

#[test]
fn both_languages_have_the_same_headings() {
    for [chinese, english] in pairs() {
        let levels = |page: &Page| page.headings.iter().map(|heading| heading.level).collect::<Vec<_>>();
        let titles = |page: &Page| page.headings.iter().map(|it| it.title.clone()).collect::<Vec<_>>();
        assert!(
            levels(&chinese) == levels(&english),
            "{}:\n{:#?}\n{:#?}",
            english.path,
            titles(&english),
            titles(&chinese)
        );
    }
}

#[test]
fn every_guide_is_in_the_index_and_both_readmes_lead_to_that() {
    for index in [INDEX.to_owned(), in_chinese(INDEX)] {
        let index = Page::read(&index);
        let listed: BTreeSet<_> = index.links.iter().map(|link| link.to.as_str()).collect();
        for guide in guides().iter().filter(|page| page.is_chinese() == index.is_chinese()) {
            let name = guide.path.rsplit('/').next().unwrap();
            assert!(listed.contains(name) || guide.path == index.path, "{} lacks {name}", index.path);
        }
    }
    for readme in READMES.map(Page::read) {
        let index = if readme.is_chinese() { in_chinese(INDEX) } else { INDEX.to_owned() };
        assert!(readme.links.iter().any(|link| link.to == index), "{} does not lead to {index}", readme.path);
    }
}

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    let mut complaints = Vec::new();
    for page in documents() {
        let folder = page.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for link in &page.links {
            if let Some(complaint) = misleads(&page, folder, &link.to) {
                complaints.push(format!("{}: {complaint}", page.at(link.line)));
            }
        }
    }
    fine(&complaints);
}

/// What is wrong with a link of `page`, which lies in `folder`.
fn misleads(page: &Page, folder: &str, link: &str) -> Option<String> {
    if link.starts_with("https://") {
        return None;
    }
    let (file, anchor) = link.split_once('#').map_or((link, None), |(file, anchor)| (file, Some(anchor)));
    if file.contains(':') {
        return Some(format!("{link} is neither a file of the project's nor https"));
    }
    let path = if file.is_empty() { page.path.clone() } else { resolved(folder, file) };
    if !root().join(&path).exists() {
        return Some(format!("there is no {path}"));
    }
    let anchor = anchor?;
    let has = Page::read(&path).headings.iter().any(|heading| heading.anchor == anchor);
    (!has).then(|| format!("{path} has no heading {anchor}"))
}

/// The path of `file` from the repository's root, where `folder` refers to it.
fn resolved(folder: &str, file: &str) -> String {
    let mut parts: Vec<_> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in file.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." | "" => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}
