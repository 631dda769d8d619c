//! What changes while an account runs: told to the plugin, and nothing is started anew for it.

use crate::world::World;
use host_mock::dingtalk::Via;
use serde_json::{Value, json};
use std::fs;

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

pub(crate) async fn a_secret_may_lie_in_a_file_and_in_a_variable(world: &mut World) {
    let secret = world.dingtalk.app().client_secret;
    let file = world.home.path().join("secret");
    fs::write(&file, &secret).unwrap();
    private(&file);
    let provider = json!({"source": "file", "path": file, "mode": "singleValue"});
    world.home.edits(|config| config["secrets"]["providers"]["dingtalk"] = provider);
    let reference = json!({"source": "file", "provider": "dingtalk", "id": "value"});
    starts_with_secret(world, reference).await;
    answers_without_the_secret(world, "Dai", "from a file").await;

    fs::write(world.home.state().join(".env"), format!("BOT_SECRET={secret}\n")).unwrap();
    let reference = json!({"source": "env", "provider": "default", "id": "BOT_SECRET"});
    starts_with_secret(world, reference).await;
    answers_without_the_secret(world, "Fei", "from a variable").await;
}

/// Has the gateway start with a reference in place of the secret.
async fn starts_with_secret(world: &mut World, reference: Value) {
    world.stops().await;
    world.home.edits(|config| config["channels"]["dingtalk"]["clientSecret"] = reference);
    let before = world.dingtalk.look(|view| view.connections().count());
    world.starts().await;
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

/// OpenClaw reads no secret that others may read.
fn private(file: &std::path::Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
    }
    #[cfg(not(unix))]
    let _unused = file;
}
