//! Keys that people bring from other DingTalk plugins.

use super::*;

/// Configurations as users of the three other plugins have them.
pub(in crate::config) fn samples() -> [Value; 3] {
    [
        json!({
            "enabled": true, "clientId": "ding1", "clientSecret": "s", "connectionMode": "stream",
            "dmPolicy": "pairing", "groupPolicy": "allowlist", "requireMention": true, "allowFrom": ["user1"],
            "groupAllowFrom": ["cidAbC=="], "historyLimit": 10, "textChunkLimit": 4000,
            "longTaskNoticeDelayMs": 30000, "enableAICard": false, "gatewayToken": "t", "maxFileSizeMB": 100,
            "inboundMedia": {"dir": "/x", "keepDays": 7}, "defaultAccount": "a", "accounts": {"a": {}},
        }),
        json!({
            "clientId": "ding1", "clientSecret": "s", "robotCode": "ding1", "corpId": "c", "agentId": 12345,
            "dmPolicy": "open", "groupPolicy": "open", "allowFrom": ["dd:user1"], "displayNameResolution": "all",
            "mediaUrlAllowlist": ["cdn.example"], "ackReaction": "🤔思考中", "journalTTLDays": 7, "debug": false,
            "messageType": "card", "cardTemplateId": "t.schema", "cardTemplateKey": "content",
            "groups": {"*": {"systemPrompt": "be brief"}}, "maxConnectionAttempts": 10, "reconnectJitter": 0.3,
            "mediaMaxMb": 20, "keepAlive": true, "bypassProxyForSend": false, "cardRealTimeStream": true,
            "proactivePermissionHint": {"enabled": true, "cooldownHours": 24}, "aicardDegradeMs": 1800000,
            "learningEnabled": false, "convertMarkdownTables": true, "cardAtSender": "done",
        }),
        json!({
            "clientId": 12345, "clientSecret": {"source": "env", "provider": "default", "id": "DING"},
            "enableMediaUpload": true, "systemPrompt": "p", "dmPolicy": "open", "allowFrom": [1, "a"],
            "groups": {"cid1": {"requireMention": false, "tools": {"allow": ["x"]}, "enabled": true,
                "allowFrom": ["a"], "systemPrompt": "p", "groupSessionScope": "group"}},
            "historyLimit": 0, "textChunkLimit": 100, "mediaMaxMb": 1.5, "tools": {"docs": true},
            "typingIndicator": true, "resolveSenderNames": true, "separateSessionByConversation": true,
            "sharedMemoryAcrossConversations": false, "groupSessionScope": "group", "asyncMode": true,
            "ackText": "one moment", "endpoint": "https://gateway.example", "debug": true,
        }),
    ]
}

#[test]
fn a_key_that_means_what_one_of_ours_means_is_taken_for_it() {
    for (key, value, option, taken) in [
        ("mediaMaxMb", json!(20), "/maxFileSizeMB", json!(20)),
        ("messageType", json!("markdown"), "/enableAICard", json!(false)),
        ("messageType", json!("card"), "/enableAICard", json!(true)),
        ("cardStreamInterval", json!(1_000), "/streaming/intervalMs", json!(1_000)),
        ("cardAtSender", json!("done"), "/mentionSender", json!(true)),
        ("cardAtSender", json!(""), "/mentionSender", json!(false)),
        ("typingIndicator", json!(true), "/thinkingMark", json!(true)),
        ("ackReaction", json!("👀"), "/thinkingMark", json!("👀")),
        ("ackReaction", json!(""), "/thinkingMark", json!(false)),
        ("ackReaction", json!("off"), "/thinkingMark", json!(false)),
        ("ackReaction", json!("kaomoji"), "/thinkingMark", json!(true)),
    ] {
        let section = json!({"clientId": "ding1", "clientSecret": "s", key: value});
        let resolved = resolve(&section);
        assert_eq!(settings(&resolved.accounts[0]).pointer(option), Some(&taken), "{key}");
        let found = the_only(resolved.diagnostics);
        assert_eq!((found.path.as_str(), code(&found)), (key, json!("foreignKey")), "{key}");
        assert!(found.suggestion.contains("in its place"), "{found:?}");
        let extra = found.extra.parse::<Value>().unwrap();
        assert_eq!(
            extra["option"],
            option[1..].replace('/', "."),
            "who rewrites the section is told as what"
        );
        assert_eq!(extra.get("value").unwrap_or(&value), &taken, "{key}");
    }
}

