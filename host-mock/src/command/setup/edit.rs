//! A configuration's text, changed in one place: comments, order and everything else stay as they were written.

use crate::host::parse_json5;
use serde_json::{Map, Value};
use std::ops::Range;

/// Why a text cannot be changed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// It is not JSON5.
    #[error("it is not JSON5: {0}")]
    Syntax(String),
    /// Something on the way is no object.
    #[error("`{0}` is not an object: correct it first")]
    NotAnObject(String),
}

/// The JSON5 text in which the member at `path` is `value`, and nothing else is different. A blank text counts as an
/// empty object.
///
/// # Errors
/// When the text is not JSON5, or something on the way is no object.
pub fn set(text: &str, path: &[&str], value: &Value) -> Result<String, EditError> {
    let text = if text.trim().is_empty() { "{}\n" } else { text };
    let mut wanted = parse_json5(text).map_err(EditError::Syntax)?;
    put(&mut wanted, path, value)?;
    let changed = changed(text, path, value)?;
    // Whatever a scanner may overlook, a text that means something else is not given.
    let meant = parse_json5(&changed).map_err(EditError::Syntax)?;
    if meant == wanted {
        Ok(changed)
    } else {
        Err(EditError::Syntax("it cannot be changed by parts".to_owned()))
    }
}

/// Sets the member of a value.
fn put(root: &mut Value, path: &[&str], value: &Value) -> Result<(), EditError> {
    let mut at = root;
    for (depth, key) in path.iter().enumerate() {
        let Value::Object(fields) = at else { return Err(EditError::NotAnObject(path[..depth].join("."))) };
        let is_last = depth + 1 == path.len();
        let empty = || Value::Object(Map::new());
        at = fields.entry((*key).to_owned()).or_insert_with(empty);
        if is_last {
            *at = value.clone();
        }
    }
    Ok(())
}

fn changed(text: &str, path: &[&str], value: &Value) -> Result<String, EditError> {
    let mut scan = Scan { text, at: 0 };
    let mut object = scan.object()?;
    for (depth, key) in path.iter().enumerate() {
        let found = object.members.iter().find(|member| member.key == *key);
        let Some(member) = found else { return Ok(inserted(text, &object, &path[depth..], value)) };
        if depth + 1 == path.len() {
            let mut changed = text.to_owned();
            changed.replace_range(member.value.clone(), &value.to_string());
            return Ok(changed);
        }
        object = Scan { text, at: member.value.start }.object()?;
    }
    Ok(text.to_owned())
}

/// The text with a new last member of `object`.
fn inserted(text: &str, object: &Object, path: &[&str], value: &Value) -> String {
    let Some((key, inside)) = path.split_first() else { return text.to_owned() };
    let nested = inside
        .iter()
        .rev()
        .fold(value.clone(), |value, key| Value::Object(Map::from_iter([((*key).to_owned(), value)])));
    let indent = indent_at(text, object.span.start);
    let is_broken = object.members.is_empty() || text[object.span.clone()].contains('\n');
    let shown = serde_json::to_string_pretty(&nested).unwrap_or_default();
    let shown = shown.replace('\n', &format!("\n{indent}  "));
    let member = format!("{}: {shown}", Value::from(*key));
    let before = text[..object.span.end - 1].trim_end_matches([' ', '\t']);
    let before = before.strip_suffix('\n').map_or(before, |rest| rest.strip_suffix('\r').unwrap_or(rest));
    // A comma belongs behind the last value, before whatever comment follows it.
    let (head, tail) = match object.members.last() {
        Some(last) if !object.ends_with_comma => (&text[..last.value.end], &before[last.value.end..]),
        _ => (before, ""),
    };
    let comma = if head.len() < before.len() || needs_comma(object, head, before) { "," } else { "" };
    let close = &text[object.span.end..];
    if is_broken {
        format!("{head}{comma}{tail}\n{indent}  {member},\n{indent}}}{close}")
    } else {
        format!("{head}{comma}{tail} {member} }}{close}")
    }
}

fn needs_comma(object: &Object, head: &str, before: &str) -> bool {
    !object.ends_with_comma && !object.members.is_empty() && head.len() == before.len()
}

/// The white space that the line at `place` begins with.
fn indent_at(text: &str, place: usize) -> &str {
    let line = text[..place].rfind('\n').map_or(0, |at| at + 1);
    let rest = &text[line..];
    &rest[..rest.len() - rest.trim_start_matches([' ', '\t']).len()]
}

/// An object in a text.
struct Object {
    /// With its braces.
    span: Range<usize>,
    members: Vec<Member>,
    ends_with_comma: bool,
}

/// A member of an object.
struct Member {
    key: String,
    value: Range<usize>,
}

/// What ends a line, and with it a comment.
const LINE_ENDS: [char; 4] = ['\n', '\r', '\u{2028}', '\u{2029}'];

