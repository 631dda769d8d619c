//! What one account suffers does not touch another account's answers.

use crate::Stand;
use host_mock::{
    dingtalk::{Endpoint, Fault, Person, Settings},
    host::PuppetTurn,
};
use host_sdk::{
    Accepted, Conversation, Done, InboundMessage, OutboundMessage, Phase, StatusPatch, StreamUpdate,
    host::Events,
};
use serde_json::{Value, json};
use std::{fs, os::unix::fs::DirBuilderExt};
use tests::{Watched, context, obedient};

const ACCOUNTS: [&str; 2] = ["ill", "well"];

fn ill(config: &mut Value) -> &mut Value {
    &mut config["channels"]["dingtalk"]["accounts"]["ill"]
}

/// The turn that answers this message; the others, which are the ill account's, go on.
async fn turn_of(stand: &Stand, id: &str, others: &mut Vec<PuppetTurn>) -> PuppetTurn {
    loop {
        let turn = stand.agent.next_turn().await.unwrap();
        if turn.message().id == id {
            return turn;
        }
        others.push(turn);
    }
}

/// The well account answers on one card that grows and ends.
async fn is_well(stand: &Stand, others: &mut Vec<PuppetTurn>) {
    let id = stand.says("well", "Lin", "how are you?");
    let turn = turn_of(stand, &id, others).await;
    turn.say("Quite");
    stand.shows("well", "Quite").await;
    turn.say(" well.");
    turn.done();
    let end = stand.host.wait_answered(&id).await.unwrap();
    assert!(end.phase == Phase::Done && end.arrived(), "{end:?}");
    assert_eq!(stand.seen("well"), ["Quite well."]);
}

#[tokio::test]
async fn wrong_credentials_block_their_own_account_only() {
    let wrong = |config: &mut Value| ill(config)["clientSecret"] = json!("wrong");
    let stand = Stand::with(&ACCOUNTS, wrong, |_| {}).await;
    let blocked = |status: &StatusPatch| status.get("lifecycle") == Some(&"blocked".into());
    stand.host.wait_status("ill", blocked).await.unwrap();
    is_well(&stand, &mut Vec::new()).await;
    assert_eq!(stand.host.status("well").unwrap().get("lastError").filter(|error| !error.is_null()), None);
    stand.end().await;
}

#[tokio::test]
async fn a_flood_that_nobody_answers_takes_no_place_of_anothers() {
    const PEOPLE: usize = 300;
    let plain = |config: &mut Value| {
        ill(config)["enableAICard"] = json!(false);
        ill(config)["longTaskNoticeDelayMs"] = json!(0);
    };
    let stand = Stand::with(&ACCOUNTS, plain, |options| options.inbox.caps.account = 1000).await;
    for number in 0..PEOPLE {
        let name = format!("crowd{number:04}");
        stand.dingtalk.add_person(Person::new(&name, &name));
        for text in ["hello?", "anybody?"] {
            stand.says("ill", &name, text);
        }
    }
    let last = stand.says("ill", "Mo", "and I");
    stand.admitted(&last).await;
    let mut others = Vec::new();
    is_well(&stand, &mut others).await;
    assert!(stand.host.inbox("ill").unwrap().unfinished > PEOPLE, "they all still wait");
    drop((stand.host, others));
}

#[tokio::test]
async fn a_dingtalk_that_hangs_holds_nobody_up_but_its_own_account() {
    let sick = Watched::start(Settings::default()).await;
    let (app, base) = (sick.app(), sick.base_url());
    let elsewhere = move |config: &mut Value| {
        let endpoints = json!({"api": base, "oapi": base});
        *ill(config) =
            json!({"clientId": app.client_id, "clientSecret": app.client_secret, "endpoints": endpoints});
    };
    let stand = Stand::with(&ACCOUNTS, elsewhere, |_| {}).await;
    sick.connected().await;
    for endpoint in [Endpoint::CreateAndDeliver, Endpoint::SendBySession, Endpoint::BatchSend] {
        sick.on(endpoint).answer(Fault::Hang).always();
    }
    sick.says("Lin", "hello?");
    let of_the_ill = stand.agent.next_turn().await.unwrap();
    of_the_ill.say("I try");
    sick.wait_for(|view| view.calls_to(Endpoint::CreateAndDeliver).next().map(drop)).await;
    is_well(&stand, &mut Vec::new()).await;
    drop((stand.host, of_the_ill));
}

