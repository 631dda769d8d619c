//! How long a text is, as each surface counts it.

use std::ops::Add;

const MOST_BYTES_OF_CHAR: usize = 4;

/// The length of a text in every way in which one is counted. As a limit: the most of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Size {
    /// Code points.
    pub(super) chars: usize,
    /// Bytes of UTF-8.
    pub(super) utf8: usize,
    /// Bytes inside a JSON string.
    pub(super) in_json: usize,
    /// Bytes inside a JSON string that is itself inside a JSON string.
    pub(super) in_json_twice: usize,
}

impl Size {
    /// The limit of what is not limited.
    pub(super) const UNBOUNDED: Self =
        Self { chars: usize::MAX, utf8: usize::MAX, in_json: usize::MAX, in_json_twice: usize::MAX };

    pub(super) fn of(text: &str) -> Self {
        text.chars().map(Self::of_char).fold(Self::default(), Self::add)
    }

    pub(super) fn of_char(c: char) -> Self {
        let utf8 = c.len_utf8();
        let (in_json, in_json_twice) = match c {
            '"' | '\\' => (2, 4),
            '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => (2, 3),
            c if c < ' ' => (6, 7),
            _ => (utf8, utf8),
        };
        Self { chars: 1, utf8, in_json, in_json_twice }
    }

    /// `n` characters of ASCII that JSON writes as they are.
    pub(super) const fn ascii(n: usize) -> Self {
        Self { chars: n, utf8: n, in_json: n, in_json_twice: n }
    }

    /// Whether `other` is no longer than this in any way.
    pub(super) fn holds(self, other: Self) -> bool {
        other.chars <= self.chars
            && other.utf8 <= self.utf8
            && other.in_json <= self.in_json
            && other.in_json_twice <= self.in_json_twice
    }

    pub(super) const fn least(self, other: Self) -> Self {
        const fn min(a: usize, b: usize) -> usize {
            if a < b { a } else { b }
        }
        Self {
            chars: min(self.chars, other.chars),
            utf8: min(self.utf8, other.utf8),
            in_json: min(self.in_json, other.in_json),
            in_json_twice: min(self.in_json_twice, other.in_json_twice),
        }
    }

    /// No text of more bytes than this is within the limit.
    pub(super) fn most_bytes(self) -> usize {
        let by_chars = self.chars.saturating_mul(MOST_BYTES_OF_CHAR);
        by_chars.min(self.utf8).min(self.in_json).min(self.in_json_twice)
    }

    /// The `n`th part of a limit.
    pub(super) const fn over(self, n: usize) -> Self {
        Self {
            chars: self.chars / n,
            utf8: self.utf8 / n,
            in_json: self.in_json / n,
            in_json_twice: self.in_json_twice / n,
        }
    }
}

impl Add for Size {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            chars: self.chars + other.chars,
            utf8: self.utf8 + other.utf8,
            in_json: self.in_json + other.in_json,
            in_json_twice: self.in_json_twice + other.in_json_twice,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_text_is_counted_as_json_writes_it(text in "(\\PC|[\"\\\\\n\r\t\u{1}\u{8}\u{c}\u{7f}]){0,40}") {
            let inside = |text: &str| serde_json::to_string(text).unwrap().len() - 2;
            let once = serde_json::to_string(&text).unwrap();
            let size = Size::of(&text);
            prop_assert_eq!(size.chars, text.chars().count());
            prop_assert_eq!(size.utf8, text.len());
            prop_assert_eq!(size.in_json, inside(&text));
            prop_assert_eq!(size.in_json_twice, inside(&once[1..once.len() - 1]));
        }
    }
}
