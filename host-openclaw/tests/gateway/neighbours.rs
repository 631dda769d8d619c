//! Another plugin that owns the same channel.

use crate::{
    claim::{Found, Stage, claims},
    lack::Lack,
    world::World,
};
use host_mock::dingtalk::App;
use serde_json::json;
use std::{
    fs,
    path::{Path, PathBuf},
};

pub(crate) const STAGE: Stage = Stage {
    name: "neighbours",
    begin: || Box::pin(begin()),
    claims: claims![
        whichever_is_installed_second_the_command_names_the_other,
        at_a_start_and_by_the_doctor_it_is_named_with_the_command_that_ends_it,
        who_does_what_is_said_has_a_bot,
    ],
};

/// What ends the quarrel.
const REMEDY: &str = "openclaw plugins disable another-dingtalk";

async fn begin() -> World {
    let world = World::with_apps(vec![App::default()]).await;
    another(&world);
    world
}

/// A plugin of the same channel that does nothing, as somebody has it who is about to install it.
fn another(world: &World) -> PathBuf {
    let folder = world.home.path().join("another-dingtalk");
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
    folder
}

const INDEX: &str = r#"
const meta = { id: "dingtalk", label: "Other", selectionLabel: "Other", docsPath: "/other", blurb: "Other" };
const config = { listAccountIds: () => [], resolveAccount: () => ({}) };
const plugin = { id: "dingtalk", meta, capabilities: { chatTypes: ["direct"] }, config };
export default { id: "another-dingtalk", name: "Other", register: (api) => api.registerChannel({ plugin }) };
"#;

async fn whichever_is_installed_second_the_command_names_the_other(world: &mut World) -> Found {
    let install = async |folder: &Path| {
        let folder = folder.to_str().unwrap();
        world
            .home
            .runs(&["plugins", "install", folder, "--force", "--accept-capabilities"])
            .await
            .everything()
    };
    let (own, other) = (crate::home::provided("OPENCLAW_E2E_PLUGIN"), another(world));

    let alone = install(&other).await;
    assert!(!alone.contains("channels.dingtalk"), "there is nobody else yet: {alone}");
    let said = install(&own).await;
    assert_eq!(said.matches(REMEDY).count(), 1, "it is to be said once in {said}");
    let said = install(&other).await;
    // A release that loads nothing but what it installs has nobody say it.
    match said.matches(REMEDY).count() {
        0 => Err(Lack::InstallAdvice),
        times => {
            assert_eq!(times, 1, "it is to be said once in {said}");
            Ok(())
        }
    }
}

async fn at_a_start_and_by_the_doctor_it_is_named_with_the_command_that_ends_it(world: &mut World) {
    let section = world.credentials();
    world.home.edits(|config| config["channels"]["dingtalk"] = section);
    world.starts().await;
    world.says_in_the_log(REMEDY).await;
    let doctor = world.home.runs(&["doctor", "--non-interactive"]).await.on_one_line();
    assert!(doctor.contains(REMEDY), "{doctor}");
}

async fn who_does_what_is_said_has_a_bot(world: &mut World) {
    let words: Vec<_> = REMEDY.split(' ').skip(1).collect();
    world.home.runs(&words).await;
    world.stops().await;
    world.starts().await;
    world.dingtalk.connected().await;
    let asked = world.dingtalk.says("An", "#say alone again");
    assert_eq!(world.answer_to(&asked).await.text(), "alone again");
}
