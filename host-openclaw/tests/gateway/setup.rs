//! A bot that a person sets up with OpenClaw's and our own commands, and changes while it runs.

use crate::{
    claim::{Stage, claims},
    reload::{
        a_live_option_holds_on_the_connection_that_there_is, a_secret_may_lie_in_a_file_and_in_a_variable,
        what_needs_another_connection_gets_it_before_the_old_one_goes,
    },
    scanning::{
        prometheus_reads_what_was_counted_with_the_gateways_token,
        who_scans_a_code_gets_another_bot_that_connects,
    },
    world::World,
};
use host_mock::dingtalk::App;
use serde_json::json;

pub(crate) const STAGE: Stage = Stage {
    name: "setup",
    begin: || Box::pin(begin()),
    claims: claims![
        who_was_heard_of_is_in_the_directory_by_name,
        a_live_option_holds_on_the_connection_that_there_is,
        what_needs_another_connection_gets_it_before_the_old_one_goes,
        a_secret_may_lie_in_a_file_and_in_a_variable,
        prometheus_reads_what_was_counted_with_the_gateways_token,
        who_scans_a_code_gets_another_bot_that_connects,
        what_is_mistaken_is_told_by_doctor_and_audit,
    ],
};

/// Credentials are looked at as they are entered, and tried; the wizard writes them, and the bot answers.
async fn begin() -> World {
    let mut world = World::with_apps(vec![App::default()]).await;
    world.home.has_plugin();
    let endpoints = world.endpoints();
    world.home.edits(|config| config["channels"]["dingtalk"]["endpoints"] = endpoints);

    let App { client_id, client_secret, .. } = world.dingtalk.app();
    let add = [
        "channels",
        "add",
        "--channel",
        "dingtalk",
        "--client-id",
        &client_secret,
        "--client-secret",
        &client_id,
    ];
    let exchanged = world.home.tries(&add).await;
    assert!(!exchanged.succeeded() && exchanged.everything().contains("look exchanged"), "{exchanged}");

    // The third way is that there is an application. A secret with white space in it is asked for again.
    let typed = format!("3\n{client_id}\nwith a space\n{client_secret}\n");
    let said = world.home.answers(&["dingtalk", "setup"], &typed).await;
    assert!(said.succeeded() && said.everything().contains("white space"), "{said}");
    assert!(!said.everything().contains(&client_secret), "a secret is not repeated");
    let section = world.home.section();
    assert_eq!((&section["clientId"], &section["enabled"]), (&json!(client_id), &json!(true)), "{section:#}");

    world.starts().await;
    world.dingtalk.connected().await;
    let asked = world.dingtalk.says("An", "#say set up");
    assert_eq!(world.answer_to(&asked).await.text(), "set up");
    world
}

async fn who_was_heard_of_is_in_the_directory_by_name(world: &mut World) {
    let group = world.dingtalk.says_in_group("Release crew", "Lin", "#say in the group");
    world.answer_to(&group).await;
    let list = |what: &'static str, query: &'static str| {
        ["directory", what, "list", "--channel", "dingtalk", "--query", query, "--json"]
    };
    // It is written down within seconds, and commands are processes of their own.
    let groups = world.home.runs_until(&list("groups", "crew"), "cid").await;
    assert!(groups.stdout().contains("Release crew"), "{groups}");
    let people = world.home.runs(&list("peers", "lin")).await;
    assert!(people.stdout().contains("user0001") && !people.stdout().contains("staff0"), "{people}");
}

async fn what_is_mistaken_is_told_by_doctor_and_audit(world: &mut World) {
    world.home.edits(|config| {
        config["channels"]["dingtalk"]["mediaMaxMb"] = json!(5);
        config["session"]["dmScope"] = json!("main");
    });

    let doctor = world.home.runs(&["doctor", "--non-interactive"]).await.on_one_line();
    for told in ["mediaMaxMb", "maxFileSizeMB", "session.dmScope per-channel-peer"] {
        assert!(doctor.contains(told), "{told} is not in {doctor}");
    }
    assert!(!doctor.contains("all DMs will be dropped"), "`open` alone means everyone: {doctor}");
    let audit = world.home.runs(&["security", "audit", "--json"]).await;
    for told in ["channels.dingtalk.dm.shared_session", "channels.dingtalk.one_gateway"] {
        assert!(audit.stdout().contains(told), "{told} is not in {audit}");
    }
}
