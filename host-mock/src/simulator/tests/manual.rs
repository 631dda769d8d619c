//! The manual and the page speak of all there is.

use std::collections::BTreeSet;

use super::super::{routes, switches};

const MANUAL: &str = include_str!("../../../../docs/simulator-api.md");

#[test]
fn the_manual_names_every_path_code_and_fault() {
    for (method, path) in routes::PATHS {
        let heading = format!("### `{method} {}`", path.trim_start_matches("/simulator/api"));
        assert!(MANUAL.contains(&heading), "docs/simulator-api.md lacks {heading}");
    }
    let headings = MANUAL.lines().filter(|line| line.starts_with("### `")).count();
    assert_eq!(
        headings,
        routes::PATHS.len(),
        "docs/simulator-api.md has headings of paths that are not there"
    );
    for switch in &switches::ALL {
        let row = format!("| `{}` | {} | {} |", switch.name, switch.zh, switch.en);
        assert!(MANUAL.contains(&row), "docs/simulator-api.md lacks the row {row}");
    }
    let sources = [
        include_str!("../act.rs"),
        include_str!("../body.rs"),
        include_str!("../door.rs"),
        include_str!("../faults.rs"),
        include_str!("../live.rs"),
        include_str!("../organisation.rs"),
        include_str!("../refusal.rs"),
        include_str!("../routes.rs"),
        include_str!("../timeline.rs"),
    ];
    for source in sources {
        let source = source.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        for constructor in ["bad(", "unknown(", "conflict(", "Refusal::new(StatusCode::"] {
            for rest in source.split(constructor).skip(1) {
                let Some(code) = rest.split('"').nth(1).filter(|_| is_code(rest)) else { continue };
                assert!(MANUAL.contains(&format!("`{code}`")), "docs/simulator-api.md lacks the code {code}");
            }
        }
    }
}

/// What an entry may be in, of which the page says by its name.
const STATES: [&str; 10] = [
    "processing",
    "inputting",
    "finished",
    "executing",
    "failed",
    "waiting",
    "sent",
    "acked",
    "lost",
    "swallowed",
];

#[test]
fn whatever_the_page_says_it_says_in_chinese_and_in_english() {
    let table = include_str!("../../../page/words.js").split("\n};").next().unwrap();
    let row = |line: &'static str| {
        let (key, texts) = line.strip_prefix("  ")?.split_once(": [\"")?;
        let (chinese, english) = texts.strip_suffix("\"],")?.split_once("\", \"")?;
        (!chinese.is_empty() && !english.is_empty()).then_some(key)
    };
    let known: BTreeSet<_> = table.lines().filter_map(row).collect();
    let scripts = [
        include_str!("../../../page/main.js"),
        include_str!("../../../page/api.js"),
        include_str!("../../../page/markdown.js"),
        include_str!("../../../page/chats.js"),
        include_str!("../../../page/talk.js"),
        include_str!("../../../page/composer.js"),
        include_str!("../../../page/side.js"),
    ];
    let said = scripts.into_iter().flat_map(|script| script.split("say(\"").skip(1));
    let said = said.filter_map(|rest| rest.split('"').next());
    let groups = switches::ALL.iter().map(|switch| switch.group);
    for key in said.chain(groups).chain(STATES) {
        assert!(known.contains(key), "page/words.js lacks {key}");
    }
}

/// Whether what follows a constructor begins with a code, perhaps after the status.
fn is_code(rest: &str) -> bool {
    let before = rest.split('"').next().unwrap_or_default();
    before.trim().is_empty() || before.chars().all(|it| it.is_ascii_uppercase() || "_, ".contains(it))
}
