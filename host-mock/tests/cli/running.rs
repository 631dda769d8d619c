//! A host that runs, and the commands that speak to it.

use crate::program::{Ended, Home};
use host_mock::dingtalk::{DingTalk, Settings};
use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Stdio},
    sync::Arc,
    time::Duration,
};

/// `host-mock run`, ended when dropped.
pub(crate) struct Running {
    home: Arc<Home>,
    child: Child,
    /// Where /metrics is.
    metrics: String,
}

impl Running {
    /// Starts it, and waits until it says that it is ready.
    pub(crate) fn start(home: &Arc<Home>) -> Self {
        let plugins = tests::dingtalk().plugins_directory().to_str().unwrap();
        let words = ["run", "--plugins", plugins, "--metrics", "127.0.0.1:0"];
        let mut command = home.command(&words);
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = Vec::new();
        let mut metrics = String::new();
        for line in lines.by_ref() {
            let line = line.unwrap();
            if let Some(at) = line.strip_prefix("metrics at http://") {
                at.clone_into(&mut metrics);
            }
            if line.starts_with("ready") {
                // What it says from here on must not fill the pipe.
                std::thread::spawn(move || lines.for_each(drop));
                return Self { home: home.clone(), child, metrics };
            }
            said.push(line);
        }
        panic!("it ended before it was ready, {}: {said:#?}", child.wait().unwrap());
    }

    fn run(&self, words: &[&str]) -> Ended {
        self.home.run(words)
    }

    /// What /metrics says.
    fn scrape(&self) -> String {
        use std::io::Write;
        let authority = self.metrics.strip_suffix("/metrics").unwrap();
        let mut socket = std::net::TcpStream::connect(authority).unwrap();
        write!(socket, "GET /metrics HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        assert!(answer.to_lowercase().contains("content-type: text/plain; version=0.0.4"), "{answer}");
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// A home whose configuration points at this fake DingTalk.
fn home(dingtalk: &DingTalk) -> Arc<Home> {
    let (app, url) = (dingtalk.app(), dingtalk.base_url());
    let home = Home::new();
    let config = serde_json::json!({"channels": {"dingtalk": {
        "clientId": app.client_id, "clientSecret": app.client_secret,
        "endpoints": {"api": url, "oapi": url}, "dmPolicy": "open",
    }}});
    home.write("openclaw.json", &config.to_string());
    Arc::new(home)
}

/// Every family that the plugin says there is.
fn families() -> Vec<String> {
    let extra: Value = tests::dingtalk().plugin().descriptor().extra.parse().unwrap();
    let families = extra["metrics"].as_array().unwrap().iter();
    families.map(|family| family["name"].as_str().unwrap().to_owned()).collect()
}

/// Runs `act`, which blocks, beside the fake DingTalk.
async fn beside<T: Send + 'static>(act: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(act).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_runs_a_host_can_ask_it_how_it_is_have_it_write_and_see_what_it_counted() {
    let dingtalk = DingTalk::start(Settings::default()).await.unwrap();
    let home = home(&dingtalk);
    let running = beside(move || Running::start(&home)).await;
    dingtalk.connected().await;
    let asked = dingtalk.says("Lin", "hello");
    let card = dingtalk.ended_card_of(&asked).await;
    assert_eq!(card.text(), "hello", "nobody else answers: it is echoed");

    let (running, status, probed, sent, wrong, unknown, numbers, text) = beside(move || {
        let status = running.run(&["channels", "status", "--json"]);
        let probed = running.run(&["channels", "status", "--probe", "--lang", "en"]);
        let sent =
            running.run(&["message", "send", "--target", "user0002", "--message", "The build is green."]);
        let send = ["message", "send", "--target", "user0002", "--message", "x", "--account"];
        let wrong = running.run(&[&send[..], &["bot9"]].concat());
        let unknown = running.run(&["message", "send", "--target", "user:", "--message", "x"]);
        let numbers = running.run(&["channels", "status", "--metrics"]);
        let text = running.scrape();
        (running, status, probed, sent, wrong, unknown, numbers, text)
    })
    .await;

    for line in [
        "[ok] messageMode",
        "[?]  permission.snsapi_base",
        "https://open-dev.dingtalk.com/",
        "(this took 3 API calls that count)",
    ] {
        assert!(probed.stdout.contains(line), "{line} is not in {}", probed.stdout);
    }
    let health: Value = serde_json::from_str(&status.stdout).unwrap();
    assert_eq!((status.code, &health["accounts"][0]["connected"]), (0, &true.into()), "{health:#}");
    assert_eq!(
        (sent.code, sent.stdout.starts_with("delivered: ")),
        (0, true),
        "{}{}",
        sent.stdout,
        sent.stderr
    );
    let message = dingtalk.message_to("Mo").await;
    assert_eq!(message.text(), "The build is green.");
    wrong.is_one_error(2, &["bot9", "dingtalk/default"]);
    assert_ne!(unknown.code, 0, "{}", unknown.stdout);
    let numbers: Value = serde_json::from_str(&numbers.stdout).unwrap();
    let account = &numbers["dingtalk/default"];
    assert_eq!(
        (&account["host"]["accepted"], &account["channel"]["stream"]["messages"]),
        (&1.into(), &1.into())
    );
    crate::metrics::check(&text, &families());
    drop(running);
}

/// Ctrl-C, as a terminal sends it.
#[cfg(unix)]
fn interrupt(child: &Child) {
    use rustix::process::{Pid, Signal, kill_process};
    let id = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(id, Signal::INT).unwrap();
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_ends_a_host_in_order_and_nobody_reaches_it_any_more() {
    let dingtalk = DingTalk::start(Settings::default()).await.unwrap();
    let home = home(&dingtalk);
    let mut running = beside(move || Running::start(&home)).await;
    dingtalk.connected().await;
    let (code, status) = beside(move || {
        interrupt(&running.child);
        let code = running.child.wait().unwrap().code();
        (code, running.run(&["channels", "status"]))
    })
    .await;
    assert_eq!(code, Some(0));
    status.is_one_error(3, &["no host runs"]);
    let disconnected = tokio::time::timeout(Duration::from_secs(60), dingtalk.disconnected());
    disconnected.await.unwrap();
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn only_the_owner_may_read_how_a_host_is_reached_and_without_the_word_it_says_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let dingtalk = DingTalk::start(Settings::default()).await.unwrap();
    let home = home(&dingtalk);
    let file = home.path().join(".openclaw/host-mock/control.json");
    let running = beside(move || Running::start(&home)).await;
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut card: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    card["word"] = "another".into();
    std::fs::write(&file, card.to_string()).unwrap();
    let status = beside(move || running.run(&["channels", "status"])).await;
    status.is_one_error(3, &["no host runs"]);
}

#[test]
fn a_rehearsal_of_faults_ends_with_every_message_answered_once() {
    let plugins = tests::dingtalk().plugins_directory().to_str().unwrap();
    let words =
        ["chaos", "--plugins", plugins, "--messages", "30", "--fault", "f3-reset", "--seed", "7", "--json"];
    let ended = Home::new().run(&words);
    let outcome: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(ended.code, 0, "{outcome:#}{}", ended.stderr);
    let told = [&outcome["answered"], &outcome["seed"], &outcome["faults"]];
    assert_eq!(told, [30, 7, 1]);
    assert_eq!(outcome["twice"], Value::Array(Vec::new()));
}