/// A walk over JSON5 that is known to be well formed.
struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl Scan<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    /// Goes past white space and comments.
    fn blank(&mut self) {
        loop {
            let rest = self.rest();
            let left = rest.trim_start_matches(|sign: char| sign.is_whitespace() || sign == '\u{feff}');
            let after = match left {
                _ if left.starts_with("//") => left.find(LINE_ENDS).map_or("", |end| &left[end..]),
                _ if left.starts_with("/*") => left.find("*/").map_or("", |end| &left[end + 2..]),
                _ => left,
            };
            let passed = rest.len() - after.len();
            if passed == 0 {
                return;
            }
            self.at += passed;
        }
    }

    fn object(&mut self) -> Result<Object, EditError> {
        self.blank();
        let start = self.at;
        if !self.rest().starts_with('{') {
            return Err(EditError::Syntax("there is something else where an object should be".to_owned()));
        }
        self.at += 1;
        let (mut members, mut ends_with_comma) = (Vec::new(), false);
        loop {
            self.blank();
            if self.rest().starts_with('}') || self.rest().is_empty() {
                self.at = (self.at + 1).min(self.text.len());
                return Ok(Object { span: start..self.at, members, ends_with_comma });
            }
            let key = self.value()?;
            let key = self.text[key].to_owned();
            self.blank();
            self.at = (self.at + 1).min(self.text.len()); // the colon
            let value = self.value()?;
            members.push(Member { key: name(&key), value });
            self.blank();
            ends_with_comma = self.rest().starts_with(',');
            self.at += usize::from(ends_with_comma);
        }
    }

    /// Goes past a value, or a key.
    fn value(&mut self) -> Result<Range<usize>, EditError> {
        self.blank();
        let start = self.at;
        match self.rest().chars().next() {
            Some('{') => drop(self.object()?),
            Some('[') => self.list()?,
            Some(quote @ ('"' | '\'')) => self.quoted(quote),
            _ => {
                let ends = |sign: char| sign.is_whitespace() || ",:]}/".contains(sign);
                self.at += self.rest().find(ends).unwrap_or(self.rest().len());
            }
        }
        if self.at == start {
            return Err(EditError::Syntax("a value is missing".to_owned()));
        }
        Ok(start..self.at)
    }

    fn list(&mut self) -> Result<(), EditError> {
        self.at += 1;
        loop {
            self.blank();
            match self.rest().chars().next() {
                Some(']') | None => {
                    self.at = (self.at + 1).min(self.text.len());
                    return Ok(());
                }
                Some(',') => self.at += 1,
                Some(_) => {
                    self.value()?;
                }
            }
        }
    }

    fn quoted(&mut self, quote: char) {
        let mut is_escaped = false;
        let end = self.rest().char_indices().skip(1).find(|&(_, sign)| {
            let ends = sign == quote && !is_escaped;
            is_escaped = sign == '\\' && !is_escaped;
            ends
        });
        self.at = end.map_or(self.text.len(), |(at, _)| self.at + at + 1);
    }
}

/// A key as it is meant.
fn name(written: &str) -> String {
    match parse_json5(written) {
        Ok(Value::String(name)) => name,
        _ => written.to_owned(), // without quotes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ID: [&str; 3] = ["channels", "dingtalk", "clientId"];

    fn with_id(text: &str) -> String {
        set(text, &ID, &json!("dingabc")).unwrap()
    }

    #[test]
    fn a_value_is_replaced_and_every_comment_stays() {
        let text = "// mine\n{\n  channels: { /* here */\n    'dingtalk': { clientId: 'old', // the bot\n      x: [1, {a: '}'}] },\n  },\n  other: 0x1F, // kept\n}\n";
        assert_eq!(with_id(text), text.replace("'old'", "\"dingabc\""));
    }

    #[test]
    fn a_member_that_is_missing_comes_last_and_a_comma_goes_before_the_comment() {
        let text = "{\n  channels: {\n    dingtalk: {\n      enabled: true // on\n    }\n  }\n}\n";
        let expected = "{\n  channels: {\n    dingtalk: {\n      enabled: true, // on\n      \"clientId\": \"dingabc\",\n    }\n  }\n}\n";
        assert_eq!(with_id(text), expected);
    }

    #[test]
    fn what_is_missing_on_the_way_is_made() {
        for text in [
            "",
            "{}",
            "{ }\n",
            "{\n}\n",
            "{ // two\r a: 1 }\u{2029}",
            "{ a: 1 }",
            "{ a: 1, }",
            "{\n  a: 1, // one\n}\n",
            "{channels:{}}",
        ] {
            let changed = with_id(text);
            let value = parse_json5(&changed).unwrap();
            assert_eq!(value["channels"]["dingtalk"]["clientId"], "dingabc", "{changed}");
            assert_eq!(changed.matches("// one").count(), text.matches("// one").count());
        }
    }

    #[test]
    fn several_changes_go_one_after_the_other() {
        let text = with_id("{ // top\n}\n");
        let text = set(&text, &["channels", "dingtalk", "clientSecret"], &json!("s\"ecret")).unwrap();
        let value = parse_json5(&text).unwrap();
        assert_eq!(value["channels"]["dingtalk"], json!({"clientId": "dingabc", "clientSecret": "s\"ecret"}));
        assert!(text.starts_with("{ // top\n"));
    }

    #[test]
    fn what_is_not_an_object_or_not_json5_is_left_alone() {
        let wrong = set("{ channels: [] }", &ID, &json!("x")).unwrap_err();
        assert_eq!(wrong, EditError::NotAnObject("channels".into()));
        assert!(matches!(set("{ channels: ", &ID, &json!("x")), Err(EditError::Syntax(_))));
    }
}
