//! The way through the setup, as a value that is told what somebody typed and says what comes next.

use crate::command::doctor::Language;
use host_sdk::{Diagnostic, Setup, SetupField, SetupStep, SetupWords};
use serde_json::{Map, Value, json};

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Somebody has to answer this.
    Ask {
        /// What is said before.
        text: String,
        /// What stands before the answer.
        prompt: String,
        /// Whether the answer must not be shown.
        secret: bool,
    },
    /// What the step asks for is to be registered; what came of it is told.
    Register {
        /// What is said before.
        text: String,
    },
    /// It is over.
    Done,
}

/// A way through the setup of one account.
pub struct Walk {
    setup: Setup,
    language: Language,
    way: Option<String>,
    /// Which of the way's steps it is at, and which of that step's fields.
    at: (usize, usize),
    /// What was answered, by option.
    answers: Map<String, Value>,
    /// Whether a registration has come to nothing, so that what it gives is asked for.
    is_typed: bool,
}

impl Walk {
    /// Begins; where there is one way only, on that.
    pub fn new(setup: Setup, language: Language) -> Self {
        let way = if setup.ways.len() > 1 { None } else { Some(String::new()) };
        Self { setup, language, way, at: (0, 0), answers: Map::new(), is_typed: false }
    }

    /// What was answered so far, by option.
    pub fn answers(&self) -> &Map<String, Value> {
        &self.answers
    }

    /// What comes next.
    pub fn next(&self) -> Next {
        if self.way.is_none() {
            return self.ways();
        }
        let Some((number, step)) = self.step() else { return Next::Done };
        if self.registers(step) {
            return Next::Register { text: self.told(number, step) };
        }
        let text = if self.at.1 == 0 { self.told(number, step) } else { String::new() };
        match step.fields.get(self.at.1) {
            Some(field) => self.field(field, text),
            None => {
                let prompt =
                    self.language.choose("完成后按回车：", "Press Enter when that is done: ").to_owned();
                Next::Ask { text, prompt, secret: false }
            }
        }
    }

    /// Takes what was typed in. `examine` tells what is the matter with a section in which it stands.
    ///
    /// # Errors
    /// What is the matter with it; then the same, or what it goes with, is asked for again.
    pub fn answer(
        &mut self,
        typed: &str,
        examine: impl Fn(&Map<String, Value>) -> Vec<Diagnostic>,
    ) -> Result<(), String> {
        let typed = typed.trim();
        if self.way.is_none() {
            return self.choose(typed);
        }
        let Some((_, step)) = self.step() else { return Ok(()) };
        let Some(field) = step.fields.get(self.at.1).cloned() else {
            self.at = (self.at.0 + 1, 0);
            return Ok(());
        };
        let is_last = self.at.1 + 1 == step.fields.len();
        if typed.is_empty() && field.required {
            return Err(self.language.choose("不能留空。", "It cannot be left out.").to_owned());
        }
        if !typed.is_empty() {
            self.answers.insert(field.option.clone(), json!(typed));
        }
        if let Some(found) = self.complaint(&field, &examine(&self.answers)) {
            let of_another = last(&found.path) != field.option;
            self.answers.remove(&field.option);
            if of_another {
                self.answers.remove(last(&found.path));
                self.at.1 = 0; // they go together, as two that are exchanged
            }
            return Err(format!("{}: {}", found.message, found.suggestion));
        }
        self.at = if is_last { (self.at.0 + 1, 0) } else { (self.at.0, self.at.1 + 1) };
        Ok(())
    }

    /// Takes in what a registration gave.
    ///
    /// # Errors
    /// What is the matter with it; then it is asked for.
    pub fn granted(
        &mut self,
        options: Map<String, Value>,
        examine: impl Fn(&Map<String, Value>) -> Vec<Diagnostic>,
    ) -> Result<(), String> {
        let Some((_, step)) = self.step() else { return Ok(()) };
        let missing = step.fields.iter().find(|field| field.required && !options.contains_key(&field.option));
        let found = missing.map(|field| format!("{}: ?", field.option)).or_else(|| {
            let found = examine(&options);
            let of_these = |found: &&Diagnostic| options.contains_key(last(&found.path));
            found.iter().find(of_these).map(|found| format!("{}: {}", found.message, found.suggestion))
        });
        if let Some(found) = found {
            self.is_typed = true;
            return Err(found);
        }
        self.answers.extend(options);
        self.at = (self.at.0 + 1, 0);
        Ok(())
    }

    /// A registration has come to nothing.
    pub fn not_granted(&mut self) {
        self.is_typed = true;
    }

    /// Whether what `step` asks for is registered on this way.
    fn registers(&self, step: &SetupStep) -> bool {
        let way = self.setup.ways.iter().find(|way| Some(way.id.as_str()) == self.way.as_deref());
        let extra: Value = way.and_then(|way| way.extra.parse().ok()).unwrap_or_default();
        extra["registers"] == true && !step.fields.is_empty() && !self.is_typed
    }

    /// What is the matter with what was answered: what is missing yet does not count.
    fn complaint(&self, field: &SetupField, found: &[Diagnostic]) -> Option<Diagnostic> {
        let of_answers = || found.iter().filter(|found| self.answers.contains_key(last(&found.path)));
        let own = of_answers().find(|found| last(&found.path) == field.option);
        own.or_else(|| of_answers().next()).cloned()
    }

    fn choose(&mut self, typed: &str) -> Result<(), String> {
        let number = typed.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let Some(way) = number.and_then(|number| self.setup.ways.get(number)) else {
            let (few, many) = (1, self.setup.ways.len());
            return Err(match self.language {
                Language::Zh => format!("请输入 {few} 到 {many} 的数字。"),
                Language::En => format!("Type a number from {few} to {many}."),
            });
        };
        self.way = Some(way.id.clone());
        Ok(())
    }

    fn step(&self) -> Option<(usize, &SetupStep)> {
        let way = self.way.as_deref()?;
        self.setup.steps_of(way).nth(self.at.0).map(|step| (self.at.0 + 1, step))
    }

    fn ways(&self) -> Next {
        let mut text = String::new();
        for (number, way) in self.setup.ways.iter().enumerate() {
            let words = self.words(&way.words);
            text.push_str(&format!("  {}. {}\n     {}\n", number + 1, words.title, words.text));
        }
        let prompt = self.language.choose("选择：", "Which: ").to_owned();
        Next::Ask { text, prompt, secret: false }
    }

    fn told(&self, number: usize, step: &SetupStep) -> String {
        let words = self.words(&step.words);
        let count = self.setup.steps_of(self.way.as_deref().unwrap_or_default()).count();
        let mut text = format!("\n[{number}/{count}] {}\n{}\n", words.title, words.text);
        if !step.link.is_empty() {
            text.push_str(&format!("{}\n", step.link));
        }
        text
    }

    fn field(&self, field: &SetupField, text: String) -> Next {
        let words = self.words(&field.words);
        let hint = if words.text.is_empty() { String::new() } else { format!("{}\n", words.text) };
        Next::Ask { text: text + &hint, prompt: format!("{}: ", words.title), secret: field.secret }
    }

    fn words(&self, words: &[SetupWords]) -> SetupWords {
        SetupWords::in_language(words, self.language.tag()).cloned().unwrap_or_default()
    }
}

/// The option at the end of a path.
fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or_default()
}
