//! What a channel finds when it examines itself.

use super::{Json, setup::spoken};
use crate::abi::{crossing_struct, open_set};

open_set! {
    /// How a check came out.
    pub struct Verdict(u8) {
        /// It cannot be told from here.
        Unknown = 0 as "unknown",
        /// All is well.
        Ok = 1 as "ok",
        /// It works, but not for long or not fully.
        Warning = 2 as "warning",
        /// It does not work.
        Failed = 3 as "failed",
    }
}

crossing_struct! {
    /// What people read of a check, in one language. All there is to it: more stands in the check's `extra`.
    pub struct CheckWords as RawCheckWords {
        /// The language, such as `zh-CN`.
        pub locale: String,
        /// What was found, in a sentence or two.
        pub finding: String,
        /// Why it matters; empty where nothing is the matter.
        pub why: String,
        /// What to do about it; empty if nothing.
        pub remedy: String,
    }
}

crossing_struct! {
    /// One thing that was examined.
    pub struct Check as RawCheck {
        /// Its stable name, such as `token`.
        pub name: String,
        /// The stable name of what was found, such as `tokenRejected`; empty where the verdict says it all.
        pub code: String,
        /// How it came out.
        pub verdict: Verdict,
        /// What was found, in the account's language.
        pub finding: String,
        /// Why it matters; empty where nothing is the matter.
        pub why: String,
        /// What to do about it; empty if nothing.
        pub remedy: String,
        /// The page where that is done or read; empty if there is none.
        pub link: String,
        /// The same in every language that the channel speaks; empty if it speaks one.
        pub words: Vec<CheckWords>,
        /// Details by name.
        pub extra: Json,
    }
}

crossing_struct! {
    /// What a probe found, in the order it looked.
    pub struct Report as RawReport {
        /// Whether nothing failed.
        pub ok: bool,
        /// What was examined.
        pub checks: Vec<Check>,
        /// How many calls it made that the platform charges for.
        pub charged_calls: u32,
        /// Details by name.
        pub extra: Json,
    }
}

impl Check {
    /// What people read of it in the language of `locale`, a tag such as `zh-CN` or `en`; in the account's where
    /// the channel does not speak that one.
    #[must_use]
    pub fn in_language(&self, locale: &str) -> CheckWords {
        spoken(&self.words, locale, |words| &words.locale).cloned().unwrap_or_else(|| CheckWords {
            locale: String::new(),
            finding: self.finding.clone(),
            why: self.why.clone(),
            remedy: self.remedy.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_speaks_the_language_that_is_asked_for_or_else_the_accounts() {
        let words = |locale: &str, finding: &str| CheckWords {
            locale: locale.into(),
            finding: finding.into(),
            ..CheckWords::default()
        };
        let words = vec![words("zh-CN", "\u{597d}"), words("en", "good")];
        let check = Check { finding: "gut".into(), words, ..Check::default() };
        for (locale, finding) in
            [("en", "good"), ("en_US", "good"), ("ZH", "\u{597d}"), ("fr", "gut"), ("", "gut")]
        {
            assert_eq!(check.in_language(locale).finding, finding, "{locale}");
        }
    }
}
