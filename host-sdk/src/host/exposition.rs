//! The metrics of channels as Prometheus reads them: text format 0.0.4.

use super::catalogue::{Catalogue, Family, Kind};
use crate::Json;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fmt::{self, Write},
};

/// Lines of one family and account at most: whoever makes up label values does not fill a memory.
const MOST_SERIES: usize = 200;

/// Metrics of several accounts, gathered to be shown together.
///
/// Every sample has the labels `channel` and `account`. A family that two catalogues mean differently is the
/// first one's.
#[derive(Clone, Debug, Default)]
pub struct Exposition(BTreeMap<String, Gathered>);

/// The media type of the text.
pub const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";

#[derive(Clone, Debug)]
struct Gathered {
    kind: Kind,
    help: String,
    samples: String,
}

impl Exposition {
    /// Adds what an account's `metrics` say, as `catalogue` explains them.
    pub fn add(&mut self, catalogue: &Catalogue, channel: &str, account: &str, metrics: &Json) {
        let metrics: Value = metrics.parse().unwrap_or_default();
        for family in &catalogue.0 {
            let gathered = self.0.entry(family.name.clone()).or_insert_with(|| Gathered {
                kind: family.kind,
                help: family.help.clone(),
                samples: String::new(),
            });
            if gathered.kind != family.kind {
                continue;
            }
            for (labels, value) in found(&metrics, family).into_iter().take(MOST_SERIES) {
                let mut named = vec![("channel", channel), ("account", account)];
                named.extend(family.labels.iter().map(String::as_str).zip(labels));
                family.write(&mut gathered.samples, &named, value);
            }
        }
    }
}

impl fmt::Display for Exposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, Gathered { kind, help, samples }) in &self.0 {
            if !samples.is_empty() {
                let help = help.replace('\\', "\\\\").replace('\n', "\\n");
                write!(f, "# HELP {name} {help}\n# TYPE {name} {}\n{samples}", kind.word())?;
            }
        }
        Ok(())
    }
}

/// What stands where a family looks, with the keys that its stars took.
fn found<'a>(metrics: &'a Value, family: &Family) -> Vec<(Vec<&'a str>, &'a Value)> {
    let mut found = vec![(Vec::new(), metrics)];
    for step in family.at.split('.') {
        let next = found.into_iter().flat_map(|(keys, value)| {
            let taken: Vec<_> = match (step, value) {
                ("*", Value::Object(entries)) => entries
                    .iter()
                    .map(|(key, value)| ([keys.as_slice(), &[key.as_str()]].concat(), value))
                    .collect(),
                _ => value.get(step).map(|value| (keys, value)).into_iter().collect(),
            };
            taken
        });
        found = next.collect();
    }
    found
}

impl Family {
    /// Appends the lines of one value; none, if it is no such value.
    fn write(&self, out: &mut String, labels: &[(&str, &str)], value: &Value) {
        // Writing to a text does not fail.
        let _written = match self.kind {
            Kind::Histogram => self.write_histogram(out, labels, value),
            _ => number(value).map_or(Ok(()), |number| {
                writeln!(out, "{}{} {}", self.name, Labels(labels, None), number * self.scale)
            }),
        };
    }

    fn write_histogram(&self, out: &mut String, labels: &[(&str, &str)], value: &Value) -> fmt::Result {
        let numbers = |key: &str| -> Option<Vec<f64>> { value[key].as_array()?.iter().map(number).collect() };
        let (Some(bounds), Some(counts), Some(sum)) =
            (numbers("bounds"), numbers("counts"), number(&value["sum"]))
        else {
            return Ok(());
        };
        if counts.len() != bounds.len() + 1 {
            return Ok(());
        }
        let name = &self.name;
        let mut so_far = 0.0;
        for (count, bound) in counts.iter().zip(bounds.iter().map(Some).chain([None])) {
            so_far += count;
            let bound = bound.map_or_else(|| "+Inf".to_owned(), |bound| (bound * self.scale).to_string());
            writeln!(out, "{name}_bucket{} {so_far}", Labels(labels, Some(&bound)))?;
        }
        writeln!(out, "{name}_sum{} {}", Labels(labels, None), sum * self.scale)?;
        writeln!(out, "{name}_count{} {so_far}", Labels(labels, None))
    }
}

/// A number, or whether something is so.
fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_bool().map(|so| if so { 1.0 } else { 0.0 }))
}

/// `{channel="dingtalk",account="default",le="0.5"}`.
struct Labels<'a>(&'a [(&'a str, &'a str)], Option<&'a str>);