#[tokio::test]
async fn a_disk_that_takes_no_ledger_is_its_own_accounts_trouble_and_both_answer() {
    let stand = Stand::with(
        &ACCOUNTS,
        |_| {},
        |options| {
            let folder = options.state_dir.join("channels/dingtalk/ill");
            let mut private = fs::DirBuilder::new();
            private.recursive(true).mode(0o700).create(folder.join("ledger.journal")).unwrap();
        },
    )
    .await;
    let troubled = |status: &StatusPatch| status.get("ledgerTrouble").is_some_and(Value::is_string);
    stand.host.wait_status("ill", troubled).await.unwrap();
    is_well(&stand, &mut Vec::new()).await;
    assert!(!troubled(&stand.host.status("well").unwrap()));
    let id = stand.says("ill", "Lin", "and you?");
    let turn = stand.agent.next_turn().await.unwrap();
    turn.say("So so.");
    turn.done();
    assert!(stand.host.wait_answered(&id).await.unwrap().arrived());
    assert_eq!(stand.seen("ill"), ["So so."]);
    stand.end().await;
}

/// What one account of a library may be told, in a call, in a task or in a callback.
const ORDERS: [&str; 9] = [
    "panic",
    "throw a bomb",
    "spawn panic",
    "spawn a bomb",
    "timer panic",
    "blocking panic",
    "blocking bomb",
    "spawn hang",
    "busy",
];

#[tokio::test]
async fn a_panic_in_a_plugins_code_is_its_own_accounts_also_in_one_library() {
    let plugin = tokio::task::spawn_blocking(|| obedient().plugin()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let open = |account: &str| plugin.open(context(account, &json!({}), folder.path()), Deaf).unwrap();
    let (ill, well) = (open("ill"), open("well"));
    ill.start().await.unwrap();
    well.start().await.unwrap();
    // In a conversation of its own: what is sent into one takes effect in order.
    let elsewhere = Conversation { id: "elsewhere".into(), ..Conversation::default() };
    let hanging = ill.send(OutboundMessage { conversation: Some(elsewhere), ..order("hang") });
    for told in ORDERS {
        let suffers = ill.send(order(told));
        let growing =
            StreamUpdate { stream: told.into(), seq: 1, phase: Phase::Open, ..StreamUpdate::default() };
        assert!(well.stream_update(growing.clone()).await.is_ok(), "{told}");
        assert!(well.send(order("fine")).await.is_ok(), "{told}");
        let ended = StreamUpdate { seq: 2, phase: Phase::Done, text: "all".into(), ..growing };
        assert!(well.stream_update(ended).await.is_ok(), "{told}");
        if told == "busy" {
            // A look at its metrics lets it go on: until here it kept a thread to itself.
            drop(ill.metrics());
        }
        // With or without an error, but answered.
        drop(suffers.await);
        assert!(well.probe().await.unwrap().ok, "{told}");
    }
    drop((hanging, ill));
    assert!(well.send(order("fine")).await.is_ok());
    let shown: Vec<String> = well.metrics().parse().unwrap();
    assert_eq!(shown.iter().filter(|shown| *shown == "all").count(), ORDERS.len());
}

fn order(text: &str) -> OutboundMessage {
    OutboundMessage { text: text.into(), ..OutboundMessage::default() }
}

/// A host that listens to nothing.
struct Deaf;

impl Events for Deaf {
    fn receive(&self, _: InboundMessage, answer: Done<Accepted>) {
        answer.answer(Ok(Accepted::New));
    }
}
