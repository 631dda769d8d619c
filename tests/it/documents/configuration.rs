//! What the documents have one write into `openclaw.json`, and what they say holds otherwise.

use super::{
    documents, fine, guides,
    page::{Block, Page},
    pairs,
};
use host_mock::host::Config;
use host_sdk::{Json, host::Plugin};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};
use tests::plugin;

/// Announces, behind a block's fence, the options that are complained of.
const COMPLAINS: &str = "complains=";
/// What a default is introduced by, in English and in Chinese.
const DEFAULT: [&str; 2] = [" (default ", "（默认 "];
/// How the second column of a table of defaults is called.
const COLUMNS: [&str; 2] = ["default", "默认值"];
/// What stands beside `channels` in the file.
const BESIDE: [&str; 10] = [
    "agents", "bindings", "channels", "commands", "env", "gateway", "messages", "models", "plugins",
    "session",
];

#[test]
fn every_configuration_means_what_it_says_without_a_complaint_but_those_announced() {
    let plugin = plugin();
    let mut complaints = Vec::new();
    for page in documents() {
        for block in configurations(&page) {
            let config = read(&page, block);
            let Some(section) = config.channel("dingtalk") else { continue };
            let section = serde_json::to_value(&section.raw).unwrap();
            let found = complained_of(&plugin, &section);
            let announced = block.kind.split(' ').find_map(|word| word.strip_prefix(COMPLAINS));
            let announced: BTreeSet<_> = announced.into_iter().flat_map(|it| it.split(',')).collect();
            if announced != found.keys().map(String::as_str).collect() {
                complaints.push(format!("{}: {announced:?} announced, but {found:#?}", page.at(block.line)));
            }
        }
    }
    fine(&complaints);
}

#[test]
fn both_languages_have_the_same_configurations() {
    let values = |page: &Page| -> Vec<Value> {
        let read =
            |block| serde_json::to_value(read(page, block).channel("dingtalk").map(|it| it.raw.clone()));
        configurations(page).map(|block| read(block).unwrap()).collect()
    };
    for [chinese, english] in pairs() {
        assert_eq!(values(&chinese), values(&english), "{}", english.path);
    }
}

#[test]
fn what_stands_in_blocks_of_json_and_toml_can_be_read() {
    for page in guides() {
        for block in &page.blocks {
            let at = page.at(block.line);
            if block.kind == "json" {
                serde_json::from_str::<Value>(&block.text).unwrap_or_else(|error| panic!("{at}: {error}"));
            }
            if block.kind == "toml" {
                block.text.parse::<toml::Table>().unwrap_or_else(|error| panic!("{at}: {error}"));
            }
        }
    }
}

#[test]
fn every_option_that_is_named_is_there() {
    let options = Options::of(&plugin());
    let mut complaints = Vec::new();
    for page in documents().iter().filter(|page| page.path != "CHANGELOG.md") {
        for word in &page.words {
            // In a command, the option stands among other words.
            for name in word.code.split([' ', '=']).filter_map(|word| word.strip_prefix("channels.dingtalk."))
            {
                if !options.has(name) {
                    complaints.push(format!("{}: channels.dingtalk.{name} is no option", page.at(word.line)));
                }
            }
        }
    }
    fine(&complaints);
}

#[test]
fn every_setting_in_the_guides_is_taken_as_it_stands() {
    let plugin = plugin();
    let options = Options::of(&plugin);
    let mut complaints = Vec::new();
    for page in guides() {
        for word in &page.words {
            let Some((name, value)) = setting(&word.code) else { continue };
            if !options.has(name) {
                let is_beside = BESIDE.contains(&name.split('.').next().unwrap_or_default());
                if !is_beside {
                    complaints.push(format!("{}: {name} is no option", page.at(word.line)));
                }
                continue;
            }
            let found = complained_of(&plugin, &nested(name, value));
            if !found.is_empty() {
                complaints.push(format!("{}: `{}`: {found:?}", page.at(word.line), word.code));
            }
        }
    }
    fine(&complaints);
}

