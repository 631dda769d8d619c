//! How a person gets a bot: the one list of steps that wizards walk, guides tell and the doctor points to.

mod steps;
#[cfg(test)]
mod tests;

use host_sdk::{Json, Setup, SetupField, SetupStep, SetupWay, SetupWords};
use steps::{FIELDS, Field, STEPS, Step, WAYS, Way};

/// DingTalk's developer console.
pub(crate) const CONSOLE: &str = "https://open-dev.dingtalk.com/";

/// The permissions that an application needs, in DingTalk's words; the last two for cards alone.
pub(crate) const PERMISSIONS: [&str; 5] =
    ["snsapi_base", "qyapi_base", "qyapi_robot_sendmsg", "Card.Instance.Write", "Card.Streaming.Write"];

/// What people read, in Chinese and in English.
#[derive(Clone, Copy, Debug)]
struct Words {
    /// A few words.
    title: [&'static str; 2],
    /// Sentences.
    text: [&'static str; 2],
}

/// The languages of every pair of sentences.
pub(crate) const LOCALES: [&str; 2] = ["zh-CN", "en"];

/// The steps, as hosts read them.
pub(crate) fn setup() -> Setup {
    Setup {
        ways: WAYS.iter().map(way).collect(),
        steps: STEPS.iter().map(step).collect(),
        ..Setup::default()
    }
}

fn way(way: &Way) -> SetupWay {
    let extra = if way.registers { Json::from_text("{\"registers\":true}") } else { Json::default() };
    SetupWay { id: way.id.to_owned(), words: words(way.words), extra }
}

fn step(step: &Step) -> SetupStep {
    let fields = if step.asks { &FIELDS[..] } else { &[] };
    SetupStep {
        id: step.id.to_owned(),
        ways: step.ways.iter().map(|&way| way.to_owned()).collect(),
        words: words(step.words),
        link: step.link.to_owned(),
        fields: fields.iter().map(field).collect(),
        ..SetupStep::default()
    }
}

fn field(field: &Field) -> SetupField {
    SetupField {
        option: field.option.to_owned(),
        secret: field.secret,
        required: true,
        words: words(field.words),
        ..SetupField::default()
    }
}

fn words(words: Words) -> Vec<SetupWords> {
    let in_language = |at: usize| SetupWords {
        locale: LOCALES[at].to_owned(),
        title: words.title[at].to_owned(),
        text: words.text[at].to_owned(),
    };
    vec![in_language(0), in_language(1)]
}
