//! What people mistype, and anything at all.

use super::*;

#[test]
fn an_unknown_key_is_a_warning_with_a_suggestion() {
    let found = the_only(diagnostics(json!({"enableAiCard": false})));
    assert_eq!((found.severity, found.path.as_str()), (Severity::Warning, "enableAiCard"));
    assert_eq!(told(&found.suggestion), ("是不是想写 `enableAICard`？", "did you mean `enableAICard`?"));

    let said = |section: Value| {
        let found = resolve(&section).diagnostics.into_iter().filter(|found| found.path.starts_with("app"));
        found.map(|found| english(&found.suggestion).to_owned()).collect::<Vec<_>>()
    };
    let suggested = said(json!({"appKey": "dinga", "app_secret": "s"}));
    assert_eq!(suggested, ["did you mean `clientId`?", "did you mean `clientSecret`?"]);
    assert!(the_only(diagnostics(json!({"colour": "x"}))).suggestion.contains("remove it"));
    assert_eq!(
        english(&the_only(diagnostics(json!({"keepDays": 3}))).suggestion),
        "did you mean `inboundMedia.keepDays`?"
    );
    assert_eq!(the_only(diagnostics(json!({"inboundMedia": {"keepdays": 3}}))).path, "inboundMedia.keepdays");
}

#[test]
fn a_wrong_type_is_an_error_and_the_default_is_used() {
    let found = the_only(diagnostics(json!({"maxFileSizeMB": "100"})));
    assert_eq!((found.severity, found.path.as_str()), (Severity::Error, "maxFileSizeMB"));
    let told = [&found.message, &found.suggestion].map(|said| told(said));
    let message = (
        "类型不对，应为：数字，现在是：文本；使用默认值 100",
        "this is a text, not a number; the default 100 is used",
    );
    assert_eq!(told, [message, ("请写 100，不加引号", "write 100 without the quotes")]);

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
    assert_eq!(english(&the_only(resolved.diagnostics).suggestion), "did you mean `allowlist`?");
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
fn impossible_values_are_told_at_the_top_in_accounts_and_inside_objects() {
    for (change, path, message, suggestion) in [
        (json!({"enabled": "true"}), "enabled", "a text, not true or false", "write true without the quotes"),
        (json!({"enableAICard": 1}), "enableAICard", "the default true is used", "write true or false"),
        (json!({"connections": 2.5}), "connections", "not a whole number; 2 is used", "a whole number"),
        (
            json!({"budget": {"apiCallsPerDay": 10.5}}),
            "budget.apiCallsPerDay",
            "10 is used",
            "a whole number",
        ),
        (
            json!({"budget": {"apiCallsPerDay": -3}}),
            "budget.apiCallsPerDay",
            "below 1; 1 is used",
            "1 or more",
        ),
        (
            json!({"inboundMedia": {"keepDays": "7"}}),
            "inboundMedia.keepDays",
            "the default 7",
            "write 7 without",
        ),
        (json!({"inboundMedia": []}), "inboundMedia", "a list, not an object", "an object"),
        (
            json!({"inboundMedia": {"dirs": "/x"}}),
            "inboundMedia.dirs",
            "no such option",
            "did you mean `dir`?",
        ),
        (
            json!({"groups": {"cid1": {"requiremention": true}}}),
            "groups.cid1.requiremention",
            "no such",
            "did you mean `requireMention`?",
        ),
        (
            json!({"streaming": {"intervalMs": {}}}),
            "streaming.intervalMs",
            "an object, not a number",
            "a number",
        ),
        (json!({"allowFrom": [null]}), "allowFrom[0]", "null, not an id", "as a text"),
        (json!({"inboundMedia": {"dir": "~lin/files"}}), "inboundMedia.dir", "a folder in the home", "`~/`"),
        (json!({"inboundMedia": {"dir": "C:\u{c}iles"}}), "inboundMedia.dir", "a Windows path", "twice"),
        (
            json!({"accounts": {"default": {"maxFileSizeMB": "big"}}}),
            "accounts.default.maxFileSizeMB",
            "a text",
            "a number",
        ),
        (
            json!({"accounts": {"default": {"groups": {"cid1": {"enabled": "no"}}}}}),
            "accounts.default.groups.cid1.enabled",
            "stays off",
            "true or false",
        ),
        (
            json!({"accounts": {"default": {"dmPolicy": "opn"}}}),
            "accounts.default.dmPolicy",
            "`allowlist` is used",
            "`open`",
        ),
    ] {
        let found = diagnostics(change);
        let found =
            found.iter().find(|found| found.path == path).unwrap_or_else(|| panic!("{path}: {found:#?}"));
        assert!(found.message.contains(message) && found.suggestion.contains(suggestion), "{found:?}");
    }
}

#[test]
fn a_mistake_at_the_top_is_told_once_however_many_accounts_have_it() {
    let section = json!({"groups": 1, "locale": "tlh", "accounts": {
        "a": {"clientId": "a", "clientSecret": "s"}, "b": {"clientId": "b", "clientSecret": "s"},
    }});
    let paths: Vec<_> = resolve(&section).diagnostics.into_iter().map(|found| found.path).collect();
    assert_eq!(paths, ["groups", "locale"]);
}

#[test]
fn accounts_that_are_a_list_or_alike_are_told() {
    let found = the_only(diagnostics(json!({"accounts": [{"id": "a"}]})));
    assert_eq!((found.path.as_str(), english(&found.suggestion)), ("accounts", "write { \"id\": { } }"));
    let own = |id: &str| json!({"clientId": id, "clientSecret": "s"});
    let found = the_only(resolve(&json!({"accounts": {"Bot": own("a"), "bot": own("b")}})).diagnostics);
    assert!(found.message.contains("`Bot`") && found.path == "accounts.bot", "{found:?}");
    let found = the_only(resolve(&json!({"accounts": {"bot": own("a"), " bot": own("b")}})).diagnostics);
    assert!(found.message.contains("two accounts of this name"), "{found:?}");
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
    assert_eq!(told(&found.message), ("大于 4；按 4 处理", "this is above 4; 4 is used"));
    assert_eq!(kept(json!({"connections": 50, "rotateAfterSeconds": 1e300})), (4, 86_400));
}

/// Anything, much of it under the names of options.
pub(in crate::config) fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 6, |inner| {
        let key = prop_oneof![
            3 => (0..options::OPTIONS.len()).prop_map(|at| options::OPTIONS[at].name.to_owned()),
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
