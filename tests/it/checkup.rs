//! The doctor, asked in the middle of things.

use host_mock::{
    command::doctor::{Language, people_s},
    host::Examination,
};
use std::time::Duration;
use tests::World;
use tokio::time::timeout;

const SCOPE: &str = "qyapi_robot_sendmsg";
/// Guards against a hang alone.
const PATIENCE: Duration = Duration::from_secs(120);

/// Examines until it finds this of the permission: on a busy machine a call may be late the first time.
async fn found(world: &World, code: &str) -> Examination {
    let examining = async {
        loop {
            let examination = Examination::of_running(world.host()).await;
            let mut checks = examination.accounts.iter().flat_map(|examined| &examined.report.checks);
            if checks.any(|check| check.name.ends_with(SCOPE) && check.code == code) {
                return examination;
            }
        }
    };
    timeout(PATIENCE, examining).await.unwrap_or_else(|_| panic!("nothing is {code}"))
}

#[tokio::test]
async fn of_a_bot_that_runs_it_names_what_was_taken_away_since_with_the_link_that_cures_it() {
    let world = World::start().await;
    world.dingtalk().deny_scope(SCOPE);
    let examination = found(&world, "missing").await;
    assert!(!examination.ok);
    let told = people_s(&examination, Language::Zh);
    let link = format!("appscope/apply?content={}%23{SCOPE}", world.dingtalk().app().client_id);
    assert!(told.contains(&format!("没有开通 {SCOPE}。")) && told.contains(&link), "{told}");

    world.dingtalk().grant_scope(SCOPE);
    assert!(found(&world, "granted").await.accounts.len() == 1);
    world.end().await;
}
