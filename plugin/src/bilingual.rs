//! What is said in Chinese and in English, Chinese first.

use std::fmt;

/// A sentence in Chinese and in English. Its gaps, `{0}` to `{9}`, are the same in both.
pub(crate) type Pair = [&'static str; 2];

/// Something said in both languages at once, for whoever reads it: it prints as `中文 (English)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said([String; 2]);

impl Said {
    /// `sentence`, with what belongs into its gaps, in order.
    pub(crate) fn new(sentence: Pair, particulars: &[[&str; 2]]) -> Self {
        Self([0, 1].map(|language| {
            filled(sentence[language], |gap| particulars.get(gap).map(|particular| particular[language]))
        }))
    }

    /// It, as what belongs into a gap.
    pub(crate) fn pair(&self) -> [&str; 2] {
        self.0.each_ref().map(String::as_str)
    }
}

impl From<Pair> for Said {
    fn from(sentence: Pair) -> Self {
        Self(sentence.map(str::to_owned))
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [chinese, english] = &self.0;
        write!(f, "{chinese} ({english})")
    }
}

/// What is the same in both languages.
pub(crate) const fn both(text: &str) -> [&str; 2] {
    [text, text]
}

/// `sentence` with its gaps filled. What fills one is not looked at again, whatever somebody wrote there.
pub(crate) fn filled<'a>(sentence: &str, particular: impl Fn(usize) -> Option<&'a str>) -> String {
    let mut filled = String::with_capacity(sentence.len() + 32);
    let mut rest = sentence;
    while let Some(brace) = rest.find('{') {
        filled.push_str(&rest[..brace]);
        let gap = rest[brace..].get(..3).filter(|gap| gap.ends_with('}'));
        let particular = gap.and_then(|gap| particular(gap[1..2].parse().ok()?));
        filled.push_str(particular.unwrap_or("{"));
        rest = &rest[brace + if particular.is_some() { 3 } else { 1 }..];
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fills_a_gap_is_taken_as_it_is_and_other_braces_stay() {
        let said = Said::new(["账号 {1}：{0}，{}", "{0} of {1}, {9} { }"], &[both("{1}"), ["甲", "a {0}"]]);
        assert_eq!(said.to_string(), "账号 甲：{1}，{} ({1} of a {0}, {9} { })");
    }
}
