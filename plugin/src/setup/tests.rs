use super::*;
use crate::config;
use serde_json::json;

/// The project's files that tell people how to get a bot.
const GUIDES: [(&str, &str); 2] = [
    ("README.md", include_str!("../../../README.md")),
    ("README.zh-CN.md", include_str!("../../../README.zh-CN.md")),
];

#[test]
fn the_steps_are_s1_to_s12_each_once_and_in_order() {
    let ids: Vec<_> = setup().steps.into_iter().map(|step| step.id).collect();
    let all: Vec<_> = (1..=12).map(|number| format!("S{number}")).collect();
    assert_eq!(ids, all);
}

#[test]
fn everything_is_said_in_both_languages() {
    let setup = setup();
    let of_steps = setup.steps.iter().map(|step| &step.words);
    let of_fields = setup.steps.iter().flat_map(|step| &step.fields).map(|field| &field.words);
    for words in setup.ways.iter().map(|way| &way.words).chain(of_steps).chain(of_fields) {
        let locales: Vec<_> = words.iter().map(|words| words.locale.as_str()).collect();
        assert_eq!(locales, LOCALES);
        let [chinese, english] = &words[..] else { panic!("two languages") };
        assert!(
            [&chinese.title, &chinese.text, &english.title, &english.text]
                .iter()
                .all(|text| !text.is_empty())
        );
        assert!(
            !chinese.text.is_ascii() && english.text.chars().all(|c| c.is_ascii() || c == '…'),
            "{english:?}"
        );
        assert!(!words.iter().any(|words| words.text.contains("  ")), "{words:?}");
    }
}

#[test]
fn every_way_leads_to_the_credentials_and_to_the_bot() {
    let setup = setup();
    for way in &setup.ways {
        let ids: Vec<_> = setup.steps_of(&way.id).map(|step| step.id.as_str()).collect();
        let beginning: &[&str] = match way.id.as_str() {
            "credentials" => &[],
            "scan" => &["S1"], // the console is not opened
            _ => &["S1", "S2"],
        };
        assert!(ids.starts_with(beginning), "{ids:?}");
        assert!(
            ids.windows(1).any(|id| id == ["S5"]) && ids.ends_with(&["S9", "S10", "S11", "S12"]),
            "{ids:?}"
        );
    }
    let known: Vec<_> = setup.ways.iter().map(|way| &way.id).collect();
    assert!(setup.steps.iter().flat_map(|step| &step.ways).all(|way| known.contains(&way)));
}

#[test]
fn only_who_scans_is_registered() {
    let ways = setup().ways;
    let registers = |way: &&SetupWay| !way.extra.is_empty();
    let registering: Vec<_> = ways.iter().filter(registers).map(|way| way.id.as_str()).collect();
    assert_eq!(registering, ["scan"]);
}

#[test]
fn what_is_asked_for_is_what_an_account_cannot_do_without() {
    let fields: Vec<_> = setup().steps.into_iter().flat_map(|step| step.fields).collect();
    let asked: Vec<_> = fields.iter().map(|field| field.option.as_str()).collect();
    let found = config::resolve(&json!({ "name": "x" })).diagnostics;
    let missing: Vec<_> = found.iter().map(|found| found.path.as_str()).collect();
    assert_eq!(asked, missing);
    assert!(fields.iter().all(|field| field.required && field.secret == (field.option == "clientSecret")));
}

#[test]
fn the_step_of_permissions_and_both_readmes_name_all_of_them() {
    let setup = setup();
    let step = setup.steps.iter().find(|step| step.id == "S6").unwrap();
    for scope in PERMISSIONS {
        assert!(step.words.iter().all(|words| words.text.contains(scope)), "S6 lacks {scope}");
        for (name, text) in GUIDES {
            assert!(text.contains(scope), "{name} lacks {scope}");
        }
    }
}
