//! Credentials, and slips at pasting them.

use super::*;

#[test]
fn a_missing_credential_says_which_key_and_where_to_find_it() {
    let text = refused(&json!({"clientId": "dingfake"}), "default");
    assert!(
        text.starts_with(
            "clientSecret: 没有设置 (it is not set); 请把 `clientSecret` 设为应用的 Client Secret"
        )
    );
    assert!(text.contains("(set `clientSecret` to the application's Client Secret"));
    assert!(text.contains("open-dev.dingtalk.com"));
    assert!(
        refused(&json!({"accounts": {"a": {}}}), "a")
            .starts_with("accounts.a.clientId: 没有设置 (it is not set)")
    );

    let resolved = resolve(&json!({"clientId": " "}));
    assert!(!resolved.accounts[0].configured);
    assert_eq!(told(&resolved.accounts[0].reason), ("没有设置 `clientId`", "`clientId` is not set"));
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

#[test]
fn each_slip_at_pasting_has_a_message_that_does_not_quote_it() {
    let found = |client_id: &str, secret: &str| {
        the_only(resolve(&json!({"clientId": client_id, "clientSecret": secret})).diagnostics)
    };
    let id = "dingabcd1234efgh5678";
    for (secret, message) in [
        ("your-app-secret", "placeholder"),
        ("<AppSecret>", "placeholder"),
        ("******", "placeholder"),
        ("$DINGTALK_SECRET", "looks like a variable"),
        ("%DINGTALK_SECRET%", "looks like a variable"),
        ("a secret in words", "white space"),
        ("“s3cret-in-quotes”", "no credential of DingTalk's has"),
        ("s3cret-abcs3cret-abc", "pasted twice"),
    ] {
        let found = found(id, secret);
        assert!(found.path == "clientSecret" && found.message.contains(message), "{found:?}");
        assert!(
            found.suggestion.contains("Client Secret") && !format!("{found:?}").contains(secret),
            "{found:?}"
        );
    }
    assert!(found("dingxxxxxx", "s3cret").message.contains("placeholder"));
    let exchanged = found(&"s3cret".repeat(9), id);
    assert!(
        exchanged.message.contains("look exchanged") && !exchanged.message.contains("s3cret"),
        "{exchanged:?}"
    );
    assert_eq!(resolve(&json!({"clientId": id, "clientSecret": "s3cret-s3cret2"})).diagnostics, []);
}

#[test]
fn of_two_accounts_with_one_client_id_the_second_by_id_is_an_error_that_names_both() {
    let own = |client_id: &str| json!({"clientId": client_id, "clientSecret": "s"});
    let section = json!({"accounts": {"b": own("ding1"), "a": own("ding1"), "c": own("ding2")}});
    let resolved = resolve(&section);
    let reasons: Vec<_> = resolved.accounts.iter().map(|account| account.reason.is_empty()).collect();
    assert_eq!(reasons, [true, false, true]);
    let found = the_only(resolved.diagnostics);
    assert_eq!((found.severity, found.path.as_str()), (Severity::Error, "accounts.b.clientId"));
    assert!(found.message.contains("`a`") && found.message.contains("`b`") && !found.suggestion.is_empty());
    assert_eq!(open(&section, "b").rival.as_deref(), Some("a"));
    assert_eq!([open(&section, "a").rival, open(&section, "c").rival], [None, None]);
}

#[test]
fn accounts_that_are_off_or_of_another_dingtalk_are_no_rivals() {
    for change in [json!({"enabled": false}), json!({"region": "overseas"}), json!({"clientSecret": null})] {
        let mut section = json!({"accounts": {
            "a": {"clientId": "ding1", "clientSecret": "s"}, "b": {"clientId": "ding1", "clientSecret": "s"},
        }});
        section["accounts"]["a"].as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let told = resolve(&section).diagnostics;
        assert!(!told.iter().any(|found| found.message.contains("same Client ID")), "{told:?}");
    }
}
