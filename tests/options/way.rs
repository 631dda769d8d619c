//! The way to DingTalk: which one it is, and through what it is reached.

use crate::{
    bots::{Accounts, PATIENCE, ask, bots, setup},
    row::{Level, Row, holds, stops},
};
use host_mock::proxy::Proxy;
use host_sdk::{Attachment, OutboundMessage};
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs, sync::Arc};
use tests::{Setup, TlsFront, World, scenarios};

const NO_ADDRESS: &str = "must begin with https://";

pub(crate) const ROWS: &[Row] = &[
    Row {
        option: "region",
        number: "",
        level: Level::Everywhere {
            standard: "\"china\"",
            values: [("\"Overseas\"", "\"overseas\""), ("\"china\"", "\"china\"")],
        },
        wrong: &[holds("\"mars\"", "is used", "\"china\"")],
        plays: scenarios![dingtalk_is_the_one_in_china_or_the_one_overseas_as_the_account_says],
        elsewhere: &[],
    },
    Row {
        option: "endpoints",
        number: "",
        level: Level::Group,
        wrong: &[holds("\"https://ding.corp.example\"", "not an object", "")],
        plays: &[],
        elsewhere: &[],
    },
    Row {
        option: "endpoints.api",
        number: "",
        level: Level::Everywhere {
            standard: "",
            values: [
                ("\"https://a.example\"", "\"https://a.example\""),
                ("\"https://b.example\"", "\"https://b.example\""),
            ],
        },
        wrong: &[stops("\"ding.corp.example\"", NO_ADDRESS), holds("[]", "not a text", "")],
        plays: scenarios![
            one_address_is_for_both_interfaces_and_two_are_for_one_each,
            a_plain_address_elsewhere_is_refused_until_it_is_allowed,
        ],
        elsewhere: &[],
    },
    Row {
        option: "endpoints.oapi",
        number: "",
        level: Level::Everywhere {
            standard: "",
            values: [
                ("\"https://a.example\"", "\"https://a.example\""),
                ("\"https://b.example\"", "\"https://b.example\""),
            ],
        },
        wrong: &[stops("\"ftp://ding.corp.example\"", NO_ADDRESS), holds("{}", "not a text", "")],
        plays: scenarios![one_address_is_for_both_interfaces_and_two_are_for_one_each],
        elsewhere: &[],
    },
    Row {
        option: "endpoints.allowPlain",
        number: "",
        level: Level::Everywhere { standard: "false", values: [("true", "true"), ("false", "false")] },
        wrong: &[holds("\"yes\"", "not true or false", "false")],
        plays: scenarios![a_plain_address_elsewhere_is_refused_until_it_is_allowed],
        elsewhere: &[],
    },
    Row {
        option: "proxy",
        number: "",
        level: Level::Everywhere {
            standard: "",
            // Without the password.
            values: [
                ("\"http://lin:s3cret@127.0.0.1:1\"", "\"http://127.0.0.1:1\""),
                ("\"none\"", "\"none\""),
            ],
        },
        wrong: &[
            stops("\"socks5://127.0.0.1:1080\"", "SOCKS"),
            stops("8080", "proxy"),
            stops("[]", "not where a proxy is"),
        ],
        plays: scenarios![an_account_goes_through_its_own_proxy_or_none],
        elsewhere: &[(
            "it/network.rs",
            &[
                "http_and_websocket_go_through_the_proxy_with_its_credentials",
                "without_a_proxy_of_its_own_an_account_uses_the_environments",
                "what_no_proxy_names_is_reached_past_the_proxy_by_http_and_websocket",
                "the_environments_proxy_is_not_for_this_machine_and_none_means_none",
            ],
        )],
    },
    Row {
        option: "caFile",
        number: "",
        level: Level::Everywhere {
            standard: "",
            values: [("\"~/ca.pem\"", "\"~/ca.pem\""), ("\"/srv/ca.pem\"", "\"/srv/ca.pem\"")],
        },
        wrong: &[holds("[]", "not a text", "")],
        plays: scenarios![an_authority_is_trusted_by_the_account_that_names_its_file],
        elsewhere: &[(
            "it/network.rs",
            &[
                "with_the_companys_authority_http_and_websocket_work_encrypted",
                "an_unusable_ca_file_keeps_the_account_from_starting_and_names_the_file",
            ],
        )],
    },
];

async fn proxy() -> Arc<Proxy> {
    Arc::new(Proxy::start().await.unwrap())
}

/// The destinations that were asked for.
fn destinations(proxy: &Proxy) -> BTreeSet<String> {
    proxy.asked().into_iter().map(|asked| asked.destination).collect()
}

/// A world whose DingTalk is only reached through one of the proxies, by any name.
fn behind(proxies: [&Arc<Proxy>; 2], reached_at: &str, top: Value, accounts: Accounts) -> Setup {
    let proxies = proxies.map(Clone::clone);
    let setup = setup(top, accounts);
    let configure = setup.configure;
    Setup {
        reached_at: Some(reached_at.to_owned()),
        introduce: Box::new(move |address| proxies.iter().for_each(|proxy| proxy.leads_to(address))),
        configure: Box::new(move |section| {
            section.as_object_mut().unwrap().remove("endpoints");
            configure(section);
        }),
        ..setup
    }
}

