//! What the guides quote of programs, beside what the doctor says, which `plugin/src/probe/tests.rs` looks after.

use super::page::{Page, in_chinese, root};
use std::fs;

/// A guide, the words there in Chinese and in English, and the source that has both.
const QUOTES: [(&str, [&str; 2], &str); 5] = [
    ("troubleshooting", ["都占用 channels.", "both own channels."], "host-openclaw/js/neighbours.js"),
    ("troubleshooting", ["native library cannot be loaded"; 2], "host-openclaw/js/host.js"),
    ("logs-and-state", ["make the state directory writable"; 2], "host-openclaw/src/state.rs"),
    ("logs-and-state", ["ledger.damaged"; 2], "plugin/src/ledger/place.rs"),
    // OpenClaw's own words, which the end-to-end tests wait for.
    ("install", ["active retained work"; 2], "host-openclaw/tests/gateway/world.rs"),
];

#[test]
fn what_is_quoted_is_what_is_said() {
    for (guide, words, source) in QUOTES {
        let english = format!("docs/guides/{guide}.md");
        let said = fs::read_to_string(root().join(source)).unwrap();
        for (path, words) in [in_chinese(&english), english].iter().zip(words) {
            assert!(Page::read(path).text.contains(words), "{path} does not quote {words}");
            assert!(said.contains(words), "{source} does not say {words}, which {path} quotes");
        }
    }
}
