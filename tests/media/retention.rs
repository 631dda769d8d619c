//! How long files stay (O11, M1).

use super::{calls, content, file, gone, turn, usual_archive, world};
use host_mock::dingtalk::Endpoint;
use host_sdk::{Json, StatusPatch, StopReason};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use tests::{Setup, World, section};

const NOT_A_TURN_LONGER: i32 = 0;

/// What the archive would have called a file that came on `date`, out of the name of one of today.
pub(crate) fn aged(today: &Path, date: &str, number: usize) -> PathBuf {
    let archive = today.parent().unwrap().parent().unwrap();
    let (_, tag) = today.file_stem().unwrap().to_str().unwrap().rsplit_once("__").unwrap();
    // Account, message, file: of the same account, but another message.
    let tag = format!("{}{number:010x}{}", &tag[..6], &tag[16..]);
    archive.join(date).join(format!("old__{tag}.pdf"))
}

async fn says_something(world: &World) {
    world.dingtalk().says("Mo", "hello");
    turn(world).await.done();
}

#[tokio::test]
async fn o11_with_keep_days_0_a_file_goes_when_its_turn_has_ended_and_no_other_one() {
    let world = world(json!({"inboundMedia": {"keepDays": NOT_A_TURN_LONGER}})).await;
    world.dingtalk().sends_file("Lin", "first.txt", *b"first");
    let first = turn(&world).await;
    world.dingtalk().sends_file("Mo", "second.txt", *b"second");
    let second = turn(&world).await;
    let (first_file, second_file) = (file(&first), file(&second));

    first.done();
    gone(Path::new(&first_file.path)).await;
    assert_eq!(content(&second_file), b"second", "it is in use");
    second.done();
    gone(Path::new(&second_file.path)).await;
    gone(Path::new(&second_file.path).parent().unwrap()).await;
    world.end().await;
}

#[tokio::test]
async fn o11_m1_after_a_message_what_is_over_goes_and_what_is_not_ours_stays() {
    let world = world(json!({"inboundMedia": {"keepDays": 7}})).await;
    world.dingtalk().sends_file("Lin", "new.txt", *b"new");
    let asked = turn(&world).await;
    let new = PathBuf::from(file(&asked).path);
    let old = aged(&new, "2020-01-31", 1);
    let own = old.with_file_name("holiday.jpg");
    let alone = aged(&new, "2020-02-01", 2);
    let future = aged(&new, "2999-01-01", 3);
    let apart = aged(&new, "notes", 4);
    for path in [&old, &own, &alone, &future, &apart] {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    }
    asked.done();
    gone(&old).await;
    gone(alone.parent().unwrap()).await;
    assert!([&new, &own, &future, &apart].iter().all(|path| path.exists()));
    world.end().await;
}

#[tokio::test]
async fn a_turn_that_is_run_again_after_a_kill_finds_its_file() {
    let world = world(json!({"inboundMedia": {"keepDays": NOT_A_TURN_LONGER}})).await;
    world.dingtalk().sends_file("Lin", "a.txt", *b"words");
    let before = file(&turn(&world).await);

    let world = world.crash_and_start_anew(|_| {}).await;
    let again = turn(&world).await;
    says_something(&world).await; // after which what nobody uses goes
    assert_eq!(file(&again).path, before.path);
    assert_eq!(content(&file(&again)), b"words");
    assert_eq!(calls(&world, Endpoint::File), 1, "it was not fetched again");
    again.done();
    gone(Path::new(&before.path)).await;
    world.end().await;
}

#[tokio::test]
async fn what_a_killed_process_left_half_downloaded_goes() {
    let world = world(json!({})).await;
    world.dingtalk().sends_file("Lin", "a.txt", *b"words");
    let asked = turn(&world).await;
    let path = PathBuf::from(file(&asked).path);
    let (_, tag) = path.file_stem().unwrap().to_str().unwrap().rsplit_once("__").unwrap();
    let orphan = usual_archive(&world).join(".incoming").join(format!("{tag}-0123456789abcdef.part"));
    fs::write(&orphan, "half").unwrap();
    let long_ago = fs::FileTimes::new().set_modified(std::time::SystemTime::UNIX_EPOCH);
    fs::File::options().write(true).open(&orphan).unwrap().set_times(long_ago).unwrap();
    asked.done();
    gone(&orphan).await;
    assert!(path.exists());
    world.end().await;
}

