//! From another DingTalk plugin to this one, with OpenClaw's own commands. Stand-ins have the others' ids and
//! channels. Only the last claim starts a gateway.

use crate::{
    claim::{Stage, claims},
    home::{Home, provided},
    world::World,
};
use host_mock::dingtalk::App;
use serde_json::{Value, json};
use std::{fs, path::PathBuf};

pub(crate) const STAGE: Stage = Stage {
    name: "moving",
    begin: || Box::pin(World::with_apps(vec![App::default()])),
    claims: claims![
        a_plugin_of_the_same_id_is_replaced_and_its_section_stays,
        nothing_is_imported_unless_somebody_agrees,
        what_another_channel_was_told_is_taken_over_and_answers,
    ],
};

/// A plugin of DingTalk's whose channel has another name.
const CONNECTOR: &str = "dingtalk-connector";

async fn a_plugin_of_the_same_id_is_replaced_and_its_section_stays(world: &mut World) {
    let home = &world.home;
    let other = stand_in(home, "dingtalk");
    let consents = ["--force", "--accept-capabilities"];
    home.runs(&[&["plugins", "install", other.to_str().unwrap()], &consents[..]].concat()).await;
    let mut section = world.credentials();
    section["messageType"] = json!("markdown");
    section["robotCode"] = json!("dingfakeapp00000001");
    section["groups"] = json!({"*": {"groupAllowFrom": ["user0001"]}});
    home.edits(|config| config["channels"]["dingtalk"] = section.clone());

    let ours = provided("OPENCLAW_E2E_PLUGIN");
    home.runs(&[&["plugins", "install", ours.to_str().unwrap()], &consents[..]].concat()).await;

    assert_eq!(home.section(), section);
    assert!(home.state().join("extensions/dingtalk/manifest.toml").exists(), "this plugin lies there now");
}

async fn nothing_is_imported_unless_somebody_agrees(world: &mut World) {
    let before = world.home.section();
    for typed in ["n\n", ""] {
        let said = world.home.answers(&["dingtalk", "import"], typed).await;
        assert!(
            said.succeeded() && said.everything().contains("messageType → enableAICard: false"),
            "{said}"
        );
        assert!(!said.everything().contains(&world.dingtalk.app().client_secret), "{said}");
        assert_eq!(world.home.section(), before, "{said}");
    }
}

async fn what_another_channel_was_told_is_taken_over_and_answers(world: &mut World) {
    let home = &world.home;
    let other = stand_in(home, CONNECTOR);
    fs::rename(&other, home.state().join("extensions").join(CONNECTOR)).unwrap();
    let section = world.credentials();
    home.edits(|config| {
        config["plugins"]["entries"][CONNECTOR]["enabled"] = json!(true);
        let channels = config["channels"].as_object_mut().unwrap();
        channels.remove("dingtalk");
        channels.insert(CONNECTOR.to_owned(), section.clone());
        channels[CONNECTOR]["mediaMaxMb"] = json!(20);
        config["bindings"] =
            json!([{"agentId": "main", "match": {"channel": CONNECTOR, "accountId": "default"}}]);
    });

    let said = home.answers(&["dingtalk", "import"], "y\n").await;

    assert!(said.succeeded(), "{said}");
    let taken = home.section();
    assert_eq!(
        (&taken["maxFileSizeMB"], &taken["clientId"]),
        (&json!(20), &section["clientId"]),
        "{taken:#}"
    );
    home.edits(|config| {
        assert_eq!(config["channels"][CONNECTOR]["enabled"], false);
        assert_eq!(config["bindings"][0]["match"]["channel"], "dingtalk");
    });
    world.starts().await;
    world.dingtalk.connected().await;
    let asked = world.dingtalk.says("An", "#say moved in");
    assert_eq!(world.answer_to(&asked).await.text(), "moved in");
}

/// A plugin with the id and the channel `id` that does nothing, in a folder that bears its name.
fn stand_in(home: &Home, id: &str) -> PathBuf {
    let folder = home.path().join("others").join(id);
    fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    let package = json!({
        "name": format!("@others/{id}"), "version": "1.0.0", "type": "module",
        "openclaw": {"extensions": ["./index.js"]},
    });
    write("package.json", &package.to_string());
    write("openclaw.plugin.json", &manifest(id).to_string());
    write("index.js", &INDEX.replace("ID", id));
    folder
}

fn manifest(id: &str) -> Value {
    json!({
        "id": id, "name": "Other", "channels": [id], "configSchema": {"type": "object"},
        "channelConfigs": {id: {"schema": {"type": "object", "additionalProperties": true}}},
    })
}

const INDEX: &str = r#"
const meta = { id: "ID", label: "Other", selectionLabel: "Other", docsPath: "/other", blurb: "Other" };
const config = { listAccountIds: () => [], resolveAccount: () => ({}) };
const plugin = { id: "ID", meta, capabilities: { chatTypes: ["direct"] }, config };
export default { id: "ID", name: "Other", register: (api) => api.registerChannel({ plugin }) };
"#;
