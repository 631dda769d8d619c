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
    world.home.runs(&["config", "set", "channels.dingtalk.enableAICard", "true", "--json"]).await;
}

pub(crate) async fn what_needs_another_connection_gets_it_before_the_old_one_goes(world: &mut World) {
    let before = world.dingtalk.look(|view| view.connections().count());
    world.home.runs(&["config", "set", "channels.dingtalk.proxy", "none"]).await;
    world.says_in_the_log("the connection is renewed").await;
    world.dingtalk.connected_times(before + 1).await;

    let asked = world.dingtalk.says("Chen", "#say on the new one");
    assert_eq!(world.answer_to(&asked).await.text(), "on the new one");
}

/// Has the secret lie in a file, which OpenClaw reads.
pub(crate) async fn keeps_the_secret_in_a_file(world: &World) {
    let file = world.home.path().join("secret");
    fs::write(&file, world.dingtalk.app().client_secret).unwrap();
    private(&file);
    let provider = json!({"source": "file", "path": file, "mode": "singleValue"});
    world.home.runs(&["config", "set", "secrets.providers.dingtalk", &provider.to_string(), "--json"]).await;
    refers_to(world, json!({"source": "file", "provider": "dingtalk", "id": "value"})).await;
}

pub(crate) async fn a_secret_may_lie_in_a_file_and_in_a_variable(world: &mut World) {
    answers_without_the_secret(world, "Dai", "from a file").await;

    let secret = world.dingtalk.app().client_secret;
    fs::write(world.home.state().join(".env"), format!("BOT_SECRET={secret}\n")).unwrap();
    world.stops().await;
    refers_to(world, json!({"source": "env", "provider": "default", "id": "BOT_SECRET"})).await;
    let before = world.dingtalk.look(|view| view.connections().count());
    world.starts().await;
    world.dingtalk.connected_times(before + 1).await;
    answers_without_the_secret(world, "Fei", "from a variable").await;
}

async fn refers_to(world: &World, reference: Value) {
    world
        .home
        .runs(&["config", "set", "channels.dingtalk.clientSecret", &reference.to_string(), "--json"])
        .await;
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
