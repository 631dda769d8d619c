//! What it takes to say what a configuration means, beside reading its text as JSON at all.
//!
//! `cargo bench -p plugin --bench resolve`

use divan::{Bencher, black_box};
use host_sdk::{Json, channel::Channel};
use openclaw_dingtalk::DingTalk;
use serde_json::{Map, Value, json};

const ACCOUNTS: [usize; 3] = [100, 1_000, 10_000];

fn main() {
    divan::main();
}

/// A section of so many accounts, each with a few options of its own.
fn section(accounts: usize, client_id: impl Fn(usize) -> String) -> Json {
    let account = |number: usize| {
        let options = json!({
            "name": format!("Bot {number}"),
            "clientId": client_id(number),
            "clientSecret": {"file": format!("~/secrets/{number}")},
            "allowFrom": ["manager0001", "manager0002"],
            "inboundMedia": {"keepDays": 3},
        });
        (format!("bot{number}"), options)
    };
    let accounts: Map<String, Value> = (0..accounts).map(account).collect();
    Json::new(&json!({"groupPolicy": "allowlist", "groups": {"*": {}}, "accounts": accounts}))
}

fn own(number: usize) -> String {
    format!("dingaccount{number:08}")
}

/// The measure: as text to a tree of values, which is where resolving begins.
#[divan::bench(args = ACCOUNTS)]
fn the_text_alone(bencher: Bencher<'_, '_>, accounts: usize) {
    let section = section(accounts, own);
    bencher.bench_local(|| black_box(&section).parse::<Value>());
}

#[divan::bench(args = ACCOUNTS)]
fn accounts(bencher: Bencher<'_, '_>, accounts: usize) {
    let section = section(accounts, own);
    bencher.bench_local(|| DingTalk::resolve(black_box(&section)));
}

#[divan::bench(args = ACCOUNTS)]
fn accounts_of_one_application(bencher: Bencher<'_, '_>, accounts: usize) {
    let section = section(accounts, |_| "dingone".to_owned());
    bencher.bench_local(|| DingTalk::resolve(black_box(&section)));
}
