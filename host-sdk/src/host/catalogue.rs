//! What the numbers in a channel's metrics mean, as its plugin says.
//!
//! A channel's [`metrics`](super::Channel::metrics) are plain JSON. Which of its numbers are counted how, under
//! which name and in which unit, stands once in the plugin's description, as `extra.metrics`, a list:
//!
//! ```json
//! [
//!   {"at": "stream.messages", "name": "dingtalk_messages_total", "type": "counter",
//!    "help": "Messages for the host, each once."},
//!   {"at": "stream.drops.*", "labels": ["reason"], "name": "dingtalk_dropped_total", "type": "counter",
//!    "help": "What did not reach the host."},
//!   {"at": "times.call.*", "labels": ["api"], "name": "dingtalk_call_seconds", "type": "histogram",
//!    "help": "From a call to its answer.", "scale": 0.001}
//! ]
//! ```
//!
//! `at` is the way through the JSON. A `*` takes every key there, and is the value of the label that stands in its
//! place in `labels`. Numbers are multiplied by `scale`. Where a histogram is named, the JSON has
//! `{"bounds": [5, 10], "counts": [3, 1, 0], "sum": 42}`: how many were up to each bound and beyond the one
//! before it, then those beyond the last.

use crate::Descriptor;
use serde::Deserialize;
use serde_json::Value;

/// The families of one channel's metrics.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalogue(pub(super) Vec<Family>);

/// Numbers of one name.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct Family {
    pub(super) at: String,
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) kind: Kind,
    pub(super) help: String,
    #[serde(default)]
    pub(super) labels: Vec<String>,
    #[serde(default = "as_it_is")]
    pub(super) scale: f64,
}

/// How the numbers of a family behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Counter,
    Gauge,
    Histogram,
}

impl Kind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

fn as_it_is() -> f64 {
    1.0
}

impl Catalogue {
    /// What a plugin says of its metrics. What makes no sense there is left out.
    pub fn of(descriptor: &Descriptor) -> Self {
        let extra: Value = descriptor.extra.parse().unwrap_or_default();
        Self::read(&extra["metrics"])
    }

    /// A list as in the module's documentation. What makes no sense in it is left out.
    pub fn read(list: &Value) -> Self {
        let families = list.as_array().into_iter().flatten();
        let families = families.filter_map(|family| Family::deserialize(family).ok());
        Self(families.filter(Family::is_sound).collect())
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Family {
    fn is_sound(&self) -> bool {
        let stars = self.at.split('.').filter(|step| *step == "*").count();
        let counted = self.kind != Kind::Counter || self.name.ends_with("_total");
        let own = |label: &String| {
            is_name(label, false) && label != "channel" && label != "account" && label != "le"
        };
        is_name(&self.name, true)
            && counted
            && self.scale.is_finite()
            && stars == self.labels.len()
            && self.labels.iter().all(own)
    }
}

/// Whether it is a name as Prometheus has them; those of families may have colons.
fn is_name(name: &str, colons: bool) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || colons && c == ':';
    let begins = |c: char| !c.is_ascii_digit();
    !name.starts_with("__") && name.chars().next().is_some_and(begins) && name.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn family(change: Value) -> Value {
        let mut family =
            json!({"at": "a.*", "labels": ["kind"], "name": "x_total", "type": "counter", "help": ""});
        for (key, value) in change.as_object().unwrap() {
            family[key] = value.clone();
        }
        family
    }

    #[test]
    fn what_makes_no_sense_is_left_out_and_the_rest_stays() {
        for wrong in [
            json!({"name": "x"}),
            json!({"name": "1_total"}),
            json!({"name": "x y_total"}),
            json!({"type": "summary"}),
            json!({"labels": []}),
            json!({"labels": ["account"]}),
            json!({"labels": ["le"]}),
            json!({"labels": ["a:b"]}),
            json!({"at": 7}),
        ] {
            let read = Catalogue::read(&json!([family(wrong.clone()), family(json!({}))]));
            assert_eq!(read.0.len(), 1, "{wrong}");
        }
    }

    #[test]
    fn a_description_without_metrics_is_an_empty_catalogue() {
        assert!(Catalogue::of(&Descriptor::default()).is_empty());
    }
}
