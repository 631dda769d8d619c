//! Two runs of a host that work on one message, and so with one file.

use super::gone;
use host_mock::dingtalk::Settings;
use host_sdk::{
    Accepted, Done, InboundMessage, Json, OutboundMessage, Phase, StopReason, StreamUpdate,
    host::{Channel, Events},
};
use serde_json::json;
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};
use tests::{Watched, context, section};
use tokio::sync::mpsc;

/// Takes every message, and hands it on.
struct Taking(mpsc::UnboundedSender<InboundMessage>);

impl Events for Taking {
    fn receive(&self, message: InboundMessage, answer: Done<Accepted>) {
        self.0.send(message).unwrap();
        answer.answer(Ok(Accepted::New));
    }
}

async fn update(channel: &Channel, message: &InboundMessage, run: &str, phase: Phase) {
    let update = StreamUpdate {
        turn: run.into(),
        stream: format!("{run}/{}", message.id),
        seq: if phase == Phase::Open { 1 } else { 2 },
        phase,
        text: if phase == Phase::Open { String::new() } else { format!("{run} has read it.") },
        conversation: message.conversation.clone(),
        reply: message.reply.clone(),
        ..StreamUpdate::default()
    };
    channel.stream_update(update).await.unwrap();
}

/// A file of the same bot and another message, which goes with the next sweep.
fn doomed(path: &Path, number: usize) -> PathBuf {
    let (stem, tag) = path.file_stem().unwrap().to_str().unwrap().rsplit_once("__").unwrap();
    let doomed = path.with_file_name(format!("{stem}__{}{number:010x}{}.txt", &tag[..6], &tag[16..]));
    fs::write(&doomed, "x").unwrap();
    doomed
}

/// A bot whose files go with their turn, and the message that it was sent `a.txt` with.
struct Asked {
    dingtalk: Watched,
    channel: Channel,
    message: InboundMessage,
    _home: tempfile::TempDir,
}

async fn asked() -> Asked {
    let dingtalk = Watched::start(Settings::default()).await;
    let home = tempfile::tempdir().unwrap();
    let mut section = section(&dingtalk);
    section["enableAICard"] = json!(false);
    section["inboundMedia"] = json!({"keepDays": 0});
    let (tell, mut told) = mpsc::unbounded_channel();
    let plugin = tokio::task::spawn_blocking(tests::plugin).await.unwrap();
    let channel = plugin.open(context("default", &section, home.path()), Taking(tell)).unwrap();
    channel.start().await.unwrap();
    dingtalk.connected().await;
    dingtalk.sends_file("Lin", "a.txt", *b"words");
    let message = told.recv().await.unwrap();
    Asked { dingtalk, channel, message, _home: home }
}

#[tokio::test]
async fn two_runs_have_their_file_until_the_second_has_ended_although_retention_passes() {
    let Asked { dingtalk: _dingtalk, channel, message, _home } = asked().await;
    update(&channel, &message, "one", Phase::Open).await;
    update(&channel, &message, "two", Phase::Open).await;
    let fetch = || channel.fetch(message.attachments[0].clone());
    let (first, second) = tokio::join!(fetch(), fetch());
    let path = PathBuf::from(first.unwrap().path);
    assert_eq!(second.unwrap().path, path.to_str().unwrap(), "both have the same file");

    let other = doomed(&path, 1);
    update(&channel, &message, "one", Phase::Done).await;
    gone(&other).await; // retention has passed
    assert_eq!(fs::read(&path).unwrap(), b"words");
    update(&channel, &message, "two", Phase::Done).await;
    gone(&path).await;
    channel.stop(StopReason::Shutdown, Duration::from_secs(60)).await.unwrap();
}

#[tokio::test]
async fn a_turn_that_answers_by_a_whole_message_has_its_file_until_the_last_one() {
    let Asked { dingtalk: _dingtalk, channel, message, _home } = asked().await;
    let path = PathBuf::from(channel.fetch(message.attachments[0].clone()).await.unwrap().path);
    let answer = |text: &str, extra| OutboundMessage {
        text: text.into(),
        conversation: Some(message.conversation.clone()),
        reply: message.reply.clone(),
        extra: Json::new(&extra),
        ..OutboundMessage::default()
    };

    let other = doomed(&path, 1);
    channel.send(answer("I am reading it.", json!({}))).await.unwrap();
    gone(&other).await; // retention has passed
    assert_eq!(fs::read(&path).unwrap(), b"words");
    channel.send(answer("I have read it.", json!({"turnEnds": true}))).await.unwrap();
    gone(&path).await;
    channel.stop(StopReason::Shutdown, Duration::from_secs(60)).await.unwrap();
}
