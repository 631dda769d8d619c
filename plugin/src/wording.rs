//! Everything the plugin says to people in chats, in Chinese and in English.
//!
//! Short, friendly, without jargon. What only operators read (logs, diagnostics) is not here.

use serde_json::Value;
use std::fmt;

/// Kinds of notices about files that people sent, and hosts pass on.
pub(crate) const FILE_TOO_LARGE: &str = "fileTooLarge";
pub(crate) const FILES_OFF: &str = "filesOff";
pub(crate) const FILE_FAILED: &str = "fileFailed";
pub(crate) const FILE_NOT_GIVEN: &str = "fileNotGiven";
/// The same about a file of an answer.
pub(crate) const FILE_NOT_SENT: &str = "fileNotSent";

/// Bytes as people read them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size(u64);

/// The plugin's sentences in one language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Wording {
    /// Chinese, as DingTalk's users mostly write it.
    #[default]
    Chinese,
    /// English.
    English,
}

impl Wording {
    /// The sentences for a language tag such as `zh-CN` or `en_US`; `None` for one that is not spoken here.
    pub(crate) fn of(tag: &str) -> Option<Self> {
        let language = tag.trim().split(['-', '_', '.']).next().unwrap_or_default();
        match language.to_ascii_lowercase().as_str() {
            "zh" => Some(Self::Chinese),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    fn choose(self, chinese: &'static str, english: &'static str) -> &'static str {
        match self {
            Self::Chinese => chinese,
            Self::English => english,
        }
    }

    /// On a new card, until the first words arrive.
    pub(crate) fn thinking(self) -> &'static str {
        self.choose("思考中…", "Thinking…")
    }

