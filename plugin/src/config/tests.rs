//! What configurations mean.

use super::*;
use crate::{api::Endpoints, wording::Wording};
use host_sdk::{Diagnostic, Resolved, ResolvedAccount, Severity};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::time::Duration;

fn single() -> Value {
    serde_json::from_str(include_str!("../../../tests/fixtures/config/single.json")).unwrap()
}

fn two_accounts() -> Value {
    let whole: Value =
        serde_json::from_str(include_str!("../../../tests/fixtures/config/two-accounts.json")).unwrap();
    whole["channels"]["dingtalk"].clone()
}

#[track_caller]
fn open(section: &Value, id: &str) -> Account {
    account(section, id, "").unwrap()
}

#[track_caller]
fn refused(section: &Value, id: &str) -> String {
    account(section, id, "").unwrap_err().to_string()
}

fn ids(resolved: &Resolved) -> Vec<&str> {
    resolved.accounts.iter().map(|account| account.id.as_str()).collect()
}

fn settings(account: &ResolvedAccount) -> Value {
    account.settings.parse().unwrap()
}

/// The diagnostics of a section that is complete but for `change`.
#[track_caller]
fn diagnostics(change: Value) -> Vec<Diagnostic> {
    let mut section = json!({"clientId": "dingfake", "clientSecret": "s3cret"});
    section.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    resolve(&section).diagnostics
}

#[track_caller]
fn the_only(diagnostics: Vec<Diagnostic>) -> Diagnostic {
    assert_eq!(diagnostics.len(), 1, "{diagnostics:#?}");
    diagnostics.into_iter().next().unwrap()
}

// ---- the two configurations of the guide

