//! The way to DingTalk: through proxies, and past certificates that only a company knows.

use crate::child;
use host_mock::{
    dingtalk::Settings,
    proxy::{Manner, Proxy},
};
use host_sdk::{Check, Report, StatusPatch, Verdict};
use serde_json::{Value, json};
use std::{process::Command, sync::Arc};
use tests::{Setup, TlsFront, Watched, World, section};

/// A name that nobody but a proxy knows.
const BEHIND_THE_PROXY: &str = "http://ding.corp.example";

/// A world whose DingTalk nobody reaches but through `proxy`.
fn behind(proxy: &Arc<Proxy>, address: String) -> Setup {
    let reached = proxy.clone();
    Setup {
        reached_at: Some(BEHIND_THE_PROXY.to_owned()),
        introduce: Box::new(move |address| reached.leads_to(address)),
        ..Setup::configured(move |section| {
            section["endpoints"]["allowPlain"] = json!(true);
            section["proxy"] = json!(address);
        })
    }
}

/// A world whose DingTalk is behind `front`.
fn encrypted(front: &TlsFront, configure: impl FnOnce(&mut Value) + 'static) -> Setup {
    Setup {
        reached_at: Some(front.url()),
        introduce: Box::new(front.leads_to()),
        ..Setup::configured(configure)
    }
}

async fn gets_an_answer(world: &World) {
    world.dingtalk().says("Lin", "hello");
    let turn = world.agent().next_turn().await.unwrap();
    turn.say("Hello, Lin.");
    turn.done();
    assert_eq!(world.dingtalk().closed_card().await.text(), "Hello, Lin.");
}

/// What the status says once its error has `words` in it.
async fn complaint(world: &World, words: &str) -> (String, StatusPatch) {
    let error = |status: &StatusPatch| status.get("lastError")?.as_str().map(str::to_owned);
    let status = world
        .host()
        .wait_status("dingtalk/default", |status| error(status).is_some_and(|error| error.contains(words)))
        .await
        .unwrap();
    (error(&status).unwrap(), status)
}

async fn is(world: &World, lifecycle: &str) -> StatusPatch {
    let status = world
        .host()
        .wait_status("dingtalk/default", |status| status.get("lifecycle") == Some(&json!(lifecycle)));
    status.await.unwrap()
}

async fn examined(world: &World) -> Report {
    world.host().channel("dingtalk/default").unwrap().probe().await.unwrap()
}

/// What the doctor says, in one text.
fn findings(report: &Report) -> String {
    let said = |check: &Check| check.in_language("en");
    let line = |check: &Check| format!("{}: {} {}\n", check.name, said(check).finding, said(check).remedy);
    report.checks.iter().map(line).collect()
}

#[tokio::test]
async fn http_and_websocket_go_through_the_proxy_with_its_credentials() {
    let proxy = Arc::new(Proxy::start().await.unwrap());
    proxy.behave(Manner::wants("lin", "p4ssw0rd"));
    let world = World::of(behind(&proxy, proxy.url_for("lin", "p4ssw0rd"))).await;

    gets_an_answer(&world).await;

    let asked = proxy.asked();
    assert!(
        asked.iter().all(|asked| asked.passed && asked.destination == "ding.corp.example:80"),
        "{asked:#?}"
    );
    assert_eq!(asked.iter().filter(|asked| asked.method == "CONNECT").count(), 1, "the WebSocket");
    assert!(asked.iter().any(|asked| asked.method == "POST"), "{asked:#?}");
    let report = examined(&world).await;
    let said = findings(&report);
    assert!(report.ok && said.contains(proxy.url().trim_start_matches("http://")), "{said}");
    assert!(!world.log().contains("p4ssw0rd") && !said.contains("p4ssw0rd"), "the password is told");
    world.end().await;
}

#[tokio::test]
async fn wrong_credentials_for_the_proxy_block_with_the_remedy_and_never_show() {
    let proxy = Arc::new(Proxy::start().await.unwrap());
    proxy.behave(Manner::wants("lin", "right"));
    let world = World::try_of(behind(&proxy, proxy.url_for("lin", "wr0ng-pass"))).await.unwrap();

    let status = is(&world, "blocked").await;

    let error = status.get("lastError").unwrap().as_str().unwrap().to_owned();
    assert!(error.contains("rejects the credentials") && error.contains("`proxy`"), "{error}");
    let report = examined(&world).await;
    assert!(!report.ok && findings(&report).contains("rejects the credentials"), "{}", findings(&report));
    let log = world.log();
    for told in [&error, &findings(&report), &log] {
        assert!(!told.contains("wr0ng-pass") && !told.contains("Basic "), "{told}");
    }
    world.end().await;
}

#[tokio::test]
async fn a_proxy_that_wants_credentials_says_what_to_set_and_all_is_well_once_it_lets_us_through() {
    let proxy = Arc::new(Proxy::start().await.unwrap());
    proxy.behave(Manner::wants("lin", "pass"));
    let world = World::try_of(behind(&proxy, proxy.url())).await.unwrap();
    let (error, _) = complaint(&world, "wants credentials").await;
    assert!(error.contains("set `proxy` to http://user:password@127.0.0.1:"), "{error}");

    proxy.behave(Manner::Open);

    world.dingtalk().connected().await;
    gets_an_answer(&world).await;
    world.end().await;
}

