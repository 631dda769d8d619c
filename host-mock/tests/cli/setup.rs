//! The setup as a whole: through a pipe and at a terminal, typed and scanned, to a bot that works.

use crate::program::{Ended, Home};
#[cfg(unix)]
use crate::terminal::Terminal;
use host_mock::{
    dingtalk::{App, Settings},
    simulator::{AllowedHosts, Simulator},
};
use std::{
    io::Write,
    process::{Output, Stdio},
    sync::Arc,
    time::Duration,
};

const SECRET: &str = "Yz3kq-Lm_0987654321abcdefghijklmnopqrstuvwx";

/// A simulator that knows an application whose credentials look like DingTalk's own.
async fn simulator() -> Simulator {
    let app = App { client_secret: SECRET.into(), ..App::new("dingabcdefghijklmnop") };
    let registration_interval = Duration::from_secs(1);
    let settings = Settings { apps: vec![app], registration_interval, ..Settings::default() };
    Simulator::start(settings, AllowedHosts::default()).await.unwrap()
}

/// A configuration with comments, an option and a key of somebody else's.
fn written(url: &str) -> String {
    format!(
        "{{\n  // my gateway\n  gateway: {{ port: 1 }}, // kept\n  channels: {{\n    dingtalk: {{\n      \
         endpoints: {{ api: '{url}', oapi: '{url}' }}, /* a laptop */\n      enableAICard: true,\n    }},\n  \
         }},\n  somethingNew: [1, 2],\n}}\n"
    )
}

fn home(simulator: &Simulator) -> Arc<Home> {
    let home = Home::new();
    home.write("openclaw.json", &written(&simulator.dingtalk().base_url()));
    Arc::new(home)
}

fn configuration(home: &Home) -> String {
    std::fs::read_to_string(home.path().join(".openclaw/openclaw.json")).unwrap()
}

fn words<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let plugins = tests::dingtalk().plugins_directory().to_str().unwrap();
    [&["setup", "--lang", "en", "--plugins", plugins], more].concat()
}

/// The setup, given these lines.
fn piped(home: &Home, lines: &[&str]) -> Ended {
    let mut command = home.command(&words(&[]));
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    for line in lines {
        // It may end before all is read.
        let _unread = input.write_all(format!("{line}\n").as_bytes());
    }
    drop(input);
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    Ended::of(Output { status, stdout, stderr })
}

/// Runs `act`, which blocks, beside the simulator.
async fn beside<T: Send + 'static>(act: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(act).await.unwrap()
}

/// Waits until a code can be scanned, and scans it.
async fn scanned(simulator: &Simulator) -> App {
    let dingtalk = simulator.dingtalk();
    let code = dingtalk.wait_for(|view| view.scannable().next().map(|it| it.user_code.clone())).await;
    dingtalk.scan(&code).unwrap()
}

