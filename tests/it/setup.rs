//! The setup, as somebody walks it whose answers are written here; the steps and the checks are the plugin's.

use host_mock::command::{
    doctor::Language,
    setup::{Next, Walk, configured},
};
use host_sdk::{Diagnostic, Json, SetupWords, host::Plugin};
use serde_json::{Map, Value};
use tests::plugin;

const ID: &str = "dingabcdefghijklmnop";
const SECRET: &str = "Yz3kq-Lm_0987654321abcdefghijklmnopqrstuvwx";

fn examine(plugin: &Plugin) -> impl Fn(&Map<String, Value>) -> Vec<Diagnostic> {
    |section| plugin.resolve(&Json::new(section)).unwrap().diagnostics
}

/// Goes on with Enter until a value is asked for, or it is over; answers with what was said.
fn until_asked(walk: &mut Walk, plugin: &Plugin) -> String {
    let mut said = String::new();
    while let Next::Ask { text, prompt, .. } = walk.next() {
        said.push_str(&text);
        if prompt.starts_with("Client") {
            break;
        }
        walk.answer("", examine(plugin)).unwrap();
    }
    said
}

#[test]
fn every_step_is_told_and_ends_in_a_section_that_is_fine_with_every_comment_kept() {
    let plugin = plugin();
    let steps = plugin.descriptor().setup.steps.clone();
    let mut told = String::new();
    for way in ["1", "2"] {
        let mut walk = Walk::new(plugin.descriptor().setup.clone(), Language::En);
        assert!(walk.answer("7", examine(&plugin)).is_err());
        walk.answer(way, examine(&plugin)).unwrap();
        told.push_str(&until_asked(&mut walk, &plugin));
        walk.answer(&format!("  {ID} "), examine(&plugin)).unwrap();
        let Next::Ask { secret, .. } = walk.next() else { panic!("the secret is asked for") };
        assert!(secret);
        walk.answer(SECRET, examine(&plugin)).unwrap();
        told.push_str(&until_asked(&mut walk, &plugin));
        assert_eq!(walk.next(), Next::Done);

        let before = "{\n  // my gateway\n  gateway: { port: 1 },\n}\n";
        let text = configured(before, "dingtalk", None, walk.answers()).unwrap();
        assert!(text.starts_with("{\n  // my gateway\n  gateway: { port: 1 },\n"), "{text}");
        assert!(text.contains(ID) && text.contains(SECRET), "{text}");
    }
    for step in &steps {
        let words = SetupWords::in_language(&step.words, "en").unwrap();
        assert!(told.contains(&words.title) && told.contains(&words.text), "{} is not told", step.id);
    }
}

#[test]
fn what_was_pasted_wrongly_is_said_and_asked_for_again() {
    let plugin = plugin();
    let mut walk = Walk::new(plugin.descriptor().setup.clone(), Language::Zh);
    walk.answer("3", examine(&plugin)).unwrap();
    until_asked(&mut walk, &plugin);
    for (typed, why) in [("", "不能留空"), ("dingxxxxxx", "占位符"), ("ding abc", "空格")] {
        let complaint = walk.answer(typed, examine(&plugin)).unwrap_err();
        assert!(complaint.contains(why), "{complaint}");
        assert!(walk.answers().is_empty());
    }
    walk.answer(SECRET, examine(&plugin)).unwrap();
    let complaint = walk.answer(ID, examine(&plugin)).unwrap_err();
    assert!(
        complaint.contains("填反") && complaint.contains("exchanged") && !complaint.contains(SECRET),
        "{complaint}"
    );
    assert!(walk.answers().is_empty(), "both are asked for again");
    walk.answer(ID, examine(&plugin)).unwrap();
    walk.answer(SECRET, examine(&plugin)).unwrap();
    assert_eq!(walk.answers().len(), 2);
}

#[test]
fn a_second_account_is_written_beside_the_first() {
    let answers = Map::from_iter([("clientId".to_owned(), ID.into())]);
    let before = "{channels:{dingtalk:{accounts:{bot1:{clientId:'x'/* one */}}}}}";
    let text = configured(before, "dingtalk", Some("bot2"), &answers).unwrap();
    assert!(text.contains("bot1:{clientId:'x'/* one */}") && text.contains("\"bot2\""), "{text}");
}