    /// In plain mode, when a reply takes long (O7).
    pub(crate) fn long_task(self) -> &'static str {
        self.choose(
            "任务还在处理中，请稍候，完成后会立即回复你。",
            "Still working on it. I will reply as soon as it is done.",
        )
    }

    /// On the button that stops an answer.
    pub(crate) fn stop(self) -> &'static str {
        self.choose("停止", "Stop")
    }

    /// On a card that was given up for a message.
    pub(crate) fn answered_below(self) -> &'static str {
        self.choose("（回复见下方消息）", "(The reply is in the message below.)")
    }

    /// On a card whose answer goes on in a message.
    pub(crate) fn continued_below(self) -> &'static str {
        self.choose("（后续内容见下方消息）", "(Continued in the message below.)")
    }

    /// On a card that the process which wrote it did not live to finish.
    pub(crate) fn interrupted(self) -> &'static str {
        self.choose("（回复中断了，请重新发送。）", "(This reply was interrupted. Please ask again.)")
    }

    /// A turn failed and there is nothing better to say.
    pub(crate) fn turn_failed(self) -> &'static str {
        self.choose(
            "出了点问题，没能完成回复，请稍后再试。",
            "Something went wrong. Please try again in a moment.",
        )
    }

    /// A turn was stopped before it said anything.
    pub(crate) fn cancelled(self) -> &'static str {
        self.choose("已停止。", "Stopped.")
    }

    /// A turn ended without a word.
    pub(crate) fn no_answer(self) -> &'static str {
        self.choose("（没有回复内容）", "(No reply.)")
    }

    /// A message of a kind that robots do not receive.
    pub(crate) fn unsupported(self) -> &'static str {
        self.choose(
            "暂不支持这种类型的消息，请发送文字、图片、语音、视频或文件。",
            "I cannot read this kind of message. Please send text, a picture, voice, a video or a file.",
        )
    }

    /// The organisation's quota of messages is used up.
    pub(crate) fn over_quota(self) -> &'static str {
        self.choose(
            "本组织的机器人消息额度已用完，请联系管理员。",
            "Your organisation has used up its quota of robot messages. Please contact the administrator.",
        )
    }

    /// Somebody new writes while pairing is on: what to give the owner.
    pub(crate) fn pairing(self, code: &str, id: &str) -> String {
        match self {
            Self::Chinese => format!("你好！使用前需要管理员确认。\n\n配对码：**{code}**\n\n你的 ID：`{id}`"),
            Self::English => {
                format!(
                    "Hello! The owner has to let you in first.\n\nPairing code: **{code}**\n\nYour id: `{id}`"
                )
            }
        }
    }

    /// The owner has let in who asked to pair.
    pub(crate) fn approved(self) -> &'static str {
        self.choose("✅ 管理员已确认，现在可以开始对话了。", "✅ You have been let in. Go ahead!")
    }

    /// Somebody writes who may not.
    pub(crate) fn denied(self, id: &str) -> String {
        match self {
            Self::Chinese => format!("抱歉，你还没有使用权限。请把你的 ID 发给管理员：`{id}`"),
            Self::English => format!("Sorry, you may not use this bot yet. Give the owner your id: `{id}`"),
        }
    }

    /// Somebody writes in a group that is not listed.
    pub(crate) fn group_denied(self, id: &str) -> String {
        match self {
            Self::Chinese => format!("抱歉，这个群还没有开通。请把群 ID 发给管理员：`{id}`"),
            Self::English => {
                format!("Sorry, this group may not use the bot yet. Give the owner the group's id: `{id}`")
            }
        }
    }

    /// A message waits behind `ahead` others.
    pub(crate) fn queued(self, ahead: u64) -> String {
        match (self, ahead) {
            (Self::Chinese, 0) => "已收到，马上处理。".to_owned(),
            (Self::Chinese, _) => format!("已收到，前面还有 {ahead} 条消息，请稍候。"),
            (Self::English, 0) => "Got it, yours is next.".to_owned(),
            (Self::English, 1) => "Got it. There is one message before yours.".to_owned(),
            (Self::English, _) => format!("Got it. There are {ahead} messages before yours."),
        }
    }

    /// Somebody wrote more than the host keeps for one person, or for one conversation.
    pub(crate) fn flooded(self) -> &'static str {
        self.choose(
            "消息太多了，我先处理已收到的，其余的没有接收，请稍后再发。",
            "That was too much at once. I am working on what I have; please send the rest again later.",
        )
    }

    /// A file is larger than it may be; how large is not known of one that was not read to its end.
    pub(crate) fn file_too_large(self, name: &str, size: Option<u64>, limit: u64) -> String {
        let (size, limit) = (size.map(Size::of), Size::of(limit));
        match (self, size) {
            (Self::Chinese, Some(size)) => {
                format!("文件「{name}」大小为 {size}，超过了 {limit} 的上限，我没有接收。请发小一点的文件。")
            }
            (Self::Chinese, None) => {
                format!("文件「{name}」超过了 {limit} 的上限，我没有接收。请发小一点的文件。")
            }
            (Self::English, Some(size)) => {
                format!(
                    "\u{201c}{name}\u{201d} is {size}, and I take files of at most {limit}. Please send a smaller one."
                )
            }
            (Self::English, None) => {
                format!(
                    "\u{201c}{name}\u{201d} is larger than {limit}, the most I take. Please send a smaller one."
                )
            }
        }
    }

    /// No files are taken at all.
    pub(crate) fn files_off(self, name: &str) -> String {
        match self {
            Self::Chinese => format!("我不接收文件，所以没有查看「{name}」。请直接发文字。"),
            Self::English => {
                format!(
                    "I do not take files, so I have not seen \u{201c}{name}\u{201d}. Please write instead."
                )
            }
        }
    }

    /// A file did not arrive.
    pub(crate) fn file_failed(self, name: &str) -> String {
        match self {
            Self::Chinese => format!("文件「{name}」没有收到，请再发一次；如果还是不行，请联系管理员。"),
            Self::English => format!(
                "\u{201c}{name}\u{201d} did not reach me. Please send it again, and tell the administrator if that \
                 does not help."
            ),
        }
    }

    /// DingTalk speaks of a file, and does not let robots have it.
    pub(crate) fn file_not_given(self, name: &str) -> String {
        match self {
            Self::Chinese => {
                format!("钉钉没有把文件「{name}」交给我，群里的文件常会这样。请在和我的单聊里发送它。")
            }
            Self::English => format!(
                "DingTalk did not hand \u{201c}{name}\u{201d} over to me, as happens with files in groups. Please \
                 send it in a private chat with me."
            ),
        }
    }

    /// A file of an answer does not reach the person; with its size and the limit where that is why.
    pub(crate) fn file_not_sent(self, name: &str, too_large: Option<(u64, u64)>) -> String {
        let too_large = too_large.map(|(size, limit)| (Size::of(size), Size::of(limit)));
        match (self, too_large) {
            (Self::Chinese, Some((size, limit))) => {
                format!("文件「{name}」大小为 {size}，超过了 {limit} 的上限，没能发给你。")
            }
            (Self::Chinese, None) => format!("文件「{name}」没能发给你。"),
            (Self::English, Some((size, limit))) => format!(
                "I could not send you \u{201c}{name}\u{201d}: it is {size}, and at most {limit} can be sent."
            ),
            (Self::English, None) => format!("I could not send you \u{201c}{name}\u{201d}."),
        }
    }

    /// A notice that the host wants sent, by its kind. One that is not known here says its
    /// `text`, if it has one.
    pub(crate) fn notice(self, kind: &str, params: &Value) -> String {
        let text = |name: &str| params[name].as_str().unwrap_or_default();
        match kind {
            "pairing" => self.pairing(text("code"), text("id")),
            "approved" => self.approved().to_owned(),
            "denied" if params["isGroup"] == true => self.group_denied(text("id")),
            "denied" => self.denied(text("id")),
            "queued" => self.queued(params["ahead"].as_u64().unwrap_or_default()),
            "flooded" => self.flooded().to_owned(),
            "longTask" => self.long_task().to_owned(),
            "unsupported" => self.unsupported().to_owned(),
            "overQuota" => self.over_quota().to_owned(),
            FILE_TOO_LARGE => {
                let limit = params["limit"].as_u64().unwrap_or_default();
                self.file_too_large(text("name"), params["size"].as_u64(), limit)
            }
            FILES_OFF => self.files_off(text("name")),
            FILE_FAILED => self.file_failed(text("name")),
            FILE_NOT_GIVEN => self.file_not_given(text("name")),
            FILE_NOT_SENT => {
                let too_large = params["size"].as_u64().zip(params["limit"].as_u64());
                self.file_not_sent(text("name"), too_large)
            }
            "failed" => self.turn_failed().to_owned(),
            _ => text("text").to_owned(),
        }
    }

    /// The title of a message that has no words of its own to make one of.
    pub(crate) fn message_title(self) -> &'static str {
        self.choose("新消息", "New message")
    }
}

