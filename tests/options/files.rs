//! Files that people send, and that are sent to them: O9, O10, O11, M1.

use crate::{
    bots::{ask, bots, send_file},
    row::{Level, Row, holds},
};
use host_sdk::{Attachment, OutboundMessage};
use serde_json::{Value, json};
use std::{fs, path::Path};
use tests::{World, gone, scenarios};

pub(crate) const ROWS: &[Row] = &[
    Row {
        option: "maxFileSizeMB",
        number: "O9",
        level: Level::Everywhere { standard: "100", values: [("0", "0"), ("0.5", "0.5")] },
        wrong: &[holds("-1", "below 0", "100"), holds("\"20MB\"", "not a number", "100")],
        plays: scenarios![
            o9_by_default_a_file_over_100_mb_is_not_fetched_and_its_sender_is_told,
            o9_an_account_has_its_own_limit_for_what_comes,
            o9_an_account_has_its_own_limit_for_what_goes_and_with_0_nothing_does,
        ],
        elsewhere: &[
            (
                "media/limits.rs",
                &[
                    "o9_agent_and_person_are_told_name_size_and_limit",
                    "o9_a_fraction_counts_to_the_byte",
                    "o9_a_body_without_end_is_stopped_at_the_limit_and_leaves_nothing",
                    "o9_with_0_no_file_is_asked_for",
                ],
            ),
            (
                "it/outbound.rs",
                &["of_several_files_those_that_can_go_and_the_receipt_says_which_did_not_and_why"],
            ),
            ("media/changes.rs", &["o9_the_next_file_is_held_against_the_new_limit"]),
        ],
    },
    Row {
        option: "inboundMedia",
        number: "",
        level: Level::Group,
        wrong: &[holds("\"~/files\"", "not an object", "")],
        plays: &[],
        elsewhere: &[],
    },
    Row {
        option: "inboundMedia.dir",
        number: "O10",
        level: Level::Everywhere {
            standard: "\"~/.openclaw/media/dingtalk/inbound\"",
            values: [("\"~/files\"", "\"~/files\""), ("\"/srv/files\"", "\"/srv/files\"")],
        },
        wrong: &[holds("true", "not a text", "\"~/.openclaw/media/dingtalk/inbound\"")],
        plays: scenarios![o10_m1_files_go_to_the_usual_folder_to_one_at_home_or_to_one_anywhere],
        elsewhere: &[(
            "media/archive.rs",
            &[
                "o10_m1_a_file_is_kept_under_its_date_with_its_name_and_type_and_never_changed",
                "o10_a_folder_of_ones_own_begins_at_home",
                "a_folder_that_cannot_be_written_is_told_to_the_agent_with_the_remedy_and_to_the_person",
            ],
        )],
    },
    Row {
        option: "inboundMedia.keepDays",
        number: "O11",
        level: Level::Everywhere { standard: "7", values: [("0", "0"), ("30", "30")] },
        wrong: &[holds("-1", "below 0", "7"), holds("\"a week\"", "not a number", "7")],
        plays: scenarios![o11_a_file_goes_with_its_turn_where_the_account_says_0_and_stays_where_it_does_not],
        elsewhere: &[
            ("media/days.rs", &["o11_m1_a_file_stays_for_so_many_whole_days_by_default_7"]),
            (
                "media/retention.rs",
                &[
                    "o11_with_keep_days_0_a_file_goes_when_its_turn_has_ended_and_no_other_one",
                    "o11_m1_after_a_message_what_is_over_goes_and_what_is_not_ours_stays",
                ],
            ),
        ],
    },
];

/// What the agent is told in place of a file.
fn not_fetched(file: &Attachment) -> String {
    let extra: Value = file.extra.parse().unwrap_or_default();
    extra["notFetched"].as_str().unwrap_or_default().to_owned()
}

async fn o9_by_default_a_file_over_100_mb_is_not_fetched_and_its_sender_is_told() {
    let world = bots(json!({}), vec![("bot", json!({}))]).await;
    let asked = send_file(&world, "bot", "film.mp4", vec![0; 100 * 1024 * 1024 + 1]).await;
    let told = not_fetched(asked.file());
    assert!(asked.file().path.is_empty() && told.contains("film.mp4") && told.contains("100 MB"), "{told}");
    let notice = world.dingtalk().message_to(&asked.conversation).await;
    assert!(notice.text().contains("film.mp4") && notice.text().contains("100 MB"), "{notice:?}");
    asked.ended().await;
    world.end().await;
}

