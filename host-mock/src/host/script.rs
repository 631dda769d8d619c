//! An agent that follows a script, token by token.

use super::agent::{Agent, Answer, Delta};
use futures_util::{Stream, future, stream};
use host_sdk::InboundMessage;
use std::{
    collections::VecDeque,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::time::{Instant, sleep_until};

/// One step of a scripted answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Says a text, token by token.
    Say(String),
    /// Changes the pace of what is said from here on; 0 or less is all at once.
    TokensPerSecond(f64),
    /// Says what it is doing, apart from the text.
    Status(String),
    /// Says nothing for a while, as during a tool call.
    Pause(Duration),
    /// Never says anything again, and never ends.
    Hang,
    /// Fails with a sentence for people.
    Fail(String),
}

impl Step {
    /// Says `text`, token by token.
    pub fn say(text: impl Into<String>) -> Self {
        Self::Say(text.into())
    }

    /// A tool call: `status` is shown for the time it takes.
    pub fn tool(status: impl Into<String>, takes: Duration) -> [Self; 3] {
        [Self::Status(status.into()), Self::Pause(takes), Self::Status(String::new())]
    }
}

/// What decides the steps of an answer: the number of the message, from 0, and the message.
type Author = dyn Fn(usize, &InboundMessage) -> Vec<Step> + Send + Sync;

/// An agent whose answers are written beforehand.
#[derive(Clone)]
pub struct Script {
    author: Arc<Author>,
    asked: Arc<AtomicUsize>,
    tokens_per_second: f64,
}

impl Script {
    /// Gives the `answers` one after the other, the last one again and again. No steps at all is an
    /// answer without a word.
    pub fn new(answers: Vec<Vec<Step>>) -> Self {
        Self::written(move |number, _| answers.get(number).or(answers.last()).cloned().unwrap_or_default())
    }

    /// Says `text` to everyone.
    pub fn saying(text: impl Into<String>) -> Self {
        Self::new(vec![vec![Step::say(text)]])
    }

    /// Lets `author` write each answer when its message is there; it is given the number of the
    /// message, from 0, and the message.
    pub fn written(author: impl Fn(usize, &InboundMessage) -> Vec<Step> + Send + Sync + 'static) -> Self {
        Self { author: Arc::new(author), asked: Arc::default(), tokens_per_second: 0.0 }
    }

    /// The pace of every answer, until a step changes it; 0, as without it, is all at once.
    #[must_use]
    pub fn tokens_per_second(mut self, tokens_per_second: f64) -> Self {
        self.tokens_per_second = tokens_per_second;
        self
    }
}

impl Agent for Script {
    fn answer(&self, message: &InboundMessage) -> Answer {
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        Answer::new(play((self.author)(number, message), self.tokens_per_second))
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Script({} tokens/s)", self.tokens_per_second)
    }
}

/// The longest pause: nobody waits longer for a word, and no clock knows a time that never comes.
const LONGEST: Duration = Duration::from_hours(24);

/// Where a script stands.
struct Playing {
    steps: VecDeque<Step>,
    tokens_per_second: f64,
    /// When the next token is due. Counted on from the last one, so that no delay adds up.
    due: Instant,
}

/// Plays steps on tokio's clock, which begins with the first poll.
pub(crate) fn play(steps: Vec<Step>, tokens_per_second: f64) -> impl Stream<Item = Delta> + Send {
    let playing = stream::once(async move { Playing::new(steps, tokens_per_second) });
    futures_util::StreamExt::flat_map(playing, |playing| {
        stream::unfold(playing, |mut playing| async move { Some((playing.next().await?, playing)) })
    })
}

impl Playing {
    fn new(steps: Vec<Step>, tokens_per_second: f64) -> Self {
        Self { steps: steps.into(), tokens_per_second, due: Instant::now() }
    }

