//! Whether a conversation went as it should, and how fast.

use super::answer::Seen;
use crate::{
    dingtalk::{CardState, DingTalk, Violation},
    host::{HostError, TurnEnd},
};
use host_sdk::Phase;
use std::{sync::Arc, time::Duration};

/// What is missing for the whole answer to be on its card; `None` if it is there.
pub(super) fn missing(seen: &Seen, end: &Result<Arc<TurnEnd>, HostError>) -> Option<String> {
    let end = match end {
        Ok(end) => end,
        Err(error) => return Some(format!("宿主没有完成回答 the host did not finish answering: {error}")),
    };
    if end.phase != Phase::Done {
        return Some(format!("助手出错 the agent failed ({:?})", end.phase));
    }
    if let Err(error) = &end.receipt {
        return Some(format!("插件没有送达回答 the plugin did not deliver the answer: {error}"));
    }
    let Some(card) = &seen.card else {
        return Some(format!(
            "there is no card; the answer came as {} plain message(s)",
            seen.messages.len()
        ));
    };
    if card.state != CardState::Finished {
        return Some(format!("卡片没有结束 the card is not finished ({:?})", card.state));
    }
    if card.text.trim() != end.text.trim() {
        let (shown, whole) = (card.text.chars().count(), end.text.chars().count());
        return Some(format!(
            "the card does not show the whole answer: {shown} characters instead of {whole}"
        ));
    }
    None
}

/// The numbers of a conversation.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers {
    answers: usize,
    whole: usize,
    calls: usize,
    slowest_ack: Option<Duration>,
    slowest_first_words: Option<Duration>,
}

impl Numbers {
    /// Counts one answer.
    pub(super) fn count(&mut self, seen: &Seen, is_whole: bool) {
        self.answers += 1;
        self.whole += usize::from(is_whole);
        self.slowest_ack = self.slowest_ack.max(seen.ack);
        let first_words = seen.card.as_ref().and_then(|card| card.first_words);
        self.slowest_first_words = self.slowest_first_words.max(first_words);
    }

    /// Counts what the plugin called.
    pub(super) fn count_calls(&mut self, dingtalk: &DingTalk) {
        self.calls = dingtalk.look(|view| view.calls().count());
    }

    /// Whether every answer was whole.
    pub(super) fn all_whole(&self) -> bool {
        self.whole == self.answers
    }

    /// One line.
    pub(super) fn line(&self) -> String {
        let time = |time: Option<Duration>| match time {
            Some(time) => format!("{} ms", time.as_millis()),
            None => "never".into(),
        };
        format!(
            "{}/{} 个回答完整显示 answers whole on their cards · {} 次调用 API calls · 首字 first words {} · ACK {}",
            self.whole,
            self.answers,
            self.calls,
            time(self.slowest_first_words),
            time(self.slowest_ack)
        )
    }
}

/// What the plugin did that DingTalk's protocol does not allow, one a line.
pub(super) fn complaints(violations: &[Violation]) -> Vec<String> {
    violations.iter().map(|violation| format!("the plugin broke a rule: {violation}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::answer::SeenCard, *};
    use host_sdk::{ChannelError, ErrorCode, Receipt};

    fn end(text: &str) -> TurnEnd {
        TurnEnd {
            turn: "m1".into(),
            stream: "default/m1".into(),
            phase: Phase::Done,
            text: text.into(),
            updates: 3,
            receipt: Ok(Receipt::delivered("1", "card", text.len())),
        }
    }

    fn card(text: &str, state: CardState) -> Seen {
        let card = SeenCard { text: text.into(), state, stages: vec![], first_words: None };
        Seen { card: Some(card), ..Seen::default() }
    }

    #[track_caller]
    fn verdict(seen: &Seen, end: TurnEnd) -> String {
        missing(seen, &Ok(Arc::new(end))).unwrap_or_default()
    }

    #[test]
    fn only_the_whole_text_on_a_finished_card_is_right() {
        assert_eq!(verdict(&card("whole", CardState::Finished), end("whole")), "");
        assert!(
            verdict(&card("who", CardState::Finished), end("whole")).contains("3 characters instead of 5")
        );
        assert!(verdict(&card("whole", CardState::Inputting), end("whole")).contains("not finished"));
        assert!(verdict(&Seen::default(), end("whole")).contains("no card"));
    }

    #[test]
    fn a_failed_delivery_and_a_failed_agent_are_told() {
        let seen = card("whole", CardState::Finished);
        let failed = TurnEnd { phase: Phase::Failed, ..end("whole") };
        assert!(verdict(&seen, failed).contains("agent failed"));
        let error = ChannelError::new(ErrorCode::Network, "no route");
        assert!(verdict(&seen, TurnEnd { receipt: Err(error), ..end("whole") }).contains("no route"));
    }

    #[test]
    fn the_numbers_are_those_of_the_slowest_answer() {
        let mut numbers = Numbers::default();
        for ms in [3, 9, 5] {
            numbers.count(&Seen { ack: Some(Duration::from_millis(ms)), ..Seen::default() }, true);
        }
        assert!(numbers.all_whole());
        assert!(
            numbers.line().starts_with("3/3") && numbers.line().ends_with("ACK 9 ms"),
            "{}",
            numbers.line()
        );
    }
}