async fn o9_an_account_has_its_own_limit_for_what_comes() {
    let accounts = vec![("small", json!({})), ("large", json!({"maxFileSizeMB": 1}))];
    let world = bots(json!({"maxFileSizeMB": 0.25}), accounts).await;
    let asked = send_file(&world, "small", "a.bin", vec![7; 300 * 1024]).await;
    assert!(not_fetched(asked.file()).contains("256 KB"), "{:?}", asked.file());
    asked.ended().await;
    let asked = send_file(&world, "large", "a.bin", vec![7; 300 * 1024]).await;
    assert_eq!(fs::read(&asked.file().path).unwrap().len(), 300 * 1024);
    asked.ended().await;
    world.end().await;
}

async fn o9_an_account_has_its_own_limit_for_what_goes_and_with_0_nothing_does() {
    let accounts = vec![
        ("none", json!({})),
        ("small", json!({"maxFileSizeMB": 0.25})),
        ("large", json!({"maxFileSizeMB": 1})),
    ];
    let world = bots(json!({"maxFileSizeMB": 0}), accounts).await;
    let (tiny, small) = (file(&world, "tiny.txt", 1), file(&world, "small.txt", 300 * 1024));
    for (account, file, goes) in
        [("none", &tiny, false), ("small", &tiny, true), ("small", &small, false), ("large", &small, true)]
    {
        let before = uploads(&world);
        let message = OutboundMessage {
            target: "user:user0001".into(),
            attachments: vec![file.clone()],
            ..OutboundMessage::default()
        };
        let sent = world.host().send(account, message).await;
        assert_eq!(sent.is_ok(), goes, "{account} {}: {sent:?}", file.path);
        assert_eq!(uploads(&world), before + usize::from(goes), "{account} {}", file.path);
        if let Err(error) = sent {
            assert!(error.to_string().contains("`maxFileSizeMB`"), "{error}");
        }
    }
    world.end().await;
}

/// A file that the host allows to be sent.
fn file(world: &World, name: &str, size: usize) -> Attachment {
    let path = world.media().join(name);
    fs::write(&path, vec![b'x'; size]).unwrap();
    Attachment { path: path.to_str().unwrap().into(), ..Attachment::default() }
}

fn uploads(world: &World) -> usize {
    world.dingtalk().look(|view| view.uploads().len())
}

async fn o10_m1_files_go_to_the_usual_folder_to_one_at_home_or_to_one_anywhere() {
    let anywhere = tempfile::tempdir().unwrap();
    let dir = |dir: &Path| json!({"inboundMedia": {"dir": dir}});
    let accounts = vec![("home", json!({})), ("anywhere", dir(anywhere.path()))];
    let world = bots(dir(Path::new("~/from people")), accounts).await;
    let home = world.home().join("from people");
    for (account, folder) in [("home", home.as_path()), ("anywhere", anywhere.path())] {
        is_kept_in(&world, account, folder).await;
    }
    world.end().await;

    let world = bots(json!({}), vec![("bot", json!({}))]).await;
    is_kept_in(&world, "bot", &world.home().join(".openclaw/media/dingtalk/inbound")).await;
    world.end().await;
}

/// Sends a file, which is kept in the folder of its day in `folder`.
async fn is_kept_in(world: &World, account: &str, folder: &Path) {
    let asked = send_file(world, account, "a.txt", *b"words").await;
    let path = Path::new(&asked.file().path);
    let dated = path.parent().unwrap();
    assert_eq!(dated.parent(), Some(folder), "{account}");
    assert_eq!(dated.file_name().unwrap().len(), "YYYY-MM-DD".len());
    assert_eq!(fs::read(path).unwrap(), b"words");
    asked.ended().await;
}

async fn o11_a_file_goes_with_its_turn_where_the_account_says_0_and_stays_where_it_does_not() {
    let accounts = vec![("goes", json!({})), ("stays", json!({"inboundMedia": {"keepDays": 1}}))];
    let world = bots(json!({"inboundMedia": {"keepDays": 0}}), accounts).await;
    let stays = send_file(&world, "stays", "a.txt", *b"words").await;
    let kept = stays.file().path.clone();
    stays.answered("Thank you.").await;
    let goes = send_file(&world, "goes", "b.txt", *b"words").await;
    let path = goes.file().path.clone();
    assert!(Path::new(&path).exists(), "while its turn runs");
    goes.answered("Thank you.").await;
    gone(Path::new(&path)).await;
    // Each sweeps what is its own, after a message of its own.
    ask(&world, "stays").await.answered("Still there?").await;
    assert!(Path::new(&kept).exists());
    world.end().await;
}
