//! O6: in which groups the bot answers, and whom.

use crate::{CREW, Heard, LIN, MO, OTHERS, Stand, row};
use host_mock::dingtalk::Group;
use serde_json::{Value, json};

/// The id of [`CREW`].
const ID: &str = "cidFakeGroupAAAA1111bbbb2222==";

fn allowlist(options: Value) -> Value {
    let mut options = options;
    options["groupPolicy"] = json!("allowlist");
    options
}

#[tokio::test]
async fn o6_open_answers_in_every_group_and_disabled_in_none() {
    let stand = Stand::of(vec![
        row("nothing", json!({})),
        row("open", json!({"groupPolicy": "open", "groupAllowFrom": ["user0001"], "groups": {ID: {}}})),
        row("disabled", json!({"groupPolicy": "disabled", "groups": {"*": {}}})),
    ])
    .await;
    for account in ["nothing", "open"] {
        assert_eq!(stand.group(account, OTHERS, MO).await, Heard::Answer, "{account}");
    }
    assert_eq!(stand.group("disabled", CREW, LIN).await, Heard::Nothing);
    assert_eq!(stand.private("disabled", LIN).await, Heard::Answer);
    stand.end().await;
}

#[tokio::test]
async fn o6_an_allowlist_answers_in_listed_groups_and_names_the_others_id() {
    let stand = Stand::of(vec![
        row("groups", allowlist(json!({"groups": {ID: {}}}))),
        row("entry", allowlist(json!({"groupAllowFrom": [format!("ding:{ID}")]}))),
        row("lower", allowlist(json!({"groups": {ID.to_lowercase(): {}}}))),
    ])
    .await;
    let other = Group::new(OTHERS).conversation_id;
    for account in ["groups", "entry", "lower"] {
        assert_eq!(stand.group(account, CREW, MO).await, Heard::Answer, "{account}");
        let told = stand.group(account, OTHERS, MO).await;
        assert!(told.tells(&other) && told.tells("这个群"), "{account}: {told:?}");
        assert_eq!(stand.group(account, OTHERS, LIN).await, Heard::Nothing, "{account}: it was told");
    }
    stand.end().await;
}

#[tokio::test]
async fn o6_an_allowlist_of_people_answers_only_them_and_only_where_groups_allow() {
    let stand = Stand::of(vec![
        row("people", allowlist(json!({"groupAllowFrom": ["user0001"]}))),
        row("both", allowlist(json!({"groupAllowFrom": ["user0001", ID]}))),
        row("star", allowlist(json!({"groupAllowFrom": ["*"]}))),
        row("own", allowlist(json!({"groups": {"*": {}, ID: {"allowFrom": ["user0002"]}}}))),
    ])
    .await;
    for (account, group, person, answers) in [
        ("people", CREW, LIN, true),
        ("people", OTHERS, LIN, true),
        ("people", CREW, MO, false),
        ("both", CREW, LIN, true),
        ("both", CREW, MO, false),
        ("both", OTHERS, LIN, false),
        ("star", OTHERS, MO, true),
        ("own", CREW, MO, true),
        ("own", CREW, LIN, false),
        ("own", OTHERS, LIN, true),
    ] {
        let heard = stand.group(account, group, person).await;
        let as_expected = if answers { heard == Heard::Answer } else { matches!(heard, Heard::Told(_)) };
        assert!(as_expected, "{account} {group} {person:?}: {heard:?}");
    }
    stand.end().await;
}

#[tokio::test]
async fn o6_an_allowlist_that_is_empty_answers_nobody() {
    let stand = Stand::of(vec![
        row("absent", allowlist(json!({"allowFrom": ["*"]}))),
        row("empty", allowlist(json!({"groupAllowFrom": [], "groups": {ID: {}}}))),
        row("own", json!({"groups": {ID: {"allowFrom": []}}})),
    ])
    .await;
    for account in ["absent", "empty", "own"] {
        assert!(stand.group(account, CREW, LIN).await.tells("user0001"), "{account}");
    }
    stand.end().await;
}

#[tokio::test]
async fn a_group_can_be_switched_off_alone() {
    let stand = Stand::of(vec![row("off", json!({"groups": {ID: {"enabled": false}}}))]).await;
    assert_eq!(stand.group("off", CREW, LIN).await, Heard::Nothing);
    assert_eq!(stand.group("off", OTHERS, LIN).await, Heard::Answer);
    stand.end().await;
}

#[tokio::test]
async fn a_group_mentions_the_bot_unless_it_need_not() {
    let stand = Stand::of(vec![
        row("nothing", json!({})),
        row("never", json!({"requireMention": false})),
        row("here", json!({"groups": {ID: {"requireMention": false}}})),
        row("elsewhere", json!({"requireMention": false, "groups": {ID: {"requireMention": true}}})),
        row("listed", allowlist(json!({"requireMention": false, "groupAllowFrom": ["user0001"]}))),
    ])
    .await;
    let quiet = |account: &str, group, person| {
        let mut payload = stand.message(account, person, Some(group));
        payload["isInAtList"] = json!(false);
        payload["atUsers"] = json!([]);
        payload
    };
    for (account, group, person, heard) in [
        ("nothing", CREW, MO, Heard::Nothing),
        ("never", CREW, MO, Heard::Answer),
        ("here", CREW, MO, Heard::Answer),
        ("here", OTHERS, MO, Heard::Nothing),
        ("elsewhere", CREW, MO, Heard::Nothing),
        ("elsewhere", OTHERS, MO, Heard::Answer),
        ("listed", CREW, LIN, Heard::Answer),
        // Who was not spoken to is not told either that he may not write.
        ("listed", CREW, MO, Heard::Nothing),
    ] {
        assert_eq!(stand.heard(account, quiet(account, group, person)).await, heard, "{account} {group}");
    }
    stand.end().await;
}
