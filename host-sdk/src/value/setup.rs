//! How a person gets an account: the steps that wizards, guides and a channel's own checks share.

use super::Json;
use crate::abi::crossing_struct;

crossing_struct! {
    /// What people read of something, in one language. All there is to it: more stands in the `extra` of what has it.
    pub struct SetupWords as RawSetupWords {
        /// The language, such as `zh-CN`.
        pub locale: String,
        /// A few words.
        pub title: String,
        /// The rest, in sentences; may have several lines, and be empty.
        pub text: String,
    }
}

crossing_struct! {
    /// One of several ways to get an account, of which a person takes one.
    pub struct SetupWay as RawSetupWay {
        /// Its stable name, such as `custom`.
        pub id: String,
        /// What people read of it.
        pub words: Vec<SetupWords>,
        /// Details by name: `registers` is true where the platform gives what is asked for to who registers, so that
        /// a host that can has it registered and asks for it only if that fails.
        pub extra: Json,
    }
}

crossing_struct! {
    /// A value that a step asks for. Whether it is one is told by the diagnostics that `resolve` has for its path,
    /// once it is in the section.
    pub struct SetupField as RawSetupField {
        /// The option's path inside an account, such as `clientId`.
        pub option: String,
        /// Whether it must not be shown while it is typed, nor anywhere else.
        pub secret: bool,
        /// Whether it cannot be left out.
        pub required: bool,
        /// What people read of it: its name, and what it looks like.
        pub words: Vec<SetupWords>,
        /// Details by name.
        pub extra: Json,
    }
}

crossing_struct! {
    /// One step to an account that works.
    pub struct SetupStep as RawSetupStep {
        /// Its stable name, such as `S5`.
        pub id: String,
        /// The ways it belongs to; empty if to all.
        pub ways: Vec<String>,
        /// What to do, as people read it.
        pub words: Vec<SetupWords>,
        /// The page where it is done; empty if there is none.
        pub link: String,
        /// What is asked for once it is done.
        pub fields: Vec<SetupField>,
        /// Details by name.
        pub extra: Json,
    }
}

crossing_struct! {
    /// How a person gets from nothing to an account that works. What proves it in the end is a probe.
    pub struct Setup as RawSetup {
        /// The ways there are; empty if there is one.
        pub ways: Vec<SetupWay>,
        /// What to do, in its order.
        pub steps: Vec<SetupStep>,
        /// Details by name.
        pub extra: Json,
    }
}

impl Setup {
    /// The steps of the way `id`, in their order.
    pub fn steps_of<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a SetupStep> {
        self.steps.iter().filter(move |step| step.ways.is_empty() || step.ways.iter().any(|way| way == id))
    }
}

impl SetupWords {
    /// Those of `words` in the language of `locale`, a tag such as `zh-CN` or `en`; else the first.
    #[must_use]
    pub fn in_language<'a>(words: &'a [Self], locale: &str) -> Option<&'a Self> {
        spoken(words, locale, |words| &words.locale).or_else(|| words.first())
    }
}

/// The one of `all` whose language is that of the tag `locale`.
pub(super) fn spoken<'a, T>(all: &'a [T], locale: &str, of: impl Fn(&T) -> &str) -> Option<&'a T> {
    all.iter().find(|one| language(of(one)).eq_ignore_ascii_case(language(locale)))
}

/// What a tag such as `zh-CN` or `en_US.UTF-8` says of the language.
fn language(tag: &str) -> &str {
    tag.trim().split(['-', '_', '.']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_has_its_own_steps_and_those_of_all_ways_in_their_order() {
        let step = |id: &str, ways: &[&str]| SetupStep {
            id: id.into(),
            ways: ways.iter().map(|&way| way.into()).collect(),
            ..SetupStep::default()
        };
        let steps = vec![step("1", &[]), step("2", &["short"]), step("3", &["long"]), step("4", &[])];
        let setup = Setup { steps, ..Setup::default() };
        let of = |way| setup.steps_of(way).map(|step| step.id.as_str()).collect::<Vec<_>>();
        assert_eq!(of("short"), ["1", "2", "4"]);
        assert_eq!(of("long"), ["1", "3", "4"]);
    }

    #[test]
    fn words_are_of_the_language_that_is_asked_for_or_else_the_first() {
        let words =
            ["zh-CN", "en"].map(|locale| SetupWords { locale: locale.into(), ..SetupWords::default() });
        for (asked, given) in [("en_US.UTF-8", "en"), ("zh", "zh-CN"), ("fr", "zh-CN"), ("", "zh-CN")] {
            assert_eq!(SetupWords::in_language(&words, asked).unwrap().locale, given, "{asked}");
        }
    }
}
