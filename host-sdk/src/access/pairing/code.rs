//! What an owner approves somebody by.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Letters and digits that nobody takes for another: without 0, O, 1 and I.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// How many of them.
const LENGTH: usize = 8;

/// What an owner approves somebody by: eight letters and digits that nobody takes for another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Code(String);

impl Code {
    /// A code made of the lower 40 bits of a random number.
    pub fn from_random(random: u64) -> Self {
        let letter = |place: usize| char::from(ALPHABET[usize::from((random >> (place * 5)) as u8 & 31)]);
        Self((0..LENGTH).map(letter).collect())
    }

    /// The code as people read it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether somebody wrote this code, in whatever case and with space around it.
    pub fn is_written(&self, written: &str) -> bool {
        self.0.eq_ignore_ascii_case(written.trim())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_eight_letters_and_none_that_is_taken_for_another() {
        for random in [0, u64::MAX, 0x0123_4567_89AB_CDEF] {
            let code = Code::from_random(random).to_string();
            assert!(code.len() == 8 && !code.contains(['0', 'O', '1', 'I']), "{code}");
            assert!(code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()), "{code}");
        }
    }

    #[test]
    fn each_of_forty_bits_makes_another_code() {
        let mut codes: Vec<_> = (0..40).map(|bit| Code::from_random(1 << bit).to_string()).collect();
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), 40);
    }

    #[test]
    fn a_code_is_recognised_as_people_write_it() {
        let code = Code::from_random(7);
        assert!(code.is_written(&format!(" {} ", code.as_str().to_lowercase())));
        assert!(!code.is_written(""));
    }
}
