//! Accounts, and which one is meant.

use super::*;

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
fn a_top_level_with_credentials_is_an_account_beside_the_others_and_the_last_to_connect() {
    let section = json!({"clientId": "x", "clientSecret": "y", "accounts": {"late": {}}});
    let resolved = resolve(&section);
    assert_eq!(ids(&resolved), ["default", "late"]);
    assert_eq!(resolved.default_account, "default");
    let found = the_only(resolved.diagnostics);
    assert_eq!((found.severity, found.path.as_str()), (Severity::Warning, "clientId"));
    assert!(found.message.contains("`default`") && found.message.contains("`late`"), "{found:?}");
    assert_eq!(open(&section, "default").rival.as_deref(), Some("late"));
    assert_eq!(open(&section, "late").rival, None);

    let own = json!({"clientId": "x", "clientSecret": "y", "accounts": {"b": {"clientId": "z"}}});
    assert_eq!(resolve(&own).diagnostics, []);
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
    assert_eq!(english(&found.suggestion), "did you mean `main`?");
}

#[test]
fn an_unknown_account_is_refused_with_a_suggestion() {
    assert_eq!(
        refused(&two_accounts(), "bot3"),
        "accounts.bot3: 没有这个账号 (there is no such account); 是不是想写 `bot1`？ (did you mean `bot1`?)"
    );
}

#[test]
fn an_account_is_on_unless_either_level_says_false() {
    let enabled = |top: Value, own: Value| {
        let section =
            json!({"enabled": top, "accounts": {"a": {"enabled": own, "clientId": 1, "clientSecret": 2}}});
        let account = resolve(&section).accounts.remove(0);
        let reason = if account.reason.is_empty() { "" } else { english(&account.reason) };
        (account.enabled, reason.to_owned())
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
