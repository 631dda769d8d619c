//! The steps to a bot, S1 to S12: the plugin's list is the one that there is, and the guide has all of it.

use super::page::{Page, in_chinese};
use host_sdk::SetupWords;
use tests::plugin;

const GUIDE: &str = "docs/guides/create-the-bot.md";

#[test]
fn the_guide_has_every_step_of_setup_with_all_that_is_to_be_clicked() {
    let plugin = plugin();
    let steps = &plugin.descriptor().setup.steps;
    let all: Vec<_> = (1..=12).map(|number| format!("S{number}")).collect();
    assert_eq!(steps.iter().map(|step| step.id.clone()).collect::<Vec<_>>(), all);
    for (path, locale) in [(GUIDE.to_owned(), "en"), (in_chinese(GUIDE), "zh-CN")] {
        let guide = Page::read(&path);
        let mut rest = guide.headings.iter();
        for step in steps {
            let SetupWords { title, text, .. } = SetupWords::in_language(&step.words, locale).unwrap();
            assert!(
                rest.any(|heading| heading.title == *title),
                "{path}: {} ({title}) is missing or late",
                step.id
            );
            let section = guide.section(title).unwrap();
            for word in quoted(text) {
                assert!(section.contains(word), "{path}: {} ({title}) says nothing of {word}", step.id);
            }
            assert!(
                section.contains(&step.link),
                "{path}: {} ({title}) does not link to {}",
                step.id,
                step.link
            );
        }
    }
}

/// What DingTalk's pages call something, and the permissions that are named.
fn quoted(text: &str) -> Vec<&str> {
    let between =
        |begin: char, end: char| text.split(begin).skip(1).filter_map(move |rest| rest.split(end).next());
    let in_quotes = text.split('"').skip(1).step_by(2).filter(|word| word.contains(char::is_alphabetic));
    let is_scope = |word: &&str| word.contains('_') || word.starts_with("Card.");
    let scopes = text.split(|letter: char| !letter.is_ascii_alphanumeric() && !"._".contains(letter));
    let scopes = scopes.map(|word| word.trim_end_matches('.')).filter(is_scope);
    between('「', '」').chain(in_quotes).chain(scopes).collect()
}
