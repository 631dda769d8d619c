//! `${NAME}` in the configuration: replaced by the environment variable of that name.
//!
//! As OpenClaw does it: names are upper case, `$${NAME}` stands for the text `${NAME}` itself, and a
//! variable that is not set is an error.

use serde_json::Value;

/// A variable that is not set.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Missing {
    /// Where it is referred to, as in `channels.dingtalk.clientSecret`.
    pub(super) at: String,
    /// Its name.
    pub(super) name: String,
}

/// Replaces every reference in `value`, which stands `at` in the configuration.
pub(super) fn substitute(
    value: &mut Value,
    at: &str,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<(), Missing> {
    match value {
        Value::String(text) => {
            *text = expand(text, environment).map_err(|name| Missing { at: at.to_owned(), name })?;
            Ok(())
        }
        Value::Array(items) => (items.iter_mut().enumerate())
            .try_for_each(|(index, item)| substitute(item, &format!("{at}[{index}]"), environment)),
        Value::Object(fields) => fields.iter_mut().try_for_each(|(key, field)| {
            let at = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
            substitute(field, &at, environment)
        }),
        _ => Ok(()),
    }
}

/// `Err` is the name of a variable that is not set.
fn expand(text: &str, environment: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let (before, reference) = rest.split_at(start);
        let Some(name) = leading_name(reference) else {
            let (text, after) = rest.split_at(start + "${".len());
            expanded.push_str(text);
            rest = after;
            continue;
        };
        let (reference, after) = reference.split_at("${}".len() + name.len());
        if let Some(before) = before.strip_suffix('$') {
            expanded.extend([before, reference]);
        } else {
            let value = environment(name).filter(|value| !value.is_empty());
            expanded.extend([before, &value.ok_or_else(|| name.to_owned())?]);
        }
        rest = after;
    }
    expanded.push_str(rest);
    Ok(expanded)
}

/// The name in a text that begins with `${NAME}`.
fn leading_name(text: &str) -> Option<&str> {
    let (name, _) = text.strip_prefix("${")?.split_once('}')?;
    let upper = |byte: &u8| byte.is_ascii_uppercase() || *byte == b'_';
    let first = name.as_bytes().first()?;
    let valid = upper(first) && name.bytes().all(|byte| upper(&byte) || byte.is_ascii_digit());
    valid.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn substituted(mut value: Value) -> Result<Value, Missing> {
        let environment = |name: &str| (name == "SECRET").then(|| "s3cret".to_owned());
        substitute(&mut value, "", &environment).map(|()| value)
    }

    #[test]
    fn a_reference_is_replaced_wherever_it_stands() {
        let value = json!({"a": "${SECRET}", "b": ["x${SECRET}y${SECRET}"], "c": 1});
        let expected = json!({"a": "s3cret", "b": ["xs3cretys3cret"], "c": 1});
        assert_eq!(substituted(value).unwrap(), expected);
    }

    #[test]
    fn an_escaped_reference_and_anything_else_stay_text() {
        for (written, meant) in [
            ("$${SECRET}", "${SECRET}"),
            ("${lower}", "${lower}"),
            ("$${lower}", "$${lower}"),
            ("${", "${"),
            ("$", "$"),
            ("${}", "${}"),
            ("多${SECRET}字", "多s3cret字"),
        ] {
            assert_eq!(substituted(json!(written)).unwrap(), json!(meant), "{written}");
        }
    }

    #[test]
    fn a_missing_variable_is_named_with_its_place() {
        let missing = substituted(json!({"channels": {"x": ["${NOWHERE}"]}})).unwrap_err();
        assert_eq!(missing, Missing { at: "channels.x[0]".into(), name: "NOWHERE".into() });
    }
}
