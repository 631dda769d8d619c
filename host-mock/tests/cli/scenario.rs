//! A scenario that the gateway plays to a bot, once: how the program ends says how it went.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::sync::Arc;

use serde_json::{Value, json};

use crate::program::{Ended, Home};
use crate::running::Running;

/// The group that is there from the beginning.
const GROUP: &str = "cidFakeGroupAAAA1111bbbb2222==";

/// `host-mock gateway --once`, ended when dropped.
struct Playing {
    child: Child,
    /// Where it is, and its credentials.
    told: Value,
}

impl Playing {
    fn start(home: &Home, answer: &str) -> Self {
        let scenario = json!({"format": 1, "steps": [
            {"say": {"chat": GROUP, "person": "user0001", "text": "hello"}},
            {"answer": {"chat": GROUP, "text": answer}},
        ]});
        let file = home.write("chat.json", &scenario.to_string());
        let words = ["gateway", "--port", "0", "--json", "--once", "--scenario", file.to_str().unwrap()];
        let mut command = home.command(&words);
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, told: line.parse().unwrap() }
    }

    /// Waits until it has been played.
    fn ended(mut self) -> Ended {
        let mut stderr = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        let code = self.child.wait().unwrap().code().unwrap_or(-1);
        Ended { code, stdout: String::new(), stderr }
    }
}

impl Drop for Playing {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// Plays it to a bot that echoes.
fn played(answer: &str) -> Ended {
    let home = Arc::new(Home::new());
    let playing = Playing::start(&home, answer);
    let (app, url) = (&playing.told["apps"][0], &playing.told["baseUrl"]);
    let config = json!({"channels": {"dingtalk": {
        "clientId": app["clientId"], "clientSecret": app["clientSecret"],
        "endpoints": {"api": url, "oapi": url}, "groupPolicy": "open",
    }}});
    home.write("openclaw.json", &config.to_string());
    let _running = Running::start(&home);
    playing.ended()
}

#[test]
fn a_scenario_that_is_answered_as_it_says_ends_the_gateway_with_0() {
    let ended = played("hello");
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(ended.stderr.contains("step 2 of 2"), "{}", ended.stderr);
    assert!(ended.stderr.contains("played: every answer was as it should be"), "{}", ended.stderr);
}

#[test]
fn an_answer_that_is_another_ends_the_gateway_with_1_and_both_are_told() {
    played("goodbye").is_one_error(1, &["step 2 of the scenario", "\"hello\"", "\"goodbye\""]);
}
