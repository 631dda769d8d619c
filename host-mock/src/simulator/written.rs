//! A fault as people write it: `f3-reset`, `latency=800`, `f7-503:2`, `late=800:3`.

use std::fmt;
use std::str::FromStr;

use super::faults::{self, Wish};
use super::refusal::Refusal;

/// A fault as people write it: its name, its number if it takes one, and how many calls it strikes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WrittenFault {
    /// One of [`fault_names`](super::fault_names).
    pub name: String,
    /// Its number, where it takes one.
    pub value: Option<u64>,
    /// How many calls it strikes, where it strikes calls; all, unless told.
    pub times: Option<u32>,
}

impl WrittenFault {
    /// A fault with nothing but its name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Whether there is such a fault, and it takes these numbers.
    ///
    /// # Errors
    ///
    /// If not, with what is meant perhaps.
    pub fn check(&self) -> Result<(), Refusal> {
        faults::known(&self.name, Wish { on: true, value: self.value, times: self.times }).map(drop)
    }
}

impl FromStr for WrittenFault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |what: &str, digits: &str| {
            digits.parse::<u64>().map_err(|_| format!("what follows the `{what}` is no number"))
        };
        let (rest, times) = match text.split_once(':') {
            Some((rest, digits)) => (rest, Some(number(":", digits)?)),
            None => (text, None),
        };
        let (name, value) = match rest.split_once('=') {
            Some((name, digits)) => (name, Some(number("=", digits)?)),
            None => (rest, None),
        };
        let times = times.map(|times| u32::try_from(times).unwrap_or(u32::MAX));
        Ok(Self { name: name.to_owned(), value, times })
    }
}

impl fmt::Display for WrittenFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.value.map_or(Ok(()), |value| write!(f, "={value}"))?;
        self.times.map_or(Ok(()), |times| write!(f, ":{times}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_read_as_it_is_written() {
        for text in ["f3-reset", "latency=800", "f7-503:2", "late=800:3"] {
            assert_eq!(text.parse::<WrittenFault>().unwrap().to_string(), text);
        }
        for (text, why) in [("late=x", "`=`"), ("qps:", "`:`"), ("qps:-1", "`:`")] {
            assert!(text.parse::<WrittenFault>().unwrap_err().contains(why), "{text}");
        }
    }

    #[test]
    fn what_is_no_fault_is_told_before_anything_is_tried() {
        let why = |text: &str| text.parse::<WrittenFault>().unwrap().check().unwrap_err().to_string();
        assert!(why("f3-rest").contains("did you mean `f3-reset`?"));
        assert!(why("earthquake").contains("f10-share"));
        assert!(why("qps=3").contains("takes no number"));
        assert!(why("f3-reset:2").contains("`times`"));
        assert!(why("qps:0").contains("1 to"));
    }
}
