//! The demo with a person at the terminal, who writes and watches the card grow.

use super::{
    Args, DemoError,
    answer::{Following, Question, Seen},
    command::{Command, HELP},
    interrupted,
    paint::{Paint, Tone},
    screen::Screen,
    stage::{BOT, GROUP, PERSON, Stage},
    terminal::{self, Quiet},
    verdict::{complaints, missing},
    wrap,
};
use crate::{
    dingtalk::{Call, Person},
    host::LogEntry,
};
use host_sdk::LogLevel;
use std::{
    collections::{BTreeSet, VecDeque},
    io::{self, Stdout},
    sync::Arc,
};
use tokio::sync::mpsc;

/// How many lines typed ahead, and how many lines of the log, wait to be shown.
const WAITING: usize = 1000;
/// How many lines `/calls` and `/log` show.
const SHOWN: usize = 40;

/// Talks with the person at the terminal until they leave.
pub(super) async fn run(args: &Args) -> Result<(), DemoError> {
    let (tell, log) = mpsc::channel(WAITING);
    let loudest = if args.verbose { LogLevel::Info } else { LogLevel::Warn };
    let sink = Arc::new(move |entry: &LogEntry| {
        if entry.level.0 <= loudest.0 {
            drop(tell.try_send(entry.to_string())); // what does not fit is still in /log
        }
    });
    let stage = Stage::open(args, sink).await?;
    let mut chat = Chat {
        screen: Screen::new(io::stdout()),
        paint: Paint::for_output(true),
        typed: terminal::typed_lines(),
        ahead: VecDeque::new(),
        log,
        people: [PERSON, "Mo"].map(str::to_owned).into(),
        person: PERSON.to_owned(),
        group: args.group,
    };
    let talked = chat.talk(&stage).await;
    chat.screen.leave();
    for line in complaints(&stage.dingtalk.violations()) {
        eprintln!("warning: {line}");
    }
    stage.close().await?;
    talked
}

struct Chat {
    screen: Screen<Stdout>,
    paint: Paint,
    typed: mpsc::Receiver<String>,
    /// Typed while an answer was coming.
    ahead: VecDeque<String>,
    log: mpsc::Receiver<String>,
    people: BTreeSet<String>,
    person: String,
    group: bool,
}

/// How to go on after a line.
enum Next {
    Talk,
    Leave,
}

impl Chat {
    async fn talk(&mut self, stage: &Stage) -> Result<(), DemoError> {
        self.say(&format!("\n{HELP}\n"))?;
        loop {
            let Some(line) = self.line().await? else { return Ok(()) };
            if let Next::Leave = self.obey(stage, Command::parse(&line)).await? {
                return Ok(());
            }
        }
    }

    async fn obey(&mut self, stage: &Stage, command: Command) -> Result<Next, DemoError> {
        match command {
            Command::Say(text) => return self.ask(stage, text).await,
            Command::Group => self.group = true,
            Command::Private => self.group = false,
            Command::As(name) => self.become_person(stage, name)?,
            Command::Calls => self.show_calls(stage)?,
            Command::Status => self.say(stage.host.snapshot().to_string().trim_end())?,
            Command::Doctor => {
                let report = tokio::select! {
                    report = stage.doctor() => report,
                    () = interrupted() => return Ok(Next::Leave),
                };
                self.say(report.trim_end())?;
            }
            Command::Log => self.show_log(stage)?,
            Command::Help => self.say(HELP)?,
            Command::Quit => return Ok(Next::Leave),
            Command::Nothing => {}
            Command::Wrong(words) => self.say(&words)?,
        }
        Ok(Next::Talk)
    }

    /// The next line; `None` if there is none any more, or Ctrl-C was pressed.
    async fn line(&mut self) -> Result<Option<String>, DemoError> {
        let prompt = self.prompt();
        if let Some(line) = self.ahead.pop_front() {
            self.say(&format!("{prompt}{}", wrap::harmless(&line)))?; // it did not appear when it was typed
            return Ok(Some(line));
        }
        self.write(&prompt)?;
        loop {
            tokio::select! {
                line = self.typed.recv() => {
                    if line.is_none() {
                        self.write("\n")?;
                    }
                    return Ok(line);
                }
                () = interrupted() => {
                    self.write("\n")?;
                    return Ok(None);
                }
                Some(line) = self.log.recv() => {
                    let line = self.paint.paint(Tone::Quiet, &line);
                    self.write(&format!("\r{line}\x1b[K\n{prompt}"))?;
                }
            }
        }
    }

