//! Files that people send (mission, O8 to O11 and M1): fetched, kept, removed, and what goes wrong with it.
//! Played by the fake DingTalk to the library that ships, loaded by a host.
#![allow(clippy::unwrap_used, reason = "a test may, also in the functions it is made of")]

mod archive;
mod changes;
mod days;
mod download;
mod limits;
mod names;
mod retention;
mod runs;

use host_mock::{
    dingtalk::{Endpoint, Message},
    host::PuppetTurn,
};
use host_sdk::Attachment;
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
};
use tests::{Setup, World, gone};

/// A world that keeps files as `options` say, and answers in plain messages.
async fn world(options: Value) -> World {
    World::of(Setup::configured(move |section| {
        section["enableAICard"] = json!(false);
        section["dmPolicy"] = json!("open");
        for (name, value) in options.as_object().unwrap() {
            section[name] = value.clone();
        }
    }))
    .await
}

/// The next turn, with the files of its message.
async fn turn(world: &World) -> PuppetTurn {
    world.agent().next_turn().await.unwrap()
}

/// The only file of a message, as the agent is given it.
fn file(turn: &PuppetTurn) -> Attachment {
    let [file] = turn.message().attachments.as_slice() else { panic!("not one file: {:?}", turn.message()) };
    file.clone()
}

/// The content of the file that the agent is given.
#[track_caller]
fn content(file: &Attachment) -> Vec<u8> {
    assert_ne!(file.path, "", "there is no file: {}", not_fetched(file));
    fs::read(&file.path).unwrap()
}

/// What the agent is told in place of a file.
fn not_fetched(file: &Attachment) -> String {
    let extra: Value = file.extra.parse().unwrap_or_default();
    extra["notFetched"].as_str().unwrap_or_default().to_owned()
}

/// Somebody sends a file that the agent cannot have: what it, and the person, are told.
async fn refused(world: &World, name: &str, bytes: impl Into<Vec<u8>>) -> (String, Message) {
    world.dingtalk().sends_file("Lin", name, bytes);
    let turn = turn(world).await;
    let given = file(&turn);
    assert_eq!(given.path, "");
    let notice = world.dingtalk().message_to("Lin").await;
    turn.done();
    (not_fetched(&given), notice)
}

fn calls(world: &World, endpoint: Endpoint) -> usize {
    world.dingtalk().look(|view| view.calls_to(endpoint).count())
}

/// Where files are kept unless the configuration says otherwise (O10).
fn usual_archive(world: &World) -> PathBuf {
    world.home().join(".openclaw/media/dingtalk/inbound")
}

/// How many files are on their way into an archive.
fn incoming(archive: &Path) -> usize {
    fs::read_dir(archive.join(".incoming")).map_or(0, Iterator::count)
}
