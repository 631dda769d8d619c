//! Access, addresses, language, and what a change takes.

use super::*;

#[test]
fn open_means_everyone_unless_somebody_is_listed() {
    let allow = |section: Value| settings(&resolve(&section).accounts[0])["allowFrom"].clone();
    assert_eq!(allow(json!({})), json!(["*"]));
    assert_eq!(allow(json!({"allowFrom": null})), json!(["*"]));
    assert_eq!(allow(json!({"allowFrom": ["u1", 2]})), json!(["u1", "2"]));
    assert_eq!(allow(json!({"dmPolicy": "pairing"})), Value::Null);

    assert!(the_only(diagnostics(json!({"allowFrom": ["u1"]}))).message.contains("admits only those"));
    assert!(the_only(diagnostics(json!({"dmPolicy": "allowlist"}))).message.contains("admits nobody"));
    assert!(the_only(diagnostics(json!({"groupPolicy": "allowlist"}))).message.contains("admits nobody"));
}

#[test]
fn a_list_that_names_nobody_or_cannot_be_read_admits_nobody_whatever_the_policy() {
    for list in [json!([]), json!([{"id": "u1"}]), json!({"u1": true}), json!(false)] {
        let resolved =
            resolve(&json!({"clientId": 1, "clientSecret": 2, "allowFrom": list, "groupAllowFrom": list}));
        let settings = settings(&resolved.accounts[0]);
        assert_eq!((&settings["allowFrom"], &settings["groupAllowFrom"]), (&json!([]), &json!([])));
        let of = |path: &str| resolved.diagnostics.iter().any(|found| found.path.starts_with(path));
        assert!(
            of("allowFrom") && (of("groupAllowFrom") || list == json!([])),
            "{:#?}",
            resolved.diagnostics
        );
    }
    assert!(the_only(diagnostics(json!({"allowFrom": []}))).message.contains("also under `open`"));
}

#[test]
fn rules_that_are_hardly_meant_are_told_with_their_place() {
    for (change, path, message) in [
        (json!({"groupAllowFrom": ["u1"]}), "groupAllowFrom", "no effect while `groupPolicy` is \"open\""),
        (json!({"allowFrom": ["*", "dd:cidAbC=="]}), "allowFrom", "names a group"),
        (
            json!({"groupPolicy": "allowlist", "groups": {"cidAbC==": {}}, "groupAllowFrom": []}),
            "groupAllowFrom",
            "not even in the groups",
        ),
        (json!({"groups": "cidAbC=="}), "groups", "this is a text, not an object"),
        (json!({"groups": {"cidAbC==": 1}}), "groups.cidAbC==", "this is a number, not an object"),
        (
            json!({"groups": {"cidAbC==": {"enabled": "no"}}}),
            "groups.cidAbC==.enabled",
            "the group stays off",
        ),
        (
            json!({"groups": {"*": {"requireMention": "no"}}}),
            "groups.*.requireMention",
            "a mention is required",
        ),
        (json!({"groups": {"*": {"allowFrom": []}}}), "groups.*.allowFrom", "admits nobody in the group"),
    ] {
        let found = the_only(diagnostics(change));
        assert_eq!(found.path, path);
        assert!(found.message.contains(message), "{found:?}");
        assert!(!found.suggestion.is_empty(), "{found:?}");
    }
}

#[test]
fn rules_that_make_sense_are_not_talked_about() {
    for fine in [
        json!({"allowFrom": [" DingTalk: user:*"]}),
        json!({"dmPolicy": "pairing"}),
        json!({"dmPolicy": "allowlist", "allowFrom": ["u1"]}),
        json!({"groupPolicy": "allowlist", "groups": {"cidAbC==": {"systemPrompt": "be brief", "allowFrom": "u1"}}}),
        json!({"groupPolicy": "allowlist", "groups": ["cidAbC=="]}),
        json!({"groupPolicy": "allowlist", "groupAllowFrom": ["cidAbC=="]}),
        json!({"groups": {"*": {"requireMention": false}, "cidAbC==": false}}),
    ] {
        assert_eq!(diagnostics(fine), []);
    }
}

#[test]
fn addresses_come_from_the_region_or_are_written() {
    let endpoints = |change: Value| {
        let mut section = json!({"clientId": 1, "clientSecret": 2});
        section.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        account(&section, "", "").map(|account| account.endpoints).ok()
    };
    assert_eq!(endpoints(json!({"region": "overseas"})), Endpoints::overseas().ok());
    assert!(endpoints(json!({"endpoints": {"api": "https://ding.example.com"}})).is_some());
    assert!(endpoints(json!({"endpoints": {"api": "http://ding.example.com"}})).is_none());
    assert!(
        endpoints(json!({"endpoints": {"api": "http://ding.example.com", "allowPlain": true}})).is_some()
    );

    let found = the_only(diagnostics(json!({"endpoints": {"oapi": "http://ding.example.com"}})));
    assert_eq!((found.severity, found.path.as_str()), (Severity::Error, "endpoints"));
}