#[test]
fn every_default_in_the_guides_is_the_real_one() {
    let options = Options::of(&plugin());
    let mut complaints = Vec::new();
    for page in guides() {
        let in_words = page.words.windows(2).filter_map(|words| match words {
            [name, value] if DEFAULT.iter().any(|it| name.after.starts_with(it)) => {
                Some((name.line, name.code.clone(), value.code.clone()))
            }
            _ => None,
        });
        for (line, name, said) in in_words.chain(in_tables(&page)) {
            match options.default(&name) {
                None => complaints.push(format!("{}: {name} is no option", page.at(line))),
                Some(Value::Null) => {}
                Some(real) if real == value_of(&said) => {}
                Some(real) => complaints.push(format!("{}: {name} is {real}, not {said}", page.at(line))),
            }
        }
    }
    fine(&complaints);
}

/// Names and defaults in the tables that have a column for them.
fn in_tables(page: &Page) -> Vec<(usize, String, String)> {
    let mut found = Vec::new();
    let mut is_of_defaults = false;
    for (number, line) in page.text.lines().enumerate() {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        if !line.starts_with('|') {
            is_of_defaults = false;
        } else if cells.get(2).is_some_and(|cell| COLUMNS.contains(cell)) {
            is_of_defaults = true;
        } else if is_of_defaults && cells.len() > 3 {
            let codes =
                |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
            let (names, values) = (codes(cells[1]), codes(cells[2]));
            if let [value] = values.as_slice() {
                found.extend(names.into_iter().map(|name| (number + 1, name, value.clone())));
            }
        }
    }
    found
}

fn configurations(page: &Page) -> impl Iterator<Item = &Block> {
    let is_json = |block: &&Block| matches!(block.kind.split(' ').next(), Some("json5" | "json"));
    page.blocks.iter().filter(is_json).filter(|block| block.text.contains("channels"))
}

#[track_caller]
fn read(page: &Page, block: &Block) -> Config {
    let config = Config::from_text(Path::new(&page.path), &block.text, &|_| None);
    config.unwrap_or_else(|error| panic!("{}: {error}", page.at(block.line)))
}

/// The options of `section` that are complained of, with the complaint. Credentials are everybody's own.
fn complained_of(plugin: &Plugin, section: &Value) -> BTreeMap<String, String> {
    let resolved = plugin.resolve(&Json::new(section)).unwrap();
    let found =
        resolved.diagnostics.into_iter().filter(|found| !found.message.contains("placeholder of an example"));
    found.map(|found| (found.path, found.message)).collect()
}

/// What `name: value` says, if that is what `code` is.
fn setting(code: &str) -> Option<(&str, &str)> {
    let (name, value) = code.split_once(": ")?;
    let is_name = |name: &str| name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '.');
    (is_name(name) && !name.is_empty() && value != "…").then_some((name, value))
}

/// A section with credentials and this setting.
fn nested(name: &str, value: &str) -> Value {
    let mut section = json!({"clientId": "dingxxxxxx", "clientSecret": "your-app-secret"});
    let place = name.split('.').fold(&mut section, |place, name| &mut place[name]);
    *place = value_of(value);
    section
}

/// What is written, in JSON or a little less.
fn value_of(text: &str) -> Value {
    let file = format!("{{channels: {{x: {{value: {text}}}}}}}");
    let config = Config::from_text(Path::new("-"), &file, &|_| None).ok();
    let section = config.and_then(|config| serde_json::to_value(&config.channel("x")?.raw).ok());
    section.map_or_else(|| json!(text), |mut section| section["value"].take())
}

/// The options by name, with their defaults.
struct Options(BTreeMap<String, Value>);

impl Options {
    fn of(plugin: &Plugin) -> Self {
        let schema: Value = plugin.descriptor().config_schema.parse().unwrap();
        let mut options = BTreeMap::new();
        Self::collect("", &schema, &mut options);
        Self(options)
    }

    fn collect(parent: &str, schema: &Value, options: &mut BTreeMap<String, Value>) {
        for (name, property) in schema["properties"].as_object().unwrap() {
            let path = if parent.is_empty() { name.clone() } else { format!("{parent}.{name}") };
            if property["properties"].is_object() {
                Self::collect(&path, property, options);
            }
            options.insert(path, property["default"].clone());
        }
    }

    /// Whether there is this option, also in an account's or a group's words.
    fn has(&self, name: &str) -> bool {
        let own = match name.strip_prefix("accounts.") {
            Some(rest) => rest.split_once('.').map_or("accounts", |(_, own)| own),
            None => name,
        };
        self.0.contains_key(own) || own.starts_with("groups.")
    }

    fn default(&self, name: &str) -> Option<Value> {
        self.0.get(name).cloned()
    }
}
