//! Options with another value than their default.

use crate::{
    claim::{Stage, claims},
    files::a_file_is_kept_as_long_as_is_set_where_it_is_set,
    packaging::has_keys_of_others,
    world::World,
};
use host_mock::dingtalk::{App, Via, View};
use serde_json::json;
use std::fs;

pub(crate) const STAGE: Stage = Stage {
    name: "options",
    begin: || Box::pin(begin()),
    claims: claims![
        without_cards_who_waits_long_is_told_so_once,
        a_file_is_kept_as_long_as_is_set_where_it_is_set,
        a_file_that_is_too_large_is_refused_with_the_limit,
        a_file_is_sent_from_the_command_line,
        nobody_is_answered_in_groups_that_are_off,
        a_channel_that_is_off_is_not_connected,
        without_credentials_the_gateway_runs_and_says_that_they_are_missing,
    ],
};

async fn begin() -> World {
    World::with(vec![App::default()], |world| {
        let mut section = world.credentials();
        section["enableAICard"] = json!(false);
        section["longTaskNoticeDelayMs"] = json!(1500);
        section["groupPolicy"] = json!("disabled");
        section["maxFileSizeMB"] = json!(0.001);
        section["inboundMedia"] = json!({"dir": world.home.path().join("received"), "keepDays": 2});
        has_keys_of_others(&mut section); // and is connected all the same
        section
    })
    .await
}

async fn without_cards_who_waits_long_is_told_so_once(world: &mut World) {
    world.dingtalk.says("An", "#pause 6000 #say After all.");
    let messages = world.dingtalk.messages_to("An", 2).await;

    assert_eq!((messages[1].via, messages[1].text()), (Via::Webhook, "After all."));
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert_eq!(world.dingtalk.look(|view| view.cards().count()), 0);
}

async fn a_file_that_is_too_large_is_refused_with_the_limit(world: &mut World) {
    world.dingtalk.sends_file("Chen", "large.txt", vec![b'x'; 5_000]);
    // On a slow machine it may be announced before that the answer takes its time.
    let has_limit = |text: &str| text.contains("KB") || text.contains("MB");
    let told =
        |view: View<'_>| view.messages_in("Chen").any(|message| has_limit(message.text())).then_some(());
    world.dingtalk.wait_for(told).await;
}

async fn a_file_is_sent_from_the_command_line(world: &mut World) {
    let workspace = world.home.state().join("workspace");
    fs::create_dir_all(&workspace).unwrap();
    let file = workspace.join("report.txt");
    fs::write(&file, "all is well").unwrap();
    let file = file.to_str().unwrap();
    let send =
        ["message", "send", "--channel", "dingtalk", "--target", "user0002", "--media", file, "--json"];
    world.home.runs(&send).await;

    let uploaded =
        world.dingtalk.look(|view| view.uploads().iter().any(|upload| upload.bytes == b"all is well"));
    assert!(uploaded, "the file was uploaded");
    assert_eq!(world.dingtalk.message_to("Mo").await.via, Via::Robot);
}

async fn nobody_is_answered_in_groups_that_are_off(world: &mut World) {
    let asked = world.dingtalk.says_in_group("Release crew", "Dai", "#say for nobody");
    world.dingtalk.acked(&asked).await;
    world.dingtalk.says("Dai", "#say for Dai");
    world.told("Dai", "for Dai").await;
    assert!(!world.model.asked().iter().any(|asked| asked.text.contains("for nobody")));
}

async fn a_channel_that_is_off_is_not_connected(world: &mut World) {
    world.home.edits(|config| config["channels"]["dingtalk"]["enabled"] = json!(false));
    world.dingtalk.disconnected().await;
    let status = world.home.status(&[]).await;
    let accounts = status["channelAccounts"]["dingtalk"].as_array().into_iter().flatten();
    assert!(accounts.into_iter().all(|account| account["connected"] != true), "{status:#}");
}

async fn without_credentials_the_gateway_runs_and_says_that_they_are_missing(world: &mut World) {
    world.home.edits(|config| {
        let section = config["channels"]["dingtalk"].as_object_mut().unwrap();
        section.retain(|key, _| !key.starts_with("client"));
        section.remove("enabled");
    });
    world.stops().await;
    world.starts().await;
    let status = world.home.status(&[]).await;
    let account = &status["channelAccounts"]["dingtalk"][0];
    assert_eq!((&account["enabled"], &account["configured"]), (&json!(true), &json!(false)), "{status:#}");
    assert_eq!(world.dingtalk.look(|view| view.live_connections().count()), 0);
}