    fn prompt(&self) -> String {
        let place = if self.group { format!("群 {GROUP}, @{BOT}") } else { "私聊 private".to_owned() };
        format!(
            "{} {} ",
            self.paint.paint(Tone::Name, &self.person),
            self.paint.paint(Tone::Quiet, &format!("· {place} ›"))
        )
    }

    /// Asks, and draws the answer as it grows.
    async fn ask(&mut self, stage: &Stage, text: String) -> Result<Next, DemoError> {
        let group = self.group.then(|| GROUP.to_owned());
        let question = Question { person: self.person.clone(), group, text };
        let _quiet = Quiet::new();
        let mut following = Following::ask(stage, &question);
        loop {
            tokio::select! {
                more = following.changed() => {
                    if !more {
                        break;
                    }
                    self.draw(&following.seen)?;
                }
                // The end of what is typed is met again when it is its turn, after this answer.
                Some(line) = self.typed.recv(), if self.ahead.len() < WAITING => self.ahead.push_back(line),
                () = interrupted() => return Ok(Next::Leave),
                Some(line) = self.log.recv() => {
                    let line = self.paint.paint(Tone::Quiet, &line);
                    self.screen.above(&line).map_err(DemoError::io("write to the terminal"))?;
                }
            }
        }
        self.settle(&following)?;
        Ok(Next::Talk)
    }

    fn draw(&mut self, seen: &Seen) -> Result<(), DemoError> {
        let (columns, rows) = terminal::size();
        let lines = self.lines(seen, columns);
        self.screen.draw(&lines, rows).map_err(DemoError::io("write to the terminal"))
    }

    fn settle(&mut self, following: &Following<'_>) -> Result<(), DemoError> {
        let mut lines = self.lines(&following.seen, terminal::size().0);
        if let Some(lacks) = following.end.as_ref().and_then(|end| missing(&following.seen, end)) {
            lines.push(self.paint.paint(Tone::Bad, &lacks));
        }
        self.screen.settle(&lines).map_err(DemoError::io("write to the terminal"))
    }

    fn lines(&self, seen: &Seen, columns: usize) -> Vec<String> {
        seen.bubbles().iter().flat_map(|bubble| bubble.lines(columns, self.paint)).collect()
    }

    fn become_person(&mut self, stage: &Stage, name: String) -> Result<(), DemoError> {
        if self.people.insert(name.clone()) {
            let staff_id = format!("user{:04}", self.people.len());
            stage.dingtalk.add_person(Person::new(&staff_id, &name));
            self.say(&format!("{name} 加入了组织，工号 joins the organisation as {staff_id}"))?;
        }
        self.person = name;
        Ok(())
    }

    fn show_calls(&mut self, stage: &Stage) -> Result<(), DemoError> {
        let (count, lines) = stage.dingtalk.look(|view| {
            let last: Vec<String> = view.calls().rev().take(SHOWN).map(call_line).collect();
            (view.calls().count(), last)
        });
        for line in lines.iter().rev() {
            self.say(line)?;
        }
        self.say(&format!("共 {count} 次调用 calls so far"))
    }

    fn show_log(&mut self, stage: &Stage) -> Result<(), DemoError> {
        let log = stage.host.log();
        for entry in &log[log.len().saturating_sub(SHOWN)..] {
            self.say(&entry.to_string())?;
        }
        Ok(())
    }

    fn say(&mut self, text: &str) -> Result<(), DemoError> {
        self.write(&format!("{text}\n"))
    }

    fn write(&mut self, text: &str) -> Result<(), DemoError> {
        self.screen.write(text).map_err(DemoError::io("write to the terminal"))
    }
}

/// `  1.234 s  PUT  /v1.0/card/streaming  200  12 ms`.
fn call_line(call: &Call) -> String {
    let answer = match (call.status, call.answered) {
        (Some(status), Some(answered)) => {
            let took = answered.at.saturating_sub(call.arrived.at);
            format!("{status}  {} ms", took.as_millis())
        }
        _ if call.abandoned => "given up".into(),
        _ => "under way".into(),
    };
    let at = call.arrived.at.as_secs_f64();
    format!("{at:>9.3} s  {:<4} {:<44} {answer}", call.method, call.path)
}
