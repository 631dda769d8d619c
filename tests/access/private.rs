//! O5: who may write in private.

use crate::{Heard, LIN, MO, Stand, row};
use host_mock::dingtalk::Endpoint;
use serde_json::json;

#[tokio::test]
async fn o5_open_answers_everyone_and_with_entries_only_those() {
    let stand = Stand::of(vec![
        row("nothing", json!({})),
        row("open", json!({"dmPolicy": "open"})),
        row("star", json!({"dmPolicy": "open", "allowFrom": ["dd:*"]})),
        row("entries", json!({"dmPolicy": "open", "allowFrom": ["user0001"]})),
    ])
    .await;
    for account in ["nothing", "open", "star"] {
        assert_eq!(stand.private(account, MO).await, Heard::Answer, "{account}");
    }
    assert_eq!(stand.private("entries", LIN).await, Heard::Answer);
    assert!(stand.private("entries", MO).await.tells("user0002"));
    stand.end().await;
}

#[tokio::test]
async fn o5_an_allowlist_answers_only_who_is_listed_by_any_id_in_its_case() {
    let listed = |entry: &str| json!({"dmPolicy": "allowlist", "allowFrom": [entry]});
    let stand = Stand::of(vec![
        row("plain", listed("user0001")),
        row("prefixed", listed("DingTalk: user:user0001")),
        row("union", listed("uFake1")),
        row("star", listed("*")),
        row("case", listed("USER0001")),
        row("empty", json!({"dmPolicy": "allowlist", "allowFrom": []})),
        row("absent", json!({"dmPolicy": "allowlist"})),
        row("typo", json!({"dmPolicy": "opne"})),
    ])
    .await;
    for account in ["plain", "prefixed", "union", "star"] {
        assert_eq!(stand.private(account, LIN).await, Heard::Answer, "{account}");
    }
    for account in ["plain", "prefixed", "union"] {
        assert!(stand.private(account, MO).await.tells("user0002"), "{account}");
    }
    for account in ["case", "empty", "absent", "typo"] {
        assert!(stand.private(account, LIN).await.tells("user0001"), "{account}");
    }
    stand.end().await;
}

#[tokio::test]
async fn o5_disabled_answers_nobody_in_private_and_everybody_in_groups() {
    let stand = Stand::of(vec![row("off", json!({"dmPolicy": "disabled", "allowFrom": ["*"]}))]).await;
    assert_eq!(stand.private("off", LIN).await, Heard::Nothing);
    assert_eq!(stand.group("off", crate::CREW, LIN).await, Heard::Answer);
    stand.end().await;
}

#[tokio::test]
async fn a_denial_is_told_once_an_hour_to_each_in_the_language_of_the_account() {
    let stand = Stand::of(vec![
        row("zh", json!({"dmPolicy": "allowlist"})),
        row("en", json!({"dmPolicy": "allowlist", "locale": "en"})),
    ])
    .await;
    assert!(stand.private("zh", LIN).await.tells("还没有使用权限"));
    assert_eq!(stand.private("zh", LIN).await, Heard::Nothing);
    assert!(stand.private("zh", MO).await.tells("user0002"), "another person");
    assert!(stand.private("en", LIN).await.tells("may not use this bot"), "another account");
    stand.end().await;
}

#[tokio::test]
async fn m2_an_account_takes_its_rules_from_the_top_level_where_it_has_none() {
    let top = json!({"dmPolicy": "allowlist", "allowFrom": ["user0001"]});
    let rows = vec![
        row("inherits", json!({})),
        row("policy", json!({"dmPolicy": "disabled"})),
        row("list", json!({"allowFrom": ["user0002"]})),
    ];
    let stand = Stand::configured(top, rows, json!({})).await;
    assert_eq!(stand.private("inherits", LIN).await, Heard::Answer);
    assert!(stand.private("inherits", MO).await.tells("user0002"));
    assert_eq!(stand.private("policy", LIN).await, Heard::Nothing);
    assert!(stand.private("list", LIN).await.tells("user0001"), "lists are replaced");
    assert_eq!(stand.private("list", MO).await, Heard::Answer);
    stand.end().await;
}

#[tokio::test]
async fn a_stranger_makes_us_download_nothing_and_leaves_nothing_behind() {
    let stand = Stand::of(vec![row("off", json!({"dmPolicy": "allowlist"}))]).await;
    let code = stand.dingtalk().offer_file(b"a picture".to_vec());
    let mut picture = stand.message("off", LIN, None);
    picture["msgtype"] = json!("picture");
    picture["content"] = json!({"downloadCode": code});
    assert!(stand.heard("off", picture).await.tells("user0001"));
    let downloads = [Endpoint::MessageFile, Endpoint::File];
    let asked = |endpoint| stand.dingtalk().look(|view| view.calls_to(endpoint).count());
    assert_eq!(downloads.map(asked), [0, 0]);

    let stand = stand.restarted().await;
    assert_eq!(stand.host().inbox("off").unwrap().unfinished, 0, "it does not come again");
    stand.end().await;
}
