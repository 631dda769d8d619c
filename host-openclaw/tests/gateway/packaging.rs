//! The folder in the hands of OpenClaw's own commands. No gateway runs here unless a claim starts one.

use crate::{
    claim::{Found, Stage, claims},
    home::{CONSENT, Home, NO_OPTION, copy_plugin, provided},
    lack::{self, Lack},
    package,
    world::World,
};
use host_mock::dingtalk::App;
use serde_json::{Value, json};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

pub(crate) const STAGE: Stage = Stage {
    name: "packaging",
    begin: || Box::pin(World::with_apps(vec![App::default()])),
    claims: claims![
        a_folder_that_is_dropped_in_and_enabled_answers,
        an_account_is_added_by_a_command,
        keys_of_other_plugins_are_valid,
        a_folder_that_anybody_may_write_is_refused_and_named,
        a_tarball_is_installed_without_a_network,
        an_archive_for_several_platforms_is_installed_as_npm_does,
        a_linked_folder_is_loaded_where_it_lies,
        an_uninstalled_plugin_leaves_a_healthy_gateway_and_its_state,
    ],
};

/// What a gateway says that wants it to come from the npm registry, before it ends.
const NOT_INSTALLED: &str = "Failed to install missing configured plugin \"dingtalk\"";

async fn a_folder_that_is_dropped_in_and_enabled_answers(world: &mut World) -> Found {
    drop_in(&world.home);
    // What was not installed by a command has to be trusted by name.
    world.home.runs(&["plugins", "enable", "dingtalk", "--accept-capabilities"]).await;
    world.home.configures(&world.credentials()).await;
    if let Err(status) = world.tries_to_start().await {
        let said = world.log();
        forget(&world.home).await;
        assert!(said.contains(NOT_INSTALLED), "the gateway ended while it started ({status}): {said}");
        return Err(Lack::DropIn);
    }
    world.dingtalk.connected().await;
    let asked = world.dingtalk.says("Lin", "#say dropped in");
    let answer = world.answer_to(&asked).await;
    world.stops().await;
    forget(&world.home).await;
    assert_eq!(answer.text(), "dropped in");
    Ok(())
}

async fn an_account_is_added_by_a_command(world: &mut World) -> Found {
    drop_in(&world.home);
    let app = world.dingtalk.app();
    let credentials = ["--client-id", &app.client_id, "--client-secret", &app.client_secret];
    let add = [&["channels", "add", "--channel", "dingtalk"][..], &credentials].concat();
    let said = world.home.tries(&add).await;
    if said.everything().contains(NO_OPTION) {
        fs::remove_dir_all(extension(&world.home)).unwrap();
        return Err(Lack::AddOptions);
    }
    assert!(said.succeeded(), "{said}");
    let section = world.home.section();
    forget(&world.home).await;
    assert_eq!(section["clientId"], app.client_id, "{section:#}");
    assert_eq!(section["clientSecret"], app.client_secret);
    Ok(())
}

async fn keys_of_other_plugins_are_valid(world: &mut World) {
    drop_in(&world.home);
    fs::write(extension(&world.home).join("one-file-too-many.txt"), "left by an older release").unwrap();
    let mut section = world.credentials();
    has_keys_of_others(&mut section);
    world.home.configures(&section).await;
    world.home.runs(&["config", "validate"]).await;
    forget(&world.home).await;
}

/// What other plugins of the channel have in the same section, or nobody has.
pub(crate) fn has_keys_of_others(section: &mut Value) {
    section["gatewayToken"] = json!("of another plugin");
    section["streaming"] = json!(true);
    section["messageType"] = json!("card");
    section["nobodyKnows"] = json!({"this": ["key"]});
    section["accounts"] = json!({"default": {"robotCode": "x", "agentId": 1, "streaming": "partial"}});
}

/// Each mode in a home of its own: OpenClaw remembers what it thought of a folder.
async fn a_folder_that_anybody_may_write_is_refused_and_named(world: &mut World) -> Found {
    let inspected = async |mode| {
        let home = Home::new(&world.model.base_url());
        home.has_plugin().await;
        fs::set_permissions(extension(&home), fs::Permissions::from_mode(mode)).unwrap();
        home.tries(&["plugins", "inspect", "dingtalk", "--runtime", "--json"]).await
    };
    // What a copy under a umask of 002 makes is no obstacle.
    let by_the_group = inspected(0o775).await;
    let by_anybody = inspected(0o777).await;

    assert!(by_the_group.everything().contains("\"loaded\""), "{by_the_group}");
    if by_anybody.everything().contains("\"loaded\"") {
        return Err(Lack::FileModes);
    }
    assert!(by_anybody.everything().contains("world-writable"), "{by_anybody}");
    Ok(())
}

async fn a_tarball_is_installed_without_a_network(world: &mut World) {
    let packed = package::pack(&provided("OPENCLAW_E2E_PLUGIN"), world.home.path()).await;
    let archive = packed.archive.to_str().unwrap();
    let refused = world.home.tries(&["plugins", "install", archive]).await;
    let is_trusted = refused.succeeded() && lack::is_possible();
    assert!(!refused.succeeded() || is_trusted, "who installs it has to say that they trust it: {refused}");
    let consent = (!is_trusted).then_some(CONSENT.trim());
    let install: Vec<_> = ["plugins", "install", archive, "--force"].into_iter().chain(consent).collect();
    let said = world.home.without_network(&install).await;
    assert!(said.succeeded(), "{said}");
    loads(&world.home).await;
    let writable = writable_for_anybody(&extension(&world.home));
    assert!(writable.is_empty(), "{writable:#?}");
    uninstalls(&world.home).await;
}

