//! What the host reads: the plugin passes it through as it is, and says nothing against it.

use crate::row::{Level, Row};

const fn passed_through(option: &'static str) -> Row {
    let level = Level::Everywhere { standard: "", values: [("{\"a\": 1}", "{\"a\": 1}"), ("12", "12")] };
    Row { option, number: "", level, wrong: &[], plays: &[], elsewhere: &[] }
}

pub(crate) const ROWS: &[Row] = &[
    passed_through("streaming.mode"),
    passed_through("streaming.chunkMode"),
    passed_through("streaming.preview"),
    passed_through("streaming.block"),
    passed_through("textChunkLimit"),
    passed_through("responsePrefix"),
    passed_through("configWrites"),
    passed_through("healthMonitor"),
    passed_through("historyLimit"),
    passed_through("dmHistoryLimit"),
    passed_through("contextVisibility"),
];
