//! The text of a configuration: how it is encoded, and what it says in JSON5. Where it says nothing, where that
//! is and what a person does about it, without quoting a line, which may hold a secret.

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// How what is said of a key that stands twice begins.
const TWICE: &str = "there are two of the key ";
/// What Chinese keyboards write, and what it should be.
const CHINESE: [(char, &str); 16] = [
    ('，', ","),
    ('、', ","),
    ('：', ":"),
    ('；', ","),
    ('“', "\""),
    ('”', "\""),
    ('‘', "'"),
    ('’', "'"),
    ('（', "{"),
    ('）', "}"),
    ('【', "["),
    ('】', "]"),
    ('｛', "{"),
    ('｝', "}"),
    ('［', "["),
    ('］', "]"),
];

/// What keeps a text from being read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    /// The line, from 1.
    pub(super) line: usize,
    /// The column, from 1.
    pub(super) column: usize,
    /// What is the matter.
    pub(super) reason: String,
}

/// The text that these bytes are, without a mark of its encoding at the beginning.
///
/// # Errors
/// When they are not UTF-8: what they look like, and what to do.
pub(super) fn decode(bytes: &[u8]) -> Result<String, String> {
    let is_wide = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) || bytes.contains(&0);
    if is_wide {
        return Err("it is UTF-16; save it as UTF-8, which Notepad offers below the file's name".to_owned());
    }
    let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|error| {
        let (line, column) = place(&String::from_utf8_lossy(&bytes[..error.valid_up_to()]));
        format!("line {line}, column {column} is not UTF-8, but perhaps GBK; save it as UTF-8")
    })
}

/// Reads JSON5 in which no object has a key twice: all but the last would be lost without a word.
///
/// # Errors
/// When it is none.
pub(super) fn parse(text: &str) -> Result<Value, Trouble> {
    let error = match json5::from_str::<Single>(text) {
        Ok(Single(value)) => return Ok(value),
        Err(error) => error,
    };
    let told = error.to_string();
    if let (true, Some(at)) = (told.starts_with(TWICE), error.position()) {
        let reason = told.rsplit_once(" at ").map_or(told.as_str(), |(reason, _)| reason).to_owned();
        return Err(Trouble { line: at.line + 1, column: at.column + 1, reason });
    }
    Err(chinese(text).unwrap_or_else(|| syntax(text, &error)))
}

/// As [`parse`], with the trouble as one sentence.
pub(crate) fn parse_json5(text: &str) -> Result<Value, String> {
    parse(text).map_err(|Trouble { line, column, reason }| format!("line {line}, column {column}: {reason}"))
}

fn syntax(text: &str, error: &json5::Error) -> Trouble {
    let (line, column) = match error.position() {
        Some(position) => (position.line + 1, position.column + 1),
        // The parser gives no position where the text ended too early.
        None => place(text.trim_end_matches(['\n', '\r'])),
    };
    let reason = match error.code().map(|code| code.to_string()) {
        Some(code) => match code.strip_prefix("EOF parsing ") {
            Some("value") => "the file ends where a value should be".to_owned(),
            // The place is that of the outermost value, whatever inside of it has no end.
            Some(inside) => format!("the file ends before what begins here does ({inside})"),
            None => code,
        },
        None => "a value that cannot be read".to_owned(),
    };
    Trouble { line, column, reason }
}

/// The first Chinese sign that stands where only JSON5's own can, that is outside of texts and comments.
fn chinese(text: &str) -> Option<Trouble> {
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let sign = CHINESE.iter().find(|(sign, _)| *sign == next);
        if let Some((sign, meant)) = sign {
            let (line, column) = place(&text[..text.len() - rest.len()]);
            return Some(Trouble {
                line,
                column,
                reason: format!("{sign} is a Chinese sign: write {meant}"),
            });
        }
        rest = &rest[passed(rest, next)..];
    }
    None
}

/// How many bytes a text, a comment, or else one character takes.
fn passed(rest: &str, first: char) -> usize {
    let until =
        |end: &str, from: usize| rest[from..].find(end).map_or(rest.len(), |at| from + at + end.len());
    match first {
        '"' | '\'' => end_of_text(rest, first),
        '/' if rest.starts_with("//") => until("\n", 2),
        '/' if rest.starts_with("/*") => until("*/", 2),
        _ => first.len_utf8(),
    }
}

