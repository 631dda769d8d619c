//! `openclaw.plugin.json`, which OpenClaw reads before any code of ours runs: made of the table of
//! options, and kept in the repository so that packaging needs no running plugin.

use super::*;
use crate::config::options::{self, Kind, Spec};
use serde_json::Map;
use std::path::Path;

/// Set to anything, it writes `openclaw.plugin.json` anew.
const UPDATE: &str = "UPDATE_OPENCLAW_PLUGIN";

/// What forms call an option, in Chinese and in English.
const LABELS: &[(&str, &str, &str)] = &[
    ("enabled", "启用", "Enabled"),
    ("name", "名称", "Name"),
    ("clientId", "Client ID（AppKey）", "Client ID (AppKey)"),
    ("clientSecret", "Client Secret（AppSecret）", "Client Secret (AppSecret)"),
    ("defaultAccount", "默认账号", "Default account"),
    ("accounts", "多个机器人", "Several bots"),
    ("dmPolicy", "私聊策略", "Private chats"),
    ("allowFrom", "私聊白名单", "Who may write in private"),
    ("groupPolicy", "群聊策略", "Groups"),
    ("groupAllowFrom", "群聊白名单", "Who may write in groups"),
    ("groups", "单个群的设置", "Single groups"),
    ("requireMention", "群里须 @", "Mention needed in groups"),
    ("longTaskNoticeDelayMs", "长任务提示延迟（毫秒）", "Long-task notice after (ms)"),
    ("longTaskNoticeText", "长任务提示文字", "Long-task notice"),
    ("enableAICard", "AI 卡片", "AI Cards"),
    ("cardTemplateId", "卡片模板 ID", "Card template"),
    ("cardTemplateKey", "卡片正文变量", "Card variable of the text"),
    ("streaming", "流式回复", "Growing answers"),
    ("streaming.intervalMs", "卡片更新间隔（毫秒）", "Time between card updates (ms)"),
    ("thinkingMark", "处理中表态", "Thinking mark"),
    ("stopButton", "停止按钮", "Stop button"),
    ("mentionSender", "回复时 @ 提问者", "Mention who asked"),
    ("budget", "调用预算", "Call budget"),
    ("budget.apiCallsPerMonth", "每月 API 调用上限", "API calls a month"),
    ("budget.apiCallsPerDay", "每日 API 调用上限", "API calls a day"),
    ("budget.messagesPerMonth", "每月消息上限", "Messages a month"),
    ("maxFileSizeMB", "文件大小上限（MB）", "Largest file (MB)"),
    ("inboundMedia", "收到的文件", "Received files"),
    ("inboundMedia.dir", "归档目录", "Where they are kept"),
    ("inboundMedia.keepDays", "保留天数", "Days that they are kept"),
    ("locale", "提示语语言", "Language of notices"),
    ("region", "钉钉区域", "Region"),
    ("endpoints", "专属钉钉地址", "Private DingTalk"),
    ("endpoints.api", "新版 API 地址", "Address of the API"),
    ("endpoints.oapi", "旧版 API 地址", "Address of the old API"),
    ("endpoints.allowPlain", "允许非加密地址", "Allow addresses without TLS"),
    ("connections", "连接数", "Connections"),
    ("rotateAfterSeconds", "静默多久更换连接（秒）", "Replace a silent connection after (s)"),
    ("proxy", "HTTP 代理", "HTTP proxy"),
    ("caFile", "CA 证书文件", "Certificate authorities"),
];

/// What most people set; the rest is shown on demand.
const FIRST: [&str; 8] = [
    "enabled",
    "clientId",
    "clientSecret",
    "dmPolicy",
    "allowFrom",
    "groupPolicy",
    "groupAllowFrom",
    "enableAICard",
];