#[test]
fn the_single_configuration_is_accepted_unchanged() {
    let resolved = resolve(&single());
    assert_eq!(resolved.diagnostics, []);
    assert_eq!(resolved.default_account, "default");
    assert_eq!(ids(&resolved), ["default"]);
    let account = &resolved.accounts[0];
    assert!(account.enabled && account.configured && account.reason.is_empty());
    insta::assert_snapshot!(serde_json::to_string_pretty(&settings(account)).unwrap(), @r#"
    {
      "allowFrom": [
        "*"
      ],
      "cardTemplateId": "02fcf2f4-5e02-4a85-b672-46d1f715543e.schema",
      "cardTemplateKey": "msgContent",
      "clientId": "dingxxxxxx",
      "clientSecret": "config",
      "connections": 1,
      "dmPolicy": "open",
      "enableAICard": true,
      "enabled": true,
      "endpoints": {
        "allowPlain": false
      },
      "groupPolicy": "open",
      "inboundMedia": {
        "dir": "~/.openclaw/media/dingtalk/inbound",
        "keepDays": 7
      },
      "longTaskNoticeDelayMs": 30000,
      "maxFileSizeMB": 100,
      "mentionSender": false,
      "region": "china",
      "requireMention": true,
      "rotateAfterSeconds": 1800,
      "stopButton": true,
      "streaming": {
        "intervalMs": 600
      },
      "thinkingMark": false
    }
    "#);
}

#[test]
fn the_single_configuration_opens() {
    let account = open(&single(), "default");
    assert_eq!(account.client_id.whence(), "config");
    assert_eq!(account.client_secret.read("/").unwrap().reveal(), "your-app-secret");
    assert_eq!(account.endpoints, Endpoints::china().unwrap());
    assert_eq!(account.replies.wording, Wording::Chinese);
    assert!(account.replies.enable_ai_card);
    assert_eq!(account.replies.card_template_key, "msgContent");
    assert_eq!(account.replies.update_interval, Duration::from_millis(600));
    assert_eq!(account.replies.long_task_notice, Some(Duration::from_secs(30)));
    assert_eq!(account.max_file_bytes, 100 * 1024 * 1024);
    assert_eq!(account.inbound_media.keep, Duration::from_secs(7 * 24 * 3600));
    assert_eq!(
        account.inbound_media.dir.under("/home/lin"),
        std::path::Path::new("/home/lin/.openclaw/media/dingtalk/inbound")
    );
}

#[test]
fn the_configuration_with_two_accounts_is_accepted_unchanged() {
    let resolved = resolve(&two_accounts());
    assert_eq!(resolved.diagnostics, []);
    assert_eq!(resolved.default_account, "bot1");
    assert_eq!(ids(&resolved), ["bot1", "bot2"]);
    assert_eq!(resolved.accounts[1].name, "Backup Bot");

    assert!(open(&two_accounts(), "bot1").replies.enable_ai_card);
    assert!(!open(&two_accounts(), "bot2").replies.enable_ai_card);
    assert_eq!(open(&two_accounts(), "").id, "bot1");
}

// ---- accounts

#[test]
fn the_default_account_is_the_named_one_then_default_then_the_first() {
    let default = |section: Value| resolve(&section).default_account;
    assert_eq!(default(json!({"defaultAccount": " b ", "accounts": {"a": {}, "b": {}, "default": {}}})), "b");
    assert_eq!(default(json!({"accounts": {"a": {}, "default": {}}})), "default");
    assert_eq!(default(json!({"accounts": {"b": {}, "a": {}}})), "a");
    assert_eq!(default(json!({})), "default");
    assert_eq!(default(json!(null)), "default");
}

#[test]
fn a_top_level_with_credentials_is_an_account_beside_the_others() {
    let section = json!({"clientId": "x", "clientSecret": "y", "accounts": {"b": {}}});
    let resolved = resolve(&section);
    assert_eq!(ids(&resolved), ["b", "default"]);
    assert_eq!(resolved.default_account, "default");
    assert!(resolved.diagnostics.iter().any(|found| found.message.contains("same Client ID")));
}

#[test]
fn an_unknown_default_account_is_an_error_with_a_suggestion() {
    let found = resolve(&json!({
        "defaultAccount": "mian",
        "accounts": {"main": {"clientId": "x", "clientSecret": "y"}},
    }));
    assert_eq!(found.default_account, "main");
    let found = the_only(found.diagnostics);
    assert_eq!((found.severity, found.path.as_str()), (Severity::Error, "defaultAccount"));
    assert_eq!(found.suggestion, "did you mean `main`?");
}

#[test]
fn an_unknown_account_is_refused_with_a_suggestion() {
    assert_eq!(
        refused(&two_accounts(), "bot3"),
        "accounts.bot3: there is no such account; did you mean `bot1`?"
    );
}

#[test]
fn an_account_is_on_unless_either_level_says_false() {
    let enabled = |top: Value, own: Value| {
        let section =
            json!({"enabled": top, "accounts": {"a": {"enabled": own, "clientId": 1, "clientSecret": 2}}});
        let account = resolve(&section).accounts.remove(0);
        (account.enabled, account.reason)
    };
    assert_eq!(enabled(json!(true), json!(true)), (true, String::new()));
    assert_eq!(enabled(json!(null), json!(null)), (true, String::new()));
    assert_eq!(enabled(json!(false), json!(true)), (false, "`enabled` is false at the top level".to_owned()));
    assert_eq!(enabled(json!(true), json!(false)), (false, "`accounts.a.enabled` is false".to_owned()));
    assert_eq!(enabled(json!("false"), json!(0)), (true, String::new())); // told, but not obeyed
}

#[test]
fn an_account_inherits_field_by_field_also_inside_objects() {
    let section = json!({
        "clientSecret": {"env": "SHARED"},
        "inboundMedia": {"dir": "/archive", "keepDays": 3},
        "allowFrom": ["a", "b"],
        "accounts": {"x": {
            "clientId": "idx", "clientSecret": {"file": "/own"}, "inboundMedia": {"keepDays": 0.5}, "allowFrom": [],
        }},
    });
    let account = open(&section, "x");
    assert_eq!(account.client_secret.whence(), "file:/own");
    assert_eq!(account.inbound_media.dir.to_string(), "/archive");
    assert_eq!(account.inbound_media.keep, Duration::from_secs(12 * 3600));
}

#[test]
fn an_account_that_is_no_object_stays_off() {
    let resolved = resolve(&json!({"clientId": "x", "clientSecret": "y", "accounts": {"default": "oops"}}));
    assert!(!resolved.accounts[0].enabled);
    assert_eq!(the_only(resolved.diagnostics).path, "accounts.default");
}

// ---- credentials

#[test]
fn a_missing_credential_says_which_key_and_where_to_find_it() {
    let text = refused(&json!({"clientId": "dingfake"}), "default");
    assert!(
        text.starts_with(
            "clientSecret: it is not set; set `clientSecret` to the application's Client Secret"
        )
    );
    assert!(text.contains("open-dev.dingtalk.com"));
    assert!(refused(&json!({"accounts": {"a": {}}}), "a").starts_with("accounts.a.clientId: it is not set"));

    let resolved = resolve(&json!({"clientId": " "}));
    assert!(!resolved.accounts[0].configured);
    assert_eq!(resolved.accounts[0].reason, "`clientId` is not set");
    assert_eq!(resolved.diagnostics.len(), 2);
}

#[test]
fn numbers_and_stray_spaces_are_no_obstacle() {
    let account = open(&json!({"clientId": 12345, "clientSecret": " s3cret\n"}), "");
    assert_eq!(account.client_id.read("/").unwrap().reveal(), "12345");
    assert_eq!(account.client_secret.read("/").unwrap().reveal(), "s3cret");
}

#[test]
fn no_secret_is_in_what_is_told() {
    let section =
        json!({"clientId": "dingfake", "clientSecret": "s3cret", "accounts": {"a": {"clientSecret": "t0p"}}});
    let told = serde_json::to_string(&resolve(&section)).unwrap();
    assert!(!told.contains("s3cret") && !told.contains("t0p"));
    assert!(!format!("{:?}", open(&section, "a")).contains("t0p"));
    assert_eq!(settings(&resolve(&section).accounts[0])["clientSecret"], "config");
}

#[test]
fn slips_at_pasting_are_pointed_out() {
    assert!(the_only(diagnostics(json!({"clientId": "dingfake01dingfake01"}))).message.contains("twice"));
    assert!(the_only(diagnostics(json!({"clientId": "ding fake"}))).message.contains("white space"));
}

// ---- mistakes

#[test]
fn an_unknown_key_is_a_warning_with_a_suggestion() {
    let found = the_only(diagnostics(json!({"enableAiCard": false})));
    assert_eq!((found.severity, found.path.as_str()), (Severity::Warning, "enableAiCard"));
    assert_eq!(found.suggestion, "did you mean `enableAICard`?");

    assert_eq!(the_only(diagnostics(json!({"gatewayToken": "x"}))).suggestion, "");
    assert_eq!(
        the_only(diagnostics(json!({"keepDays": 3}))).suggestion,
        "did you mean `inboundMedia.keepDays`?"
    );
    assert_eq!(the_only(diagnostics(json!({"inboundMedia": {"keepdays": 3}}))).path, "inboundMedia.keepdays");
}

#[test]
fn a_wrong_type_is_an_error_and_the_default_is_used() {
    let found = the_only(diagnostics(json!({"maxFileSizeMB": "100"})));
    assert_eq!((found.severity, found.path.as_str()), (Severity::Error, "maxFileSizeMB"));
    assert_eq!(found.message, "this is a text, not a number; the default 100 is used");

    let section =
        json!({"clientId": 1, "clientSecret": 2, "inboundMedia": "somewhere", "enableAICard": "no"});
    assert_eq!(resolve(&section).diagnostics.len(), 2);
    assert_eq!(open(&section, "").inbound_media.keep, Duration::from_secs(7 * 24 * 3600));
    assert!(open(&section, "").replies.enable_ai_card);
}

#[test]
fn a_misspelt_policy_closes_the_door() {
    let resolved =
        resolve(&json!({"clientId": 1, "clientSecret": 2, "dmPolicy": "alowlist", "allowFrom": ["u1"]}));
    assert_eq!(settings(&resolved.accounts[0])["dmPolicy"], "allowlist");
    assert_eq!(the_only(resolved.diagnostics).suggestion, "did you mean `allowlist`?");
}

#[test]
fn numbers_that_are_too_small_have_a_meaning_each() {
    let section = json!({
        "clientId": 1, "clientSecret": 2, "longTaskNoticeDelayMs": -1,
        "streaming": {"intervalMs": 1}, "inboundMedia": {"keepDays": -1},
    });
    assert_eq!(resolve(&section).diagnostics.len(), 3);
    let account = open(&section, "");
    assert_eq!(account.replies.long_task_notice, None);
    assert_eq!(account.replies.update_interval, Duration::from_millis(100));
    assert_eq!(account.inbound_media.keep, Duration::from_secs(7 * 24 * 3600));
}

#[test]
fn an_account_keeps_one_to_four_connections_and_replaces_them_after_half_an_hour() {
    let kept = |change: Value| {
        let mut section = single();
        section.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let account = open(&section, "default");
        (account.connections, account.rotate_after.as_secs())
    };
    assert_eq!(kept(json!({})), (1, 1800));
    assert_eq!(kept(json!({"connections": 2, "rotateAfterSeconds": 60})), (2, 60));
    assert_eq!(kept(json!({"connections": 0, "rotateAfterSeconds": 0})), (1, 5));
    assert_eq!(kept(json!({"connections": 2.9})).0, 2);

    let found = the_only(diagnostics(json!({"connections": 50})));
    assert_eq!(found.message, "this is above 4; 4 is used");
    assert_eq!(kept(json!({"connections": 50, "rotateAfterSeconds": 1e300})), (4, 86_400));
}

// ---- access, addresses, language

#[test]
fn open_means_everyone_unless_somebody_is_listed() {
    let allow = |section: Value| settings(&resolve(&section).accounts[0])["allowFrom"].clone();
    assert_eq!(allow(json!({})), json!(["*"]));
    assert_eq!(allow(json!({"allowFrom": []})), json!(["*"]));
    assert_eq!(allow(json!({"allowFrom": ["u1", 2]})), json!(["u1", "2"]));
    assert_eq!(allow(json!({"dmPolicy": "pairing"})), Value::Null);

    assert!(the_only(diagnostics(json!({"allowFrom": ["u1"]}))).message.contains("admits only those"));
    assert!(the_only(diagnostics(json!({"dmPolicy": "allowlist"}))).message.contains("admits nobody"));
    assert!(the_only(diagnostics(json!({"groupPolicy": "allowlist"}))).message.contains("admits nobody"));
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
    assert_eq!(effects["inboundMedia.keepDays"], "reopen");
    assert_eq!(effects["allowFrom"], "live", "the host reads it");
}

// ---- anything at all

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 6, |inner| {
        let key = prop_oneof![
            3 => (0..options::OPTIONS.len()).prop_map(|at| options::OPTIONS[at].name().to_owned()),
            1 => ".{0,12}",
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(key, inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_has_a_meaning(section in any_json()) {
        let resolved = resolve(&section);
        prop_assert!(ids(&resolved).contains(&resolved.default_account.as_str()));
        for found in &resolved.accounts {
            let opened = account(&section, &found.id, "");
            prop_assert!(found.configured || opened.is_err());
        }
    }
}

// ---- the way to DingTalk

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

// ---- what may change while an account runs

#[test]
fn how_an_account_answers_changes_live_and_all_else_wants_it_opened_anew() {
    let effects: Value = resolve(&json!({})).effects.parse().unwrap();
    let base = open(&single(), "default");
    for (path, value) in [
        ("longTaskNoticeDelayMs", json!(1)),
        ("longTaskNoticeText", json!("One moment.")),
        ("enableAICard", json!(false)),
        ("cardTemplateId", json!("mine.schema")),
        ("cardTemplateKey", json!("answer")),
        ("streaming.intervalMs", json!(1_000)),
        ("thinkingMark", json!(true)),
        ("stopButton", json!(false)),
        ("mentionSender", json!(true)),
        ("budget.apiCallsPerMonth", json!(5_000)),
        ("budget.apiCallsPerDay", json!(200)),
        ("budget.messagesPerMonth", json!(3_000)),
        ("locale", json!("en")),
    ] {
        assert_eq!(effects[path], "live", "{path}");
        let mut section = single();
        match path.split_once('.') {
            Some((group, name)) => section[group][name] = value,
            None => section[path] = value,
        }
        let changed = open(&section, "default");
        assert_ne!(changed.replies, base.replies, "{path}");
        assert_eq!(Account { replies: base.replies.clone(), ..changed }, base, "{path}");
    }
}

#[test]
fn a_mark_is_the_standard_one_or_one_by_name() {
    let mark = |written: Value| {
        let section = json!({"clientId": 1, "clientSecret": 2, "thinkingMark": written});
        open(&section, "").replies.thinking_mark
    };
    assert_eq!(mark(json!(true)).as_deref(), Some("🤔思考中"));
    assert_eq!(mark(json!(" 🤔Thinking ")).as_deref(), Some("🤔Thinking"));
    assert_eq!([json!(false), json!(null), json!(" ")].map(mark), [None, None, None]);
    let found = the_only(diagnostics(json!({"thinkingMark": 1})));
    assert_eq!(found.message, "this is a number, not true, false or a text; the default false is used");
}

#[test]
fn without_a_cap_there_is_none_and_one_of_nothing_is_one() {
    let caps =
        |budget: Value| open(&json!({"clientId": 1, "clientSecret": 2, "budget": budget}), "").replies.caps;
    assert_eq!(caps(json!({})), Caps::default());
    let some = caps(json!({"apiCallsPerMonth": 5000, "apiCallsPerDay": 0}));
    assert_eq!((some.api_calls_per_month, some.api_calls_per_day), (Some(5000), Some(1)));
    assert_eq!(
        the_only(diagnostics(json!({"budget": {"apiCallPerMonth": 1}}))).suggestion,
        "did you mean `apiCallsPerMonth`?"
    );
}
