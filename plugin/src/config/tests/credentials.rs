//! Credentials, and slips at pasting them.

use super::*;

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
