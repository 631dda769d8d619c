//! What somebody writes, and what the model makes of it.

use crate::host::Step;
use axum::http::StatusCode;
use serde_json::{Value, json};
use std::time::Duration;

/// What the model does for one request.
///
/// | words | what they do |
/// |---|---|
/// | `#say TEXT` | says the text, up to the next such word or the end of the line |
/// | `#words N` | says `1 2 3 … N` |
/// | `#think TEXT` | thinks the text aloud, as models that reason do: no part of the answer |
/// | `#pace N` | says N tokens a second from here on |
/// | `#pause MS` | says nothing for so long |
/// | `#hang` | never says anything again |
/// | `#hold NAME` | says what follows once the test [lets it go](super::Model::lets_go); one of them in a line |
/// | `#tool NAME {…}` | calls a tool; what follows is for the request with its result |
/// | `#refuse STATUS` | answers this HTTP status instead |
///
/// A text without any of them is answered with "heard: " and its
/// first line.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub(super) steps: Vec<Step>,
    pub(super) held: Option<Held>,
    pub(super) tokens_per_second: f64,
    pub(super) call: Option<ToolCall>,
    pub(super) refuses: Option<StatusCode>,
}

/// What is said once somebody lets it go.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Held {
    pub(super) name: String,
    pub(super) steps: Vec<Step>,
}

/// A tool that the model wants called.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolCall {
    /// The tool's name.
    pub name: String,
    /// Its arguments.
    pub arguments: Value,
}

const WORDS: [&str; 9] =
    ["#say", "#words", "#think", "#pace", "#pause", "#hang", "#hold", "#tool", "#refuse"];

impl Line {
    /// Reads the part of `text` that is due after so many tool results.
    #[must_use]
    pub fn parse(text: &str, tool_results: usize) -> Self {
        let mut line =
            Self { steps: Vec::new(), held: None, tokens_per_second: 0.0, call: None, refuses: None };
        let mut results = 0;
        let orders = orders(text);
        if orders.is_empty() {
            line.steps.push(Step::say(format!("heard: {}", first_line(text.trim()))));
        }
        for (word, argument) in orders {
            if word == "#tool" {
                results += 1;
                if results > tool_results {
                    line.call = Some(ToolCall::parse(argument));
                    break;
                }
            } else if word == "#pace" {
                // It holds for what comes after the tool, too.
                line.then(Step::TokensPerSecond(argument.parse().unwrap_or(0.0)));
            } else if results == tool_results {
                line.obey(word, argument);
            }
        }
        line
    }

    fn then(&mut self, step: Step) {
        self.held.as_mut().map_or(&mut self.steps, |held| &mut held.steps).push(step);
    }

    fn obey(&mut self, word: &str, argument: &str) {
        match word {
            "#say" => self.then(Step::say(argument)),
            "#words" => self.then(Step::say(counted(argument.parse().unwrap_or(0)))),
            "#think" => self.then(Step::Status(argument.to_owned())),
            "#pause" => self.then(Step::Pause(Duration::from_millis(argument.parse().unwrap_or(0)))),
            "#hang" => self.then(Step::Hang),
            "#hold" => self.held = Some(Held { name: argument.to_owned(), steps: Vec::new() }),
            _ => self.refuses = argument.parse::<u16>().ok().and_then(|code| StatusCode::from_u16(code).ok()),
        }
    }
}

impl ToolCall {
    fn parse(argument: &str) -> Self {
        let (name, arguments) = argument.split_once(' ').unwrap_or((argument, ""));
        Self { name: name.to_owned(), arguments: serde_json::from_str(arguments).unwrap_or(json!({})) }
    }
}

/// `1 2 3 … count`.
#[must_use]
pub(super) fn counted(count: u32) -> String {
    (1..=count).map(|number| number.to_string()).collect::<Vec<_>>().join(" ")
}

/// The words with what follows each.
fn orders(text: &str) -> Vec<(&'static str, &str)> {
    let mut places: Vec<(usize, &'static str)> = WORDS
        .into_iter()
        .flat_map(|word| text.match_indices(word).map(move |(place, _)| (place, word)))
        .filter(|(place, word)| ends_there(&text[place + word.len()..]))
        .collect();
    places.sort_unstable();
    let ends = places.iter().skip(1).map(|(place, _)| *place).chain([text.len()]);
    let orders = places.iter().zip(ends);
    orders.map(|((place, word), end)| (*word, first_line(&text[place + word.len()..end]))).collect()
}

/// What comes after it is the host's.
fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default().trim()
}

/// `#say` is no part of `#saying`.
fn ends_there(rest: &str) -> bool {
    rest.chars().next().is_none_or(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_obeyed_in_their_order_whatever_stands_before_them() {
        let line = Line::parse("[DingTalk Lin] hi #pace 20 #words 3 #pause 40 #say the end\n\nRuntime: x", 0);
        let steps = [
            Step::TokensPerSecond(20.0),
            Step::say("1 2 3"),
            Step::Pause(Duration::from_millis(40)),
            Step::say("the end"),
        ];
        assert_eq!(line.steps, steps);
    }

    #[test]
    fn what_follows_a_tool_is_said_when_its_result_is_there() {
        let text = r#"#say looking #tool read {"path":"a b"} #say found #tool ls #say done"#;
        let parts: Vec<_> = (0..3).map(|results| Line::parse(text, results)).collect();

        let said: Vec<_> = parts.iter().map(|part| part.steps.clone()).collect();
        assert_eq!(said, [[Step::say("looking")], [Step::say("found")], [Step::say("done")]]);
        let call = parts[0].call.clone().unwrap();
        assert_eq!((call.name.as_str(), call.arguments), ("read", json!({"path": "a b"})));
        assert_eq!(parts[1].call.as_ref().unwrap().name, "ls");
        assert_eq!(parts[2].call, None);
    }

    #[test]
    fn a_text_without_words_is_repeated() {
        assert_eq!(Line::parse("\n[Lin] #sayings\nmore", 0).steps, [Step::say("heard: [Lin] #sayings")]);
    }

    #[test]
    fn what_it_thinks_is_no_part_of_what_it_says() {
        let steps = [Step::Status("is it raining?".to_owned()), Step::say("it rains")];
        assert_eq!(Line::parse("#think is it raining? #say it rains", 0).steps, steps);
    }

    #[test]
    fn a_refusal_is_a_status() {
        assert_eq!(Line::parse("#refuse 503", 0).refuses, Some(StatusCode::SERVICE_UNAVAILABLE));
    }
}
