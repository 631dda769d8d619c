//! Another plugin that owns the same channel.

use crate::{
    claim::{Stage, claims},
    world::World,
};
use host_mock::dingtalk::App;
use serde_json::json;
use std::fs;

pub(crate) const STAGE: Stage = Stage {
    name: "neighbours",
    begin: || Box::pin(begin()),
    claims: claims![who_owns_the_channel_too_is_named_with_the_command_that_ends_it],
};

/// What ends the quarrel.
const REMEDY: &str = "openclaw plugins disable another-dingtalk";

async fn begin() -> World {
    let mut world = World::with_apps(vec![App::default()]).await;
    install_another(&world);
    world.home.has_plugin().await;
    let section = world.credentials();
    world.home.edits(|config| config["channels"]["dingtalk"] = section);
    world.starts().await;
    world
}

/// A plugin of the same channel that does nothing, and is loaded first.
fn install_another(world: &World) {
    let folder = world.home.state().join("extensions/another-dingtalk");
    fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    let manifest = json!({
        "id": "another-dingtalk", "name": "Other", "channels": ["dingtalk"], "configSchema": {"type": "object"},
        "channelConfigs": {"dingtalk": {"schema": {"type": "object", "additionalProperties": true}}},
    });
    let package = json!({
        "name": "another-dingtalk", "version": "1.0.0", "type": "module", "openclaw": {"extensions": ["./index.js"]},
    });
    write("openclaw.plugin.json", &manifest.to_string());
    write("package.json", &package.to_string());
    write("index.js", INDEX);
    is_on(world, true);
}

fn is_on(world: &World, on: bool) {
    world.home.edits(|config| config["plugins"]["entries"]["another-dingtalk"]["enabled"] = json!(on));
}

const INDEX: &str = r#"
const meta = { id: "dingtalk", label: "Other", selectionLabel: "Other", docsPath: "/other", blurb: "Other" };
const config = { listAccountIds: () => [], resolveAccount: () => ({}) };
const plugin = { id: "dingtalk", meta, capabilities: { chatTypes: ["direct"] }, config };
export default { id: "another-dingtalk", name: "Other", register: (api) => api.registerChannel({ plugin }) };
"#;

async fn who_owns_the_channel_too_is_named_with_the_command_that_ends_it(world: &mut World) {
    world.says_in_the_log(REMEDY).await;
    let doctor = world.home.runs(&["doctor", "--non-interactive"]).await.on_one_line();
    assert!(doctor.contains(REMEDY), "{doctor}");

    world.stops().await;
    is_on(world, false);
    world.starts().await;
    world.dingtalk.connected().await;
    let asked = world.dingtalk.says("An", "#say alone again");
    assert_eq!(world.answer_to(&asked).await.text(), "alone again");
}
