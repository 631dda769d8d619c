//! Whether a channel or an account is on, what it is called, and which accounts there are: O1, O2, M2, M3.

use crate::{
    bots::{ask, bots, setup},
    row::{Level, Row, holds, stops},
};
use host_sdk::Json;
use serde_json::{Value, json};
use tests::{World, plugin, scenarios};

pub(crate) const ROWS: &[Row] = &[
    Row {
        option: "enabled",
        number: "O1",
        level: Level::Everywhere { standard: "true", values: [("true", "true"), ("false", "false")] },
        wrong: &[holds("\"false\"", "not true or false", "true")],
        plays: scenarios![
            o1_without_it_an_account_runs_and_false_stops_that_account_alone,
            o1_false_at_the_top_stops_all_whatever_they_say,
        ],
        elsewhere: &[(
            "it/mistakes.rs",
            &["switched_off_at_the_top_or_in_the_account_nothing_runs_and_it_is_said"],
        )],
    },
    Row {
        option: "name",
        number: "",
        level: Level::Everywhere { standard: "", values: [("\"Bots\"", "\"Bots\""), ("12", "\"12\"")] },
        wrong: &[holds("[]", "not a text", "")],
        plays: scenarios![an_account_is_called_by_its_name],
        elsewhere: &[],
    },
    Row {
        option: "defaultAccount",
        number: "O2",
        level: Level::Section,
        wrong: &[stops("\"speakin\"", "there is no account"), stops("[]", "not an account id")],
        plays: scenarios![
            o2_m3_the_default_account_is_the_named_one_else_default_else_the_first,
            o2_in_an_account_it_is_told_to_be_out_of_place,
        ],
        elsewhere: &[(
            "access/routes.rs",
            &[
                "m4_bindings_decide_by_account_and_peer_who_answers",
                "m3_without_a_name_default_is_meant_and_else_the_first",
            ],
        )],
    },
    Row {
        option: "accounts",
        number: "M2",
        level: Level::Section,
        wrong: &[stops("[]", "not an object")],
        plays: scenarios![
            m2_each_account_answers_as_its_own_bot,
            m2_objects_are_merged_and_lists_are_replaced,
            m2_a_value_that_cannot_be_read_leaves_what_the_top_level_says_and_that_is_told,
        ],
        elsewhere: &[(
            "access/private.rs",
            &["m2_an_account_takes_its_rules_from_the_top_level_where_it_has_none"],
        )],
    },
];

async fn o1_without_it_an_account_runs_and_false_stops_that_account_alone() {
    let world = bots(json!({}), vec![("on", json!({})), ("off", json!({"enabled": false}))]).await;
    let running: Vec<_> = world.host().accounts().iter().map(ToString::to_string).collect();
    assert_eq!(running, ["dingtalk/on"]);
    assert!(world.log().contains("`accounts.off.enabled` is false"), "{}", world.log());
    ask(&world, "on").await.answered("Hello, Lin.").await.card();
    world.end().await;
}

async fn o1_false_at_the_top_stops_all_whatever_they_say() {
    let accounts = vec![("silent", json!({})), ("on", json!({"enabled": true}))];
    let refused = World::try_of(setup(json!({"enabled": false}), accounts)).await;
    let said = refused.err().unwrap().to_string();
    assert!(said.contains("`channels.dingtalk.enabled` is false"), "{said}");
}

async fn an_account_is_called_by_its_name() {
    let named = json!({"accounts": {"bot1": {"name": " Main Bot "}, "bot2": {}}});
    let names: Vec<_> = resolved(&named).accounts.into_iter().map(|account| account.name).collect();
    assert_eq!(names, ["Main Bot", ""]);
}

async fn o2_m3_the_default_account_is_the_named_one_else_default_else_the_first() {
    for (section, expected) in [
        (json!({"defaultAccount": "b", "accounts": {"a": {}, "b": {}, "default": {}}}), "b"),
        (json!({"accounts": {"a": {}, "default": {}}}), "default"),
        (json!({"accounts": {"b": {}, "a": {}}}), "a"),
        (json!({"clientId": "dinga", "accounts": {"a": {"clientId": "dingb"}}}), "default"),
        (json!({"clientId": "dinga", "accounts": {"a": {}}}), "default"),
        (json!({}), "default"),
        (json!({"defaultAccount": "nobody", "accounts": {"b": {}, "a": {}}}), "a"),
    ] {
        assert_eq!(resolved(&section).default_account, expected, "{section}");
    }
}

async fn o2_in_an_account_it_is_told_to_be_out_of_place() {
    let found = resolved(&json!({"accounts": {"a": {"defaultAccount": "a"}}})).diagnostics;
    let told = found.iter().find(|found| found.path == "accounts.a.defaultAccount").unwrap();
    assert!(told.suggestion.contains("top level"), "{told:?}");
}

async fn m2_each_account_answers_as_its_own_bot() {
    let world = bots(json!({"enableAICard": false}), vec![("bot1", json!({})), ("bot2", json!({}))]).await;
    for account in ["bot1", "bot2"] {
        let answer = ask(&world, account).await.answered("Hello, Lin.").await;
        assert_eq!(answer.message().app, world.client_id(account));
    }
    world.end().await;
}

async fn m2_objects_are_merged_and_lists_are_replaced() {
    let section = json!({
        "inboundMedia": {"dir": "~/files", "keepDays": 3}, "allowFrom": ["user0001", "user0002"],
        "accounts": {"a": {"inboundMedia": {"keepDays": 1}, "allowFrom": ["user0003"]}},
    });
    let settings: Value = resolved(&section).accounts[0].settings.parse().unwrap();
    assert_eq!(settings["inboundMedia"], json!({"dir": "~/files", "keepDays": 1}));
    assert_eq!(settings["allowFrom"], json!(["user0003"]));
}

async fn m2_a_value_that_cannot_be_read_leaves_what_the_top_level_says_and_that_is_told() {
    let section = json!({"maxFileSizeMB": 5, "accounts": {"a": {"maxFileSizeMB": []}}});
    let resolved = resolved(&section);
    let settings: Value = resolved.accounts[0].settings.parse().unwrap();
    assert_eq!(settings["maxFileSizeMB"], 5);
    let told = resolved.diagnostics.iter().find(|found| found.path == "accounts.a.maxFileSizeMB").unwrap();
    assert!(told.message.ends_with("the top level's is used, else the default 100)"), "{told:?}");
}

fn resolved(section: &Value) -> host_sdk::Resolved {
    plugin().resolve(&Json::new(section)).unwrap()
}