#[tokio::test]
async fn a_proxy_that_refuses_or_babbles_is_named_and_tried_again() {
    let front = TlsFront::start().await;
    let proxy = Arc::new(Proxy::start().await.unwrap());
    proxy.behave(Manner::Refuses(403));
    let (file, url) = (front.authority_file(), proxy.url());
    let world = World::try_of(encrypted(&front, move |section| {
        section["proxy"] = json!(url);
        section["caFile"] = json!(file);
    }));
    let world = world.await.unwrap();
    let (error, _) = complaint(&world, "does not connect to localhost").await;
    assert!(error.contains(proxy.url().trim_start_matches("http://")), "{error}");
    proxy.behave(Manner::Babbles);
    proxy.asked_again().await;

    proxy.behave(Manner::Open);

    world.dingtalk().connected().await;
    gets_an_answer(&world).await;
    let asked = proxy.asked();
    assert!(asked.iter().all(|asked| asked.method == "CONNECT"), "all of it is encrypted: {asked:#?}");
    world.end().await;
}

#[tokio::test]
async fn a_certificate_that_nobody_here_trusts_is_said_with_the_option_that_helps() {
    let front = TlsFront::start().await;
    let world = World::try_of(encrypted(&front, |_| {})).await.unwrap();

    let (error, _) = complaint(&world, "`caFile`").await;

    assert!(error.contains("localhost") || error.contains("trusts no certificates"), "{error}");
    let report = examined(&world).await;
    assert!(!report.ok && findings(&report).contains("`caFile`"), "{}", findings(&report));
    world.end().await;
}

#[tokio::test]
async fn with_the_companys_authority_http_and_websocket_work_encrypted() {
    let front = TlsFront::start().await;
    let file = front.authority_file();
    let world = World::of(encrypted(&front, move |section| section["caFile"] = json!(file))).await;

    gets_an_answer(&world).await;

    let report = examined(&world).await;
    let trusted = report.checks.iter().any(|check| check.code == "trusted" && check.verdict == Verdict::Ok);
    assert!(report.ok && trusted, "{}", findings(&report));
    world.end().await;
}

#[tokio::test]
async fn an_unusable_ca_file_keeps_the_account_from_starting_and_names_the_file() {
    let front = TlsFront::start().await;
    std::fs::write(front.directory().join("binary.der"), [0x30, 0x82, 0, 1]).unwrap();
    for (name, why) in [("missing.pem", "caFile"), ("binary.der", "PEM")] {
        let file = front.directory().join(name);
        let refused = World::try_of(Setup::configured(move |section| section["caFile"] = json!(file))).await;
        let error = refused.err().unwrap().to_string();
        assert!(error.contains(name) && error.contains(why), "{error}");
    }
}

#[tokio::test]
#[ignore = "a part of others, which give it its environment"]
async fn connects_by_its_environment() {
    child::play(async |host| host.wait_connected("dingtalk/default").await.unwrap()).await;
}

/// Has a process with these environment variables, and no others about proxies, connect.
async fn connects_with(section: &Value, variables: &[(&str, &str)]) {
    let environment = |child: &mut Command| {
        for name in ["all_proxy", "http_proxy", "https_proxy", "no_proxy"] {
            child.env_remove(name).env_remove(name.to_uppercase());
        }
        child.envs(variables.iter().copied());
    };
    child::passes("network::connects_by_its_environment", section, environment).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_proxy_of_its_own_an_account_uses_the_environments() {
    let proxy = Proxy::start().await.unwrap();
    let dingtalk = Watched::start(Settings::default()).await;
    dingtalk.is_reached_at(BEHIND_THE_PROXY);
    proxy.leads_to(dingtalk.address());
    let mut section = section(&dingtalk);
    section["endpoints"] = json!({"api": BEHIND_THE_PROXY, "oapi": BEHIND_THE_PROXY, "allowPlain": true});

    connects_with(&section, &[("HTTP_PROXY", &proxy.url())]).await;

    let methods: Vec<_> = proxy.asked().into_iter().map(|asked| asked.method).collect();
    assert_eq!(methods, ["POST", "CONNECT"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_proxy_names_is_reached_past_the_proxy_by_http_and_websocket() {
    let proxy = Proxy::start().await.unwrap();
    let dingtalk = Watched::start(Settings::default()).await;
    let mut section = section(&dingtalk);
    section["proxy"] = json!(proxy.url());

    connects_with(&section, &[]).await;
    assert_eq!(proxy.asked().len(), 2, "a proxy of the account's own is for this machine too");

    connects_with(&section, &[("NO_PROXY", "example.com, 127.0.0.0/8")]).await;
    assert_eq!(proxy.asked().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environments_proxy_is_not_for_this_machine_and_none_means_none() {
    let proxy = Proxy::start().await.unwrap();
    let dingtalk = Watched::start(Settings::default()).await;
    let mut section = section(&dingtalk);
    let url = proxy.url();

    connects_with(&section, &[("ALL_PROXY", &url), ("HTTP_PROXY", &url)]).await;
    section["proxy"] = json!("none");
    connects_with(&section, &[("ALL_PROXY", &url)]).await;

    assert_eq!(proxy.asked(), []);
}