#[test]
fn who_may_write_in_a_group_may_be_called_as_another_plugin_does() {
    let written =
        json!({"cid1": {"groupAllowFrom": ["user1"]}, "cid2": {"groupAllowFrom": ["a"], "allowFrom": ["b"]}});
    let resolved = resolve(&json!({"clientId": "ding1", "clientSecret": "s", "groups": written}));
    let taken = json!({"cid1": {"allowFrom": ["user1"]}, "cid2": {"allowFrom": ["b"]}});
    assert_eq!(settings(&resolved.accounts[0])["groups"], taken);
    let paths: Vec<_> = resolved.diagnostics.iter().map(|found| (found.path.as_str(), code(found))).collect();
    let foreign = |path| (path, json!("foreignKey"));
    assert_eq!(paths, [foreign("groups.cid1.groupAllowFrom"), foreign("groups.cid2.groupAllowFrom")]);
}

#[test]
fn a_key_that_means_nothing_here_is_explained() {
    for key in [
        "gatewayToken",
        "gatewayPassword",
        "connectionMode",
        "robotCode",
        "corpId",
        "agentId",
        "debug",
        "maxConnectionAttempts",
        "initialReconnectDelay",
        "maxReconnectDelay",
        "reconnectJitter",
        "maxReconnectCycles",
        "reconnectDeadlineMs",
        "useConnectionManager",
        "keepAlive",
        "bypassProxyForSend",
        "displayNameResolution",
        "resolveSenderNames",
        "mediaUrlAllowlist",
        "journalTTLDays",
        "convertMarkdownTables",
        "proactivePermissionHint",
        "cardRealTimeStream",
        "cardStreamingMode",
        "aicardDegradeMs",
        "learningEnabled",
        "learningAutoApply",
        "learningNoteTtlMs",
        "feedbackLearningEnabled",
        "feedbackLearningAutoApply",
        "feedbackLearningNoteTtlMs",
        "separateSessionByConversation",
        "sharedMemoryAcrossConversations",
        "groupSessionScope",
        "sessionTimeout",
        "asyncMode",
        "ackText",
        "systemPrompt",
        "enableMediaUpload",
        "tools",
        "supportCaseRouter",
        "showThinkingStream",
        "endpoint",
    ] {
        let found = the_only(diagnostics(json!({key: true})));
        assert_eq!((found.severity, code(&found)), (Severity::Warning, json!("foreignKey")), "{key}");
        let (chinese, english) = told(&found.message);
        assert!(chinese.starts_with("在这里不起作用：") && english.starts_with("this has no effect here: "));
    }
}

#[test]
fn our_own_word_goes_before_another_plugins() {
    let section = json!({"clientId": "ding1", "clientSecret": "s", "maxFileSizeMB": 5, "mediaMaxMb": 20});
    assert_eq!(open(&section, "").max_file_bytes, 5 * 1024 * 1024);
    assert!(the_only(resolve(&section).diagnostics).message.contains("goes before"));
    let inherited = json!({"maxFileSizeMB": 5, "accounts": {"a": {"clientId": "x", "clientSecret": "s", "mediaMaxMb": 20}}});
    assert_eq!(open(&inherited, "a").max_file_bytes, 20 * 1024 * 1024, "an account's word counts for it");
}

#[test]
fn a_value_that_cannot_be_understood_is_an_error_and_the_default_holds() {
    let section = json!({"clientId": "ding1", "clientSecret": "s", "messageType": 7, "mediaMaxMb": "20"});
    let resolved = resolve(&section);
    let errors = resolved.diagnostics.iter().filter(|found| found.severity == Severity::Error);
    assert_eq!(errors.map(|found| found.path.as_str()).collect::<Vec<_>>(), ["mediaMaxMb", "messageType"]);
    assert_eq!(settings(&resolved.accounts[0])["maxFileSizeMB"], 100);
}

#[test]
fn what_users_of_other_plugins_have_runs_without_an_error() {
    for section in samples() {
        let resolved = resolve(&section);
        let errors: Vec<_> =
            resolved.diagnostics.iter().filter(|found| found.severity == Severity::Error).collect();
        assert_eq!(errors, [] as [&Diagnostic; 0]);
        assert!(resolved.accounts.iter().any(|account| account.enabled && account.configured));
    }
}

fn code(found: &Diagnostic) -> Value {
    found.extra.parse::<Value>().unwrap()["code"].clone()
}
