//! M4: several agents, each behind a bot of its own, with the mission's second configuration.

use crate::{Stand, stand::answered_by};
use host_mock::host::{Crew, Event, Script};
use serde_json::{Value, json};

const MISSION: &str = include_str!("../fixtures/config/two-accounts.json");

/// The mission's configuration as it stands, with the credentials and the address of the test's own DingTalk.
fn mission(config: &mut Value) {
    let mut mission: Value = serde_json::from_str(MISSION).unwrap();
    let ours = config["channels"]["dingtalk"].take();
    let section = &mut mission["channels"]["dingtalk"];
    section["endpoints"] = ours["endpoints"].clone();
    for account in ["bot1", "bot2"] {
        for key in ["clientId", "clientSecret"] {
            section["accounts"][account][key] = ours["accounts"][account][key].clone();
        }
    }
    *config = mission;
}

#[tokio::test]
async fn m4_each_bot_answers_with_its_agent_and_on_its_own_surface() {
    let configure = |config: &mut Value| {
        mission(config);
        config["agents"] = json!({"list": [{"id": "sales"}, {"id": "support"}]});
        config["bindings"] = json!([
            {"agentId": "sales", "match": {"channel": "dingtalk", "accountId": "bot1"}},
            {"agentId": "support", "match": {"channel": "dingtalk", "accountId": "bot2"}},
        ]);
    };
    let crew = Crew::default()
        .with("sales", Script::saying("**Sales** speaking."))
        .with("support", Script::saying("**Support** speaking."));
    let stand = Stand::with(&["bot1", "bot2"], configure, answered_by(crew)).await;
    let asked = [("bot1", "Lin"), ("bot2", "Lin"), ("bot2", "Mo"), ("bot1", "Mo")]
        .map(|(account, person)| stand.says(account, person, "who are you?"));
    for id in &asked {
        assert!(stand.host.wait_answered(id).await.unwrap().arrived());
    }
    assert_eq!(stand.seen("bot1"), ["**Sales** speaking."; 2]);
    assert_eq!(stand.cards("bot1").len(), 2, "bot1 answers on cards");
    assert_eq!(stand.seen("bot2"), ["**Support** speaking."; 2]);
    assert_eq!(stand.cards("bot2").len(), 0, "bot2 answers in messages");
    let kinds: Vec<_> = stand.dingtalk.look(|view| view.messages().map(|it| it.kind.clone()).collect());
    assert_eq!(kinds, ["markdown"; 2]);
    stand.end().await;
}

#[tokio::test]
async fn m4_without_bindings_both_bots_are_the_same_agents() {
    let crew = Crew::default().with("main", Script::saying("The one and only."));
    let stand = Stand::with(&["bot1", "bot2"], mission, answered_by(crew)).await;
    for account in ["bot1", "bot2"] {
        let id = stand.says(account, "Lin", "who are you?");
        stand.host.wait_answered(&id).await.unwrap();
        assert_eq!(stand.seen(account), ["The one and only."]);
    }
    stand.end().await;
}

/// Where the messages of two people to two bots go, bot by bot.
const SCOPES: [(&str, [&str; 4]); 4] = [
    ("main", ["main"; 4]),
    ("per-peer", ["direct:user0001", "direct:user0002", "direct:user0001", "direct:user0002"]),
    (
        "per-channel-peer",
        [
            "dingtalk:direct:user0001",
            "dingtalk:direct:user0002",
            "dingtalk:direct:user0001",
            "dingtalk:direct:user0002",
        ],
    ),
    (
        "per-account-channel-peer",
        [
            "dingtalk:bot1:direct:user0001",
            "dingtalk:bot1:direct:user0002",
            "dingtalk:bot2:direct:user0001",
            "dingtalk:bot2:direct:user0002",
        ],
    ),
];

#[tokio::test]
async fn each_scope_of_private_sessions_gives_the_keys_that_openclaw_gives() {
    for (scope, keys) in SCOPES {
        let configure = |config: &mut Value| {
            mission(config);
            config["session"] = json!({"dmScope": scope});
        };
        let crew = Crew::default().with("main", Script::saying("Yes?"));
        let stand = Stand::with(&["bot1", "bot2"], configure, answered_by(crew)).await;
        let places = [("bot1", "Lin"), ("bot1", "Mo"), ("bot2", "Lin"), ("bot2", "Mo")];
        for ((account, person), key) in places.into_iter().zip(keys) {
            let id = stand.says(account, person, "hello");
            let session = stand.until("a session", |event| match event {
                Event::Admitted { message, route, .. } if *message == id => Some(route.session.clone()),
                _ => None,
            });
            assert_eq!(session.await, format!("agent:main:{key}"), "{scope}");
        }
        stand.end().await;
    }
}
