//! M4: which agent answers, and in which session.

use crate::{CREW, Heard, LIN, MO, Stand, row};
use host_mock::host::MatchedBy;
use serde_json::json;

#[tokio::test]
async fn m4_bindings_decide_by_account_and_peer_who_answers() {
    let rows = vec![row("bot1", json!({})), row("bot2", json!({})), row("bot3", json!({}))];
    let beside = json!({
        "session": {"dmScope": "per-account-channel-peer"},
        "bindings": [
            {"agentId": "work", "match": {"channel": "dingtalk", "accountId": "bot2"}},
            {"agentId": "lin", "match": {
                "channel": "dingtalk", "accountId": "bot2", "peer": {"kind": "direct", "id": "user0001"},
            }},
            {"agentId": "first", "match": {"channel": "dingtalk"}},
        ],
    });
    let stand = Stand::configured(json!({"defaultAccount": "bot1"}), rows, beside).await;
    for (account, person, agent, by) in [
        ("bot1", MO, "first", MatchedBy::Account),
        ("bot2", MO, "work", MatchedBy::Account),
        ("bot2", LIN, "lin", MatchedBy::Peer),
        ("bot3", LIN, "main", MatchedBy::Default),
    ] {
        assert_eq!(stand.private(account, person).await, Heard::Answer);
        let (route, _) = stand.last_route();
        let session = format!("agent:{agent}:dingtalk:{account}:direct:{}", person.1);
        assert_eq!((&*route.agent, route.session, route.matched_by), (agent, session, by));
    }
    stand.end().await;
}

#[tokio::test]
async fn a_groups_session_has_its_id_in_lower_case_and_the_answer_goes_to_the_id_as_it_is() {
    let stand = Stand::of(vec![row("bot", json!({}))]).await;
    assert_eq!(stand.group("bot", CREW, LIN).await, Heard::Answer);
    let session = "agent:main:dingtalk:group:cidfakegroupaaaa1111bbbb2222==";
    assert_eq!(stand.last_route().0.session, session);
    assert_eq!(stand.private("bot", LIN).await, Heard::Answer);
    assert_eq!(stand.last_route().0.session, "agent:main:main", "as OpenClaw does unless told otherwise");
    stand.end().await;
}

#[tokio::test]
async fn m3_without_a_name_default_is_meant_and_else_the_first() {
    for (accounts, default) in [(["bot", "default"], "default"), (["bot2", "bot1"], "bot1")] {
        let rows = accounts.map(|account| row(account, json!({}))).into();
        let bindings = json!({"bindings": [{"agentId": "first", "match": {"channel": "dingtalk"}}]});
        let stand = Stand::configured(json!({}), rows, bindings).await;
        for account in accounts {
            assert_eq!(stand.private(account, LIN).await, Heard::Answer);
            let agent = if account == default { "first" } else { "main" };
            assert_eq!(stand.last_route().0.agent, agent, "{account}");
        }
        stand.end().await;
    }
}