fn manifest() -> Value {
    json!({
        "id": "dingtalk",
        "name": "DingTalk · 钉钉",
        "description": "Talk to your assistant from DingTalk: private chats, groups, AI Cards. 在钉钉私聊和群聊中使用你的助手，支持 AI 卡片流式回复。",
        "categories": ["channels"],
        "channels": ["dingtalk"],
        "cliCommands": [
            {"name": "dingtalk", "description": "一步步接入钉钉 · Set DingTalk up, step by step", "hasSubcommands": true},
        ],
        "configSchema": {"type": "object", "properties": {}, "additionalProperties": true},
        "channelConfigs": {
            "dingtalk": {
                "label": "DingTalk · 钉钉",
                "description": "DingTalk through its Stream mode: no public address needed. 通过 Stream 模式接入钉钉，无需公网地址。",
                "schema": channel_schema(),
                "uiHints": hints(),
            },
        },
    })
}

/// The plugin's own schema, wider where another plugin of the same section writes something else: what
/// is judged here is judged before we can say a word, and a gateway does not start over it.
fn channel_schema() -> Value {
    let mut schema = serde_json::from_str::<Value>(schema().as_str()).unwrap();
    for pointer in ["", "/properties/accounts/additionalProperties"] {
        let streaming = schema.pointer_mut(&format!("{pointer}/properties/streaming")).unwrap();
        streaming["type"] = json!(["object", "boolean", "string"]);
    }
    forget_defaults(&mut schema);
    schema
}

/// OpenClaw writes a schema's defaults into the configuration that it hands on: an account would have
/// them instead of what the section says.
fn forget_defaults(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            object.remove("default");
            object.values_mut().for_each(forget_defaults);
        }
        Value::Array(list) => list.iter_mut().for_each(forget_defaults),
        _ => {}
    }
}

fn hints() -> Map<String, Value> {
    let of_people = || options::OPTIONS.iter().filter(|spec| spec.en != "Read by the host.");
    let section = of_people().map(|spec| (spec.path.to_owned(), hint(spec)));
    let account = of_people().filter(|spec| !spec.is_of_section());
    section.chain(account.map(|spec| (format!("accounts.*.{}", spec.path), hint(spec)))).collect()
}

#[track_caller]
fn hint(spec: &Spec) -> Value {
    let (_, zh, en) = LABELS
        .iter()
        .find(|(path, ..)| *path == spec.path)
        .unwrap_or_else(|| panic!("{} has no label: add one to LABELS", spec.path));
    let label = if zh.contains(en) { (*zh).to_owned() } else { format!("{zh} · {en}") };
    let mut hint = json!({"label": label, "help": format!("{} {}", spec.zh, spec.en)});
    if matches!(spec.kind, Kind::Secret | Kind::Proxy) && spec.path != "clientId" {
        hint["sensitive"] = json!(true);
    }
    if let Some(default) = spec.default.value() {
        hint["placeholder"] = default.as_str().map_or_else(|| default.to_string(), str::to_owned).into();
    }
    if !FIRST.contains(&spec.path) {
        hint["advanced"] = json!(true);
    }
    hint
}

#[test]
fn openclaw_s_manifest_says_what_the_options_are() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../host-openclaw/openclaw.plugin.json");
    let now = format!("{:#}\n", manifest());
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&file, &now).unwrap();
    }
    let then = std::fs::read_to_string(&file).unwrap().replace('\r', "");
    assert!(
        now == then,
        "the options are not those that host-openclaw/openclaw.plugin.json has: run\n    \
         {UPDATE}=1 cargo test --package plugin --lib openclaw_s_manifest"
    );
}

#[test]
fn an_account_is_not_given_a_default_in_place_of_what_the_section_says() {
    let schema = channel_schema();
    assert!(schema.pointer("/properties/accounts/additionalProperties/properties/dmPolicy").is_some());
    assert!(!schema.to_string().contains(r#""default""#));
}

#[test]
fn every_label_is_that_of_an_option() {
    let unknown: Vec<_> = LABELS.iter().filter(|(path, ..)| options::spec(path).is_none()).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn secrets_are_not_shown_in_forms_at_any_level() {
    let hints = hints();
    for path in ["clientSecret", "accounts.*.clientSecret", "proxy", "accounts.*.proxy"] {
        assert_eq!(hints[path]["sensitive"], true, "{path}");
    }
}