/// What of a folder anybody may write: OpenClaw loads nothing of it then.
fn writable_for_anybody(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let all = entries.chain([folder.to_owned()]);
    all.filter(|path| fs::metadata(path).unwrap().permissions().mode() & 0o002 != 0).collect()
}

async fn an_archive_for_several_platforms_is_installed_as_npm_does(world: &mut World) {
    let folder = world.home.path().join("several");
    copy_plugin(&folder);
    package::make_room_for_others(&folder);
    let packed = package::pack(&folder, world.home.path()).await;
    installs(&world.home, &format!("npm-pack:{}", packed.archive.display())).await;
    uninstalls(&world.home).await;
}

/// What a release says that trusts whatever somebody links, and has no word for that.
const LINK_IS_TRUSTED: &str = "--force is not supported with --link";

async fn a_linked_folder_is_loaded_where_it_lies(world: &mut World) {
    let folder = world.home.path().join("linked");
    copy_plugin(&folder);
    let link = ["plugins", "install", folder.to_str().unwrap(), "--link"];
    let trusted = [&link[..], &["--force", CONSENT.trim()]].concat();
    let said = world.home.tries(&trusted).await;
    if lack::is_possible() && said.everything().contains(LINK_IS_TRUSTED) {
        world.home.runs(&link).await;
    } else {
        assert!(said.succeeded(), "{said}");
    }
    loads(&world.home).await;
    assert!(!extension(&world.home).exists(), "nothing is copied");
    uninstalls(&world.home).await;
    assert!(folder.join("manifest.toml").exists(), "the folder is its owner's");
}

async fn an_uninstalled_plugin_leaves_a_healthy_gateway_and_its_state(world: &mut World) {
    world.installs().await;
    is_on(&world.home).await;
    let section = world.credentials();
    world.home.edits(|config| config["channels"]["dingtalk"] = section);
    world.starts().await;
    world.dingtalk.connected().await;
    let asked = world.dingtalk.says("Mo", "#say here");
    world.answer_to(&asked).await;

    world.home.runs(&["plugins", "uninstall", "dingtalk", "--force"]).await;

    world.dingtalk.disconnected().await;
    let health = world.home.tries(&["health", "--json"]).await;
    world.stops().await;
    assert!(health.succeeded(), "the gateway goes on without it: {health}");
    assert!(!extension(&world.home).exists(), "nothing of the folder stays");
    assert!(world.home.section().is_null(), "nor of the section");
    world.home.runs(&["config", "validate"]).await;
    // What the guide tells to remove, and nothing else.
    let state = world.home.state();
    let ours = |path: &Path| path.file_name().is_some_and(|name| name == "dingtalk");
    assert_eq!(found_in(&state, &ours), [state.join("dingtalk")]);
    let secret = world.dingtalk.app().client_secret;
    let knows_it = |path: &Path| fs::read(path).is_ok_and(|bytes| contains(&bytes, secret.as_bytes()));
    let knowing = found_in(&state, &knows_it);
    let is_backup = |path: &PathBuf| path.to_string_lossy().contains("/openclaw.json.bak");
    assert!(knowing.iter().all(is_backup), "{knowing:#?}");
}

/// What lies in a folder, however deep, and is of this kind; not what lies in that.
fn found_in(folder: &Path, is_wanted: &dyn Fn(&Path) -> bool) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| match path {
            path if is_wanted(&path) => vec![path],
            path if path.is_dir() && !path.is_symlink() => found_in(&path, is_wanted),
            _ => Vec::new(),
        })
        .collect()
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// Installs what has no registry behind it, and sees it loaded.
async fn installs(home: &Home, what: &str) {
    home.runs(&["plugins", "install", what, "--force", "--accept-capabilities"]).await;
    loads(home).await;
}

/// Uninstalling leaves a mark that keeps the plugin off until it is enabled by name.
async fn is_on(home: &Home) {
    home.runs(&["plugins", "enable", "dingtalk", "--accept-capabilities"]).await;
}

async fn loads(home: &Home) {
    is_on(home).await;
    let plugin = home.runs(&["plugins", "inspect", "dingtalk", "--runtime", "--json"]).await;
    assert!(plugin.everything().contains("\"loaded\""), "{plugin}");
}

async fn uninstalls(home: &Home) {
    home.runs(&["plugins", "uninstall", "dingtalk", "--force"]).await;
    assert!(!extension(home).exists());
}

/// Where OpenClaw looks for plugins by itself.
fn extension(home: &Home) -> PathBuf {
    home.state().join("extensions/dingtalk")
}

fn drop_in(home: &Home) {
    copy_plugin(&extension(home));
}

/// Undoes all of it, the section first: OpenClaw takes no command while there is one that nobody owns.
async fn forget(home: &Home) {
    home.runs(&["config", "unset", "channels.dingtalk"]).await;
    fs::remove_dir_all(extension(home)).unwrap();
}
