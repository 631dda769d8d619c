//! A host that dies by SIGKILL while it is slow and DingTalk pushes again.
#![allow(clippy::unwrap_used, reason = "a test may")]

use chaos::{
    StageOptions, driver,
    plan::{Mood, Plan, Step},
};
use std::path::Path;

fn options() -> StageOptions {
    let plugins = tests::dingtalk().plugins_directory().to_owned();
    StageOptions::new(plugins, Path::new(env!("CARGO_BIN_EXE_chaos")).to_owned())
}

/// Some messages before, and three processes that are killed: before anything is written down, about when
/// it is, and when some of it is written down but not answered.
fn slow_accept_and_kill() -> Plan {
    let mut steps = vec![Step::Repush(true), Step::Push(20)];
    for killed_after in [100, 1_500, 2_200] {
        let slow = Step::Host(Mood::Slow(3_000));
        steps.extend([
            slow,
            Step::Blind(40),
            Step::Last(killed_after),
            Step::Kill,
            Step::Push(20),
            Step::Settle,
        ]);
    }
    Plan { seed: 4, steps }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_accept_a_push_again_and_a_kill_lose_nothing_and_repeat_nothing() {
    let plan = slow_accept_and_kill();
    let options = tokio::task::spawn_blocking(options).await.unwrap();

    let outcome = driver::run(&plan, options, |_| {}).await.unwrap();

    let account = outcome.ledger.account();
    assert!(account.is_clean(), "{account}");
    assert_eq!(account.accepted, plan.messages() as usize, "all of it is pushed again until it is there");
}
