//! O5 and O6 as truth tables: every policy with every kind of list.

use crate::{CREW, Heard, LIN, OTHERS, Stand, row};
use serde_json::{Value, json};

/// The id of [`CREW`].
const ID: &str = "cidFakeGroupAAAA1111bbbb2222==";

/// What Lin hears, in one letter: an answer, a code, that she may not, or nothing.
fn letter(heard: &Heard) -> char {
    match heard {
        Heard::Answer => 'A',
        Heard::Told(text) if text.contains("配对码") => 'C',
        Heard::Told(_) => 'D',
        Heard::Nothing => '-',
    }
}

fn with(option: &str, value: Option<&Value>) -> Value {
    value.map_or_else(|| json!({}), |value| json!({option: value}))
}

#[tokio::test]
async fn o5_policy_and_list_decide_together_who_may_write_in_private() {
    let lists = [
        None,
        Some(json!([])),
        Some(json!(["user0001"])),
        Some(json!(["dingtalk:user0001", "user0002"])),
        Some(json!(["user0002"])),
        Some(json!(["*"])),
    ];
    // Lists:        none  []   Lin  Lin+Mo  Mo   *
    let table = [
        ("open", ['A', 'D', 'A', 'A', 'D', 'A']),
        ("pairing", ['C', 'C', 'A', 'A', 'C', 'A']),
        ("allowlist", ['D', 'D', 'A', 'A', 'D', 'A']),
        ("disabled", ['-', '-', '-', '-', '-', '-']),
    ];
    let mut rows = Vec::new();
    for (policy, _) in table {
        for (column, list) in lists.iter().enumerate() {
            let mut options = with("allowFrom", list.as_ref());
            options["dmPolicy"] = json!(policy);
            rows.push(row(named(policy, column), options));
        }
    }
    let stand = Stand::of(rows).await;
    for (policy, expected) in table {
        let mut heard = Vec::new();
        for column in 0..lists.len() {
            heard.push(letter(&stand.private(named(policy, column), LIN).await));
        }
        assert_eq!(heard, expected, "{policy}");
    }
    stand.end().await;
}

#[tokio::test]
async fn o6_policy_list_and_groups_decide_together_whom_the_bot_answers_in_a_group() {
    let people = [
        None,
        Some(json!([])),
        Some(json!(["user0001"])),
        Some(json!(["user0002"])),
        Some(json!(["*"])),
        Some(json!([ID])),
        Some(json!([ID, "user0002"])),
    ];
    // People:          none  []   Lin   Mo   *   crew  crew+Mo
    let tables: [(&str, Option<Value>, [char; 7]); 12] = [
        ("open", None, ['A', 'A', 'A', 'A', 'A', 'A', 'A']),
        ("open", Some(json!({ID: {}})), ['A', 'A', 'A', 'A', 'A', 'A', 'A']),
        ("open", Some(json!({ID: {"enabled": false}})), ['-', '-', '-', '-', '-', '-', '-']),
        ("open", Some(json!({ID: {"allowFrom": ["user0002"]}})), ['D', 'D', 'D', 'D', 'D', 'D', 'D']),
        ("allowlist", None, ['D', 'D', 'A', 'D', 'A', 'A', 'D']),
        ("allowlist", Some(json!({ID: {}})), ['A', 'D', 'A', 'D', 'A', 'A', 'D']),
        ("allowlist", Some(json!({"*": {}})), ['A', 'D', 'A', 'D', 'A', 'A', 'D']),
        ("allowlist", Some(json!({"cidOther==": {}})), ['D', 'D', 'D', 'D', 'D', 'A', 'D']),
        ("allowlist", Some(json!({ID: {"allowFrom": ["user0001"]}})), ['A', 'A', 'A', 'A', 'A', 'A', 'A']),
        ("allowlist", Some(json!({"*": {"enabled": false}})), ['-', '-', '-', '-', '-', '-', '-']),
        ("disabled", None, ['-', '-', '-', '-', '-', '-', '-']),
        ("disabled", Some(json!({ID: {"allowFrom": ["*"]}})), ['-', '-', '-', '-', '-', '-', '-']),
    ];
    let mut rows = Vec::new();
    for (number, (policy, groups, _)) in tables.iter().enumerate() {
        for (column, people) in people.iter().enumerate() {
            let mut options = with("groupAllowFrom", people.as_ref());
            options["groupPolicy"] = json!(policy);
            if let Some(groups) = groups {
                options["groups"] = groups.clone();
            }
            rows.push(row(named(&format!("row{number}"), column), options));
        }
    }
    let stand = Stand::of(rows).await;
    for (number, (policy, groups, expected)) in tables.iter().enumerate() {
        let mut heard = Vec::new();
        for column in 0..people.len() {
            heard.push(letter(&stand.group(named(&format!("row{number}"), column), CREW, LIN).await));
        }
        assert_eq!(heard, expected, "{policy}, {groups:?}");
    }
    stand.end().await;
}

