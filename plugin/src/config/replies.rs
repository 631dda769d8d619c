//! How an account answers.

use super::account::{Options, milliseconds, whole};
use crate::wording::Wording;
use serde_json::Value;
use std::time::Duration;

/// The mark that DingTalk knows for certain; others may be refused.
const STANDARD_MARK: &str = "🤔思考中";

/// How an account answers. A change of it takes effect with the next message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ReplyOptions {
    /// Our own sentences, in the account's language.
    pub(crate) wording: Wording,
    /// Whether replies are streamed on AI Cards (O8).
    pub(crate) enable_ai_card: bool,
    /// Template of the AI Card.
    pub(crate) card_template_id: String,
    /// The template's variable that holds the text.
    pub(crate) card_template_key: String,
    /// The least time between two updates of one card.
    pub(crate) update_interval: Duration,
    /// In plain mode, how long after a message's arrival to say that it takes long; `None` for
    /// never (O7).
    pub(crate) long_task_notice: Option<Duration>,
    /// What to say then, in place of our own sentence.
    pub(crate) long_task_text: Option<String>,
    /// The mark on a message that is worked on; `None` for none.
    pub(crate) thinking_mark: Option<String>,
    /// Whether cards have a button that stops their answer.
    pub(crate) stop_button: bool,
    /// Whether answers in groups mention who asked.
    pub(crate) mention_sender: bool,
    /// How much DingTalk may be called.
    pub(crate) caps: Caps,
}

/// How much DingTalk may be called; `None` for as much as it takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Caps {
    /// API calls a month, as DingTalk counts months.
    pub(crate) api_calls_per_month: Option<u64>,
    /// API calls a day.
    pub(crate) api_calls_per_day: Option<u64>,
    /// Messages through webhooks and the Stream connection a month.
    pub(crate) messages_per_month: Option<u64>,
}

impl ReplyOptions {
    /// Those of an account; `host_locale` is the language to speak where it names none.
    pub(super) fn read(options: &Options<'_>, host_locale: &str) -> Self {
        let owned = |path: &str| options.text(path).map(|text| text.into_owned());
        let wording = options.text("locale").and_then(|tag| Wording::of(&tag)).or(Wording::of(host_locale));
        let delay = milliseconds(options.number("longTaskNoticeDelayMs"));
        Self {
            wording: wording.unwrap_or_default(),
            enable_ai_card: options.flag("enableAICard"),
            card_template_id: owned("cardTemplateId").unwrap_or_default(),
            card_template_key: owned("cardTemplateKey").unwrap_or_default(),
            update_interval: milliseconds(options.number("streaming.intervalMs")),
            long_task_notice: (!delay.is_zero()).then_some(delay),
            long_task_text: owned("longTaskNoticeText"),
            thinking_mark: mark(options.json("thinkingMark")),
            stop_button: options.flag("stopButton"),
            mention_sender: options.flag("mentionSender"),
            caps: Caps {
                api_calls_per_month: cap(options, "budget.apiCallsPerMonth"),
                api_calls_per_day: cap(options, "budget.apiCallsPerDay"),
                messages_per_month: cap(options, "budget.messagesPerMonth"),
            },
        }
    }
}

fn mark(written: Option<Value>) -> Option<String> {
    match written? {
        Value::Bool(true) => Some(STANDARD_MARK.to_owned()),
        Value::String(name) => Some(name),
        _ => None,
    }
}

fn cap(options: &Options<'_>, path: &str) -> Option<u64> {
    Some(whole(options.json(path)?.as_f64()?))
}
