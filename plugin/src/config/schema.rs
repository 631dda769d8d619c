//! The JSON Schema of the section, out of the table of options.

use super::options::{self, Kind, Spec, Standard};
use host_sdk::Json;
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::json;

/// The schema of `channels.dingtalk`.
///
/// It describes and never forbids: a key that is unknown here may be another version's, and must
/// not keep a gateway from starting. It is written row by row, for every load of the plugin asks for it.
pub(crate) fn schema() -> Json {
    Json::new(&Section)
}

struct Section;

impl Serialize for Section {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut schema = serializer.serialize_map(None)?;
        schema.serialize_entry("$schema", "http://json-schema.org/draft-07/schema#")?;
        schema.serialize_entry("title", "DingTalk · 钉钉")?;
        schema.serialize_entry("type", "object")?;
        schema.serialize_entry("properties", &Properties { group: "", wanted: |_| true })?;
        schema.serialize_entry("additionalProperties", &true)?;
        schema.end()
    }
}

/// What may stand under a name that the table does not know.
struct Others<'a>(&'a Spec);

impl Serialize for Others<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !self.0.holds_accounts() {
            return serializer.serialize_bool(true);
        }
        let mut account = serializer.serialize_map(None)?;
        account.serialize_entry("type", "object")?;
        let properties = Properties { group: "", wanted: |spec| !spec.is_of_section() };
        account.serialize_entry("properties", &properties)?;
        account.serialize_entry("additionalProperties", &true)?;
        account.end()
    }
}

/// The options of a group, by name.
struct Properties {
    group: &'static str,
    wanted: fn(&Spec) -> bool,
}

impl Serialize for Properties {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rows = options::within(self.group).filter(|spec| (self.wanted)(spec));
        serializer.collect_map(rows.map(|spec| (spec.name(), Property(spec))))
    }
}

struct Property(&'static Spec);

impl Serialize for Property {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let spec = self.0;
        let mut property = serializer.serialize_map(None)?;
        property.serialize_entry("title", spec.name())?;
        property.serialize_entry("description", &format_args!("{} / {}", spec.en, spec.zh))?;
        match spec.kind {
            Kind::Flag => property.serialize_entry("type", "boolean")?,
            Kind::Text => property.serialize_entry("type", &["string", "number"])?,
            Kind::Choice { words, .. } => {
                property.serialize_entry("type", "string")?;
                property.serialize_entry("enum", words)?;
            }
            Kind::Number { least, most, .. } => {
                property.serialize_entry("type", "number")?;
                property.serialize_entry("minimum", &least)?;
                if let Some(most) = most {
                    property.serialize_entry("maximum", &most)?;
                }
            }
            Kind::List => {
                property.serialize_entry("type", "array")?;
                property.serialize_entry("items", &json!({"type": ["string", "number"]}))?;
            }
            Kind::Secret => property.serialize_entry("type", &["string", "number", "object"])?,
            Kind::Group => {
                property.serialize_entry("type", "object")?;
                property.serialize_entry("properties", &Properties { group: spec.path, wanted: |_| true })?;
                property.serialize_entry("additionalProperties", &Others(spec))?;
            }
            Kind::Host => {}
        }
        if let Some(default) = Standard::value(spec.default) {
            property.serialize_entry("default", &default)?;
        }
        property.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn section() -> Value {
        schema().parse().unwrap()
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
          "minimum": 0,
          "title": "keepDays",
          "type": "number"
        }
        "#
        );
    }
}
