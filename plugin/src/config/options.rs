//! The table of all options: the one truth that the reader, the schema and the suggestions share.

use serde::Serialize;
use serde_json::{Value, json};

/// One option of `channels.dingtalk`.
#[derive(Debug)]
pub(super) struct Spec {
    /// Its name; an option inside an object is written `object.option`.
    pub(super) path: &'static str,
    /// The object that it is inside; empty for the section itself.
    pub(super) group: &'static str,
    /// Its name inside its object.
    pub(super) name: &'static str,
    /// What may be written.
    pub(super) kind: Kind,
    /// What holds if nothing is written.
    pub(super) default: Standard,
    /// What a change takes.
    pub(super) effect: Effect,
    /// What it is for, in English.
    pub(super) en: &'static str,
    /// What it is for, in Chinese.
    pub(super) zh: &'static str,
}

/// What may be written as an option's value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// `true` or `false`.
    Flag,
    /// A text; a number is taken as its digits.
    Text,
    /// `true`, `false` or a text.
    FlagOrText,
    /// One of several words. What is none of them is read as `unclear`.
    Choice {
        /// The words.
        words: &'static [&'static str],
        /// What a misspelt word means; for access rules the strictest, so that no typo opens a door.
        unclear: &'static str,
    },
    /// A number.
    Number {
        /// The least that makes sense.
        least: u32,
        /// The most that makes sense, if there is such a number. More means so much.
        most: Option<u32>,
        /// What a number below the least means.
        below: Below,
        /// Whether parts of one make no sense.
        whole: bool,
    },
    /// A list of texts.
    List,
    /// A text, or where to find it.
    Secret,
    /// The address of a proxy, or where to find it, or none.
    Proxy,
    /// An object whose options have rows of their own.
    Group,
    /// Read by the host alone, passed through as it is.
    Host,
}

/// What a number that is too small means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Below {
    /// The least.
    Least,
    /// The default, because the least would do harm that was hardly meant.
    Default,
}

/// What holds if nothing is written.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum Standard {
    /// Nothing.
    Absent,
    /// A boolean.
    Flag(bool),
    /// A text.
    Text(&'static str),
    /// A number.
    Number(u32),
}

/// What a change of an option takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Effect {
    /// Nothing: it holds at once.
    Live,
    /// Connecting anew, while the old connection still serves.
    Reconnect,
    /// Closing the channel and opening it anew.
    Reopen,
}

impl Standard {
    /// As JSON; `None` if nothing holds.
    pub(super) fn value(self) -> Option<Value> {
        match self {
            Self::Absent => None,
            Self::Flag(flag) => Some(json!(flag)),
            Self::Text(text) => Some(json!(text)),
            Self::Number(number) => Some(json!(number)),
        }
    }
}

impl Effect {
    /// Its word at the boundary.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Reconnect => "reconnect",
            Self::Reopen => "reopen",
        }
    }
}

/// The row of an option, by its path.
pub(super) fn spec(path: &str) -> Option<&'static Spec> {
    OPTIONS.iter().find(|spec| spec.path == path)
}

/// The rows of the options inside `group`; of the section itself if it is empty.
pub(super) fn within(group: &str) -> impl Iterator<Item = &'static Spec> {
    OPTIONS.iter().filter(move |spec| spec.is_in(group))
}

impl Spec {
    /// Whether it stands inside `group`.
    fn is_in(&self, group: &str) -> bool {
        // Two empty texts are not compared: their addresses are nobody's, and a vectorised comparison pays for
        // looking there, a hundred times what it otherwise costs.
        if group.is_empty() { self.group.is_empty() } else { self.group == group }
    }

    /// Whether it stands only at the top, not in an account.
    pub(super) fn is_of_section(&self) -> bool {
        matches!(self.path, "defaultAccount" | "accounts")
    }
}

const DM: Kind = Kind::Choice { words: &["open", "pairing", "allowlist", "disabled"], unclear: "allowlist" };
const GROUPS: Kind = Kind::Choice { words: &["open", "allowlist", "disabled"], unclear: "allowlist" };
const REGION: Kind = Kind::Choice { words: &["china", "overseas"], unclear: "china" };
const AMOUNT: Kind = Kind::Number { least: 0, most: None, below: Below::Default, whole: false };
const DELAY: Kind = Kind::Number { least: 0, most: None, below: Below::Least, whole: false };
const PACE: Kind = Kind::Number { least: 100, most: None, below: Below::Least, whole: false };
const CALLS: Kind = Kind::Number { least: 1, most: None, below: Below::Least, whole: true };
const MARK: Kind = Kind::FlagOrText;
const LINKS: Kind = Kind::Number { least: 1, most: Some(4), below: Below::Least, whole: true };
const ROTATION: Kind = Kind::Number { least: 5, most: Some(24 * 60 * 60), below: Below::Least, whole: false };

/// Where an option stands: its path, its group and its name.
macro_rules! place {
    ($name:ident) => {
        (stringify!($name), "", stringify!($name))
    };
    ($group:ident $name:ident) => {
        (concat!(stringify!($group), ".", stringify!($name)), stringify!($group), stringify!($name))
    };
}

