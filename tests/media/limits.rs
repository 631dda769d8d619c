//! How large a file may be (O9).

use super::{calls, content, file, incoming, refused, turn, usual_archive, world};
use host_mock::dingtalk::{Endpoint, Fault};
use serde_json::json;

const KB: usize = 1024;

#[tokio::test]
async fn o9_agent_and_person_are_told_name_size_and_limit() {
    let world = world(json!({"maxFileSizeMB": 0.5})).await;
    let (told, notice) = refused(&world, "film.mp4", vec![7; 768 * KB]).await;
    assert!(told.starts_with("film.mp4 has 768 KB, and `maxFileSizeMB` allows 512 KB"), "{told}");
    let notice = notice.text();
    assert!(
        notice.contains("film.mp4") && notice.contains("768 KB") && notice.contains("512 KB"),
        "{notice}"
    );
    world.end().await;
}

#[tokio::test]
async fn o9_a_fraction_counts_to_the_byte() {
    let world = world(json!({"maxFileSizeMB": 0.5})).await;
    world.dingtalk().sends_file("Lin", "just.bin", vec![7; 512 * KB]);
    let turn = turn(&world).await;
    assert_eq!(content(&file(&turn)).len(), 512 * KB);
    turn.done();
    world.dingtalk().sends_file("Lin", "over.bin", vec![7; 512 * KB + 1]);
    let turn = super::turn(&world).await;
    assert_eq!(file(&turn).path, "");
    turn.done();
    world.end().await;
}

#[tokio::test]
async fn o9_a_body_without_end_is_stopped_at_the_limit_and_leaves_nothing() {
    let world = world(json!({"maxFileSizeMB": 0.5})).await;
    world.dingtalk().on(Endpoint::File).answer(Fault::Endless).always();
    let (told, notice) = refused(&world, "log.txt", *b"x").await;
    assert!(told.contains("log.txt has more than 512 KB"), "{told}");
    assert!(notice.text().contains("512 KB"), "{notice:?}");
    assert_eq!(calls(&world, Endpoint::File), 1, "it would not be smaller another time");
    assert_eq!(incoming(&usual_archive(&world)), 0);
    world.end().await;
}

#[tokio::test]
async fn o9_with_0_no_file_is_asked_for() {
    let world = world(json!({"maxFileSizeMB": 0})).await;
    let (told, notice) = refused(&world, "a.pdf", *b"%PDF-1.7").await;
    assert!(told.contains("`maxFileSizeMB` is 0"), "{told}");
    assert!(notice.text().contains("不接收文件"), "{notice:?}");
    assert_eq!(calls(&world, Endpoint::MessageFile), 0);
    world.end().await;
}
