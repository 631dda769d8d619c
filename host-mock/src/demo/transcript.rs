//! The demo without a person at the terminal: a conversation is played and written down.

use super::{
    Args, DemoError,
    answer::{Following, Question, Seen},
    interrupted,
    paint::{Paint, Tone},
    stage::{BOT, GROUP, PERSON, Stage},
    terminal,
    verdict::{Numbers, complaints, missing},
    wrap,
};
use crate::host::LogEntry;
use host_sdk::LogLevel;
use std::{
    io::{self, IsTerminal, Write},
    sync::Arc,
};

/// What is tried, if it fails.
const WRITING: &str = "write the conversation down";

/// Plays the conversation that the arguments name, and says what was missing.
pub(super) async fn run(args: &Args) -> Result<(), DemoError> {
    let loudest = if args.verbose { LogLevel::Info } else { LogLevel::Warn };
    let log = Arc::new(move |entry: &LogEntry| {
        if entry.level.0 <= loudest.0 {
            eprintln!("{entry}");
        }
    });
    let stage = Stage::open(args, log).await?;
    let mut transcript = Transcript::new();
    for question in conversation(args) {
        tokio::select! {
            played = transcript.play(&stage, &question) => played.map_err(DemoError::io(WRITING))?,
            () = interrupted() => {
                stage.close().await?;
                return Err(DemoError::Interrupted);
            }
        }
    }
    transcript.numbers.count_calls(&stage.dingtalk);
    let complaints = complaints(&stage.dingtalk.violations());
    stage.close().await?;
    transcript.end(&complaints)
}

/// What is said: the arguments' own messages, or one in private and one in a group.
fn conversation(args: &Args) -> Vec<Question> {
    let question = |person: &str, group: bool, text: &str| Question {
        person: person.into(),
        group: group.then(|| GROUP.into()),
        text: text.into(),
    };
    if args.say.is_empty() {
        return vec![
            question(PERSON, false, "你好，你是怎么工作的？"),
            question("Mo", true, "What did you just do?"),
        ];
    }
    args.say.iter().map(|text| question(PERSON, args.group, text)).collect()
}

struct Transcript {
    columns: usize,
    paint: Paint,
    numbers: Numbers,
    missing: Vec<String>,
}

impl Transcript {
    fn new() -> Self {
        let is_terminal = io::stdout().is_terminal();
        // What is read from a file or a picture is not cut to the width of a terminal.
        let columns = if is_terminal { terminal::size().0 } else { 80 };
        Self {
            columns,
            paint: Paint::for_output(is_terminal),
            numbers: Numbers::default(),
            missing: Vec::new(),
        }
    }

    async fn play(&mut self, stage: &Stage, question: &Question) -> io::Result<()> {
        self.tell(&heading(question, self.paint))?;
        let mut following = Following::ask(stage, question);
        let (mut acked, mut stages) = (false, 0);
        while following.changed().await {
            for line in news(&following.seen, &mut acked, &mut stages, self.columns) {
                self.tell(&self.paint.paint(Tone::Quiet, &line))?;
            }
        }
        for bubble in following.seen.bubbles() {
            bubble.lines(self.columns, self.paint).iter().try_for_each(|line| self.tell(line))?;
        }
        self.tell("")?;
        let lacks = following.end.as_ref().and_then(|end| missing(&following.seen, end));
        self.numbers.count(&following.seen, lacks.is_none());
        self.missing.extend(lacks.map(|lacks| format!("“{}”: {lacks}", question.text)));
        Ok(())
    }

    fn end(self, complaints: &[String]) -> Result<(), DemoError> {
        complaints.iter().for_each(|line| eprintln!("warning: {line}"));
        let tone = if self.numbers.all_whole() { Tone::Good } else { Tone::Bad };
        self.tell(&self.paint.paint(tone, &self.numbers.line())).map_err(DemoError::io(WRITING))?;
        if self.missing.is_empty() { Ok(()) } else { Err(DemoError::Incomplete(self.missing)) }
    }

    /// Not `println!`, which panics once nobody reads any more.
    fn tell(&self, line: &str) -> io::Result<()> {
        writeln!(io::stdout(), "{line}")
    }
}

/// `Lin → OpenClaw (private): hello`.
fn heading(question: &Question, paint: Paint) -> String {
    let (place, at) = match &question.group {
        Some(group) => (format!("群聊 group “{group}”"), format!("@{BOT} ")),
        None => ("私聊 private".into(), String::new()),
    };
    format!(
        "{} {} {at}{}",
        paint.paint(Tone::Name, &question.person),
        paint.paint(Tone::Quiet, &format!("· {place} ›")),
        wrap::harmless(&question.text)
    )
}

/// A line for everything that was not there before: the ACK, and each text of the card.
fn news(seen: &Seen, acked: &mut bool, stages: &mut usize, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(ack) = seen.ack.filter(|_| !*acked) {
        *acked = true;
        lines.push(format!("{:>9.3} s  ACK", ack.as_secs_f64()));
    }
    let card = seen.card.as_ref().map(|card| card.stages.as_slice()).unwrap_or_default();
    for (time, text) in card.iter().skip(*stages) {
        let begin = format!("{:>9.3} s  卡片 card  ", time.as_secs_f64());
        let room = columns.saturating_sub(wrap::width(&begin) + 1).max(10);
        lines.push(format!("{begin}{}", wrap::tail(&wrap::harmless(text), room)));
    }
    *stages = card.len();
    lines
}

#[cfg(test)]
mod tests {
    use super::{super::answer::SeenCard, *};
    use crate::dingtalk::CardState;
    use std::time::Duration;

    fn seen(stages: &[&str]) -> Seen {
        let stages: Vec<_> =
            (1..).zip(stages).map(|(s, text)| (Duration::from_secs(s), (*text).into())).collect();
        let text = stages.last().map(|(_, text): &(Duration, String)| text.clone()).unwrap_or_default();
        let card = SeenCard { text, state: CardState::Inputting, stages, first_words: None };
        Seen { ack: Some(Duration::from_millis(20)), card: Some(card), messages: vec![] }
    }

    #[test]
    fn everything_new_is_told_once() {
        let (mut acked, mut stages) = (false, 0);
        let first = news(&seen(&["", "你"]), &mut acked, &mut stages, 80);
        assert_eq!(first, ["    0.020 s  ACK", "    1.000 s  卡片 card  ", "    2.000 s  卡片 card  你"]);
        let second = news(&seen(&["", "你", "你好"]), &mut acked, &mut stages, 80);
        assert_eq!(second, ["    3.000 s  卡片 card  你好"]);
        assert!(news(&seen(&["", "你", "你好"]), &mut acked, &mut stages, 80).is_empty());
    }

    #[test]
    fn a_long_text_shows_its_end() {
        let lines = news(&seen(&["one two three four five"]), &mut true, &mut 0, 42);
        assert_eq!(lines, ["    1.000 s  卡片 card  … three four five"]);
    }

    #[test]
    fn in_a_group_the_bot_is_mentioned() {
        let question = Question { person: "Mo".into(), group: Some(GROUP.into()), text: "hi".into() };
        assert_eq!(heading(&question, Paint::OFF), "Mo · 群聊 group “Release crew” › @OpenClaw hi");
    }
}
