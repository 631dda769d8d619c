//! What a first-time user gets wrong: each mistake has one clear message that says what to do.

use host_mock::{
    dingtalk::{App, DingTalk, Settings},
    host::{ConfigSource, HostError, Options, PluginSource},
};
use serde_json::json;
use std::{net::Ipv4Addr, path::Path};
use tests::{Discreet, Setup, Watched, World, dingtalk, section};
use tokio::net::TcpSocket;

async fn started(config: impl AsRef<[u8]>, plugins: &Path) -> Result<Discreet, HostError> {
    let state = tempfile::tempdir().unwrap();
    let file = state.path().join("openclaw.json");
    std::fs::write(&file, config).unwrap();
    let plugins = PluginSource::Directory(plugins.to_owned());
    let options = Options::new(ConfigSource::File(file), plugins, state.path().join("state"));
    Discreet::start(options, Settings::default().apps).await
}

fn plugins() -> &'static Path {
    dingtalk().plugins_directory()
}

async fn message(config: impl AsRef<[u8]>, plugins: &Path) -> String {
    match started(config, plugins).await {
        Ok(_) => panic!("it started"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn wrong_credentials_block_the_account_and_say_where_the_right_ones_are() {
    let world = World::try_of(Setup::configured(|section| section["clientSecret"] = json!("wrong-5ecret")))
        .await
        .unwrap();
    let status = world
        .host()
        .wait_status("dingtalk/default", |status| status.get("lifecycle") == Some(&json!("blocked")));
    let status = status.await.unwrap();
    let error = status.get("lastError").unwrap().as_str().unwrap();
    assert!(error.contains("clientId") && error.contains("clientSecret"), "{error}");
    assert!(!world.log().contains("wrong-5ecret") && !error.contains("wrong-5ecret"), "the secret is told");
}

#[tokio::test]
async fn an_unreachable_dingtalk_is_said_with_its_address() {
    let dingtalk = DingTalk::start(Settings::default()).await.unwrap();
    let mut section = section(&dingtalk);
    // Nobody listens there, and nobody else is given it.
    let held = TcpSocket::new_v4().unwrap();
    held.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let address = held.local_addr().unwrap().to_string();
    let base = format!("http://{address}");
    section["endpoints"] = json!({"api": base, "oapi": base});
    let config = json!({"channels": {"dingtalk": section}}).to_string();
    let host = started(&config, plugins()).await.unwrap();
    let status = host
        .wait_status("dingtalk/default", |status| {
            status.get("lastError").is_some_and(|error| error.is_string())
        })
        .await
        .unwrap();
    let error = status.get("lastError").unwrap().as_str().unwrap().to_owned();
    assert!(error.contains(&address) || error.contains("127.0.0.1"), "{error}");
    host.stop().await.unwrap();
}

#[tokio::test]
async fn a_missing_client_id_names_the_option_and_where_to_find_its_value() {
    let said = message(r#"{ channels: { dingtalk: { clientSecret: "s" } } }"#, plugins()).await;
    assert!(said.contains("clientId") && said.contains("AppKey"), "{said}");
}

#[tokio::test]
async fn a_syntax_error_in_the_config_names_the_file_the_line_and_the_column() {
    let said = message("{\n  channels: {\n    dingtalk: { clientId: \"x\",, }\n  }\n}", plugins()).await;
    assert!(said.contains("openclaw.json") && said.contains("line 3"), "{said}");
}

#[tokio::test]
async fn a_plugins_directory_without_a_plugin_is_said() {
    let empty = tempfile::tempdir().unwrap();
    let said =
        message(r#"{ channels: { dingtalk: { clientId: "x", clientSecret: "s" } } }"#, empty.path()).await;
    assert!(said.contains(&*empty.path().to_string_lossy()) && said.contains("manifest.toml"), "{said}");
}

#[tokio::test]
async fn switched_off_at_the_top_or_in_the_account_nothing_runs_and_it_is_said() {
    for (config, option) in [
        (
            r#"{ channels: { dingtalk: { enabled: false, clientId: "x", clientSecret: "s" } } }"#,
            "`channels.dingtalk.enabled` is false",
        ),
        (
            r#"{ channels: { dingtalk: { clientId: "x", clientSecret: "s", accounts: { default: { enabled: false } } } } }"#,
            "`accounts.default.enabled` is false",
        ),
    ] {
        let said = message(config, plugins()).await;
        assert!(said.contains(option), "{said}");
    }
}

#[tokio::test]
async fn what_people_do_to_a_configuration_file_is_told_with_the_place_and_what_to_do() {
    let utf16: Vec<u8> = "{channels: {}}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let rows: &[(&[u8], &[&str])] = &[
        (&utf16, &["openclaw.json", "UTF-16", "save it as UTF-8"]),
        (b"{\n  x: '\xD6\xD0'}", &["openclaw.json", "line 2, column 7", "not UTF-8"]),
        ("{\r\n  channels： {}\r\n}".as_bytes(), &["line 2, column 11", "： is a Chinese sign: write :"]),
        ("{channels: {dingtalk: {clientId: “x”}}}".as_bytes(), &["line 1, column 34", "“ is a Chinese sign"]),
        (
            "{channels: {dingtalk: {clientId: 'x'， clientSecret: 's'}}}".as_bytes(),
            &["， is a Chinese sign: write ,"],
        ),
        (b"{\n\tchannels: {\n\t\tdingtalk: {}", &["line 2, column 12", "the file ends before"]),
        (b"{channels: {dingtalk: {clientId: 'a', clientId: 'b'}}}", &["line 1, column 23", "`clientId`"]),
        (b"{channels: {dingtalk: {clientId: 'a' clientSecret: 'b'}}}", &["line 1", "missing comma"]),
        (b"{dingtalk: {clientId: 'a'}}", &["`dingtalk` stands at the top level", "into `channels`"]),
        (b"{channel: {dingtalk: {}}}", &["`channel`", "write `channels`"]),
        (b"{channels: {DingTalk: {}}}", &["`channels.DingTalk`", "write `channels.dingtalk`"]),
        (b"{channels: {dingtalk: []}}", &["`channels.dingtalk` is a list", "an object"]),
        (
            b"{channels: {dingtalk: {clientId: '${NO_SUCH_VARIABLE}'}}}",
            &["channels.dingtalk.clientId", "NO_SUCH_VARIABLE"],
        ),
        (
            b"{channels: {dingtalk: {accounts: [{id: 'a'}]}}}",
            &["channels.dingtalk.accounts", "a list, not an object"],
        ),
        (
            b"{channels: {dingtalk: {enabled: 'true'}}}",
            &["channels.dingtalk.enabled", "true without the quotes"],
        ),
        (
            b"{channels: {dingtalk: {clientID: 'a'}}}",
            &["channels.dingtalk.clientID", "did you mean `clientId`?"],
        ),
        (
            b"{channels: {dingtalk: {clientId: 'a', clientSecret: ' '}}}",
            &["channels.dingtalk.clientSecret", "AppSecret"],
        ),
        (
            b"{channels: {dingtalk: {clientId: 'a'}}}",
            &["channels.dingtalk.clientSecret", "`clientSecret` is not set", "AppSecret"],
        ),
        (
            b"{channels: {dingtalk: {clientId: 'a', inboundMedia: {dir: '~lin/files'}}}}",
            &["channels.dingtalk.inboundMedia.dir", "a folder in the home directory", "write `~/`"],
        ),
        (
            b"{channels: {dingtalk: {appKey: 'a', appSecret: 'b'}}}",
            &["channels.dingtalk.appKey", "did you mean `clientId`?", "did you mean `clientSecret`?"],
        ),
        (b"{channels: {dingtalk: {clientId: 'a', colour: 1}}}", &["channels.dingtalk.colour", "remove it"]),
    ];
    for (config, told) in rows {
        let said = message(config, plugins()).await;
        for part in *told {
            assert!(said.contains(part), "{part:?} is not in {said:?}");
        }
    }
}

#[tokio::test]
async fn what_notepad_adds_to_a_configuration_file_does_no_harm() {
    let dingtalk = Watched::start(Settings::default()).await;
    let config = json!({"channels": {"dingtalk": section(&dingtalk)}});
    let text = serde_json::to_string_pretty(&config).unwrap().replace('\n', "\r\n").replace("  ", "\t");
    let host = started(format!("\u{feff}{text}\r\n"), plugins()).await.unwrap();
    dingtalk.connected().await;
    host.stop().await.unwrap();
}

#[tokio::test]
async fn a_secret_that_is_rotated_in_its_file_is_taken_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    let at = file.clone();
    let configure = move |section: &mut serde_json::Value| {
        std::fs::write(&at, section["clientSecret"].as_str().unwrap()).unwrap();
        section["clientSecret"] = json!({"file": at});
    };
    let world = World::of(Setup::configured(configure)).await;
    let app = App { client_secret: "rotated-secret".into(), ..world.dingtalk().app() };
    std::fs::write(&file, "rotated-secret\n").unwrap();
    world.dingtalk().put_app(app);
    world.dingtalk().revoke_tokens();
    assert_eq!(world.dingtalk().connections().reset(), 1);
    let is_back = |view: host_mock::dingtalk::View<'_>| {
        (view.connections().count() == 2 && view.live_connections().count() == 1).then_some(())
    };
    world.dingtalk().wait_for(is_back).await;
    world.dingtalk().says("Lin", "hello");
    let turn = world.agent().next_turn().await.unwrap();
    turn.say("Hello, Lin.");
    turn.done();
    assert_eq!(world.dingtalk().closed_card().await.text(), "Hello, Lin.");
    world.end().await;
}

#[tokio::test]
async fn a_reference_that_the_host_did_not_resolve_is_named_with_its_option() {
    let reference = r#"{ source: "exec", provider: "vault", id: "dingtalk/secret" }"#;
    let config =
        format!("{{ channels: {{ dingtalk: {{ clientId: 'ding1', clientSecret: {reference} }} }} }}");
    let said = message(config, plugins()).await;
    for part in ["`clientSecret`", "exec", "vault", "dingtalk/secret"] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
}
