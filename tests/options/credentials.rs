//! The application's credentials: O3, O4.

use crate::{
    bots::{ask, setup},
    row::{Level, Row, stops},
};
use host_mock::dingtalk::App;
use serde_json::json;
use tests::{Setup, World, scenarios};

const WRONG: &str = "not a text";

pub(crate) const ROWS: &[Row] = &[
    Row {
        option: "clientId",
        number: "O3",
        level: Level::Everywhere {
            standard: "",
            values: [("\" dingtop \"", "\"dingtop\""), ("12345", "\"12345\"")],
        },
        wrong: &[stops("[\"dinga\"]", WRONG), stops("\"\"", "`clientId` is not set")],
        plays: scenarios![o3_without_it_an_account_does_not_run_and_the_others_do],
        elsewhere: &[(
            "it/mistakes.rs",
            &[
                "a_missing_client_id_names_the_option_and_where_to_find_its_value",
                "wrong_credentials_block_the_account_and_say_where_the_right_ones_are",
            ],
        )],
    },
    Row {
        option: "clientSecret",
        number: "O4",
        // What is told of it is only where it comes from.
        level: Level::Everywhere {
            standard: "",
            values: [("\"s3cret\"", "\"config\""), ("{\"env\": \"DING_SECRET\"}", "\"env:DING_SECRET\"")],
        },
        wrong: &[stops("true", WRONG), stops("{\"environment\": \"A\"}", WRONG)],
        plays: scenarios![
            o4_it_stands_in_the_configuration_an_environment_variable_or_a_file,
            o4_one_for_all_is_overridden_by_that_of_an_account,
        ],
        elsewhere: &[],
    },
];

async fn o3_without_it_an_account_does_not_run_and_the_others_do() {
    let lost = json!({"clientId": null});
    let world = World::of(setup(json!({}), vec![("bot", json!({})), ("lost", lost)])).await;
    assert_eq!(world.host().accounts().len(), 1);
    let log = world.log();
    assert!(log.contains("accounts.lost.clientId") && log.contains("AppKey"), "{log}");
    ask(&world, "bot").await.answered("Hello, Lin.").await.card();
    world.end().await;
}

/// An environment variable that every process has.
const VARIABLE: &str = "PATH";

async fn o4_it_stands_in_the_configuration_an_environment_variable_or_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("secret");
    std::fs::write(&file, "from-a-file\r\n").unwrap();
    let of_variable = std::env::var(VARIABLE).unwrap();
    let secrets = [
        ("plain", "p1ain".to_owned(), json!(" p1ain ")),
        ("number", "20261122".to_owned(), json!(20_261_122)),
        ("variable", of_variable.clone(), json!({"env": VARIABLE})),
        ("braces", of_variable.clone(), json!(format!("${{{VARIABLE}}}"))),
        ("source", of_variable, json!({"source": "env", "provider": "default", "id": VARIABLE})),
        ("file", "from-a-file".to_owned(), json!({"file": file})),
    ];
    let apps = secrets.iter().map(|(_, secret, _)| App { client_secret: secret.clone(), ..App::default() });
    let apps = apps.collect();
    let names = secrets.each_ref().map(|(name, ..)| *name);
    let accounts = secrets.into_iter().map(|(name, _, written)| (name, json!({"clientSecret": written})));
    let world = World::of(with_apps(apps, setup(json!({}), accounts.collect()))).await;
    for name in names {
        ask(&world, name).await.answered("Hello, Lin.").await.card();
    }
    assert!(!world.log().contains("p1ain") && !world.log().contains("from-a-file"), "the secret is told");
    world.end().await;
}

async fn o4_one_for_all_is_overridden_by_that_of_an_account() {
    let apps = ["for-all", "of-its-own"].map(|secret| App { client_secret: secret.into(), ..App::default() });
    let accounts =
        vec![("silent", json!({"clientSecret": null})), ("speaking", json!({"clientSecret": "of-its-own"}))];
    let world = World::of(with_apps(apps.into(), setup(json!({"clientSecret": "for-all"}), accounts))).await;
    for account in ["silent", "speaking"] {
        ask(&world, account).await.answered("Hello, Lin.").await.card();
    }
    world.end().await;
}

fn with_apps(apps: Vec<App>, mut setup: Setup) -> Setup {
    setup.dingtalk.apps = apps;
    setup
}