impl Size {
    /// So many bytes.
    pub(crate) fn of(bytes: u64) -> Self {
        Self(bytes)
    }
}

/// To two places, upwards: one byte too many must not look like none.
impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MB: u64 = 1024 * 1024;
        let (unit, word) = if self.0 < MB { (1024, "KB") } else { (MB, "MB") };
        let hundredths = u128::from(self.0) * 100;
        let hundredths = hundredths.div_ceil(u128::from(unit));
        match (hundredths / 100, hundredths % 100) {
            (whole, 0) => write!(f, "{whole} {word}"),
            (whole, part) if part % 10 == 0 => write!(f, "{whole}.{} {word}", part / 10),
            (whole, part) => write!(f, "{whole}.{part:02} {word}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_size_is_short_and_never_looks_smaller_than_it_is() {
        const MB: u64 = 1024 * 1024;
        for (bytes, said) in [
            (0, "0 KB"),
            (1, "0.01 KB"),
            (512 * 1024, "512 KB"),
            (MB, "1 MB"),
            (MB * 3 / 2, "1.5 MB"),
            (100 * MB, "100 MB"),
            (100 * MB + 1, "100.01 MB"),
            (u64::MAX, "17592186044416 MB"),
        ] {
            assert_eq!(Size::of(bytes).to_string(), said);
        }
    }

    #[test]
    fn notices_about_files_name_file_size_and_limit_in_both_languages() {
        let params = json!({"name": "报告.pdf", "size": 3 * 1024 * 1024, "limit": 1024 * 1024});
        for wording in [Wording::Chinese, Wording::English] {
            let told = wording.notice(FILE_TOO_LARGE, &params);
            assert!(told.contains("报告.pdf") && told.contains("3 MB") && told.contains("1 MB"), "{told}");
            let endless = wording.notice(FILE_TOO_LARGE, &json!({"name": "a", "limit": 1024 * 1024}));
            assert!(endless.contains("1 MB"), "{endless}");
            let not_sent = wording.notice(FILE_NOT_SENT, &params);
            assert!(["报告.pdf", "3 MB", "1 MB"].iter().all(|it| not_sent.contains(it)), "{not_sent}");
            assert!(wording.notice(FILE_NOT_SENT, &json!({"name": "报告.pdf"})).contains("报告.pdf"));
            assert!(wording.notice(FILE_NOT_GIVEN, &params).contains("报告.pdf"));
            assert!(wording.notice(FILES_OFF, &params).contains("报告.pdf"));
            assert!(wording.notice(FILE_FAILED, &params).contains("报告.pdf"));
        }
    }

    #[test]
    fn languages_are_recognised_by_their_tags() {
        assert_eq!(Wording::of("zh-CN"), Some(Wording::Chinese));
        assert_eq!(Wording::of("zh_Hans_CN.UTF-8"), Some(Wording::Chinese));
        assert_eq!(Wording::of("EN"), Some(Wording::English));
        assert_eq!(Wording::of("fr"), None);
        assert_eq!(Wording::of(""), None);
        assert_eq!(Wording::default(), Wording::Chinese);
    }

    #[test]
    fn notices_name_what_the_person_needs() {
        for wording in [Wording::Chinese, Wording::English] {
            let text = wording.pairing("ABCD2345", "user0001");
            assert!(text.contains("ABCD2345") && text.contains("user0001"));
            assert!(wording.denied("user0001").contains("user0001"));
            assert!(wording.group_denied("cidAbC==").contains("cidAbC=="));
            assert!(wording.queued(3).contains('3'));
        }
    }

    #[test]
    fn a_notice_is_worded_by_its_kind() {
        let wording = Wording::English;
        assert_eq!(
            wording.notice("pairing", &json!({"code": "ABCD2345", "id": "u1"})),
            wording.pairing("ABCD2345", "u1")
        );
        assert_eq!(wording.notice("queued", &json!({"ahead": 2})), wording.queued(2));
        assert_eq!(wording.notice("flooded", &json!({})), wording.flooded());
        assert_eq!(wording.notice("somethingNew", &json!({"text": "Hello"})), "Hello");
        assert_eq!(wording.notice("approved", &json!(null)), wording.approved());
        assert_eq!(wording.notice("denied", &json!(null)), wording.denied(""));
        let group = json!({"id": "cidAbC==", "isGroup": true});
        assert_eq!(wording.notice("denied", &group), wording.group_denied("cidAbC=="));
    }
}
