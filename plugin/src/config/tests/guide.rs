//! The two configurations of the guide, byte for byte.

use super::*;

#[test]
fn the_single_configuration_is_accepted_unchanged() {
    let resolved = resolve(&single());
    let told: Vec<_> =
        resolved.diagnostics.iter().map(|found| (found.severity, found.path.as_str())).collect();
    let placeholders = [(Severity::Warning, "clientId"), (Severity::Warning, "clientSecret")];
    assert_eq!(told, placeholders, "they are the guide's, and nothing else is the matter");
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
