//! How much DingTalk may be called.

use crate::{
    bots::{Answer, ask, bots},
    row::{Level, Row, holds},
};
use host_mock::dingtalk::Via;
use serde_json::{Value, json};
use tests::{World, scenarios};

pub(crate) const ROWS: &[Row] = &[
    Row {
        option: "budget",
        number: "",
        level: Level::Group,
        wrong: &[holds("5000", "not an object", "")],
        plays: scenarios![without_a_cap_there_is_none],
        elsewhere: &[("it/budget.rs", &["as_the_budget_runs_out_answers_get_simpler_and_are_still_given"])],
    },
    Row {
        option: "budget.apiCallsPerMonth",
        number: "",
        level: Level::Everywhere { standard: "", values: [("5000", "5000"), ("1000000", "1000000")] },
        wrong: &[holds("0", "below 1", "1"), holds("\"5000\"", "not a number", "")],
        plays: scenarios![calls_a_month_that_are_used_up_leave_messages_and_an_account_has_its_own_cap],
        elsewhere: &[],
    },
    Row {
        option: "budget.apiCallsPerDay",
        number: "",
        level: Level::Everywhere { standard: "", values: [("200", "200"), ("5", "5")] },
        wrong: &[holds("-5", "below 1", "1"), holds("true", "not a number", "")],
        plays: scenarios![calls_a_day_that_are_used_up_leave_messages_and_an_account_has_its_own_cap],
        elsewhere: &[("it/budget.rs", &["as_the_budget_runs_out_answers_get_simpler_and_are_still_given"])],
    },
    Row {
        option: "budget.messagesPerMonth",
        number: "",
        level: Level::Everywhere { standard: "", values: [("3000", "3000"), ("10", "10")] },
        wrong: &[holds("0", "below 1", "1"), holds("[]", "not a number", "")],
        plays: scenarios![messages_a_month_that_are_used_up_leave_the_robots_and_an_account_has_its_own_cap],
        elsewhere: &[],
    },
];

async fn calls_a_month_that_are_used_up_leave_messages_and_an_account_has_its_own_cap() {
    calls_that_are_used_up_leave_messages("apiCallsPerMonth", "monthCap").await;
}

async fn calls_a_day_that_are_used_up_leave_messages_and_an_account_has_its_own_cap() {
    calls_that_are_used_up_leave_messages("apiCallsPerDay", "dayCap").await;
}

async fn calls_that_are_used_up_leave_messages(option: &str, cap: &str) {
    let accounts = vec![("silent", json!({})), ("rich", json!({"budget": {option: 1_000_000}}))];
    let world = bots(json!({"budget": {option: 1}}), accounts).await;
    for (account, allowed) in [("silent", 1), ("rich", 1_000_000)] {
        assert_eq!(budget(&world, account)["apiCalls"][cap], allowed);
        // Whatever the first one is, it is a call.
        answered(&world, account).await;
        let second = answered(&world, account).await;
        match account {
            "silent" => assert_eq!(second.message().via, Via::Webhook),
            _ => assert_eq!(second.card().text(), "Hello, Lin."),
        }
    }
    world.end().await;
}

async fn messages_a_month_that_are_used_up_leave_the_robots_and_an_account_has_its_own_cap() {
    let top = json!({"enableAICard": false, "budget": {"messagesPerMonth": 1}});
    let accounts = vec![("silent", json!({})), ("rich", json!({"budget": {"messagesPerMonth": 1_000_000}}))];
    let world = bots(top, accounts).await;
    for (account, via) in [("silent", Via::Robot), ("rich", Via::Webhook)] {
        assert_eq!(answered(&world, account).await.message().via, Via::Webhook, "{account}");
        assert_eq!(answered(&world, account).await.message().via, via, "{account}");
    }
    world.end().await;
}

async fn without_a_cap_there_is_none() {
    let world = bots(json!({}), vec![("bot", json!({}))]).await;
    for _ in 0..2 {
        answered(&world, "bot").await.card();
    }
    let budget = budget(&world, "bot");
    assert_eq!(budget["level"], "ample");
    assert!(
        [&budget["apiCalls"]["monthCap"], &budget["apiCalls"]["dayCap"], &budget["messages"]["monthCap"]]
            .iter()
            .all(|cap| cap.is_null())
    );
    world.end().await;
}

async fn answered(world: &World, account: &str) -> Answer {
    ask(world, account).await.answered("Hello, Lin.").await
}

fn budget(world: &World, account: &str) -> Value {
    let metrics: Value = world.host().channel(account).unwrap().metrics().parse().unwrap();
    metrics["budget"].clone()
}