/// Fails unless `text` is the configuration as it was, with these credentials besides.
#[track_caller]
fn is_written(text: &str, url: &str, id: &str, secret: &str) {
    let added = format!(
        "      \"enabled\": true,\n      \"clientId\": \"{id}\",\n      \"clientSecret\": \"{secret}\",\n    }},\n"
    );
    assert_eq!(text, written(url).replacen("    },\n", &added, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn through_a_pipe_what_was_pasted_wrongly_is_asked_again_and_the_file_keeps_all_else() {
    let simulator = simulator().await;
    let (home, url) = (home(&simulator), simulator.dingtalk().base_url());
    let id = "dingabcdefghijklmnop";
    // A blank inside, then both exchanged, then with blanks around them.
    let spaced = "dingabc defghijklmnop";
    let padded = format!("  {id}\t");
    let lines = ["3".to_owned(), spaced.into(), SECRET.into(), id.into(), padded, format!(" {SECRET} ")];
    let (home, ended) = beside(move || {
        let lines: Vec<_> = lines.iter().map(String::as_str).chain([""; 4]).collect();
        let ended = piped(&home, &lines);
        (home, ended)
    })
    .await;
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    for said in ["white space", "exchanged", "[ok] token", "Nothing was found that does not work"] {
        assert!(ended.stdout.contains(said), "{said:?} is not in {}", ended.stdout);
    }
    assert!(!ended.stdout.contains(SECRET) && !ended.stderr.contains(SECRET), "{}", ended.stdout);
    is_written(&configuration(&home), &url, id, SECRET);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setup_that_is_broken_off_writes_nothing_and_says_so() {
    let simulator = simulator().await;
    let (home, url) = (home(&simulator), simulator.dingtalk().base_url());
    let (home, ended) = beside(move || {
        let ended = piped(&home, &["3", "dingabcdefghijklmnop"]);
        (home, ended)
    })
    .await;
    ended.is_one_error(130, &["broken off", "nothing was written"]);
    assert_eq!(configuration(&home), written(&url));
}

#[test]
fn a_configuration_that_cannot_be_written_is_told_before_anything_is_asked() {
    for (text, said) in [("{ channels: { oops\n", "not JSON5"), ("{ channels: [] }\n", "not an object")] {
        let home = Home::new();
        home.write("openclaw.json", text);
        let ended = piped(&home, &["3"]);
        ended.is_one_error(2, &["openclaw.json", said]);
        assert_eq!(ended.stdout, "");
        assert_eq!(configuration(&home), text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_does_not_work_is_written_down_and_the_doctor_says_why() {
    let simulator = simulator().await;
    simulator.turn_on("no-robot-send", None).unwrap();
    let home = home(&simulator);
    let ended = beside(move || piped(&home, &["3", "dingabcdefghijklmnop", SECRET, "", "", "", ""])).await;
    assert_eq!(ended.code, 1, "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("qyapi_robot_sendmsg is not granted"), "{}", ended.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn through_a_pipe_a_code_is_told_by_its_link_and_what_was_scanned_is_written() {
    let simulator = simulator().await;
    let (home, url) = (home(&simulator), simulator.dingtalk().base_url());
    let running = beside(move || {
        let ended = piped(&home, &["4", "", "", "", "", "", "", ""]);
        (home, ended)
    });
    let (app, (home, ended)) = tokio::join!(scanned(&simulator), running);
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains(&format!("{url}/?scan=")) && !ended.stdout.contains('\u{2580}'));
    assert!(!ended.stdout.contains(&app.client_secret), "{}", ended.stdout);
    is_written(&configuration(&home), &url, &app.client_id, &app.client_secret);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_may_register_the_credentials_are_asked_for() {
    let simulator = simulator().await;
    simulator.turn_on("scan-unknown", None).unwrap();
    let home = home(&simulator);
    let lines = ["4", "", "dingabcdefghijklmnop", SECRET, "", "", "", ""];
    let ended = beside(move || piped(&home, &lines)).await;
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("cannot be registered") && ended.stdout.contains("invalid source"));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn at_a_terminal_a_code_is_drawn_and_scanned() {
    let simulator = simulator().await;
    let (home, url) = (home(&simulator), simulator.dingtalk().base_url());
    let running = beside(move || {
        let mut terminal = Terminal::run(&home, &words(&[]), 100);
        terminal.read_until("Which: ");
        terminal.type_line("4");
        terminal.read_until("Press Enter");
        terminal.type_line("");
        let drawn = terminal.read_until("Waiting");
        terminal.read_until("gave its credentials");
        for _ in 0..4 {
            terminal.read_until("Press Enter when that is done: ");
            terminal.type_line("");
        }
        (home, drawn, terminal.end())
    });
    let (app, (home, drawn, (screen, code))) = tokio::join!(scanned(&simulator), running);
    assert_eq!(code, 0, "{screen}");
    assert!(drawn.contains('\u{2580}') && drawn.contains(&format!("{url}/?scan=")), "{drawn}");
    assert!(!screen.contains(&app.client_secret), "{screen}");
    is_written(&configuration(&home), &url, &app.client_id, &app.client_secret);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn at_a_narrow_terminal_or_without_a_code_the_link_is_shown_and_enter_goes_on_to_typing() {
    let simulator = simulator().await;
    for (columns, more) in [(30, &[][..]), (100, &["--no-qr"])] {
        let home = home(&simulator);
        let (shown, (screen, code)) = beside(move || {
            let mut terminal = Terminal::run(&home, &words(more), columns);
            terminal.read_until("Which: ");
            terminal.type_line("4");
            terminal.read_until("Press Enter");
            terminal.type_line("");
            let shown = terminal.read_until("Waiting");
            terminal.type_line("");
            terminal.read_until("Client ID (AppKey): ");
            terminal.type_line("dingabcdefghijklmnop");
            terminal.read_until("Client Secret (AppSecret): ");
            terminal.type_line(SECRET);
            for _ in 0..4 {
                terminal.read_until("Press Enter when that is done: ");
                terminal.type_line("");
            }
            (shown, terminal.end())
        })
        .await;
        assert_eq!(code, 0, "{screen}");
        assert!(!shown.contains('\u{2580}') && shown.contains("?scan="), "{shown}");
        assert!(!screen.contains(SECRET), "what is typed is shown: {screen}");
    }
}

/// Of this finding a process of its own is needed, whose system knows no certificate.
#[cfg(target_os = "linux")]
#[test]
fn a_system_that_trusts_no_certificate_is_found_as_no_trust() {
    let home = Home::new();
    let nothing = home.write("none.pem", "");
    let config = "{channels: {dingtalk: {clientId: 'dingabcdefghijklmnop', clientSecret: 'fake-secret-of-nobody', \
                  endpoints: {api: 'https://127.0.0.1:9', oapi: 'https://127.0.0.1:9'}}}}";
    home.write("openclaw.json", config);
    let plugins = tests::dingtalk().plugins_directory().to_str().unwrap();
    let mut command = home.command(&["doctor", "--json", "--plugins", plugins]);
    command.env("SSL_CERT_FILE", &nothing).env("SSL_CERT_DIR", home.path().join("none"));
    let ended = Ended::of(command.output().unwrap());
    let told: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    let checks = told["accounts"][0]["report"]["checks"].as_array().unwrap();
    let failed: Vec<_> = checks.iter().filter(|check| check["verdict"] == "failed").collect();
    assert_eq!((ended.code, failed.len(), &failed[0]["code"]), (1, 1, &"noTrust".into()), "{told:#}");
}
