//! The tables of options in `docs/`, the options that there are, and the tests that prove them.

use crate::{
    TABLES,
    row::{Level, Row, json},
};
use host_mock::host::Config;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};
use tests::{Scenario, plugin, scenarios};

pub(crate) const ALL: &[Scenario] = scenarios![
    every_option_of_the_library_has_a_row_here,
    every_row_has_a_proof_and_what_stands_elsewhere_is_there,
    every_number_of_the_mission_is_cited_by_a_test,
    both_tables_have_a_row_for_each_option_that_links_to_its_proof,
    the_defaults_in_both_tables_are_the_real_ones,
    the_configurations_in_both_readmes_are_taken_as_they_stand,
];

const READMES: [&str; 2] = ["README.md", "README.zh-CN.md"];
const TABLES_OF_OPTIONS: [&str; 2] = ["docs/options.md", "docs/options.zh-CN.md"];

async fn every_option_of_the_library_has_a_row_here() {
    let plugin = tokio::task::spawn_blocking(plugin).await.unwrap();
    let schema: Value = plugin.descriptor().config_schema.parse().unwrap();
    let mut options = BTreeSet::new();
    collect("", &schema, &mut options);
    let mut rows = BTreeSet::new();
    for row in crate::rows() {
        assert!(rows.insert(row.option.to_owned()), "{} has two rows", row.option);
    }
    let missing: Vec<_> = options.difference(&rows).collect();
    let invented: Vec<_> = rows.difference(&options).collect();
    assert!(missing.is_empty() && invented.is_empty(), "no row for {missing:?}, no option {invented:?}");
}

fn collect(parent: &str, schema: &Value, options: &mut BTreeSet<String>) {
    for (name, property) in schema["properties"].as_object().unwrap() {
        let path = if parent.is_empty() { name.clone() } else { format!("{parent}.{name}") };
        if property["properties"].is_object() {
            collect(&path, property, options);
        }
        options.insert(path);
    }
}

async fn every_row_has_a_proof_and_what_stands_elsewhere_is_there() {
    for (file, row) in files_and_rows() {
        let is_read_alone = matches!(row.level, Level::Group) || file == HOSTS;
        assert!(!proofs(file, row).is_empty() || is_read_alone, "nobody sees that {} works", row.option);
        let says_wrong = !row.wrong.is_empty() || file == HOSTS;
        assert!(says_wrong, "nobody is told of a wrong {}", row.option);
        for (file, tests) in row.elsewhere {
            let text = read(&format!("tests/{file}"));
            for test in *tests {
                assert!(text.contains(&format!("fn {test}(")), "{}: no test {test} in {file}", row.option);
            }
        }
    }
}

/// Options, rows on media and accounts, and behaviour, as the mission numbers them.
const MISSION: &str = "o1 o2 o3 o4 o5 o6 o7 o8 o9 o10 o11 m1 m2 m3 m4 b1 b2 b3";

async fn every_number_of_the_mission_is_cited_by_a_test() {
    let played = crate::rows().flat_map(|row| row.plays).map(|scenario| scenario.name);
    let elsewhere = crate::rows().flat_map(|row| row.elsewhere).flat_map(|(_, tests)| *tests).copied();
    let cited: BTreeSet<_> = played.chain(elsewhere).flat_map(|test| test.split('_')).collect();
    let missing: Vec<_> = MISSION.split(' ').filter(|number| !cited.contains(number)).collect();
    assert!(missing.is_empty(), "no test is called by {missing:?}");
    for row in crate::rows().filter(|row| !row.number.is_empty()) {
        assert!(MISSION.split(' ').any(|number| number.eq_ignore_ascii_case(row.number)), "{}", row.number);
    }
}

