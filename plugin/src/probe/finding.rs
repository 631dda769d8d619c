//! What a check comes to, in the words of the table.

use crate::{
    bilingual::{self, Pair},
    setup::{CONSOLE, LOCALES},
    wording::Wording,
};
use host_sdk::{Check, CheckWords, Verdict};

/// A row of the table: everything that can be said of a finding but its particulars, which stand in it as `{0}`
/// and `{1}`.
#[derive(Debug)]
pub(super) struct Row {
    /// Its stable name.
    pub(super) code: &'static str,
    /// How it comes out.
    pub(super) verdict: Verdict,
    /// What was found.
    pub(super) finding: Pair,
    /// Why it matters; empty where nothing is the matter.
    pub(super) why: Pair,
    /// What to do; empty if nothing.
    pub(super) remedy: Pair,
    /// Whether that is done in DingTalk's console.
    pub(super) in_console: bool,
}

/// What a check came to.
#[derive(Debug)]
pub(super) struct Finding {
    /// What was examined.
    pub(super) check: String,
    row: &'static Row,
    particulars: Vec<String>,
    /// A page that is better than the console's first.
    link: Option<String>,
}

impl Finding {
    /// The check of this name came to `row`.
    pub(super) fn new(check: impl Into<String>, row: &'static Row) -> Self {
        Self { check: check.into(), row, particulars: Vec::new(), link: None }
    }

    /// Fills the next gap of its sentences.
    #[must_use]
    pub(super) fn with(mut self, particular: impl ToString) -> Self {
        self.particulars.push(particular.to_string());
        self
    }

    /// Leads to this page.
    #[must_use]
    pub(super) fn at(mut self, link: String) -> Self {
        self.link = Some(link);
        self
    }

    /// How it comes out.
    pub(super) fn verdict(&self) -> Verdict {
        self.row.verdict
    }

    /// Its stable name.
    #[cfg(test)]
    pub(super) fn code(&self) -> &'static str {
        self.row.code
    }

    /// It, as hosts read it; first of all in the language of the account.
    pub(super) fn into_check(self, spoken: Wording) -> Check {
        let words =
            LOCALES.iter().zip([0, 1]).map(|(&locale, at)| self.words(locale, at)).collect::<Vec<_>>();
        let CheckWords { finding, why, remedy, .. } = words[usize::from(spoken == Wording::English)].clone();
        let console = if self.row.in_console { CONSOLE } else { "" };
        Check {
            name: self.check,
            code: self.row.code.to_owned(),
            verdict: self.row.verdict,
            finding,
            why,
            remedy,
            link: self.link.unwrap_or_else(|| console.to_owned()),
            words,
            ..Check::default()
        }
    }

    fn words(&self, locale: &str, at: usize) -> CheckWords {
        CheckWords {
            locale: locale.to_owned(),
            finding: self.filled(self.row.finding[at]),
            why: self.filled(self.row.why[at]),
            remedy: self.filled(self.row.remedy[at]),
        }
    }

    fn filled(&self, sentence: &str) -> String {
        bilingual::filled(sentence, |gap| self.particulars.get(gap).map(String::as_str))
    }
}
