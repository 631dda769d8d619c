//! What changes while an account runs: told to the plugin, and nothing is started anew for it.

use crate::{claim::Found, lack::Lack, world::World};
use host_mock::dingtalk::Via;
use serde_json::{Value, json};
use std::fs;

/// What OpenClaw says to a command that it does not know.
const UNKNOWN: &str = "does not know the command";

pub(crate) async fn a_live_option_holds_on_the_connection_that_there_is(world: &mut World) {
    let before = world.dingtalk.look(|view| view.connections().count());
    world.home.runs(&["config", "set", "channels.dingtalk.enableAICard", "false", "--json"]).await;
    world.says_in_the_log("the changed configuration holds at once").await;

    world.dingtalk.says("Bo", "#say without a card");
    assert_eq!(world.told("Bo", "without a card").await.via, Via::Webhook);
    assert_eq!(world.dingtalk.look(|view| view.connections().count()), before, "it is the same connection");
    world.home.edits(|config| config["channels"]["dingtalk"]["enableAICard"] = json!(true));
}

pub(crate) async fn what_needs_another_connection_gets_it_before_the_old_one_goes(world: &mut World) {
    let before = world.dingtalk.look(|view| view.connections().count());
    world.home.edits(|config| config["channels"]["dingtalk"]["proxy"] = json!("none"));
    world.says_in_the_log("the connection is renewed").await;
    world.dingtalk.connected_times(before + 1).await;

    let asked = world.dingtalk.says("Chen", "#say on the new one");
    assert_eq!(world.answer_to(&asked).await.text(), "on the new one");
}

/// In a file, at a program's, in OpenClaw's own store or in a variable, and the gateway goes on.
pub(crate) async fn a_secret_may_lie_wherever_openclaw_keeps_secrets(world: &mut World) -> Found {
    let secret = world.dingtalk.app().client_secret;
    let [file, program] = ["secret", "secret.sh"].map(|name| world.home.path().join(name));
    private(&file, &secret, 0o600);
    private(&program, &format!("#!/bin/sh\necho '{secret}'\n"), 0o700);
    let store = ["secrets", "store", "set", "BOT_SECRET", "--value-file", file.to_str().unwrap()];
    let said = world.home.tries(&store).await;
    let has_store = said.succeeded();
    assert!(has_store || said.everything().contains(UNKNOWN), "{said}");
    let providers = json!({
        "lies": {"source": "file", "path": file, "mode": "singleValue"},
        "asks": {"source": "exec", "command": program, "jsonOnly": false},
    });
    for (who, reference) in [
        ("Dai", json!({"source": "file", "provider": "lies", "id": "value"})),
        ("Fei", json!({"source": "exec", "provider": "asks", "id": "secret"})),
        ("Guo", json!({"source": "store", "provider": "default", "id": "BOT_SECRET"})),
        ("An", json!({"source": "env", "provider": "default", "id": "MAIN_SECRET"})),
    ] {
        if reference["source"] == "store" && !has_store {
            continue;
        }
        connects_with_secret(world, reference, &providers).await;
        answers_without_the_secret(world, who, &format!("for {who}")).await;
    }
    if has_store { Ok(()) } else { Err(Lack::SecretStore) }
}

/// Has the account connect anew with a reference in place of the secret: that alone is no reason to, as it means the
/// same secret.
async fn connects_with_secret(world: &mut World, reference: Value, providers: &Value) {
    let before = world.dingtalk.look(|view| view.connections().count());
    world.home.edits(|config| {
        config["secrets"]["providers"] = providers.clone();
        let section = config["channels"]["dingtalk"].as_object_mut().unwrap();
        section.insert("clientSecret".to_owned(), reference);
        if section.remove("proxy").is_none() {
            section.insert("proxy".to_owned(), json!("none"));
        }
    });
    world.dingtalk.connected_times(before + 1).await;
}

/// The bot answers, and neither its section nor its log has the secret.
async fn answers_without_the_secret(world: &World, who: &str, text: &str) {
    let asked = world.dingtalk.says(who, &format!("#say {text}"));
    assert_eq!(world.answer_to(&asked).await.text(), text);
    let secret = world.dingtalk.app().client_secret;
    assert!(!world.home.section().to_string().contains(&secret));
    assert!(world.secrets_in_logs().is_empty(), "{:?} in a log", world.secrets_in_logs());
}

/// OpenClaw reads no secret that others may read, and runs nothing that they may write.
fn private(file: &std::path::Path, text: &str, mode: u32) {
    fs::write(file, text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(file, fs::Permissions::from_mode(mode)).unwrap();
    }
    #[cfg(not(unix))]
    let _unused = mode;
}
