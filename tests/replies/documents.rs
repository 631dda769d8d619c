//! The tables of faults in `docs/`, and the faults that are played.

use std::{collections::BTreeSet, fs, path::Path};
use tests::{Scenario, scenarios};

pub(crate) const ALL: &[Scenario] = scenarios![both_tables_have_a_row_for_each_fault_that_is_played];

async fn both_tables_have_a_row_for_each_fault_that_is_played() {
    let played: BTreeSet<_> =
        crate::FAULTS.iter().chain(crate::FAULTS_IN_TIME).map(|(fault, _)| (*fault).to_owned()).collect();
    for name in ["docs/replies.md", "docs/replies.zh-CN.md"] {
        let rows = rows(name);
        let missing: Vec<_> = played.difference(&rows).collect();
        let invented: Vec<_> = rows.difference(&played).collect();
        assert!(
            missing.is_empty() && invented.is_empty(),
            "{name} lacks {missing:#?}, and invents {invented:#?}"
        );
    }
}

/// The names in the first column of the table whose head names `tests/replies`.
fn rows(document: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(document);
    let text = fs::read_to_string(path).unwrap();
    let table = text.lines().skip_while(|line| !line.starts_with("| `tests/replies`")).skip(2);
    let cells = table.take_while(|line| line.starts_with('|')).filter_map(|line| line.split('|').nth(1));
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()).collect()
}
