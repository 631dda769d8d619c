//! A row of the table: what an option is if nothing is written, what it can be, and what proves that it does it.

use libtest_mimic::Trial;
use serde_json::{Value, json};
use tests::{Scenario, plugin};

/// An option. Values are JSON; an empty text is nothing.
pub(crate) struct Row {
    /// Its path in the schema.
    pub(crate) option: &'static str,
    /// Its number in the mission; empty if none was promised.
    pub(crate) number: &'static str,
    /// Where it may stand, and what it means there.
    pub(crate) level: Level,
    /// What is no value of it.
    pub(crate) wrong: &'static [Wrong],
    /// What people see of it.
    pub(crate) plays: &'static [Scenario],
    /// Tests of it that stand elsewhere: the file in `tests/`, and their names.
    pub(crate) elsewhere: &'static [(&'static str, &'static [&'static str])],
}

/// Where an option may stand.
pub(crate) enum Level {
    /// At the top level and in accounts, of which those that are silent take what the top level says.
    Everywhere {
        /// What holds if nobody says anything.
        standard: &'static str,
        /// Two other values, as written and as they hold.
        values: [(&'static str, &'static str); 2],
    },
    /// The same, but it is only what others stand in.
    Group,
    /// At the top level alone.
    Section,
}

/// A value that is none.
pub(crate) struct Wrong {
    /// As it is written.
    pub(crate) written: &'static str,
    /// Words that are said of it.
    pub(crate) said: &'static str,
    /// What becomes of the account.
    pub(crate) then: Then,
}

/// What becomes of an account with a wrong value.
#[derive(Clone, Copy)]
pub(crate) enum Then {
    /// It runs, and this holds.
    Holds(&'static str),
    /// It does not run.
    Stops,
}

/// A value that is none, in whose place another one holds.
pub(crate) const fn holds(written: &'static str, said: &'static str, instead: &'static str) -> Wrong {
    Wrong { written, said, then: Then::Holds(instead) }
}

/// A value that is none, with which an account does not run.
pub(crate) const fn stops(written: &'static str, said: &'static str) -> Wrong {
    Wrong { written, said, then: Then::Stops }
}

impl Row {
    /// Has the library read what may be written.
    pub(crate) fn trial(&'static self) -> Trial {
        let number = self.number.to_lowercase();
        let separator = if number.is_empty() { "" } else { "_" };
        let claim = "is_read_and_an_account_overrides_the_top_level";
        Trial::test(format!("{}::{number}{separator}{claim}", self.option), || {
            self.is_read();
            Ok(())
        })
    }

    fn is_read(&self) {
        if let Level::Everywhere { standard, values: [top, own] } = self.level {
            let nothing = Section::new(self);
            assert_eq!(nothing.setting("silent"), json(standard), "by default");
            let inherited = Section::new(self).at_the_top(top.0);
            assert_eq!(inherited.setting("silent"), json(top.1), "taken from the top level");
            let overridden = inherited.in_account("speaking", own.0);
            assert_eq!(overridden.setting("speaking"), json(own.1), "of its own");
            assert_eq!(overridden.setting("silent"), json(top.1), "of the other's no business");
        }
        for wrong in self.wrong {
            self.is_told(wrong);
        }
    }

    fn is_told(&self, wrong: &Wrong) {
        let section = match self.level {
            Level::Section => Section::new(self).at_the_top(wrong.written),
            _ => Section::new(self).in_account("speaking", wrong.written),
        };
        let found = section.resolved().diagnostics;
        let place = match self.level {
            Level::Section => self.option.to_owned(),
            _ => format!("accounts.speaking.{}", self.option),
        };
        // Addresses, which are wrong as a whole, are told of together.
        let group = place.strip_suffix(".api").or(place.strip_suffix(".oapi")).unwrap_or(&place);
        let of_it = |path: &str| path == place || path == group || path.starts_with(&format!("{place}."));
        let told = found.iter().find(|found| of_it(&found.path) && found.message.contains(wrong.said));
        let told = told.unwrap_or_else(|| panic!("{}: {found:#?}", wrong.written));
        assert!(!told.suggestion.is_empty(), "nothing that a person could do: {told:?}");
        if let (Then::Holds(instead), Level::Everywhere { .. }) = (wrong.then, &self.level) {
            assert_eq!(section.setting("speaking"), json(instead), "in place of {}", wrong.written);
        }
    }
}

/// A section with two accounts.
struct Section<'a> {
    row: &'a Row,
    written: Value,
}

impl<'a> Section<'a> {
    fn new(row: &'a Row) -> Self {
        let mut written = json!({"accounts": {}});
        for account in ["silent", "speaking"] {
            written["accounts"][account] =
                json!({"clientId": format!("ding-{account}"), "clientSecret": "s"});
            written["accounts"][account].as_object_mut().unwrap().remove(row.option);
        }
        Self { row, written }
    }

    fn at_the_top(mut self, value: &str) -> Self {
        put(&mut self.written, self.row.option, value);
        self
    }

    fn in_account(mut self, account: &str, value: &str) -> Self {
        put(&mut self.written["accounts"][account], self.row.option, value);
        self
    }

    fn resolved(&self) -> host_sdk::Resolved {
        plugin().resolve(&host_sdk::Json::new(&self.written)).unwrap()
    }

    /// What holds for an account; `Null` if nothing does.
    fn setting(&self, account: &str) -> Value {
        let resolved = self.resolved();
        let account = resolved.accounts.iter().find(|resolved| resolved.id == account).unwrap();
        let settings: Value = account.settings.parse().unwrap();
        let pointer = format!("/{}", self.row.option.replace('.', "/"));
        settings.pointer(&pointer).cloned().unwrap_or_default()
    }
}

/// Writes an option, by its path, into the top level or an account.
pub(crate) fn put(level: &mut Value, option: &str, value: &str) {
    match option.split_once('.') {
        Some((group, name)) => level[group][name] = json(value),
        None => level[option] = json(value),
    }
}

/// The value of a text; `Null` for nothing.
pub(crate) fn json(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { serde_json::from_str(text).unwrap() }
}