async fn dingtalk_is_the_one_in_china_or_the_one_overseas_as_the_account_says() {
    for (region, silent, speaking) in [
        (Value::Null, ("dingtalk.com", Value::Null), ("dingtalk.io", json!("overseas"))),
        (json!("overseas"), ("dingtalk.io", Value::Null), ("dingtalk.com", json!("china"))),
    ] {
        let names = ["api.dingtalk.com", "oapi.dingtalk.com", "api.dingtalk.io", "oapi.dingtalk.io"];
        let front = Arc::new(TlsFront::called(&names).await);
        let proxies = [proxy().await, proxy().await];
        proxies.iter().for_each(|proxy| proxy.leads_to(front.address()));
        let bot = |proxy: &Proxy, region: &Value| json!({"proxy": proxy.url(), "region": region});
        let accounts =
            vec![("silent", bot(&proxies[0], &silent.1)), ("speaking", bot(&proxies[1], &speaking.1))];
        let top = json!({"region": region, "caFile": front.authority_file()});
        let setup = behind([&proxies[0], &proxies[1]], &format!("https://api.{}", silent.0), top, accounts);
        let world = World::of(Setup { introduce: Box::new(front.leads_to()), ..setup }).await;
        for (account, proxy, domain) in
            [("silent", &proxies[0], silent.0), ("speaking", &proxies[1], speaking.0)]
        {
            ask(&world, account).await.answered("Hello, Lin.").await.card();
            let asked = proxy.asked();
            assert_eq!(asked[0].destination, format!("api.{domain}:443"), "{account}: {asked:?}");
        }
        world.end().await;
    }
}

async fn one_address_is_for_both_interfaces_and_two_are_for_one_each() {
    let proxies = [proxy().await, proxy().await];
    let (new, old) = ("http://api.corp.example", "http://oapi.corp.example");
    let bot = |proxy: &Proxy, endpoints: Value| json!({"proxy": proxy.url(), "endpoints": endpoints});
    let accounts = vec![
        ("one", bot(&proxies[0], json!({"api": new}))),
        ("two", bot(&proxies[1], json!({"api": new, "oapi": old}))),
    ];
    let top = json!({"endpoints": {"allowPlain": true}});
    let world = World::of(behind([&proxies[0], &proxies[1]], new, top, accounts)).await;
    let path = world.media().join("a.txt");
    fs::write(&path, "words").unwrap();
    let file = Attachment { path: path.to_str().unwrap().into(), ..Attachment::default() };
    for account in ["one", "two"] {
        ask(&world, account).await.answered("Hello, Lin.").await.card();
        // Files are uploaded by the old interface.
        let message = OutboundMessage {
            target: "user:user0001".into(),
            attachments: vec![file.clone()],
            ..OutboundMessage::default()
        };
        world.host().send(account, message).await.unwrap();
    }
    assert_eq!(destinations(&proxies[0]), BTreeSet::from(["api.corp.example:80".to_owned()]));
    let both = ["api.corp.example:80", "oapi.corp.example:80"].map(str::to_owned);
    assert_eq!(destinations(&proxies[1]), BTreeSet::from(both));
    world.end().await;
}

async fn a_plain_address_elsewhere_is_refused_until_it_is_allowed() {
    let proxy = proxy().await;
    let top = json!({"proxy": proxy.url(), "endpoints": {"api": "http://ding.corp.example"}});
    let accounts = vec![("silent", json!({})), ("allowed", json!({"endpoints": {"allowPlain": true}}))];
    let world = World::of(behind([&proxy, &proxy], "http://ding.corp.example", top, accounts)).await;
    let running: Vec<_> = world.host().accounts().iter().map(ToString::to_string).collect();
    assert_eq!(running, ["dingtalk/allowed"]);
    assert!(world.log().contains(NO_ADDRESS), "{}", world.log());
    ask(&world, "allowed").await.answered("Hello, Lin.").await.card();
    world.end().await;
}

async fn an_account_goes_through_its_own_proxy_or_none() {
    for asked in [[true, false], [false, true], [false, false]] {
        let proxies = [proxy().await, proxy().await];
        let own = match asked {
            [true, false] => json!({}),
            [false, true] => json!({"proxy": proxies[1].url()}),
            _ => json!({"proxy": "none"}),
        };
        let world = bots(json!({"proxy": proxies[0].url()}), vec![("bot", own)]).await;
        ask(&world, "bot").await.answered("Hello, Lin.").await.card();
        assert_eq!(proxies.each_ref().map(|proxy| !proxy.asked().is_empty()), asked);
        world.end().await;
    }
}

async fn an_authority_is_trusted_by_the_account_that_names_its_file() {
    let front = TlsFront::start().await;
    let (url, file) = (front.url(), front.authority_file());
    let accounts = vec![("trusting", json!({"caFile": file})), ("silent", json!({}))];
    let setup = setup(json!({}), accounts);
    let setup = Setup { reached_at: Some(url), introduce: Box::new(front.leads_to()), ..setup };
    let world = World::of(setup).await;
    ask(&world, "trusting").await.answered("Hello, Lin.").await.card();
    let hint = |status: &host_sdk::StatusPatch| {
        status.get("lastError").and_then(Value::as_str).is_some_and(|error| error.contains("`caFile`"))
    };
    tokio::time::timeout(PATIENCE, world.host().wait_status("silent", hint)).await.unwrap().unwrap();
    world.end().await;
}
