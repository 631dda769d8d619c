//! The agent of the demo: friendly, and it explains what just happened.

use crate::host::{Script, Step};
use host_sdk::{ConversationKind, InboundMessage};
use std::time::Duration;

/// How long it thinks before the first word, as a model would.
const THINKING: Duration = Duration::from_millis(400);

/// An agent that answers everyone in their language.
///
/// `on_page`: whether it is read in a browser, where there are no commands.
pub(super) fn friend(tokens_per_second: f64, on_page: bool) -> Script {
    let author = move |number, message: &InboundMessage| {
        vec![Step::Pause(THINKING), Step::Say(answer(number, message, on_page))]
    };
    Script::written(author).tokens_per_second(tokens_per_second)
}

fn answer(number: usize, message: &InboundMessage, on_page: bool) -> String {
    match (is_chinese(&message.text), number) {
        (true, 0) => in_chinese(message),
        (true, _) => again_in_chinese(message, on_page),
        (false, 0 | 1) => in_english(message),
        (false, _) => again_in_english(message, on_page),
    }
}

fn is_chinese(text: &str) -> bool {
    text.chars().any(|character| matches!(character, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'))
}

fn in_chinese(message: &InboundMessage) -> String {
    let (name, text) = (name(message, "你好"), message.text.trim());
    let place = if is_group(message) { "在群里 @ 我" } else { "在私聊里" };
    format!(
        "{name}，你{place}说：“{text}”。\n\
         \n\
         刚才发生了这些事：\n\
         \n\
         1. 钉钉网关（这里是模拟的）经 Stream 长连接把消息推给插件；\n\
         2. 宿主先把它写进磁盘，插件才回 ACK，所以重启也不会丢；\n\
         3. 我一边想，插件一边更新这张 AI 卡片，所以它会自己变长。\n\
         \n\
         接上真正的钉钉，只要两行：\n\
         \n\
         ```json5\n\
         clientId: \"dingxxxxxx\",\n\
         clientSecret: \"your-app-secret\",\n\
         ```\n\
         \n\
         其余的保持默认就好，祝你玩得开心！"
    )
}

fn again_in_chinese(message: &InboundMessage, on_page: bool) -> String {
    let hint = if on_page {
        "右边的时间线里，是插件刚才调用的接口；故障那一页，可以弄断连接试试。"
    } else {
        "输入 `/calls` 可以看到插件刚才调用了哪些接口。"
    };
    let (name, text) = (name(message, "你好"), message.text.trim());
    let place = if is_group(message) { "群聊" } else { "私聊" };
    format!(
        "收到，{name}：“{text}”。\n\
         \n\
         这是{place}里的又一条消息，走的是同一条路：\n\
         \n\
         - 每条消息只回答一次，哪怕钉钉推了两遍；\n\
         - 同一个会话里按顺序回答，别的会话不用等。\n\
         \n\
         {hint}"
    )
}

fn in_english(message: &InboundMessage) -> String {
    let (name, text) = (name(message, "Hello"), message.text.trim());
    let place = if is_group(message) { "mentioned me in the group" } else { "wrote to me in private" };
    format!(
        "{name}, you {place}: “{text}”.\n\
         \n\
         This is what just happened:\n\
         \n\
         1. The DingTalk gateway, a simulated one here, pushed your message to the plugin over its Stream \
         connection.\n\
         2. The host wrote it to disk before the plugin acknowledged it, so a restart loses nothing.\n\
         3. While I think, the plugin updates this AI card, and you watch it grow.\n\
         \n\
         The real DingTalk needs two lines:\n\
         \n\
         ```json5\n\
         clientId: \"dingxxxxxx\",\n\
         clientSecret: \"your-app-secret\",\n\
         ```\n\
         \n\
         Everything else has a sensible default. Enjoy!"
    )
}

fn again_in_english(message: &InboundMessage, on_page: bool) -> String {
    let hint = if on_page {
        "The timeline on the right has what the plugin has just called; under Faults you may break things."
    } else {
        "Type `/calls` to see which interfaces the plugin has just called."
    };
    let (name, text) = (name(message, "Hello"), message.text.trim());
    let place = if is_group(message) { "group" } else { "private chat" };
    format!(
        "Got it, {name}: “{text}”.\n\
         \n\
         Another message in this {place}, on the same way:\n\
         \n\
         - each message is answered once, even if DingTalk pushes it twice;\n\
         - one conversation is answered in order, and no other waits for it.\n\
         \n\
         {hint}"
    )
}

fn is_group(message: &InboundMessage) -> bool {
    message.conversation.kind == ConversationKind::Group
}

fn name<'a>(message: &'a InboundMessage, otherwise: &'a str) -> &'a str {
    if message.sender.name.is_empty() { otherwise } else { &message.sender.name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use host_sdk::{Conversation, Sender};

    fn from_lin(text: &str, kind: ConversationKind) -> InboundMessage {
        InboundMessage {
            text: text.into(),
            sender: Sender { name: "Lin".into(), ..Sender::default() },
            conversation: Conversation { kind, ..Conversation::default() },
            ..InboundMessage::default()
        }
    }

    #[test]
    fn it_answers_in_the_language_it_is_asked_in() {
        let chinese = answer(0, &from_lin("你好 bot", ConversationKind::Direct), false);
        assert!(chinese.contains("Lin") && chinese.contains("私聊") && chinese.contains("你好 bot"));
        let english = answer(0, &from_lin("hello", ConversationKind::Group), false);
        assert!(english.contains("in the group: “hello”"), "{english}");
        assert!(!is_chinese(&english));
    }

    #[test]
    fn it_shows_a_list_and_program_text() {
        for text in ["你好", "hello"] {
            let answer = answer(0, &from_lin(text, ConversationKind::Direct), false);
            assert!(answer.contains("\n1. ") && answer.contains("```json5\nclientId"), "{answer}");
        }
    }
}
