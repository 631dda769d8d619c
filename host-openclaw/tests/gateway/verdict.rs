//! What became of what is claimed.

use crate::{failure::Failure, lack::Lack};
use std::{collections::BTreeSet, fmt, time::Duration};

/// How a claim ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Holds,
    Fails(Failure),
    /// The release of OpenClaw has nothing of the kind.
    NotOffered(Lack),
}

/// A claim, and how it ended.
pub(crate) struct Verdict {
    pub(crate) name: String,
    pub(crate) took: Duration,
    pub(crate) outcome: Outcome,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, took, outcome } = self;
        let (word, why) = match outcome {
            Outcome::Holds => ("holds", String::new()),
            Outcome::Fails(_) => ("FAILS", String::new()),
            Outcome::NotOffered(lack) => ("not offered", format!(": {lack}")),
        };
        write!(f, "{word:11}  {:6.1} s  {name}{why}", took.as_secs_f64())
    }
}

/// What became of all of them; its `Display` is a table, and what those that fail said.
#[derive(Default)]
pub(crate) struct Verdicts(Vec<Verdict>);

impl Verdicts {
    /// These, and more.
    #[must_use]
    pub(crate) fn with(mut self, more: Vec<Verdict>) -> Self {
        self.0.extend(more);
        self
    }

    /// How a claim ended; `None` if it was not played.
    pub(crate) fn of(&self, name: &str) -> Option<&Outcome> {
        self.0.iter().find(|verdict| verdict.name == name).map(|verdict| &verdict.outcome)
    }

    /// Whether there is something, and nothing of it fails.
    pub(crate) fn none_fails(&self) -> bool {
        !self.0.is_empty() && self.failed().next().is_none()
    }

    /// What the release of OpenClaw lacks of what is claimed.
    pub(crate) fn lacks(&self) -> BTreeSet<Lack> {
        let lack = |verdict: &Verdict| match &verdict.outcome {
            Outcome::NotOffered(lack) => Some(*lack),
            _ => None,
        };
        self.0.iter().filter_map(lack).collect()
    }

    fn failed(&self) -> impl Iterator<Item = (&str, &Failure)> {
        self.0.iter().filter_map(|Verdict { name, outcome, .. }| match outcome {
            Outcome::Fails(failure) => Some((name.as_str(), failure)),
            _ => None,
        })
    }
}

impl fmt::Display for Verdicts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for verdict in &self.0 {
            writeln!(f, "{verdict}")?;
        }
        for (name, failure) in self.failed() {
            writeln!(f, "\n{name} fails; what the gateway said then is above:\n{failure}")?;
        }
        let count = |is: fn(&Outcome) -> bool| self.0.iter().filter(|verdict| is(&verdict.outcome)).count();
        let held = count(|outcome| *outcome == Outcome::Holds);
        let not_offered = count(|outcome| matches!(outcome, Outcome::NotOffered(_)));
        write!(f, "{held} of {} hold", self.0.len())?;
        if not_offered > 0 {
            write!(f, ", {not_offered} are not offered by this OpenClaw")?;
        }
        Ok(())
    }
}