fn end_of_text(rest: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            _ if character == quote || character == '\n' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The line and the column after `text`.
fn place(text: &str) -> (usize, usize) {
    let last = text.rsplit('\n').next().unwrap_or_default();
    (text.matches('\n').count() + 1, last.chars().count() + 1)
}

/// A value in which no object has a key twice.
struct Single(Value);

impl<'de> Deserialize<'de> for Single {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue).map(Self)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Single(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key_seed(NewKey(&map))? {
            let Single(value) = entries.next_value()?;
            map.insert(key, value);
        }
        Ok(map.into())
    }
}

/// A key that an object does not have yet.
struct NewKey<'a>(&'a Map<String, Value>);

impl<'de> DeserializeSeed<'de> for NewKey<'_> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        let key = String::deserialize(deserializer)?;
        if self.0.contains_key(&key) {
            return Err(D::Error::custom(format!(
                "{TWICE}`{key}` in the object that begins here: remove one"
            )));
        }
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn trouble(text: &str) -> String {
        let Trouble { line, column, reason } = parse(text).unwrap_err();
        format!("{line}:{column} {reason}")
    }

    #[test]
    fn what_editors_and_people_do_to_json5_is_fine() {
        for text in
            ["{a: 1}", "{\r\n\t\"a\": 1,\r\n}\r\n", "{'a': +1, // so\n}", "\u{feff}{ /* “，” */ a: 1}"]
        {
            assert_eq!(parse(text).unwrap(), serde_json::json!({"a": 1}), "{text:?}");
        }
        let all = parse("{a: [1.5, -2, true, null, '，：“', {b: {}}], c: 0x10}").unwrap();
        assert_eq!(all, serde_json::json!({"a": [1.5, -2, true, null, "，：“", {"b": {}}], "c": 16}));
    }

    #[test]
    fn chinese_signs_are_named_with_their_place_and_what_to_write() {
        for (text, told) in [
            ("{\n  a： 1\n}", "2:4 ： is a Chinese sign: write :"),
            ("{a: 1， b: 2}", "1:6 ， is a Chinese sign: write ,"),
            ("{a: “x”}", "1:5 “ is a Chinese sign: write \""),
            ("{a: ‘x’}", "1:5 ‘ is a Chinese sign: write '"),
            ("{a: 【1】}", "1:5 【 is a Chinese sign: write ["),
            ("｛a: 1｝", "1:1 ｛ is a Chinese sign: write {"),
            ("{a: '，', // ，\n b： 1}", "2:3 ： is a Chinese sign: write :"),
            ("{a: 'it\\'s，', b： 1}", "1:16 ： is a Chinese sign: write :"),
        ] {
            assert_eq!(trouble(text), told, "{text}");
        }
    }

    #[test]
    fn a_key_that_stands_twice_is_named_where_it_stands_again() {
        let told = trouble("{\n  a: {b: 1,\n    b: 2}\n}");
        assert_eq!(told, "2:6 there are two of the key `b` in the object that begins here: remove one");
        assert!(parse("{a: {x: 1}, b: {x: 1}}").is_ok());
    }

    #[test]
    fn what_is_missing_is_looked_for_where_it_was_noticed() {
        assert_eq!(trouble("{\n  a: {"), "2:6 the file ends before what begins here does (object)");
        assert!(trouble("{a: 1\n b: 2}").starts_with("2:2 "));
        assert!(trouble("{a: 1}}").starts_with("1:7 "));
    }

    #[test]
    fn other_encodings_are_named() {
        assert_eq!(decode(b"\xEF\xBB\xBF{}").unwrap(), "{}");
        let wide: Vec<u8> = "\u{feff}{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(decode(&wide).unwrap_err().contains("UTF-16"));
        assert!(decode(&wide[2..]).unwrap_err().contains("UTF-16"), "also without a mark");
        let gbk = b"{\n  name: '\xD6\xD0'}";
        assert!(decode(gbk).unwrap_err().starts_with("line 2, column 10 is not UTF-8"));
    }
}
