//! What the README says of the options is what the plugin says of them.

use serde_json::Value;
use std::{collections::BTreeMap, fs, path::Path};
use tests::plugin;

/// The options of the schema by path, each with its default.
fn options() -> BTreeMap<String, Option<Value>> {
    let schema: Value = plugin().descriptor().config_schema.parse().unwrap();
    let mut options = BTreeMap::new();
    collect("", &schema, &mut options);
    options
}

fn collect(parent: &str, schema: &Value, options: &mut BTreeMap<String, Option<Value>>) {
    for (name, property) in schema["properties"].as_object().unwrap() {
        let path = if parent.is_empty() { name.clone() } else { format!("{parent}.{name}") };
        let is_the_hosts =
            property["description"].as_str().is_some_and(|text| text.contains("Read by the host"));
        if name == "accounts" || is_the_hosts {
            continue;
        }
        if property["properties"].is_object() {
            collect(&path, property, options);
        } else {
            options.insert(path, property.get("default").cloned());
        }
    }
}

fn document(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)).unwrap()
}

#[test]
fn both_readmes_name_every_option() {
    let options = options();
    assert!(options.contains_key("clientId") && options.contains_key("streaming.intervalMs"));
    for name in ["README.md", "README.zh-CN.md"] {
        let text = document(name);
        let missing: Vec<_> = options
            .keys()
            .filter(|path| {
                let group = path.split_once('.').map(|(group, _)| group);
                !text.contains(&format!("`{path}`"))
                    && !group.is_some_and(|group| text.contains(&format!("`{group}`")))
            })
            .collect();
        assert!(missing.is_empty(), "{name} does not speak of {missing:?}");
    }
}

#[test]
fn the_defaults_in_both_readmes_are_the_real_ones() {
    let options = options();
    for name in ["README.md", "README.zh-CN.md"] {
        let mut compared = 0;
        for row in document(name).lines().filter(|line| line.starts_with("| `")) {
            let cells: Vec<_> = row.split('|').map(str::trim).collect();
            let path = cells[1].trim_matches('`');
            let Some(Some(default)) = options.get(path) else { continue };
            let default = default.as_str().map_or_else(|| default.to_string(), str::to_owned);
            assert!(
                cells[2].contains(&format!("`{default}`")),
                "{name}: {path} is {default}, not {}",
                cells[2]
            );
            compared += 1;
        }
        assert!(compared >= 3, "{name}: the table was not found");
    }
}
