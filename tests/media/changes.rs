//! Options about files that change while the account runs.

use super::{calls, content, file, gone, turn};
use host_mock::dingtalk::Endpoint;
use host_sdk::{Applied, Json};
use serde_json::{Value, json};
use std::path::Path;
use tests::World;

/// Has the running account go on with `options`.
async fn become_other(world: &World, options: &Value) {
    let mut section = tests::section(world.dingtalk());
    section["enableAICard"] = json!(false);
    for (name, value) in options.as_object().unwrap() {
        section[name] = value.clone();
    }
    let channel = world.host().channel("default").unwrap();
    assert_eq!(channel.reconfigure(Json::new(&section)).await.unwrap(), Applied::Live);
}

#[tokio::test]
async fn o10_o11_the_next_file_goes_into_the_new_folder_and_what_is_in_the_old_one_stays_for_its_turn() {
    let world = super::world(json!({"inboundMedia": {"dir": "old", "keepDays": 0}})).await;
    world.dingtalk().sends_file("Lin", "first.txt", *b"first");
    let first = turn(&world).await;
    become_other(&world, &json!({"inboundMedia": {"dir": "new", "keepDays": 0}})).await;
    world.dingtalk().sends_file("Mo", "second.txt", *b"second");
    let second = turn(&world).await;
    let (old, new) = (file(&first), file(&second));
    assert!(Path::new(&old.path).starts_with(world.home().join("old")));
    assert!(Path::new(&new.path).starts_with(world.home().join("new")));

    second.done();
    gone(Path::new(&new.path)).await;
    assert_eq!(content(&old), b"first", "it is in use");
    first.done();
    gone(Path::new(&old.path)).await;
    world.end().await;
}

#[tokio::test]
async fn o9_the_next_file_is_held_against_the_new_limit() {
    let world = super::world(json!({"maxFileSizeMB": 0})).await;
    let (told, _) = super::refused(&world, "a.txt", *b"words").await;
    assert!(told.contains("`maxFileSizeMB` is 0"), "{told}");
    become_other(&world, &json!({"maxFileSizeMB": 1})).await;
    world.dingtalk().sends_file("Lin", "a.txt", *b"words");
    let taken = turn(&world).await;
    assert_eq!(content(&file(&taken)), b"words");
    assert_eq!(calls(&world, Endpoint::File), 1);
    taken.done();
    world.end().await;
}

#[tokio::test]
async fn o11_what_is_over_by_the_new_days_goes_at_once() {
    let world = super::world(json!({})).await;
    world.dingtalk().sends_file("Lin", "a.txt", *b"words");
    let asked = turn(&world).await;
    let path = file(&asked).path;
    asked.done();
    world.host().wait_turn(1).await.unwrap();
    assert!(Path::new(&path).exists());
    become_other(&world, &json!({"inboundMedia": {"keepDays": 0}})).await;
    gone(Path::new(&path)).await;
    world.end().await;
}
