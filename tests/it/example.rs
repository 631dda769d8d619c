//! The example of the SDK in the simulated host: nothing between them is DingTalk's.

use host_mock::host::{ConfigSource, Host, Options, PluginSource};
use serde_json::json;
use std::{fs, io::Write};
use tests::file_channel;

#[tokio::test]
async fn the_host_answers_lines_of_a_file_in_another_file() {
    let built = tokio::task::spawn_blocking(file_channel).await.unwrap();
    let state = tempfile::tempdir().unwrap();
    let (inbox, outbox) = (state.path().join("in.txt"), state.path().join("out.txt"));
    let config = ConfigSource::Value(json!({"channels": {"file": {"inbox": inbox, "outbox": outbox}}}));
    let plugins = PluginSource::Directory(built.plugins_directory().to_owned());
    let host = Host::start(Options::new(config, plugins, state.path())).await.unwrap();

    fs::write(&inbox, "hello\n").unwrap();
    host.wait_turn(1).await.unwrap();
    let mut later = fs::OpenOptions::new().append(true).open(&inbox).unwrap();
    later.write_all("and again\n".as_bytes()).unwrap();
    host.wait_turn(2).await.unwrap();
    host.stop().await.unwrap();

    let answers = fs::read_to_string(outbox).unwrap();
    let answers: Vec<_> = answers.lines().collect();
    assert_eq!(answers.len(), 2, "{answers:?}");
    assert!(answers[0].contains("hello") && answers[1].contains("and again"), "{answers:?}");
}