    async fn next(&mut self) -> Option<Delta> {
        loop {
            match self.steps.pop_front()? {
                Step::Say(text) => {
                    let Some((token, rest)) = first_token(&text) else { continue };
                    self.wait_one_token().await;
                    let delta = Delta::Text(token.to_owned());
                    self.steps.push_front(Step::Say(rest.to_owned()));
                    return Some(delta);
                }
                Step::TokensPerSecond(pace) => self.tokens_per_second = pace,
                Step::Status(status) => return Some(Delta::Status(status)),
                Step::Pause(time) => {
                    self.due = Instant::now() + time.min(LONGEST);
                    sleep_until(self.due).await;
                }
                Step::Hang => future::pending().await,
                Step::Fail(sentence) => {
                    self.steps.clear();
                    return Some(Delta::Failed(sentence));
                }
            }
        }
    }

    async fn wait_one_token(&mut self) {
        if self.tokens_per_second > 0.0 {
            let pace = Duration::try_from_secs_f64(1.0 / self.tokens_per_second);
            self.due += pace.unwrap_or(LONGEST).min(LONGEST);
            sleep_until(self.due).await;
        }
    }
}

/// Splits off a token as a model would make it: a word with the space before it, or one character
/// of a script that writes without spaces. `None` at the end.
fn first_token(text: &str) -> Option<(&str, &str)> {
    let mut in_word = false;
    for (index, character) in text.char_indices() {
        let word = character.is_ascii_alphanumeric();
        if in_word && !word {
            return Some(text.split_at(index));
        }
        if !word && !character.is_whitespace() {
            return Some(text.split_at(index + character.len_utf8()));
        }
        in_word = word;
    }
    (!text.is_empty()).then_some((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::StreamExt;

    fn tokens(mut text: &str) -> Vec<&str> {
        let mut tokens = Vec::new();
        while let Some((token, rest)) = first_token(text) {
            tokens.push(token);
            text = rest;
        }
        tokens
    }

    async fn deltas(steps: Vec<Step>, pace: f64) -> Vec<(u128, Delta)> {
        let begun = Instant::now();
        play(steps, pace).map(|delta| (begun.elapsed().as_millis(), delta)).collect().await
    }

    fn text(token: &str) -> Delta {
        Delta::Text(token.into())
    }

    #[test]
    fn tokens_are_words_or_characters_and_lose_nothing() {
        assert_eq!(tokens("你好, two  words\n"), ["你", "好", ",", " two", "  words", "\n"]);
        for any in ["", " ", "a", "```rust\nfn main() {}\n```", "a  \n\n b"] {
            assert_eq!(tokens(any).concat(), any);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn tokens_come_at_the_pace_that_was_set() {
        let steps = vec![Step::say("a b c"), Step::TokensPerSecond(0.0), Step::say("d e")];
        let expected =
            [(100, text("a")), (200, text(" b")), (300, text(" c")), (300, text("d")), (300, text(" e"))];
        assert_eq!(deltas(steps, 10.0).await, expected);
    }

    #[tokio::test(start_paused = true)]
    async fn a_tool_call_shows_its_status_for_as_long_as_it_takes() {
        let steps = [vec![Step::say("a")], Step::tool("reading", Duration::from_secs(3)).into()].concat();
        let expected =
            [(0, text("a")), (0, Delta::Status("reading".into())), (3000, Delta::Status(String::new()))];
        assert_eq!(deltas(steps, 0.0).await, expected);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_and_a_pace_without_end_last_a_day() {
        let steps =
            vec![Step::Pause(Duration::MAX), Step::TokensPerSecond(f64::MIN_POSITIVE), Step::say("a")];
        assert_eq!(deltas(steps, 0.0).await, [(2 * LONGEST.as_millis(), text("a"))]);
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_follows_a_failure() {
        let steps = vec![Step::Fail("no model".into()), Step::say("more")];
        assert_eq!(deltas(steps, 0.0).await, [(0, Delta::Failed("no model".into()))]);
    }

    #[tokio::test]
    async fn answers_come_in_turn_and_the_last_one_stays() {
        let script = Script::new(vec![vec![Step::say("1")], vec![Step::say("2")]]);
        for expected in ["1", "2", "2"] {
            let answer: Vec<Delta> = script.answer(&InboundMessage::default()).collect().await;
            assert_eq!(answer, [text(expected)]);
        }
    }
}
