//! The JSON Schema of the section, out of the table of options.

use super::options::{self, Kind, Spec, Standard};
use host_sdk::Json;
use serde_json::{Map, Value, json};

/// The schema of `channels.dingtalk`.
///
/// It describes and never forbids: a key that is unknown here may be another version's, and must
/// not keep a gateway from starting.
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
    rows.map(|spec| (spec.name().to_owned(), property(spec))).collect()
}

fn property(spec: &Spec) -> Value {
    let mut property = match spec.kind {
        Kind::Flag => json!({"type": "boolean"}),
        Kind::Text => json!({"type": ["string", "number"]}),
        Kind::FlagOrText => json!({"type": ["boolean", "string"]}),
        Kind::Choice { words, .. } => json!({"type": "string", "enum": words}),
        Kind::Number { least, most: None, .. } => json!({"type": "number", "minimum": least}),
        Kind::Number { least, most: Some(most), .. } => {
            json!({"type": "number", "minimum": least, "maximum": most})
        }
        Kind::List => json!({"type": "array", "items": {"type": ["string", "number"]}}),
        Kind::Proxy => json!({"type": ["string", "boolean", "object"]}),
        Kind::Secret => json!({"type": ["string", "number", "object"]}),
        Kind::Group => {
            json!({"type": "object", "properties": properties(spec.path, |_| true), "additionalProperties": true})
        }
        Kind::Host => json!({}),
    };
    property["title"] = spec.name().into();
    property["description"] = format!("{} / {}", spec.en, spec.zh).into();
    if let Some(default) = Standard::value(spec.default) {
        property["default"] = default;
    }
    property
}

#[cfg(test)]
mod tests {
    use super::*;

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
          "minimum": 0,
          "title": "keepDays",
          "type": "number"
        }
        "#
        );
    }
}
