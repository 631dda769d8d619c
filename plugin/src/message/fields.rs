//! A JSON object that is read by taking things out of it.

use crate::json;
use host_sdk::Json;
use serde_json::{Map, Value};
use std::str::FromStr;

/// Levels of nesting that cross the boundary. Whoever reads what does may have it inside something else, and
/// Rust's parser stops at 128.
const DEEPEST: usize = 64;

/// The fields of a JSON object. Reading one takes it out; one that is not what the reader expected
/// stays. So whatever is left at the end is exactly what nobody understood, and nothing is lost.
///
/// DingTalk writes the same thing as a number here and as a string there, and puts objects into
/// strings; both are read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// The fields of an object, or of a string that holds one; otherwise the value comes back.
    pub(super) fn of(value: Value) -> Result<Self, Value> {
        match value {
            Value::Object(map) => Ok(Self(map)),
            Value::String(text) => match json::from_str(&text) {
                Ok(Value::Object(map)) => Ok(Self(map)),
                _ => Err(Value::String(text)),
            },
            other => Err(other),
        }
    }

    /// Takes a text, or a number as text. A blank one is as good as absent.
    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        let text = match self.0.get_mut(key)? {
            Value::String(text) => std::mem::take(text),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        self.0.remove(key);
        Some(text).filter(|text| !text.trim().is_empty())
    }

    /// Takes the first text there is among several spellings of one key.
    pub(super) fn text_of(&mut self, keys: &[&str]) -> Option<String> {
        keys.iter().find_map(|key| self.text(key))
    }

    /// A text or number as text, which stays.
    pub(super) fn peek(&self, key: &str) -> Option<String> {
        match self.0.get(key)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// Takes a whole number, or a text of one.
    pub(super) fn number(&mut self, key: &str) -> Option<i64> {
        self.whole(key)
    }

    /// Takes a whole number as [`Self::number`] does, if it is not negative.
    pub(super) fn count(&mut self, key: &str) -> Option<u64> {
        self.whole(key)
    }

    /// A number that would be written differently from how it was is left as it is.
    fn whole<N: FromStr + ToString>(&mut self, key: &str) -> Option<N> {
        let written = self.peek(key)?;
        let number: N = written.trim().parse().ok()?;
        if number.to_string() != written.trim() {
            return None;
        }
        self.0.remove(key);
        Some(number)
    }

    /// Takes a boolean, or a text of one.
    pub(super) fn flag(&mut self, key: &str) -> Option<bool> {
        let flag = match self.0.get(key)? {
            Value::Bool(flag) => *flag,
            Value::String(text) => text.trim().parse().ok()?,
            _ => return None,
        };
        self.0.remove(key);
        Some(flag)
    }

    /// Whether a boolean, or a text of one, says yes; it stays.
    pub(super) fn peek_flag(&self, key: &str) -> bool {
        match self.0.get(key) {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::String(text)) => text.trim() == "true",
            _ => false,
        }
    }

    /// Takes an object, or a text of one.
    pub(super) fn object(&mut self, key: &str) -> Option<Self> {
        let value = self.0.remove(key)?;
        Self::of(value).map_err(|other| self.0.insert(key.to_owned(), other)).ok()
    }

    /// Takes an object as [`Self::object`] does, or a plain text as an object with that one text.
    pub(super) fn object_or_text(&mut self, key: &str) -> Option<Self> {
        self.object(key).or_else(|| {
            let text = self.text(key)?;
            Some(Self(Map::from_iter([("text".to_owned(), text.into())])))
        })
    }

    /// Takes a list, or a text of one.
    pub(super) fn list(&mut self, key: &str) -> Option<Vec<Value>> {
        let list = match self.0.get(key)? {
            Value::Array(list) => list.clone(),
            Value::String(text) => json::from_str(text).ok()?,
            _ => return None,
        };
        self.0.remove(key);
        Some(list)
    }

    /// Whether there is such a field.
    pub(super) fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// Whether there is such a field and it is a text.
    pub(super) fn holds_text(&self, key: &str) -> bool {
        self.0.get(key).is_some_and(Value::is_string)
    }

    /// Whether nothing is left.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a fact for which there is no better place. What had the key gets one with a number behind it.
    pub(super) fn put(&mut self, key: &str, value: impl Into<Value>) {
        let mut displaced = self.0.insert(key.to_owned(), value.into());
        for number in 2.. {
            let Some(value) = displaced else { return };
            displaced = self.0.insert(format!("{key}{number}"), value);
        }
    }

    /// Adds a text, unless there is none.
    pub(super) fn put_text(&mut self, key: &str, text: Option<String>) {
        if let Some(text) = text {
            self.put(key, text);
        }
    }

    /// Puts back what was left of an object that had been taken.
    pub(super) fn put_back(&mut self, key: &str, rest: Self) {
        if !rest.is_empty() {
            self.put(key, rest.0);
        }
    }

    /// Puts back what was left of the items of a list that had been taken.
    pub(super) fn put_back_list(&mut self, key: &str, rest: Vec<Value>) {
        if !rest.is_empty() {
            self.put(key, rest);
        }
    }

    /// What is left, as a value; `None` if nothing is.
    pub(super) fn rest(self) -> Option<Value> {
        (!self.is_empty()).then_some(Value::Object(self.0))
    }

    /// What is left, as it crosses the boundary. What nests too deeply to be read there is kept as its text.
    pub(super) fn into_json(self) -> Json {
        let Some(mut rest) = self.rest() else { return Json::default() };
        flatten(&mut rest, DEEPEST);
        Json::new(&rest)
    }
}

