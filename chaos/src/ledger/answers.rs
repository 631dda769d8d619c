//! How often people were given an answer, by what DingTalk showed them.

use super::{Answer, CROSSING, Ending, Life, Message, NOTING};
use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

/// How often people were given an answer to one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// A defect, for a message that the agent saw.
    Never,
    Once,
    /// More than once, and each time the host was killed when the answer before was on its way, or less
    /// than [`NOTING`] after it.
    AgainAfterKill,
    /// More than once: a defect.
    Twice,
}

/// What was shown, by conversation and text.
pub(super) struct Answers<'a>(HashMap<(&'a str, &'a str), Vec<Duration>>);

impl<'a> Answers<'a> {
    pub(super) fn of(answers: &'a [Answer]) -> Self {
        let mut of: HashMap<(&str, &str), Vec<Duration>> = HashMap::new();
        for answer in answers {
            of.entry((&answer.conversation, &answer.text)).or_default().push(answer.at);
        }
        Self(of)
    }

    pub(super) fn to(&self, message: &Message, lives: &BTreeMap<u32, Life>) -> Shown {
        let times = self.0.get(&(message.conversation.as_str(), message.text.as_str()));
        let killed_between = |pair: &[Duration]| {
            let noting = pair[0].saturating_sub(CROSSING)..=pair[0] + NOTING;
            let kills = lives.values().filter(|life| life.ending == Ending::Killed);
            kills.map(|life| life.end).any(|end| noting.contains(&end) && end < pair[1])
        };
        match times.map(Vec::as_slice).unwrap_or_default() {
            [] => Shown::Never,
            [_] => Shown::Once,
            several if several.windows(2).all(killed_between) => Shown::AgainAfterKill,
            _ => Shown::Twice,
        }
    }
}
