//! The JSON Schema of the section, out of the table of options.

use super::options::{self, Kind, Spec, Standard};
use host_sdk::Json;
use serde_json::{Map, Value, json};

/// The schema of `channels.dingtalk`.
///
/// It refuses nothing that [`resolve`](super::resolve) takes without an error: a key that is unknown here may be
/// another version's, a number too large is read as the largest, and neither must keep a gateway from starting.
pub(crate) fn schema() -> Json {
    Json::new(&section())
}

fn section() -> Value {
    let mut properties = properties("", |_| true);
    let account = json!({
        "type": "object",
        "properties": self::properties("", |spec| !spec.is_of_section()),
        "additionalProperties": true,
    });
    if let Some(accounts) = properties.get_mut("accounts") {
        accounts["additionalProperties"] = account;
    }
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "DingTalk · 钉钉",
        "type": "object",
        "properties": properties,
        "additionalProperties": true,
    })
}

fn properties(group: &str, wanted: fn(&Spec) -> bool) -> Map<String, Value> {
    let rows = options::within(group).filter(|spec| wanted(spec));
    rows.map(|spec| (spec.name.to_owned(), property(spec))).collect()
}

fn property(spec: &Spec) -> Value {
    let mut property = match spec.kind {
        Kind::Flag => json!({"type": ["boolean", "null"]}),
        Kind::Text => json!({"type": ["string", "number", "null"]}),
        Kind::FlagOrText => json!({"type": ["boolean", "string", "null"]}),
        // Words count in any case, and a misspelt one is told, and read as the strictest.
        Kind::Choice { words, .. } => json!({"anyOf": [{"enum": words}, {"type": ["string", "null"]}]}),
        Kind::Number { .. } => json!({"type": ["number", "null"]}),
        Kind::List => {
            json!({"type": ["array", "string", "number", "null"], "items": {"type": ["string", "number"]}})
        }
        Kind::Proxy => json!({"type": ["string", "boolean", "object", "null"]}),
        Kind::Secret => json!({"type": ["string", "number", "object", "null"]}),
        Kind::Group => json!({
            "type": ["object", "null"],
            "properties": properties(spec.path, |_| true),
            "additionalProperties": true,
        }),
        Kind::Host => json!({}),
    };
    property["title"] = spec.name.into();
    property["description"] = format!("{} / {}{}", spec.en, spec.zh, bounds(spec.kind)).into();
    if let Some(default) = Standard::value(spec.default) {
        property["default"] = default;
    }
    property
}

/// The bounds of a number, for people.
fn bounds(kind: Kind) -> String {
    match kind {
        Kind::Number { least, most: Some(most), .. } => format!(" [{least}–{most}]"),
        Kind::Number { least: least @ 1.., most: None, .. } => format!(" [≥ {least}]"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{resolve, tests::any_json};
    use host_sdk::Severity;
    use proptest::prelude::*;

    /// Where `value` is not as `schema` says; as much of JSON Schema as ours needs.
    fn violation(schema: &Value, value: &Value, path: &str) -> Option<String> {
        let is = |name: &Value| match name.as_str() {
            Some("object") => value.is_object(),
            Some("array") => value.is_array(),
            Some("string") => value.is_string(),
            Some("number") => value.is_number(),
            Some("boolean") => value.is_boolean(),
            Some("null") => value.is_null(),
            other => panic!("{other:?} is no type"),
        };
        let is_typed = match &schema["type"] {
            Value::Null => true,
            Value::Array(names) => names.iter().any(is),
            name => is(name),
        };
        let is_listed = schema["enum"].as_array().is_none_or(|words| words.contains(value));
        let is_any = schema["anyOf"]
            .as_array()
            .is_none_or(|schemas| schemas.iter().any(|schema| violation(schema, value, path).is_none()));
        if !(is_typed && is_listed && is_any) {
            return Some(format!("{path}: {value}"));
        }
        let of_field = |(name, value): (&String, &Value)| {
            let schema = schema["properties"].get(name).unwrap_or(&schema["additionalProperties"]);
            violation(schema, value, &format!("{path}.{name}")).filter(|_| schema.is_object())
        };
        let of_item = |value: &Value| violation(&schema["items"], value, path);
        match value {
            Value::Object(fields) => fields.iter().find_map(of_field),
            Value::Array(items) => items.iter().find_map(of_item),
            _ => None,
        }
    }

    proptest! {
        #[test]
        fn it_refuses_nothing_that_is_taken_without_an_error(section in any_json()) {
            let is_fine = resolve(&section).diagnostics.iter().all(|found| found.severity != Severity::Error
                || found.message.contains("is not set") || found.message.contains("there is no account"));
            let violation = violation(&super::section(), &section, "");
            prop_assert!(!is_fine || section.is_null() || violation.is_none(), "{violation:?}");
        }
    }

    #[test]
    fn configurations_that_people_have_are_not_refused() {
        let guide = include_str!("../../../tests/fixtures/config/single.json");
        let two: Value =
            serde_json::from_str(include_str!("../../../tests/fixtures/config/two-accounts.json")).unwrap();
        for section in [serde_json::from_str(guide).unwrap(), two["channels"]["dingtalk"].clone()] {
            assert_eq!(violation(&super::section(), &section, ""), None);
        }
        for section in crate::config::tests::brought() {
            assert_eq!(violation(&super::section(), &section, ""), None);
        }
    }

    #[test]
    fn a_wrong_type_is_refused_where_it_stands() {
        let wrong = json!({"accounts": {"a": {"inboundMedia": {"keepDays": "7"}}}});
        assert_eq!(violation(&section(), &wrong, "").unwrap(), ".accounts.a.inboundMedia.keepDays: \"7\"");
    }

    fn forbids(schema: &Value) -> bool {
        match schema {
            Value::Object(map) => {
                map.get("additionalProperties") == Some(&json!(false))
                    || map.contains_key("required")
                    || map.values().any(forbids)
            }
            Value::Array(list) => list.iter().any(forbids),
            _ => false,
        }
    }

    #[test]
    fn it_forbids_and_requires_nothing() {
        assert!(!forbids(&section()));
    }

    #[test]
    fn every_option_is_in_it_for_the_section_and_for_accounts() {
        let schema = section();
        let account = &schema["properties"]["accounts"]["additionalProperties"];
        for spec in options::OPTIONS {
            let pointer = format!("/properties/{}", spec.path.replace('.', "/properties/"));
            assert!(schema.pointer(&pointer).is_some(), "{}", spec.path);
            assert_eq!(account.pointer(&pointer).is_some(), !spec.is_of_section(), "{}", spec.path);
        }
    }

    #[test]
    fn an_option_is_described_in_both_languages() {
        insta::assert_snapshot!(
            serde_json::to_string_pretty(&section()["properties"]["inboundMedia"]["properties"]["keepDays"]).unwrap(),
            @r#"
        {
          "default": 7,
          "description": "Days after which archived files are removed. / 归档文件保留的天数。",
          "title": "keepDays",
          "type": [
            "number",
            "null"
          ]
        }
        "#
        );
    }
}
