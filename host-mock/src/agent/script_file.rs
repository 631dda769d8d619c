//! Answers that somebody wrote into a file, in JSON5.
//!
//! ```json5
//! [
//!   // one answer for each message, and the last one again and again
//!   [{ say: "Let me look." }, { tool: "reading", ms: 800 }, { say: " It is fine." }],
//!   [{ pause: 300 }, { fail: "the model is not there" }],
//! ]
//! ```

use crate::host::{Script, Step};
use serde::Deserialize;
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// Bytes of a script that are read.
const LONGEST: u64 = 1024 * 1024;

/// What is wrong with a script.
#[derive(Debug, thiserror::Error)]
#[error("the script {} {reason}", .file.display())]
pub struct Damage {
    file: PathBuf,
    reason: String,
}

/// One step, as it is written.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
enum Written {
    Say(String),
    TokensPerSecond(f64),
    Status(String),
    Pause(u64),
    Fail(String),
    #[serde(untagged)]
    Tool {
        tool: String,
        ms: u64,
    },
}

/// Reads a script.
///
/// # Errors
/// When the file cannot be read, is not JSON5, or has a step that nobody knows.
pub fn read(file: &Path) -> Result<Script, Damage> {
    let damage = |reason: String| Damage { file: file.to_owned(), reason };
    let unreadable = |error: std::io::Error| damage(format!("cannot be read: {error}"));
    if fs::metadata(file).map_err(unreadable)?.len() > LONGEST {
        return Err(damage(format!("is longer than {LONGEST} bytes")));
    }
    let text = fs::read_to_string(file).map_err(unreadable)?;
    answers(&text).map(Script::new).map_err(|reason| damage(format!("makes no sense: {reason}")))
}

fn answers(text: &str) -> Result<Vec<Vec<Step>>, String> {
    let value: serde_json::Value = json5::from_str(text).map_err(|error| error.to_string())?;
    let Some(written) = value.as_array() else { return Err("it is no list of answers".into()) };
    let answer = |(number, steps): (usize, &serde_json::Value)| {
        let Some(steps) = steps.as_array() else {
            return Err(format!("answer {} is no list of steps", number + 1));
        };
        let steps = steps.iter().enumerate().map(|(place, step)| {
            let written = Written::deserialize(step).map_err(|_| {
                format!(
                    "step {} of answer {} is none: {{say}}, {{tokensPerSecond}}, {{status}}, {{pause}} in ms, \
                     {{tool, ms}} and {{fail}} are",
                    place + 1,
                    number + 1
                )
            })?;
            Ok(written.steps())
        });
        Ok(steps.collect::<Result<Vec<_>, String>>()?.concat())
    };
    written.iter().enumerate().map(answer).collect()
}

impl Written {
    fn steps(self) -> Vec<Step> {
        match self {
            Self::Say(text) => vec![Step::Say(text)],
            Self::TokensPerSecond(pace) => vec![Step::TokensPerSecond(pace)],
            Self::Status(status) => vec![Step::Status(status)],
            Self::Pause(ms) => vec![Step::Pause(Duration::from_millis(ms))],
            Self::Fail(sentence) => vec![Step::Fail(sentence)],
            Self::Tool { tool, ms } => Step::tool(tool, Duration::from_millis(ms)).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_the_steps_that_are_written() {
        let text =
            "[[{say: 'a'}, {tool: 'reading', ms: 800}, {tokensPerSecond: 5}], [{pause: 1}, {fail: 'x'}]]";
        let tool = Step::tool("reading", Duration::from_millis(800));
        let first = [vec![Step::say("a")], tool.into(), vec![Step::TokensPerSecond(5.0)]].concat();
        let second = vec![Step::Pause(Duration::from_millis(1)), Step::Fail("x".into())];
        assert_eq!(answers(text).unwrap(), [first, second]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (text, said) in [
            ("{}", "no list of answers"),
            ("[{say: 'a'}]", "answer 1 is no list"),
            ("[[], [{say: 'a'}, {sey: 'b'}]]", "step 2 of answer 2"),
            ("[[{say: 'a'}", ""),
        ] {
            let error = answers(text).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }
}