/// A measurement, for people to read: a machine that is busy with other things proves nothing. That no
/// acknowledgement waits for the sweep is how they are made: the one is a thread of its own, which takes a few
/// hundred files at a time, and the other does not know of it.
#[tokio::test]
#[ignore = "measures, and so is run alone"]
async fn while_ten_thousand_files_go_messages_are_acknowledged() {
    let world = world(json!({})).await;
    world.dingtalk().sends_file("Lin", "a.txt", *b"words");
    let asked = turn(&world).await;
    let path = PathBuf::from(file(&asked).path);
    let old = (0..10_000).map(|number| aged(&path, "2020-01-31", number)).collect::<Vec<_>>();
    let folder = old[0].parent().unwrap().to_owned();
    fs::create_dir_all(&folder).unwrap();
    // On another thread: DingTalk lives on this one, and must not look dead for as long as a slow disk takes.
    let writing = move || old.iter().try_for_each(|path| fs::write(path, "x"));
    tokio::task::spawn_blocking(writing).await.unwrap().unwrap();
    asked.done();
    let mut slowest = Duration::ZERO;
    let mut swept_beside = 0;
    while folder.exists() {
        let pushed = Instant::now();
        let id = world.dingtalk().says("Mo", "still there?");
        world.dingtalk().acked(&id).await;
        slowest = slowest.max(pushed.elapsed());
        swept_beside += 1;
        turn(&world).await.done();
    }
    println!("{swept_beside} messages beside it, the slowest acknowledged after {slowest:?}");
    world.end().await;
}

#[tokio::test]
async fn a_file_that_two_messages_bring_is_two_files_and_each_goes_with_its_own() {
    let world = world(json!({"inboundMedia": {"keepDays": NOT_A_TURN_LONGER}})).await;
    let code = world.dingtalk().offer_file(*b"shared");
    let mut turns = Vec::new();
    for person in ["Lin", "Mo"] {
        let mut payload = world.dingtalk().payload(person, None);
        payload["msgtype"] = json!("file");
        payload["content"] = json!({"downloadCode": code, "fileName": "plan.txt"});
        world.dingtalk().push(payload);
        turns.push(turn(&world).await);
    }
    let [first, second] = [&turns[0], &turns[1]].map(file);
    turns.remove(0).done();
    gone(Path::new(&first.path)).await;
    assert_eq!(content(&second), b"shared");
    turns.remove(0).done();
    gone(Path::new(&second.path)).await;
    world.end().await;
}

/// Two accounts of one application: `main`, which keeps files for long, and `spare`, which does not.
fn share(section: &mut Value) {
    let own = |days: u32| {
        let (id, secret) = (&section["clientId"], &section["clientSecret"]);
        json!({"clientId": id, "clientSecret": secret, "inboundMedia": {"keepDays": days}})
    };
    section["accounts"] = json!({"main": own(10_000), "spare": own(0)});
    section["enableAICard"] = json!(false);
    section.as_object_mut().unwrap().retain(|key, _| !key.starts_with("client"));
}

#[tokio::test]
async fn of_two_accounts_of_one_application_the_connected_one_says_how_long_files_stay() {
    let world = World::of(Setup::configured(share)).await;
    let is_blocked = |status: &StatusPatch| status.get("lifecycle") == Some(&json!("blocked"));
    world.host().wait_status("spare", is_blocked).await.unwrap();
    world.dingtalk().sends_file("Lin", "a.txt", *b"words");
    let asked = turn(&world).await;
    let old = aged(Path::new(&file(&asked).path), "2020-01-31", 1);
    fs::create_dir_all(old.parent().unwrap()).unwrap();
    let long_ago = fs::FileTimes::new().set_modified(std::time::SystemTime::UNIX_EPOCH);
    fs::File::create(&old).unwrap().set_times(long_ago).unwrap();
    asked.done();

    let mut changed = section(world.dingtalk());
    share(&mut changed);
    // An occasion to look for what goes.
    world.host().channel("spare").unwrap().reconfigure(Json::new(&changed)).await.unwrap();
    says_something(&world).await;
    says_something(&world).await;
    assert!(old.exists());

    world.host().channel("main").unwrap().stop(StopReason::Shutdown, Duration::from_secs(60)).await.unwrap();
    gone(&old).await;
    world.end().await;
}
