//! JSON as others write it.

use serde::de::DeserializeOwned;

/// A code unit that is half of a character, by which half it is.
const FIRST_HALVES: std::ops::RangeInclusive<u16> = 0xd800..=0xdbff;
const SECOND_HALVES: std::ops::RangeInclusive<u16> = 0xdc00..=0xdfff;

/// Reads JSON, also with what no parser of Rust's takes and others write all the same: half a character,
/// where somebody cut a text by its UTF-16 length, becomes U+FFFD, and a control character that should
/// have been escaped is taken as it is.
///
/// # Errors
/// When it is no JSON in other ways, or not that of a `T`; lines and columns are those of `text`.
pub(crate) fn from_str<T: DeserializeOwned>(text: &str) -> serde_json::Result<T> {
    serde_json::from_str(text).or_else(|error| match mended(text) {
        Some(mended) => serde_json::from_str(&mended).map_err(|_| error),
        None => Err(error),
    })
}

/// The same text as JSON should be written; `None` if nothing was to be mended.
fn mended(text: &str) -> Option<String> {
    let mut mended = String::new();
    let mut kept = 0; // so much of the text is in `mended`
    let mut replace = |from: usize, to: usize, by: &str| {
        mended.push_str(&text[kept..from]);
        mended.push_str(by);
        kept = to;
    };
    let bytes = text.as_bytes();
    let mut in_string = false;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let mut length = 1;
        match byte {
            b'"' => in_string = !in_string,
            b'\\' => match unit(bytes, at) {
                Some(unit) if FIRST_HALVES.contains(&unit) => {
                    length = 6;
                    if self::unit(bytes, at + 6).is_some_and(|next| SECOND_HALVES.contains(&next)) {
                        length = 12;
                    } else {
                        replace(at, at + 6, r"\ufffd");
                    }
                }
                Some(unit) if SECOND_HALVES.contains(&unit) => {
                    length = 6;
                    replace(at, at + 6, r"\ufffd");
                }
                _ => length = 2,
            },
            control @ 0..0x20 if in_string => replace(at, at + 1, &format!("\\u{control:04x}")),
            _ => {}
        }
        at += length;
    }
    if kept == 0 {
        return None;
    }
    mended.push_str(&text[kept..]);
    Some(mended)
}

/// The code unit that is escaped at `at`, if one is.
fn unit(bytes: &[u8], at: usize) -> Option<u16> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | (*digit as char).to_digit(16)? as u16))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[track_caller]
    fn read(text: &str) -> Value {
        from_str(text).unwrap()
    }

    #[test]
    fn half_a_character_costs_that_character_and_not_the_text() {
        assert_eq!(read(r#"{"text":"so \ud83d"}"#), json!({"text": "so \u{fffd}"}));
        assert_eq!(
            read(r#"["\ude00 \ud83d\ude00 \ud83dx \uD83D\uD83D\uDE00"]"#),
            json!(["\u{fffd} 😀 \u{fffd}x \u{fffd}😀"])
        );
    }

    #[test]
    fn an_escaped_backslash_before_a_u_is_no_character() {
        assert_eq!(read(r#"["\\ud83d", "\ud83d"]"#), json!(["\\ud83d", "\u{fffd}"]));
    }

    #[test]
    fn control_characters_that_nobody_escaped_are_taken_as_they_are() {
        assert_eq!(read("{\n\"text\":\t\"a\nb\0c\"}"), json!({"text": "a\nb\0c"}));
    }

    #[test]
    fn what_is_no_json_is_told_as_it_was_written() {
        let error = from_str::<Value>("[\"\\ud83d\",\n oh]").unwrap_err();
        assert_eq!((error.line(), error.column()), (1, 9));
        assert!(from_str::<Value>("{\"a\":\"b\\").is_err());
        assert!(from_str::<Value>(r#"["\ud83d"#).is_err());
    }

    proptest! {
        #[test]
        fn what_rust_reads_is_read_the_same(text in ".*") {
            let written = json!({ "text": text }).to_string();
            prop_assert_eq!(mended(&written), None);
        }

        #[test]
        fn any_units_are_read(units in proptest::collection::vec(any::<u16>(), 0..12)) {
            let escaped: String = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
            let Value::String(read) = read(&format!("\"{escaped}\"")) else { panic!() };
            prop_assert_eq!(read, String::from_utf16_lossy(&units));
        }

        #[test]
        fn nothing_panics(text in r#"[\\u"dD89a-f\x00-\x1f{}: ]{0,24}"#) {
            drop(from_str::<Value>(&text));
        }
    }
}