#[tokio::test]
async fn o6_a_mention_is_required_by_the_group_else_by_every_group_else_by_the_option() {
    let settings = [None, Some(true), Some(false)];
    let mut rows = Vec::new();
    let mut expected = Vec::new();
    for option in settings {
        for every in settings {
            for own in settings {
                let mut options = json!({"groups": {}});
                let entry = |required: bool| json!({"requireMention": required});
                option.iter().for_each(|required| options["requireMention"] = json!(required));
                every.iter().for_each(|required| options["groups"]["*"] = entry(*required));
                own.iter().for_each(|required| options["groups"][ID] = entry(*required));
                let name = named("mention", rows.len());
                rows.push(row(name, options));
                expected.push((name, own.or(every).or(option).unwrap_or(true)));
            }
        }
    }
    let stand = Stand::of(rows).await;
    for (account, required) in expected {
        let mut quiet = stand.message(account, LIN, Some(CREW));
        quiet["isInAtList"] = json!(false);
        quiet["atUsers"] = json!([]);
        let unmentioned = if required { Heard::Nothing } else { Heard::Answer };
        assert_eq!(stand.heard(account, quiet).await, unmentioned, "{account}");
        assert_eq!(stand.group(account, CREW, LIN).await, Heard::Answer, "{account}");
    }
    stand.end().await;
}

#[tokio::test]
async fn o5_o6_what_may_stand_before_an_id_changes_nothing() {
    let before_people = ["dingtalk:", "dd:", "ding:", "user:", "DingTalk:user:", " dd: "];
    let before_groups = ["dingtalk:", "dd:", "ding:", "group:", "DingTalk:group:", " dd: "];
    let mut rows = Vec::new();
    for (number, (person, group)) in before_people.iter().zip(before_groups).enumerate() {
        let (lin, crew) = (format!("{person}user0001"), format!("{group}{ID}"));
        let closed = json!({"dmPolicy": "allowlist", "groupPolicy": "allowlist", "allowFrom": [lin]});
        let with = |option: &str, value: Value| {
            let mut options = closed.clone();
            options[option] = value;
            options
        };
        rows.push(row(named("list", number), with("groupAllowFrom", json!([crew]))));
        rows.push(row(named("groups", number), with("groups", json!({&crew: {"allowFrom": [lin]}}))));
    }
    let names: Vec<_> = rows.iter().map(|(name, _)| *name).collect();
    let stand = Stand::of(rows).await;
    for account in names {
        assert_eq!(stand.private(account, LIN).await, Heard::Answer, "{account}");
        assert_eq!(stand.group(account, CREW, LIN).await, Heard::Answer, "{account}");
        assert!(matches!(stand.group(account, OTHERS, LIN).await, Heard::Told(_)), "{account}");
    }
    stand.end().await;
}

/// The name of an account of a table.
fn named(row: &str, column: usize) -> &'static str {
    format!("{row}{column}").leak()
}
