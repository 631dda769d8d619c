//! Whom an account calls and believes, whatever a message, an option or the environment says.

use crate::child;
use host_mock::{
    dingtalk::{Endpoint, Fault},
    proxy::Proxy,
};
use host_sdk::StatusPatch;
use serde_json::{Value, json};
use std::{collections::BTreeSet, process::Command, sync::Arc};
use tests::{Setup, TlsFront, Watched, World, section};

#[tokio::test]
async fn nobody_is_called_but_the_configured_bases_whatever_a_message_says() {
    let base = "http://ding.corp.example";
    let proxy = Arc::new(Proxy::start().await.unwrap());
    let (leading, address) = (proxy.clone(), proxy.url());
    let world = World::of(Setup {
        reached_at: Some(base.to_owned()),
        introduce: Box::new(move |address| leading.leads_to(address)),
        ..Setup::configured(move |section| {
            section["endpoints"]["allowPlain"] = json!(true);
            section["enableAICard"] = json!(false);
            section["proxy"] = json!(address);
        })
    })
    .await;
    let dingtalk = world.dingtalk();
    dingtalk.on(Endpoint::File).answer(Fault::Redirect("http://files.evil.example/f".into())).always();
    dingtalk.sends_file("Lin", "a.pdf", b"%PDF-1.7".as_slice());
    let turn = world.agent().next_turn().await.unwrap();
    turn.done();
    for elsewhere in
        ["https://oapi.dingtalk.com.evil.example/x", "http://192.0.2.1/x", "http://oapi.dingtalk.com@evil/"]
    {
        let mut payload = dingtalk.payload("Lin", None);
        payload["text"] = json!({"content": "hello"});
        payload["sessionWebhook"] = json!(elsewhere);
        dingtalk.push(payload);
        let turn = world.agent().next_turn().await.unwrap();
        let answer = format!("Not to {elsewhere}");
        turn.say(&answer);
        turn.done();
        dingtalk.wait_for(|view| view.messages().any(|it| it.text().contains(&answer)).then_some(())).await;
    }
    world.host().channel("dingtalk/default").unwrap().probe().await.unwrap();

    let called: BTreeSet<_> = proxy.asked().into_iter().map(|asked| asked.destination).collect();
    assert_eq!(called, BTreeSet::from(["ding.corp.example:80".to_owned()]));
    world.end().await;
}

fn nested(levels: usize) -> Value {
    (0..levels).fold(json!("the innermost"), |inner, _| json!([inner]))
}

#[tokio::test]
async fn a_message_that_nests_deeply_reaches_the_agent_or_is_acknowledged_and_stops_nothing() {
    let world = World::start().await;
    let dingtalk = world.dingtalk();
    for levels in [50, 63, 64, 100, 120, 125] {
        let mut payload = dingtalk.payload("Lin", None);
        payload["text"] = json!({"content": format!("{levels} levels")});
        payload["novelty"] = nested(levels);
        let push = dingtalk.push(payload);
        let turn = world.agent().next_turn().await.unwrap();
        assert_eq!(turn.message().text, format!("{levels} levels"));
        assert!(turn.message().extra.as_str().contains("the innermost"), "{levels}");
        turn.done();
        assert_eq!(dingtalk.acked(&push).await.code, 200);
    }
    let mut payload = dingtalk.payload("Lin", None);
    payload["novelty"] = nested(500);
    let push = dingtalk.push(payload);
    assert_eq!(dingtalk.acked(&push).await.code, 200, "pushed again it would nest as deeply");
    dingtalk.says("Lin", "and now?");
    world.agent().next_turn().await.unwrap().done();
    world.end().await;
}

#[tokio::test]
#[ignore = "a part of another, which gives it its environment"]
async fn believes_nobody_by_its_environment() {
    let complains = |status: &StatusPatch| {
        status.get("lastError").and_then(Value::as_str).is_some_and(|error| error.contains("`caFile`"))
    };
    child::play(async |host| drop(host.wait_status("dingtalk/default", complains).await.unwrap())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_option_and_no_variable_has_a_certificate_believed_that_nobody_vouches_for() {
    let front = TlsFront::start().await;
    let dingtalk = Watched::start(host_mock::dingtalk::Settings::default()).await;
    dingtalk.is_reached_at(&front.url());
    front.leads_to()(dingtalk.address());
    let mut section = section(&dingtalk);
    section["endpoints"] = json!({"api": front.url(), "oapi": front.url(), "allowPlain": true});
    for option in
        ["insecure", "rejectUnauthorized", "strictSSL", "skipTlsVerify", "tls", "verify", "dangerous"]
    {
        section[option] = json!(matches!(option, "insecure" | "skipTlsVerify" | "dangerous"));
    }
    let environment = |child: &mut Command| {
        child
            .env("NODE_TLS_REJECT_UNAUTHORIZED", "0")
            .env("NODE_EXTRA_CA_CERTS", front.authority_file())
            .env("CURL_CA_BUNDLE", front.authority_file())
            .env("REQUESTS_CA_BUNDLE", front.authority_file())
            .env("PYTHONHTTPSVERIFY", "0")
            .env("GIT_SSL_NO_VERIFY", "true")
            .env("SSL_VERIFY", "false")
            .env("RUSTLS_DANGEROUS", "1");
    };
    child::passes("trust::believes_nobody_by_its_environment", &section, environment).await;
    assert_eq!(dingtalk.look(|view| view.calls().count()), 0, "a request was sent to somebody unknown");
}
