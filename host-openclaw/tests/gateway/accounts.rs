//! Two bots with the second configuration of the guides, each for an agent of its own.

use crate::{
    claim::{Stage, claims},
    world::World,
};
use host_mock::dingtalk::App;
use serde_json::{Value, json};

pub(crate) const STAGE: Stage = Stage {
    name: "two_bots",
    begin: || Box::pin(begin()),
    claims: claims![
        each_bot_answers_with_its_agent_and_in_its_manner,
        the_default_account_is_the_one_that_is_named
    ],
};

const MAIN: &str = "ding-main-app-key";
const BACKUP: &str = "ding-backup-app-key";

async fn begin() -> World {
    let apps = [(MAIN, "ding-main-app-secret"), (BACKUP, "ding-backup-app-secret")];
    let apps = apps.map(|(id, secret)| App { client_secret: secret.to_owned(), ..App::new(id) });
    let mut world = World::with_apps(apps.into()).await;
    world.installs().await;
    let guide: Value =
        serde_json::from_str(include_str!("../../../tests/fixtures/config/two-accounts.json")).unwrap();
    let mut section = guide["channels"]["dingtalk"].clone();
    section["endpoints"] = world.endpoints();
    world.home.configures(&section).await;
    let agents = json!([{"id": "main", "default": true}, {"id": "second"}]);
    world.home.runs(&["config", "set", "agents.list", &agents.to_string(), "--json"]).await;
    let to_second = json!([{"agentId": "second", "match": {"channel": "dingtalk", "accountId": "bot2"}}]);
    world.home.runs(&["config", "set", "bindings", &to_second.to_string(), "--json"]).await;
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
        assert!(asked.text.contains(agent), "{}", asked.text);
    }
}

async fn the_default_account_is_the_one_that_is_named(world: &mut World) {
    let status = world.home.runs(&["channels", "status", "--json"]).await.json();
    assert_eq!(status["channelDefaultAccountId"]["dingtalk"], "bot1", "{status:#}");
    let accounts = status["channelAccounts"]["dingtalk"].as_array().unwrap();
    let connected = accounts.iter().filter(|account| account["connected"] == true).count();
    assert_eq!(connected, 2, "{status:#}");
}
