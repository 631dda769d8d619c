//! The official Stream SDKs against the fake DingTalk, unchanged apart from the base URL.
//!
//! `cargo xtask sdk-conformance` brings Python, Node.js and the SDKs, and plays this.
#![allow(clippy::unwrap_used, reason = "a test may, also in the functions it is made of")]
#![expect(clippy::print_stdout, reason = "what is claimed is told on stdout")]

use host_mock::dingtalk::{DingTalk, Settings, Strictness, View};
use serde_json::json;
use std::{
    process::{Child, Command, ExitCode},
    sync::Arc,
    time::{Duration, Instant},
};

/// What is claimed of each SDK, in the order in which it is played.
const CLAIMS: [&str; 8] = [
    "it connects",
    "a private message is acknowledged and answered through its session webhook",
    "a message in a group is acknowledged and answered there",
    "a card is created, grows, and ends with all of its text",
    "an event is acknowledged",
    "a ping comes back",
    "after a disconnect it comes back, and goes on",
    "no rule of the protocol was broken",
];

/// The group that the robot is in.
const GROUP: &str = "Release crew";

/// A bot, ended when dropped.
struct Bot(Child);

impl Drop for Bot {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut broken = 0;
    for (name, program, script) in [("python", "SDK_PYTHON", "bot.py"), ("node", "SDK_NODE", "bot.mjs")] {
        broken += play(name, &variable(program), script).await;
    }
    if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: `cargo xtask sdk-conformance` sets it"))
}

/// Plays all claims to one SDK; how many did not hold.
async fn play(name: &str, program: &str, script: &str) -> usize {
    let settings = Settings {
        strictness: Strictness { any_template: true, ..Strictness::default() },
        disconnect_grace: Duration::from_secs(1),
        ..Settings::default()
    };
    let dingtalk = Arc::new(DingTalk::start(settings).await.unwrap());
    let _bot = start(&dingtalk, program, script);
    for (number, claim) in CLAIMS.iter().enumerate() {
        let begun = Instant::now();
        let holds = tokio::spawn(hold(number, dingtalk.clone())).await.is_ok();
        let verdict = if holds { "holds" } else { "DOES NOT HOLD" };
        println!("{name}: {claim}: {verdict} ({:.1} s)", begun.elapsed().as_secs_f64());
        if !holds {
            // What follows builds on it.
            return CLAIMS.len() - number;
        }
    }
    0
}

fn start(dingtalk: &DingTalk, program: &str, script: &str) -> Bot {
    let app = dingtalk.app();
    let mut command = Command::new(program);
    command
        .arg(format!("{}/tests/sdk/{script}", env!("CARGO_MANIFEST_DIR")))
        .env("SDK_BASE", dingtalk.base_url())
        .env("DINGTALK_OPENAPI_ENDPOINT", dingtalk.base_url())
        .env("SDK_CLIENT_ID", &app.client_id)
        .env("SDK_CLIENT_SECRET", &app.client_secret);
    for proxy in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env_remove(proxy);
    }
    Bot(command.spawn().unwrap_or_else(|error| panic!("cannot start {program}: {error}")))
}

/// Panics, with what did happen, if the claim does not hold.
async fn hold(number: usize, dingtalk: Arc<DingTalk>) {
    match number {
        0 => drop(dingtalk.connected().await),
        1 => {
            let asked = dingtalk.says("Lin", "hello");
            dingtalk.acked(&asked).await;
            assert_eq!(dingtalk.message_to("Lin").await.text(), "echo: hello");
        }
        2 => {
            let group = GROUP;
            let asked = dingtalk.says_in_group(group, "Lin", "status?");
            dingtalk.acked(&asked).await;
            assert_eq!(dingtalk.message_to(group).await.text(), "echo: status?");
        }
        3 => {
            let asked = dingtalk.says("Lin", "card, please");
            let card = dingtalk.ended_card_of(&asked).await;
            assert_eq!(card.text(), "one two three");
            dingtalk.acked(&asked).await;
        }
        4 => {
            let event = dingtalk.push_event("user_add_org", json!({"userId": ["user0002"]}));
            dingtalk.acked(&event).await;
        }
        5 => {
            dingtalk.connections().ping();
            let answered = |view: View<'_>| view.connections().any(|it| it.pings_answered > 0).then_some(());
            dingtalk.wait_for(answered).await;
        }
        6 => {
            dingtalk.connections().disconnect();
            dingtalk.connected_times(2).await;
            let asked = dingtalk.says("Lin", "again");
            dingtalk.acked(&asked).await;
        }
        _ => {
            let broken: Vec<_> = dingtalk.violations().iter().map(ToString::to_string).collect();
            assert!(broken.is_empty(), "{broken:#?}");
        }
    }
}
