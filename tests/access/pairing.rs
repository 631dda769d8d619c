//! O5, `pairing`: somebody new is told a code, and writes once the owner has approved it.

use crate::{CREW, Heard, LIN, MO, Stand, row};
use host_mock::{dingtalk::Person, host::Pairings};
use serde_json::{Value, json};

/// The code that somebody was told.
fn code(heard: &Heard) -> String {
    let Heard::Told(text) = heard else { panic!("{heard:?}") };
    text.split("**").nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn o5_pairing_tells_a_code_once_and_answers_whom_the_owner_approves() {
    let stand = Stand::of(vec![
        row("pair", json!({"dmPolicy": "pairing", "allowFrom": ["user0001"]})),
        row("other", json!({"dmPolicy": "pairing", "locale": "en"})),
    ])
    .await;
    assert_eq!(stand.private("pair", LIN).await, Heard::Answer, "she is listed");
    let told = stand.private("pair", MO).await;
    assert!(told.tells("配对码") && told.tells("user0002"), "{told:?}");
    assert_eq!(stand.private("pair", MO).await, Heard::Nothing, "he knows his code");

    let pairings = Pairings::at(stand.state().path());
    let waits = pairings.waiting("dingtalk", None).unwrap();
    assert_eq!((&*waits[0].account.account, waits[0].request.code.as_str()), ("pair", &*code(&told)));
    pairings.approve("dingtalk", None, &code(&told)).unwrap();
    assert_eq!(stand.private("pair", MO).await, Heard::Answer, "the host that runs sees it at once");
    assert!(stand.private("other", MO).await.tells("Pairing code"), "each account has its own");

    let stand = stand.restarted().await;
    assert_eq!(stand.private("pair", MO).await, Heard::Answer);
    assert_eq!(stand.private("other", MO).await, Heard::Nothing, "his code is still the same");
    stand.end().await;
}

#[tokio::test]
async fn an_approved_person_is_let_in_by_the_allowlist_too_and_nobody_else_can_ask() {
    let stand = Stand::of(vec![row("list", json!({"dmPolicy": "pairing"}))]).await;
    let told = stand.private("list", MO).await;
    Pairings::at(stand.state().path()).approve("dingtalk", Some("list"), &code(&told)).unwrap();
    let stand =
        stand.reconfigured(|channel| channel["accounts"]["list"]["dmPolicy"] = json!("allowlist")).await;
    assert_eq!(stand.private("list", MO).await, Heard::Answer);
    assert!(stand.private("list", LIN).await.tells("还没有使用权限"));
    let open = |channel: &mut Value| {
        channel["accounts"]["list"]["dmPolicy"] = json!("open");
        channel["accounts"]["list"]["allowFrom"] = json!(["user0001"]);
    };
    let stand = stand.reconfigured(open).await;
    assert!(stand.private("list", MO).await.tells("user0002"), "approval does not widen `open`");
    stand.end().await;
}

#[tokio::test]
async fn three_may_wait_and_the_fourth_hears_nothing_until_there_is_room() {
    let people: Vec<_> =
        (1..=4).map(|number| Person::new(&format!("guest{number}"), &format!("Guest {number}"))).collect();
    let stand = Stand::with_people(people.clone(), vec![row("pair", json!({"dmPolicy": "pairing"}))]).await;
    let guest = |number: usize| (people[number].nick.as_str(), people[number].staff_id.as_str());
    let mut codes = Vec::new();
    for number in 0..3 {
        codes.push(code(&stand.private("pair", guest(number)).await));
    }
    assert_eq!(stand.private("pair", guest(3)).await, Heard::Nothing);
    let line = |lines: &[host_mock::host::LogEntry]| {
        lines.iter().find(|line| line.message.contains("guest4 cannot ask to be let in")).cloned()
    };
    stand.host().wait_log("a line about the fourth", line).await.unwrap();
    Pairings::at(stand.state().path()).approve("dingtalk", None, &codes[0]).unwrap();
    code(&stand.private("pair", guest(3)).await);
    stand.end().await;
}

#[tokio::test]
async fn an_approved_person_may_command_in_a_group_and_others_there_may_not() {
    let stand = Stand::of(vec![row("pair", json!({"dmPolicy": "pairing"}))]).await;
    let told = stand.private("pair", MO).await;
    Pairings::at(stand.state().path()).approve("dingtalk", None, &code(&told)).unwrap();
    for (person, may_command) in [(MO, true), (LIN, false)] {
        assert_eq!(stand.group("pair", CREW, person).await, Heard::Answer);
        assert_eq!(stand.last_route().1, may_command, "{person:?}");
    }
    assert_eq!(stand.private("pair", MO).await, Heard::Answer);
    assert!(stand.last_route().1);
    stand.end().await;
}

#[tokio::test]
async fn whoever_could_not_be_told_their_code_gets_one_with_the_next_message() {
    let stand = Stand::of(vec![row("pair", json!({"dmPolicy": "pairing"}))]).await;
    let mut unreachable = stand.message("pair", MO, None);
    // Nothing to answer to: no webhook, and nobody of this id in the organisation.
    unreachable["sessionWebhook"] = json!(null);
    unreachable["senderStaffId"] = json!(null);
    let heard = stand.heard("pair", unreachable).await;
    assert_eq!(heard, Heard::Nothing);
    assert_eq!(Pairings::at(stand.state().path()).waiting("dingtalk", None).unwrap(), []);
    stand.end().await;
}