impl fmt::Display for Labels<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bound = self.1.map(|bound| ("le", bound));
        for (place, (name, value)) in self.0.iter().copied().chain(bound).enumerate() {
            write!(f, "{}{name}=\"", if place == 0 { '{' } else { ',' })?;
            for character in value.chars() {
                match character {
                    '\\' => f.write_str("\\\\")?,
                    '"' => f.write_str("\\\"")?,
                    '\n' => f.write_str("\\n")?,
                    other => f.write_char(other)?,
                }
            }
            f.write_char('"')?;
        }
        f.write_char('}')
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shown(families: Value, accounts: &[(&str, Value)]) -> String {
        let catalogue = Catalogue::read(&families);
        let mut exposition = Exposition::default();
        for (account, metrics) in accounts {
            exposition.add(&catalogue, "x", account, &Json::new(metrics));
        }
        exposition.to_string()
    }

    #[test]
    fn accounts_share_a_family_s_head_and_what_is_not_there_has_no_line() {
        let families = json!([
            {"at": "a.b", "name": "x_b_total", "type": "counter", "help": "Bees."},
            {"at": "a.up", "name": "x_up", "type": "gauge", "help": "Whether it is up."},
            {"at": "a.gone", "name": "x_gone", "type": "gauge", "help": "Not there."},
        ]);
        let text =
            shown(families, &[("one", json!({"a": {"b": 3, "up": true}})), ("two", json!({"a": {"b": 4}}))]);
        let expected = "# HELP x_b_total Bees.\n\
                        # TYPE x_b_total counter\n\
                        x_b_total{channel=\"x\",account=\"one\"} 3\n\
                        x_b_total{channel=\"x\",account=\"two\"} 4\n\
                        # HELP x_up Whether it is up.\n\
                        # TYPE x_up gauge\n\
                        x_up{channel=\"x\",account=\"one\"} 1\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_histogram_counts_up_and_ends_with_everything() {
        let families =
            json!([{"at": "t", "name": "x_seconds", "type": "histogram", "help": "", "scale": 0.001}]);
        let text =
            shown(families, &[("a", json!({"t": {"bounds": [5, 250], "counts": [2, 1, 1], "sum": 1500}}))]);
        let lines: Vec<_> = text.lines().skip(2).collect();
        assert_eq!(
            lines,
            [
                "x_seconds_bucket{channel=\"x\",account=\"a\",le=\"0.005\"} 2",
                "x_seconds_bucket{channel=\"x\",account=\"a\",le=\"0.25\"} 3",
                "x_seconds_bucket{channel=\"x\",account=\"a\",le=\"+Inf\"} 4",
                "x_seconds_sum{channel=\"x\",account=\"a\"} 1.5",
                "x_seconds_count{channel=\"x\",account=\"a\"} 4",
            ]
        );
    }

    #[test]
    fn a_star_makes_a_label_of_each_key_and_a_hostile_key_stays_inside_its_quotes() {
        let families =
            json!([{"at": "c.*.ok", "labels": ["api"], "name": "c_total", "type": "counter", "help": ""}]);
        let text = shown(families, &[("a\nb", json!({"c": {"/v1": {"ok": 1}, "\"}\\": {"ok": 2}}}))]);
        let lines: Vec<_> = text.lines().skip(2).collect();
        assert_eq!(
            lines,
            [
                "c_total{channel=\"x\",account=\"a\\nb\",api=\"\\\"}\\\\\"} 2",
                "c_total{channel=\"x\",account=\"a\\nb\",api=\"/v1\"} 1",
            ]
        );
    }

    #[test]
    fn made_up_label_values_have_an_end() {
        let many: serde_json::Map<_, _> = (0..1000).map(|n| (n.to_string(), json!(1))).collect();
        let families = json!([{"at": "*", "labels": ["n"], "name": "n", "type": "gauge", "help": ""}]);
        assert_eq!(shown(families, &[("a", Value::Object(many))]).lines().count(), 2 + MOST_SERIES);
    }

    #[test]
    fn a_histogram_that_makes_no_sense_has_no_lines() {
        let families = json!([{"at": "t", "name": "x", "type": "histogram", "help": ""}]);
        for wrong in
            [json!(1), json!({"bounds": [1], "counts": [1], "sum": 0}), json!({"bounds": [], "counts": [1]})]
        {
            assert_eq!(shown(families.clone(), &[("a", json!({"t": wrong}))]), "");
        }
    }
}