/// Has a value nest no more than `levels`.
fn flatten(value: &mut Value, levels: usize) {
    match value {
        Value::Array(_) | Value::Object(_) if levels == 0 => *value = Value::String(value.to_string()),
        Value::Array(list) => list.iter_mut().for_each(|value| flatten(value, levels - 1)),
        Value::Object(map) => map.values_mut().for_each(|value| flatten(value, levels - 1)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(value: Value) -> Fields {
        Fields::of(value).unwrap()
    }

    #[test]
    fn reads_numbers_and_texts_of_numbers_alike() {
        let mut fields = fields(json!({"a": 5, "b": "5", "c": " 5 "}));
        assert_eq!(fields.number("a"), Some(5));
        assert_eq!(fields.text("b"), Some("5".to_owned()));
        assert_eq!(fields.number("c"), Some(5));
        assert!(fields.is_empty());
    }

    #[test]
    fn what_is_not_as_expected_stays() {
        let odd = json!({"n": "five", "t": [1], "o": "not an object", "l": {"a": 1}, "f": 7});
        let mut fields = fields(odd.clone());

        assert_eq!(fields.number("n"), None);
        assert_eq!(fields.text("t"), None);
        assert_eq!(fields.object("o"), None);
        assert_eq!(fields.list("l"), None);
        assert_eq!(fields.flag("f"), None);

        assert_eq!(fields.rest(), Some(odd));
    }

    #[test]
    fn objects_and_lists_may_hide_in_strings() {
        let mut fields = fields(json!({"o": "{\"a\":1}", "l": "[1,2]", "t": "plain"}));
        assert_eq!(fields.object("o").and_then(|mut o| o.number("a")), Some(1));
        assert_eq!(fields.list("l"), Some(vec![json!(1), json!(2)]));
        assert_eq!(fields.object_or_text("t").and_then(|mut t| t.text("text")), Some("plain".to_owned()));
        assert!(fields.is_empty());
    }

    #[test]
    fn what_nests_too_deeply_to_be_read_is_kept_as_its_text() {
        let nested =
            |levels: usize| json::from_str(&format!("{}7{}", "[".repeat(levels), "]".repeat(levels)));
        let crossed = |levels| -> Value {
            let value: Value = nested(levels).unwrap();
            fields(json!({ "deep": value })).into_json().parse().unwrap()
        };
        assert_eq!(crossed(DEEPEST - 1)["deep"], nested(DEEPEST - 1).unwrap());
        let text = crossed(120).to_string();
        assert!(text.contains(&format!("\"{}7{}\"", "[".repeat(57), "]".repeat(57))), "{text}");
    }
}