/// Writes the table: `path: kind = default, effect, English, Chinese;` for each option.
macro_rules! table {
    ($($($name:ident).+: $kind:ident = $default:expr, $effect:ident, $en:literal, $zh:literal;)*) => {
        /// Every option there is, in the order a form shows them.
        pub(super) const OPTIONS: &[Spec] = &[$(Spec {
            path: place!($($name)+).0,
            group: place!($($name)+).1,
            name: place!($($name)+).2,
            kind: $kind,
            default: $default,
            effect: Effect::$effect,
            en: $en,
            zh: $zh,
        },)*];
    };
}

use Kind::{Flag, Group, Host, List, Proxy, Secret, Text};
use Standard::{Absent, Flag as On, Number as N, Text as T};

table! {
    enabled: Flag = On(true), Reopen,
        "Whether the channel, or this account, is on.",
        "是否启用该渠道或该账号。";
    name: Text = Absent, Live,
        "What people call this account.",
        "账号的显示名称。";
    clientId: Secret = Absent, Reopen,
        "Client ID (AppKey) of the DingTalk application.",
        "钉钉应用的 Client ID（AppKey）。";
    clientSecret: Secret = Absent, Reconnect,
        "Client Secret (AppSecret) of the DingTalk application.",
        "钉钉应用的 Client Secret（AppSecret）。";
    defaultAccount: Text = Absent, Live,
        "The account meant when none is named.",
        "未指定账号时使用的默认账号。";
    accounts: Group = Absent, Reopen,
        "Several bots by account id; what an account does not set, it takes from the top level.",
        "多个机器人，键为账号 ID；账号未设置的选项沿用顶层的值。";
    dmPolicy: DM = T("open"), Live,
        "Who may write in private: open, pairing, allowlist or disabled.",
        "私聊策略：open 开放、pairing 配对、allowlist 白名单、disabled 关闭。";
    allowFrom: List = Absent, Live,
        "Staff ids that may write in private; * is everyone.",
        "允许私聊的员工 userId；* 表示所有人。";
    groupPolicy: GROUPS = T("open"), Live,
        "In which groups the bot answers: open, allowlist or disabled.",
        "群聊策略：open 开放、allowlist 白名单、disabled 关闭。";
    groupAllowFrom: List = Absent, Live,
        "Who may write in groups under the allowlist; * is everyone.",
        "群聊白名单；* 表示所有人。";
    groups: Host = Absent, Live,
        "Settings of single groups by conversation id; * is every group.",
        "按会话 ID 对单个群进行设置；* 表示所有群。";
    requireMention: Flag = On(true), Live,
        "In groups, answer only when mentioned.",
        "在群里仅在被 @ 时回复。";
    longTaskNoticeDelayMs: DELAY = N(30_000), Live,
        "In plain mode, milliseconds without a reply after which a notice is sent; 0 turns it off.",
        "非流式模式下，超过该毫秒数仍未回复则发送提示；0 表示关闭。";
    longTaskNoticeText: Text = Absent, Live,
        "What that notice says, in place of the plugin's own sentence.",
        "该提示的文字，代替插件自带的提示语。";
    enableAICard: Flag = On(true), Live,
        "Stream replies on AI Cards; without the permission, plain messages are sent.",
        "使用 AI 卡片流式回复；缺少权限时自动改发普通消息。";
    cardTemplateId: Text = T("02fcf2f4-5e02-4a85-b672-46d1f715543e.schema"), Live,
        "Template of the AI Card.",
        "AI 卡片模板 ID。";
    cardTemplateKey: Text = T("msgContent"), Live,
        "The template's variable that holds the text.",
        "模板中承载正文的变量名。";
    streaming: Group = Absent, Live,
        "How replies grow.",
        "流式回复的节奏。";
    streaming.intervalMs: PACE = N(600), Live,
        "Milliseconds between two updates of a card.",
        "卡片两次更新之间的毫秒数。";
    thinkingMark: MARK = On(false), Live,
        "Mark a message while it is worked on: true, or the mark's name. Each costs two API calls.",
        "处理消息期间在其下方显示表态：true 或表态名称；每次消耗两次 API 调用。";
    stopButton: Flag = On(true), Live,
        "A button on growing cards that stops the answer, where the template has room for one.",
        "在生成中的卡片上显示“停止”按钮（需模板支持）。";
    mentionSender: Flag = On(false), Live,
        "In groups, mention the sender in the answer.",
        "在群里回复时 @ 提问者。";
    budget: Group = Absent, Live,
        "How much DingTalk may be called; as it runs out, answers get simpler and are still given.",
        "钉钉调用预算；将用尽时回复逐级简化，但不会中断。";
    budget.apiCallsPerMonth: CALLS = Absent, Live,
        "API calls a month, such as the 5000 of the standard edition; without it there is no cap.",
        "每月 API 调用上限，如标准版的 5000 次；不填则不限。";
    budget.apiCallsPerDay: CALLS = Absent, Live,
        "API calls a day; without it there is no cap.",
        "每日 API 调用上限；不填则不限。";
    budget.messagesPerMonth: CALLS = Absent, Live,
        "Webhook and Stream messages a month, such as the 3000 of the standard edition.",
        "每月 Webhook 与 Stream 消息上限，如标准版的 3000 条；不填则不限。";
    maxFileSizeMB: AMOUNT = N(100), Live,
        "Largest file that is fetched or sent, in MB of 1024 x 1024 bytes; 0 allows none. DingTalk takes 20.",
        "收发文件的大小上限（MB）；0 表示不收发。钉钉最多接收 20 MB。";
    inboundMedia: Group = Absent, Live,
        "Where received files are kept.",
        "收到的文件如何存放。";
    inboundMedia.dir: Text = T("~/.openclaw/media/dingtalk/inbound"), Live,
        "The archive's root directory.",
        "归档根目录。";
    inboundMedia.keepDays: AMOUNT = N(7), Live,
        "Days after which archived files are removed.",
        "归档文件保留的天数。";
    locale: Text = Absent, Live,
        "Language of the plugin's own sentences: zh-CN or en.",
        "插件提示语的语言：zh-CN 或 en。";
    region: REGION = T("china"), Reopen,
        "Which DingTalk: china or overseas.",
        "钉钉区域：china 国内、overseas 海外。";
    endpoints: Group = Absent, Reopen,
        "Addresses of a private DingTalk, in place of the region's.",
        "专属钉钉的地址，代替区域默认地址。";
    endpoints.api: Text = Absent, Reopen,
        "Base address of the new API.",
        "新版 API 基础地址。";
    endpoints.oapi: Text = Absent, Reopen,
        "Base address of the old API.",
        "旧版 API 基础地址。";
    endpoints.allowPlain: Flag = On(false), Reopen,
        "Allow addresses without TLS that are not this machine.",
        "允许非本机的非加密地址。";
    connections: LINKS = N(1), Live,
        "Stream connections at the same time; with 2, a dead one leaves no gap.",
        "同时保持的 Stream 连接数；设为 2 时，一条失效也不中断。";
    rotateAfterSeconds: ROTATION = N(1800), Live,
        "Seconds without a message after which a connection is replaced, in case it only looks alive.",
        "一条连接多少秒没有收到消息后予以更换，以防连接假活。";
    proxy: Proxy = Absent, Reconnect,
        "HTTP proxy, such as http://host:port; \"none\" for none; without it, the environment's HTTPS_PROXY.",
        "HTTP 代理，如 http://主机:端口；\"none\" 表示不用代理；不填则使用环境变量 HTTPS_PROXY。";
    caFile: Text = Absent, Reconnect,
        "PEM file of certificate authorities to trust besides the operating system's.",
        "除操作系统外还信任的 CA 证书文件（PEM）。";
    streaming.mode: Host = Absent, Live, "Read by the host.", "由宿主读取。";
    streaming.chunkMode: Host = Absent, Live, "Read by the host.", "由宿主读取。";
    streaming.preview: Host = Absent, Live, "Read by the host.", "由宿主读取。";
    streaming.block: Host = Absent, Live, "Read by the host.", "由宿主读取。";
    textChunkLimit: Host = Absent, Live, "Read by the host.", "由宿主读取。";
    responsePrefix: Host = Absent, Live, "Read by the host.", "由宿主读取。";
    configWrites: Host = Absent, Live, "Read by the host.", "由宿主读取。";
    healthMonitor: Host = Absent, Live, "Read by the host.", "由宿主读取。";
    historyLimit: Host = Absent, Live, "Read by the host.", "由宿主读取。";
    dmHistoryLimit: Host = Absent, Live, "Read by the host.", "由宿主读取。";
    contextVisibility: Host = Absent, Live, "Read by the host.", "由宿主读取。";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_stands_once_and_inside_an_object_that_exists() {
        for (index, spec) in OPTIONS.iter().enumerate() {
            assert!(OPTIONS[..index].iter().all(|other| other.path != spec.path), "{} twice", spec.path);
            if let Some((group, _)) = spec.path.split_once('.') {
                assert_eq!(super::spec(group).map(|group| group.kind), Some(Group), "{}", spec.path);
            }
        }
    }

    #[test]
    fn the_defaults_are_those_users_were_promised() {
        let default = |path| spec(path).and_then(|spec| spec.default.value());
        assert_eq!(default("enabled"), Some(json!(true)));
        assert_eq!(default("dmPolicy"), Some(json!("open")));
        assert_eq!(default("groupPolicy"), Some(json!("open")));
        assert_eq!(default("longTaskNoticeDelayMs"), Some(json!(30_000)));
        assert_eq!(default("enableAICard"), Some(json!(true)));
        assert_eq!(default("maxFileSizeMB"), Some(json!(100)));
        assert_eq!(default("inboundMedia.dir"), Some(json!("~/.openclaw/media/dingtalk/inbound")));
        assert_eq!(default("inboundMedia.keepDays"), Some(json!(7)));
    }
}