async fn both_tables_have_a_row_for_each_option_that_links_to_its_proof() {
    for document in TABLES_OF_OPTIONS {
        let lines = lines(document);
        for (file, row) in files_and_rows() {
            let is_seen = matches!(row.level, Level::Everywhere { .. }) || row.option == "defaultAccount";
            if !is_seen || file == HOSTS {
                continue;
            }
            let line =
                lines.get(row.option).unwrap_or_else(|| panic!("{document} has no row for {}", row.option));
            assert!(
                line.links.contains(&proofs(file, row)[0]),
                "{document}: {} does not link to {}, but to {:?}",
                row.option,
                proofs(file, row)[0],
                line.links
            );
        }
        let known: BTreeSet<_> = crate::rows().map(|row| row.option).collect();
        for (option, line) in lines {
            assert!(known.contains(option.as_str()), "{document} speaks of {option}, which is no option");
            for link in line.links {
                let is_a_proof = files_and_rows().any(|(file, row)| {
                    line.options.iter().any(|named| named == row.option) && proofs(file, row).contains(&link)
                });
                assert!(is_a_proof, "{document}: {link} does not prove {option}");
            }
        }
    }
}

async fn the_defaults_in_both_tables_are_the_real_ones() {
    for document in TABLES_OF_OPTIONS {
        let lines = lines(document);
        for row in crate::rows() {
            let (Level::Everywhere { standard, .. }, Some(line)) = (&row.level, lines.get(row.option)) else {
                continue;
            };
            let standard = match json(standard) {
                Value::Bool(_) | Value::Number(_) => (*standard).to_owned(),
                Value::String(text) => text,
                // What holds then is told in words.
                _ => continue,
            };
            let is_told = line.default.contains(&format!("`{standard}`")) || row.option == "cardTemplateId";
            assert!(is_told, "{document}: {} is {standard}, not {}", row.option, line.default);
        }
    }
}

async fn the_configurations_in_both_readmes_are_taken_as_they_stand() {
    let plugin = tokio::task::spawn_blocking(plugin).await.unwrap();
    for readme in READMES {
        let text = read(readme);
        let blocks = text.split("```json5\n").skip(1).filter_map(|rest| rest.split_once("```"));
        let mut taken = 0;
        for (block, _) in blocks {
            let config = Config::from_text(Path::new(readme), block, &|_| None);
            let config = config.unwrap_or_else(|error| panic!("{error}"));
            let Some(section) = config.channel("dingtalk") else { continue };
            let resolved = plugin.resolve(&section.raw).unwrap();
            assert!(resolved.accounts.iter().all(|account| account.enabled && account.configured), "{block}");
            // Credentials are everybody's own.
            let mut others = resolved
                .diagnostics
                .iter()
                .filter(|found| !found.message.contains("placeholder of an example"));
            assert_eq!(others.next(), None, "{readme}: {block}");
            taken += 1;
        }
        assert!(taken > 0, "{readme} has no configuration");
    }
}

/// The table of what the host reads, which no document has.
const HOSTS: &str = "hosts";

fn files_and_rows() -> impl Iterator<Item = (&'static str, &'static Row)> {
    TABLES.iter().flat_map(|(file, rows)| rows.iter().map(|row| (*file, row)))
}

/// The files with the proofs of a row, the first one first.
fn proofs(file: &str, row: &Row) -> Vec<String> {
    let own = (!row.plays.is_empty()).then(|| format!("tests/options/{file}.rs"));
    own.into_iter().chain(row.elsewhere.iter().map(|(file, _)| format!("tests/{file}"))).collect()
}

/// A line of the table of options.
#[derive(Clone)]
struct Line {
    options: Vec<String>,
    default: String,
    links: Vec<String>,
}

/// The lines of the table of options, by each option that they name.
fn lines(document: &str) -> BTreeMap<String, Line> {
    let text = read(document);
    let begins = |line: &&str| !line.starts_with("| option |") && !line.starts_with("| 配置项 |");
    let table = text.lines().skip_while(begins).skip(2).take_while(|line| line.starts_with('|'));
    let mut lines = BTreeMap::new();
    for row in table {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let options: Vec<_> = cells[1].split('`').skip(1).step_by(2).map(str::to_owned).collect();
        let links = row.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
        let links = links.map(|(link, _)| link.trim_start_matches("../").to_owned()).collect();
        let line = Line { options: options.clone(), default: cells[2].to_owned(), links };
        lines.extend(options.into_iter().map(|option| (option, line.clone())));
    }
    assert!(!lines.is_empty(), "{document} has no table of options");
    lines
}

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
