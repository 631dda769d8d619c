//! What strangers call their files.

use super::{content, file, turn, usual_archive, world};
use serde_json::json;
use std::path::Path;

#[tokio::test]
async fn no_name_leaves_the_archive_and_none_is_lost() {
    let world = world(json!({})).await;
    let long = format!("{}.pdf", "长".repeat(300));
    for (given, expected) in [
        ("../../../etc/passwd", "passwd.txt"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("a\0b.txt", "ab.txt"),
        ("\u{202e}txt.exe", "txt.exe"),
        ("👩‍👩‍👧‍👦 holiday 🏖.png", "👩‍👩‍👧‍👦 holiday 🏖.png"),
        ("CON.txt", "_CON.txt"),
        (".bashrc", "bashrc.txt"),
        ("", "file.txt"),
        (&long, ""),
    ] {
        world.dingtalk().sends_file("Lin", given, *b"words");
        let turn = turn(&world).await;
        let given = file(&turn);
        assert_eq!(content(&given), b"words");
        let path = Path::new(&given.path);
        assert_eq!(path.parent().unwrap().parent(), Some(usual_archive(&world).as_path()));
        assert!(path.file_name().unwrap().len() <= 255);
        if expected.is_empty() {
            assert!(given.name.len() < 200 && given.name.ends_with("长.pdf"), "{}", given.name);
        } else {
            assert_eq!(given.name, expected);
        }
        turn.done();
    }
    world.end().await;
}
