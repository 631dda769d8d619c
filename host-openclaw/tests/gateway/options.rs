//! Options with another value than their default.

use crate::{
    claim::{Stage, claims},
    world::World,
};
use host_mock::dingtalk::{App, Via};
use serde_json::json;
use std::{fs, path::PathBuf};

pub(crate) const STAGE: Stage = Stage {
    name: "options",
    begin: || Box::pin(begin()),
    claims: claims![
        without_cards_who_waits_long_is_told_so_once,
        a_file_is_kept_in_the_directory_that_is_named,
        a_file_that_is_too_large_is_refused_with_the_limit,
        a_file_is_sent_from_the_command_line,
        nobody_is_answered_in_groups_that_are_off,
        a_channel_that_is_off_is_not_connected,
    ],
};

async fn begin() -> World {
    World::with(vec![App::default()], |world| {
        let mut section = world.credentials();
        section["enableAICard"] = json!(false);
        section["longTaskNoticeDelayMs"] = json!(1500);
        section["groupPolicy"] = json!("disabled");
        section["maxFileSizeMB"] = json!(0.001);
        section["inboundMedia"] = json!({"dir": archive(world), "keepDays": 2});
        section
    })
    .await
}

fn archive(world: &World) -> PathBuf {
    world.home.path().join("received")
}

async fn without_cards_who_waits_long_is_told_so_once(world: &mut World) {
    world.dingtalk.says("An", "#pause 6000 #say After all.");
    let messages = world.dingtalk.messages_to("An", 2).await;

    assert_eq!((messages[1].via, messages[1].text()), (Via::Webhook, "After all."));
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert_eq!(world.dingtalk.look(|view| view.cards().count()), 0);
}

async fn a_file_is_kept_in_the_directory_that_is_named(world: &mut World) {
    world.dingtalk.sends_file("Bo", "words.txt", "the word is quince");
    let asked = world.model.is_asked(|asked| asked.text.contains("words")).await;
    assert!(asked.text.contains("received") || asked.text.contains("quince"), "{}", asked.text);

    let days: Vec<_> = fs::read_dir(archive(world)).unwrap().map(|day| day.unwrap().path()).collect();
    let files = days.iter().filter(|day| day.is_dir()).flat_map(|day| fs::read_dir(day).unwrap());
    let names: Vec<_> = files.map(|file| file.unwrap().file_name().to_string_lossy().into_owned()).collect();
    assert!(names.iter().any(|name| name.starts_with("words")), "{names:?} in {days:?}");
    world.dingtalk.message_to("Bo").await;
}

async fn a_file_that_is_too_large_is_refused_with_the_limit(world: &mut World) {
    world.dingtalk.sends_file("Chen", "large.txt", vec![b'x'; 5_000]);
    let message = world.dingtalk.message_to("Chen").await;
    assert!(message.text().contains("KB") || message.text().contains("MB"), "{}", message.text());
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
    world.home.runs(&["config", "set", "channels.dingtalk.enabled", "false", "--json"]).await;
    world.dingtalk.disconnected().await;
    let status = world.home.runs(&["channels", "status", "--json"]).await;
    assert!(!status.everything().contains("\"connected\": true"), "{status}");
}
