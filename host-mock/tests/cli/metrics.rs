//! A strict reading of what Prometheus reads: text format 0.0.4.

use std::collections::{BTreeMap, BTreeSet};

/// Fails unless every line is one that Prometheus takes, and these families are there, and the host's own.
#[track_caller]
pub(crate) fn check(text: &str, families: &[String]) {
    let mut types: BTreeMap<&str, &str> = BTreeMap::new();
    let mut helped = BTreeSet::new();
    let mut seen = BTreeSet::new();
    assert!(text.ends_with('\n'), "the last line ends, too");
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').unwrap();
            assert!(!help.is_empty() && helped.insert(name), "{line}");
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            assert!(helped.contains(name) && types.insert(name, kind).is_none(), "{line}");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
        } else {
            let (series, value) = line.rsplit_once(' ').unwrap();
            value.parse::<f64>().unwrap();
            assert!(seen.insert(series), "twice: {line}");
            let (name, labels) = series.split_once('{').unwrap();
            let family = ["_bucket", "_sum", "_count"].iter().find_map(|part| name.strip_suffix(part));
            let family = family.filter(|family| types.get(family) == Some(&"histogram")).unwrap_or(name);
            assert!(types.contains_key(family), "without a type: {line}");
            let labels = read_labels(labels);
            assert_eq!(labels["channel"], "dingtalk", "{line}");
            assert_eq!(labels["account"], "default", "{line}");
            assert_eq!(labels.contains_key("le"), name.ends_with("_bucket"), "{line}");
        }
    }
    let own = ["openclaw_inbox_accepted_total", "openclaw_account_connected"];
    for family in own.into_iter().chain(families.iter().map(String::as_str)) {
        assert!(types.contains_key(family), "{family} is not in {text}");
    }
}

/// `channel="dingtalk",account="default"}`.
#[track_caller]
fn read_labels(text: &str) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::new();
    let mut rest = text;
    while rest != "}" {
        let (name, after) = rest.trim_start_matches(',').split_once("=\"").unwrap();
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'), "{text}");
        let (mut value, mut escaped, mut end) = (String::new(), false, None);
        for (place, character) in after.char_indices() {
            match (escaped, character) {
                (true, 'n') => value.push('\n'),
                (true, '\\' | '"') => value.push(character),
                (true, _) => panic!("a wrong escape: {text}"),
                (false, '\\') => {}
                (false, '"') => {
                    end = Some(place + 1);
                    break;
                }
                (false, _) => value.push(character),
            }
            escaped = !escaped && character == '\\';
        }
        assert!(labels.insert(name.to_owned(), value).is_none(), "{text}");
        rest = &after[end.unwrap()..];
    }
    labels
}
