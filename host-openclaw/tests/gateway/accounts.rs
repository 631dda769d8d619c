//! Two bots with the second configuration of the guides, each for an agent of its own.

use crate::{
    claim::{Stage, claims},
    files::{
        a_file_is_kept_for_seven_days_where_openclaw_keeps_media,
        a_file_of_more_than_a_hundred_megabytes_is_refused,
    },
    world::World,
};
use host_mock::dingtalk::App;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

pub(crate) const STAGE: Stage = Stage {
    name: "two_bots",
    begin: || Box::pin(begin()),
    claims: claims![
        each_bot_answers_with_its_agent_and_in_its_manner,
        in_a_group_a_bot_without_cards_answers_with_a_message,
        who_waits_half_a_minute_without_a_card_is_told_so,
        a_file_is_kept_for_seven_days_where_openclaw_keeps_media,
        a_file_of_more_than_a_hundred_megabytes_is_refused,
        the_default_account_is_the_one_that_is_named_or_the_first,
    ],
};

/// How long it may take until a changed configuration holds.
const PATIENCE: Duration = Duration::from_secs(180);

/// What the agent is told in groups.
const PROMPT: &str = "Speak as one does in a busy room.";

const MAIN: &str = "ding-main-app-key";
const BACKUP: &str = "ding-backup-app-key";

async fn begin() -> World {
    let apps = [(MAIN, "ding-main-app-secret"), (BACKUP, "ding-backup-app-secret")];
    let apps = apps.map(|(id, secret)| App { client_secret: secret.to_owned(), ..App::new(id) });
    let mut world = World::with_apps(apps.into()).await;
    world.home.has_plugin().await;
    let guide: Value =
        serde_json::from_str(include_str!("../../../tests/fixtures/config/two-accounts.json")).unwrap();
    world.home.configures(&guide["channels"]["dingtalk"]).await;
    let endpoints = world.endpoints();
    world.home.edits(|config| {
        config["channels"]["dingtalk"]["endpoints"] = endpoints;
        config["channels"]["dingtalk"]["groups"] = json!({"*": {"systemPrompt": PROMPT}});
        config["agents"]["list"] = json!([{"id": "main", "default": true}, {"id": "second"}]);
        config["bindings"] =
            json!([{"agentId": "second", "match": {"channel": "dingtalk", "accountId": "bot2"}}]);
    });
    world.starts().await;
    world.dingtalk.connected_times(2).await;
    world
}

async fn each_bot_answers_with_its_agent_and_in_its_manner(world: &mut World) {
    let dingtalk = &world.dingtalk;
    for (app, text) in [(MAIN, "#say from the first"), (BACKUP, "#say from the second")] {
        let mut payload = dingtalk.payload_to(app, "An", None);
        payload["text"] = json!({"content": text});
        dingtalk.push(payload);
    }

    let card = dingtalk.finished_card().await;
    assert_eq!((card.app.as_str(), card.text()), (MAIN, "from the first"));
    // A first turn that is slow may have been announced before.
    let said = |text: &str| text == "from the second";
    let message =
        dingtalk.wait_for(|view| view.messages().find(|message| said(message.text())).cloned()).await;
    assert_eq!(message.app, BACKUP);

    for (text, agent) in [("from the first", "agent=main "), ("from the second", "agent=second ")] {
        let asked = world.model.asked().into_iter().find(|asked| asked.text.contains(text)).unwrap();
        // It stands beside the question, or among the instructions.
        let is_told = asked.text.contains(agent) || asked.instructions.contains(agent);
        assert!(is_told, "{}\n{}", asked.text, asked.instructions);
    }
}

async fn in_a_group_a_bot_without_cards_answers_with_a_message(world: &mut World) {
    let mut payload = world.dingtalk.payload_to(BACKUP, "Bo", Some("Side room"));
    payload["text"] = json!({"content": "#say for the room"});
    world.dingtalk.push(payload);

    let message = world.told("Side room", "for the room").await;

    assert_eq!(message.app, BACKUP);
    for asked in world.model.asked() {
        assert_eq!(
            asked.instructions.contains(PROMPT),
            asked.text.contains("for the room"),
            "{}",
            asked.text
        );
    }
}

/// `longTaskNoticeDelayMs` as it is if nobody writes it.
async fn who_waits_half_a_minute_without_a_card_is_told_so(world: &mut World) {
    let mut payload = world.dingtalk.payload_to(BACKUP, "Chen", None);
    payload["text"] = json!({"content": "#pause 33000 #say After all."});
    // "Chen" alone is their chat with the first bot.
    let chat = payload["conversationId"].as_str().unwrap().to_owned();
    let began = Instant::now();
    world.dingtalk.push(payload);

    world.dingtalk.message_to(&chat).await;
    assert!(began.elapsed() >= Duration::from_secs(30), "not before its time");
    let messages = world.dingtalk.messages_to(&chat, 2).await;

    assert_eq!(messages[1].text(), "After all.", "{messages:?}");
}

async fn the_default_account_is_the_one_that_is_named_or_the_first(world: &mut World) {
    let status = world.home.status(&[]).await;
    assert_eq!(status["channelDefaultAccountId"]["dingtalk"], "bot1", "{status:#}");
    let accounts = status["channelAccounts"]["dingtalk"].as_array().unwrap();
    let connected = accounts.iter().filter(|account| account["connected"] == true).count();
    assert_eq!(connected, 2, "{status:#}");
    let is_counted = |account: &Value| account["budget"]["apiCalls"]["month"].is_u64();
    assert!(accounts.iter().all(is_counted), "what is spent is told: {status:#}");

    for (named, expected) in [(json!("bot2"), "bot2"), (Value::Null, "bot1")] {
        world.home.edits(|config| {
            let section = config["channels"]["dingtalk"].as_object_mut().unwrap();
            section.remove("defaultAccount");
            section.extend((!named.is_null()).then(|| ("defaultAccount".to_owned(), named)));
        });
        becomes_default(world, expected).await;
    }
}

/// The gateway watches the file, and tells nobody when it has read it.
async fn becomes_default(world: &World, account: &str) {
    let began = Instant::now();
    while world.home.status(&[]).await["channelDefaultAccountId"]["dingtalk"] != account {
        assert!(began.elapsed() < PATIENCE, "{account} does not become the default account");
    }
}