#[test]
fn the_language_is_the_written_one_then_the_hosts_then_chinese() {
    let locale = |written: Value, host: &str| {
        let section = json!({"clientId": 1, "clientSecret": 2, "locale": written});
        account(&section, "", host).unwrap().replies.wording
    };
    assert_eq!(locale(json!("en"), "zh-CN"), Wording::English);
    assert_eq!(locale(json!(null), "en-US"), Wording::English);
    assert_eq!(locale(json!("tlh"), "en-US"), Wording::English);
    assert_eq!(locale(json!(null), ""), Wording::Chinese);
    assert_eq!(the_only(diagnostics(json!({"locale": "tlh"}))).path, "locale");
}

#[test]
fn every_option_says_what_a_change_takes() {
    let effects: Value = resolve(&json!({})).effects.parse().unwrap();
    assert_eq!(effects["clientId"], "reopen");
    assert_eq!(effects["inboundMedia.keepDays"], "live");
    assert_eq!(effects["clientSecret"], "reconnect");
    assert_eq!(effects["allowFrom"], "live", "the host reads it");
}

#[test]
fn a_proxy_is_inherited_shown_without_credentials_and_opted_out_of() {
    let section = json!({
        "proxy": "http://lin:s3cret-pass@proxy.corp.example:8080",
        "caFile": "~/corp.pem",
        "accounts": {
            "inside": {"clientId": "a", "clientSecret": "x", "proxy": false},
            "outside": {"clientId": "b", "clientSecret": "x"},
            "vault": {"clientId": "c", "clientSecret": "x", "proxy": {"env": "CORP_PROXY"}},
        },
    });
    let resolved = resolve(&section);
    assert_eq!(resolved.diagnostics, []);
    let shown: Vec<_> = resolved.accounts.iter().map(|account| settings(account)["proxy"].clone()).collect();
    assert_eq!(shown, [json!("none"), json!("http://proxy.corp.example:8080"), json!("env:CORP_PROXY")]);
    assert!(!format!("{resolved:?} {:?}", open(&section, "outside")).contains("s3cret-pass"));
    assert_eq!(open(&section, "inside").ca_file.unwrap().to_string(), "~/corp.pem");
    assert_ne!(open(&section, "outside").proxy, open(&section, "inside").proxy);
}

#[test]
fn a_proxy_that_cannot_be_used_is_told_and_never_passed_by() {
    for (proxy, message, suggestion) in [
        (json!("socks5://lin:s3cret-pass@127.0.0.1:1080"), "SOCKS", "HTTP proxy"),
        (json!("https://lin:s3cret-pass@proxy.corp.example"), "https", "http://"),
        (json!("htp://proxy:8080"), "not the address", "http://host:port"),
        (json!(["s3cret-pass"]), "not where a proxy is", "\"none\""),
        (json!(true), "not where a proxy is", "\"none\""),
    ] {
        let found = the_only(diagnostics(json!({"proxy": proxy})));
        assert_eq!((&*found.path, found.severity), ("proxy", Severity::Error));
        assert!(found.message.contains(message) && found.suggestion.contains(suggestion), "{found:?}");
        let section = json!({"clientId": "a", "clientSecret": "x", "proxy": proxy});
        let refused = refused(&section, "");
        assert!(refused.starts_with("proxy: ") && refused.contains(message), "{refused}");
        assert!(!format!("{found:?} {refused}").contains("s3cret-pass"));
    }
}

#[test]
fn a_region_is_a_dingtalk_of_its_own_and_endpoints_take_its_place() {
    let with = |change: Value| {
        let mut section = json!({"clientId": "a", "clientSecret": "x"});
        section.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        open(&section, "").endpoints
    };
    assert_eq!(with(json!({})), Endpoints::china().unwrap());
    assert_eq!(with(json!({"region": "Overseas"})), Endpoints::overseas().unwrap());
    let private = with(json!({"region": "overseas", "endpoints": {"api": "https://ding.corp.example"}}));
    assert_eq!(private.id(), "https://ding.corp.example/");
    let local = with(json!({"endpoints": {"api": "http://127.0.0.1:8080"}}));
    assert_eq!(local.id(), "http://127.0.0.1:8080/");
    let plain = json!({"api": "http://ding.corp.example"});
    let section = json!({"clientId": "a", "clientSecret": "x", "endpoints": plain});
    assert!(refused(&section, "").contains("https://"));
    let allowed = json!({"endpoints": {"api": "http://ding.corp.example", "allowPlain": true}});
    assert_eq!(with(allowed).id(), "http://ding.corp.example/");
}
