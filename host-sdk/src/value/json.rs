//! Text that is not prose: JSON objects, and handles that only their maker reads.

use crate::abi::Crossing;
use abi_stable::std_types::RString;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};
use serde_json::value::RawValue;
use std::fmt;

/// A JSON object as text. The empty text stands for `{}`.
#[derive(Clone, Default)]
pub struct Json(String);

impl Json {
    /// Serialises `value`. A value that has no JSON form (a map with keys that are not text)
    /// becomes `{}`.
    pub fn new(value: &impl Serialize) -> Self {
        Self(serde_json::to_string(value).unwrap_or_default())
    }

    /// Takes text that is JSON already; it is not checked.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The JSON text, `{}` when empty.
    pub fn as_str(&self) -> &str {
        if self.0.is_empty() { "{}" } else { &self.0 }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        matches!(self.as_str(), "{}" | "null")
    }

    /// Parses it.
    ///
    /// # Errors
    /// When the text is not JSON, or not a `T`.
    pub fn parse<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_str(self.as_str())
    }
}

impl PartialEq for Json {
    /// The same text; the empty text is `{}`.
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Json {}

impl fmt::Debug for Json {
    /// Prints its length alone: a configuration holds secrets, a message what people wrote.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} bytes of JSON>", self.as_str().len())
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serde_json::from_str::<&RawValue>(self.as_str()) {
            Ok(raw) => raw.serialize(serializer),
            Err(_) => serializer.serialize_str(&self.0), // not JSON after all: pass it on readable
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        Ok(Self::new(&value))
    }
}

impl Crossing for Json {
    type Raw = RString;

    fn into_raw(self) -> RString {
        self.0.into()
    }

    fn from_raw(raw: RString) -> Self {
        Self(raw.into_string())
    }
}

/// An opaque string of the plugin's, which a host stores and hands back.
///
/// It may hold the means to answer someone, so it never prints; serialising it, to store it, is
/// the host's deliberate act.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Handle(String);

impl Handle {
    /// Wraps the plugin's own text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The plugin's own text, for the plugin that made it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "<none>" } else { "<redacted>" })
    }
}

impl Crossing for Handle {
    type Raw = RString;

    fn into_raw(self) -> RString {
        self.0.into()
    }

    fn from_raw(raw: RString) -> Self {
        Self(raw.into_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_json_reads_as_an_empty_object() {
        let parsed: serde_json::Value = Json::default().parse().unwrap();
        assert_eq!(parsed, serde_json::json!({}));
        assert!(Json::default().is_empty());
        assert_eq!(Json::default(), Json::from_text("{}"));
    }

    #[test]
    fn json_nests_as_json_and_not_as_text() {
        let json = Json::from_text(r#"{"a":1}"#);
        assert_eq!(serde_json::to_string(&json).unwrap(), r#"{"a":1}"#);
        assert_eq!(serde_json::from_str::<Json>(r#"{"a":1}"#).unwrap(), json);
    }

    #[test]
    fn json_prints_its_length_and_nothing_of_its_content() {
        assert_eq!(format!("{:?}", Json::from_text(r#"{"clientSecret":"s"}"#)), "<20 bytes of JSON>");
    }

    #[test]
    fn a_handle_never_prints() {
        assert_eq!(format!("{:?}", Handle::new("https://secret")), "<redacted>");
    }
}
