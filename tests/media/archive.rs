//! Where files go (O10, M1).

use super::{content, file, incoming, turn, usual_archive, world};
use serde_json::json;
use std::{fs::Permissions, os::unix::fs::PermissionsExt, path::Path};

#[tokio::test]
async fn o10_m1_a_file_is_kept_under_its_date_with_its_name_and_type_and_never_changed() {
    let world = world(json!({})).await;
    world.dingtalk().sends_file("Lin", "报告 Q3.pdf", *b"%PDF-1.7 ...");
    let turn = turn(&world).await;
    let given = file(&turn);
    assert_eq!(content(&given), b"%PDF-1.7 ...");
    assert_eq!(
        (given.name.as_str(), given.mime.as_str(), given.size),
        ("报告 Q3.pdf", "application/pdf", Some(12))
    );

    let path = Path::new(&given.path);
    let (folder, archive) = (path.parent().unwrap(), usual_archive(&world));
    assert_eq!(folder.parent(), Some(archive.as_path()));
    let date = folder.file_name().unwrap().to_str().unwrap();
    assert!(date.len() == 10 && date.split('-').all(|part| part.parse::<u32>().is_ok()), "{date}");
    let name = path.file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with("报告 Q3__") && name.ends_with(".pdf"), "{name}");
    assert_eq!(incoming(&archive), 0);
    turn.done();
    world.end().await;
}

#[tokio::test]
async fn o10_a_folder_of_ones_own_begins_at_home() {
    let world = world(json!({"inboundMedia": {"dir": "~/files from people"}})).await;
    world.dingtalk().sends_picture("Lin", *b"\x89PNG\r\n\x1a\n...");
    let turn = turn(&world).await;
    let given = file(&turn);
    assert!(Path::new(&given.path).starts_with(world.home().join("files from people")));
    assert_eq!((given.name.as_str(), given.mime.as_str()), ("picture.png", "image/png"));
    turn.done();
    world.end().await;
}

#[tokio::test]
async fn o10_a_relative_folder_begins_at_home_and_those_above_it_are_made() {
    let world = world(json!({"inboundMedia": {"dir": "not there/nor this/inbound"}})).await;
    world.dingtalk().sends_file("Lin", "a.txt", *b"words");
    let turn = turn(&world).await;
    let given = file(&turn);
    assert_eq!(content(&given), b"words");
    assert!(Path::new(&given.path).starts_with(world.home().join("not there/nor this/inbound")));
    turn.done();
    world.end().await;
}

#[cfg(unix)]
#[tokio::test]
async fn o10_a_folder_may_be_a_link_and_what_is_over_goes_there_too() {
    let elsewhere = tempfile::tempdir().unwrap();
    let at = elsewhere.path().join("link");
    std::os::unix::fs::symlink(elsewhere.path(), &at).unwrap();
    let dir = at.to_str().unwrap();
    let world = world(json!({"inboundMedia": {"dir": dir, "keepDays": 0}})).await;
    world.dingtalk().sends_file("Lin", "a.txt", *b"words");
    let turn = turn(&world).await;
    let given = file(&turn);
    assert_eq!(content(&given), b"words");
    turn.done();
    super::gone(Path::new(&given.path)).await;
    assert!(at.exists());
    world.end().await;
}

#[tokio::test]
async fn the_same_name_twice_is_two_files() {
    let world = world(json!({})).await;
    let mut paths = Vec::new();
    for bytes in [*b"one", *b"two"] {
        world.dingtalk().sends_file("Lin", "a.txt", bytes);
        let turn = turn(&world).await;
        assert_eq!(content(&file(&turn)), bytes);
        paths.push(file(&turn).path);
        turn.done();
    }
    assert_ne!(paths[0], paths[1]);
    world.end().await;
}

#[tokio::test]
async fn every_picture_of_a_rich_text_is_there() {
    let world = world(json!({})).await;
    let codes = ["first", "second"].map(|picture| world.dingtalk().offer_file(picture.as_bytes()));
    let mut payload = world.dingtalk().payload("Lin", None);
    payload["msgtype"] = json!("richText");
    let pictures = codes.map(|code| json!({"type": "picture", "downloadCode": code}));
    payload["content"] = json!({"richText": [{"text": "compare these"}, pictures[0], pictures[1]]});
    world.dingtalk().push(payload);
    let turn = turn(&world).await;
    let contents: Vec<_> = turn.message().attachments.iter().map(content).collect();
    assert_eq!(contents, [b"first".to_vec(), b"second".to_vec()]);
    turn.done();
    world.end().await;
}

#[tokio::test]
async fn a_file_in_a_quote_is_there_too() {
    let world = world(json!({})).await;
    let code = world.dingtalk().offer_file(*b"#!AMR\n...");
    let mut payload = world.dingtalk().payload("Lin", None);
    let quoted = json!({"msgType": "audio", "msgId": "msgEarlier==", "content": {"downloadCode": code, "duration": "2000"}});
    payload["text"] = json!({"content": "what does this say?", "isReplyMsg": true, "repliedMsg": quoted});
    world.dingtalk().push(payload);
    let turn = turn(&world).await;
    let quote = turn.message().quote.clone().unwrap();
    assert_eq!(content(&quote.attachments[0]), b"#!AMR\n...");
    assert_eq!(quote.attachments[0].name, "audio.amr");
    turn.done();
    world.end().await;
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_told_to_the_agent_with_the_remedy_and_to_the_person() {
    let world = world(json!({"inboundMedia": {"dir": "occupied/inbound"}})).await;
    std::fs::create_dir_all(world.home()).unwrap();
    let occupied = world.home().join("occupied");
    std::fs::write(&occupied, "a file, not a folder").unwrap();
    std::fs::set_permissions(&occupied, Permissions::from_mode(0o600)).unwrap();
    let (told, notice) = super::refused(&world, "a.pdf", *b"%PDF-1.7").await;
    assert!(told.contains("occupied/inbound cannot be written: check its permissions"), "{told}");
    assert!(notice.text().contains("「a.pdf」没有收到"), "{notice:?}");
    world.end().await;
}

#[tokio::test]
async fn whoever_sends_a_file_is_told_in_the_language_of_the_account() {
    let world = world(json!({"locale": "en", "maxFileSizeMB": 0})).await;
    let (_, notice) = super::refused(&world, "a.pdf", *b"%PDF-1.7").await;
    assert!(notice.text().contains("I do not take files"), "{notice:?}");
    world.end().await;
}
