//! The interface as programs use it: real requests to a real port.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::scenario::Scenario;
use super::{AllowedHosts, Simulator, routes, switches};
use crate::dingtalk::Settings;

const MANUAL: &str = include_str!("../../../docs/simulator-api.md");

async fn simulator() -> Simulator {
    Simulator::start(Settings::default(), AllowedHosts::default()).await.unwrap()
}

/// What is asked, and the status and the body of the answer.
async fn ask(simulator: &Simulator, method: &str, path: &str, body: &str) -> (u16, Value) {
    let mut socket = TcpStream::connect(simulator.dingtalk().address()).await.unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap_or_else(|_| json!(body)))
}

async fn post(simulator: &Simulator, path: &str, body: Value) -> (u16, Value) {
    ask(simulator, "POST", &format!("/simulator/api/{path}"), &body.to_string()).await
}

async fn get(simulator: &Simulator, path: &str) -> Value {
    let (status, answer) = ask(simulator, "GET", &format!("/simulator/api/{path}"), "").await;
    assert_eq!(status, 200, "{answer}");
    answer
}

async fn chat(simulator: &Simulator, title: &str) -> String {
    let state = get(simulator, "state").await;
    let chat = state["chats"].as_array().unwrap().iter().find(|chat| chat["title"] == title).unwrap().clone();
    chat["id"].as_str().unwrap().to_owned()
}

fn code(answer: &(u16, Value)) -> (u16, &str) {
    (answer.0, answer.1["error"]["code"].as_str().unwrap_or_default())
}

/// An id as a query has it.
fn escaped(id: &str) -> String {
    id.replace('=', "%3D")
}

#[tokio::test]
async fn everything_that_a_person_writes_stands_in_the_chat_as_it_was_sent() {
    let simulator = simulator().await;
    let (lin, crew) = (chat(&simulator, "Lin").await, chat(&simulator, "Release crew").await);
    let picture = json!({"name": "a.png", "base64": "iVBORw0KGgo="});

    let (_, first) = post(&simulator, "messages", json!({"chat": lin, "text": "hello"})).await;
    let sent = [
        json!({"chat": lin, "text": "and this?", "quote": first["id"]}),
        json!({"chat": lin, "picture": picture}),
        json!({"chat": lin, "file": {"name": "a.txt", "base64": "YQ=="}}),
        json!({"chat": lin, "voice": {"transcript": "open the door", "durationMs": 2000}}),
        json!({"chat": crew, "person": "user0002", "text": "look", "picture": picture}),
        json!({"chat": crew, "person": "user0002", "text": "among us", "mention": false}),
    ];
    for body in sent {
        let answer = post(&simulator, "messages", body.clone()).await;
        assert_eq!(answer.0, 200, "{body}: {}", answer.1);
    }

    let entries = get(&simulator, &format!("entries?chat={}", escaped(&lin))).await["entries"].clone();
    let kinds: Vec<_> = entries.as_array().unwrap().iter().map(|it| it["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["text", "text", "picture", "file", "voice"]);
    assert_eq!(entries[1]["quote"]["text"], "hello");
    assert_eq!(entries[4]["text"], "open the door");
    let shown = ask(&simulator, "GET", entries[2]["pictures"][0].as_str().unwrap(), "").await;
    assert_eq!(shown.0, 200);
    let entries =
        get(&simulator, &format!("entries?chat={}&limit=1", escaped(&crew))).await["entries"].clone();
    assert_eq!((&entries[0]["text"], &entries[0]["aside"]), (&json!("among us"), &json!(true)));
    let pushed = simulator.dingtalk().look(|view| view.pushes().count());
    assert_eq!(pushed, 6);
}

#[tokio::test]
async fn whatever_is_wrong_has_a_status_and_a_code() {
    let simulator = simulator().await;
    let (lin, crew) = (chat(&simulator, "Lin").await, chat(&simulator, "Release crew").await);
    let wrong = [
        ("messages", json!({"chat": "nowhere", "text": "x"}), (404, "unknown_chat")),
        ("messages", json!({"chat": lin}), (400, "one_kind")),
        ("messages", json!({"chat": lin, "text": "  "}), (400, "bad_field")),
        ("messages", json!({"chat": lin, "txt": "x"}), (400, "bad_field")),
        ("messages", json!({"chat": lin, "text": 1}), (400, "bad_field")),
        ("messages", json!({"chat": lin, "person": "user0002", "text": "x"}), (409, "not_their_chat")),
        ("messages", json!({"chat": lin, "text": "x", "quote": "msg"}), (404, "unknown_quote")),
        ("messages", json!({"chat": lin, "file": {"name": "a", "base64": "!"}}), (400, "bad_field")),
        ("messages", json!({"chat": lin, "voice": {"durationMs": 0}}), (400, "bad_field")),
        ("messages", json!({"chat": crew, "text": "x"}), (400, "bad_field")),
        ("messages", json!({"chat": crew, "person": "nobody", "text": "x"}), (404, "unknown_person")),
        (
            "messages",
            json!({"chat": crew, "person": "user0001", "file": {"name": "a", "base64": "YQ=="}}),
            (409, "not_in_groups"),
        ),
        ("presses", json!({"person": "user0001", "card": "none", "button": "stop"}), (404, "unknown_card")),
        ("people", json!({"staffId": "user0001", "nick": "Again"}), (409, "taken")),
        ("people", json!({"staffId": "", "nick": "Nobody"}), (400, "bad_field")),
        ("groups", json!({"title": "Release crew"}), (409, "taken")),
        ("faults", json!({"name": "f77", "on": true}), (404, "unknown_fault")),
        ("faults", json!({"name": "qps", "on": true, "value": 3}), (400, "no_number")),
        ("faults", json!({"name": "latency", "on": true, "value": 0}), (400, "bad_number")),
        ("faults", json!({"name": "qps", "on": true, "times": 0}), (400, "bad_times")),
        ("faults", json!({"name": "qps", "on": false, "times": 1}), (400, "no_times")),
        ("faults", json!({"name": "no-base", "on": true, "times": 1}), (400, "no_times")),
        ("scans", json!({"code": "none", "allow": true}), (404, "unknown_scan")),
        ("faults", json!({"name": "f3-reset", "on": true}), (409, "nothing_to_meet")),
        ("faults", json!({"name": "f3-reset", "on": false}), (400, "only_once")),
        ("nothing", json!({}), (404, "unknown_path")),
    ];
    for (path, body, expected) in wrong {
        let answer = post(&simulator, path, body.clone()).await;
        assert_eq!(code(&answer), expected, "{path} {body}");
        assert!(!answer.1["error"]["message"].as_str().unwrap().is_empty());
    }
    for (method, path, body, expected) in [
        ("POST", "/simulator/api/messages", "{", (400, "bad_json")),
        ("PUT", "/simulator/api/messages", "{}", (405, "wrong_method")),
        ("GET", "/simulator/api/entries?chat=none", "", (404, "unknown_chat")),
        ("GET", "/simulator/api/entries", "", (400, "bad_query")),
        ("GET", "/simulator/api/timeline?limit=x", "", (400, "bad_query")),
        ("GET", "/simulator/api/timeline?id=call-77", "", (404, "unknown_line")),
        ("GET", "/simulator/api/files?code=x", "", (404, "unknown_file")),
        ("GET", "/simulator/passwd", "", (404, "unknown_path")),
    ] {
        assert_eq!(code(&ask(&simulator, method, path, body).await), expected, "{method} {path}");
    }
    let large = "x".repeat((28 << 20) + 1);
    let refused = ask(&simulator, "POST", "/simulator/api/messages", &large).await;
    assert_eq!(code(&refused), (413, "too_large"));
    let violations = simulator.dingtalk().violations();
    assert!(violations.is_empty(), "the interface is none of DingTalk's: {violations:?}");
}

#[tokio::test]
async fn every_fault_that_can_be_on_goes_on_and_off_again() {
    let simulator = simulator().await;
    for switch in &switches::ALL {
        if matches!(switch.kind, switches::Kind::Once(_)) {
            continue;
        }
        let is_on = async |answer: (u16, Value)| {
            assert_eq!(answer.0, 200, "{}", answer.1);
            let faults = answer.1["faults"].as_array().unwrap().clone();
            faults.into_iter().find(|it| it["name"] == switch.name).unwrap()["on"].clone()
        };
        let on = post(&simulator, "faults", json!({"name": switch.name, "on": true})).await;
        assert_eq!(is_on(on).await, true, "{}", switch.name);
        let off = post(&simulator, "faults", json!({"name": switch.name, "on": false})).await;
        assert_eq!(is_on(off).await, false, "{}", switch.name);
    }
}

#[tokio::test]
async fn where_messages_go_to_an_http_address_none_is_pushed_and_later_ones_are() {
    let simulator = simulator().await;
    let lin = chat(&simulator, "Lin").await;
    post(&simulator, "faults", json!({"name": "http-mode", "on": true})).await;
    post(&simulator, "messages", json!({"chat": lin, "text": "before"})).await;
    post(&simulator, "faults", json!({"name": "http-mode", "on": false})).await;
    post(&simulator, "messages", json!({"chat": lin, "text": "after"})).await;

    let entries = get(&simulator, &format!("entries?chat={}", escaped(&lin))).await["entries"].clone();
    let states: Vec<_> = entries.as_array().unwrap().iter().map(|it| &it["delivery"]["state"]).collect();
    assert_eq!(states, ["lost", "waiting"]);
}

#[tokio::test]
async fn a_rival_takes_what_nobody_else_is_there_for() {
    let simulator = simulator().await;
    let lin = chat(&simulator, "Lin").await;
    post(&simulator, "faults", json!({"name": "rival", "on": true})).await;
    post(&simulator, "messages", json!({"chat": lin, "text": "hello"})).await;

    let entries = get(&simulator, &format!("entries?chat={}", escaped(&lin))).await["entries"].clone();
    assert_eq!(entries[0]["delivery"]["state"], "lost");
}

#[tokio::test]
async fn nobody_writes_to_a_robot_that_is_not_published() {
    let simulator = simulator().await;
    let lin = chat(&simulator, "Lin").await;
    let hello = json!({"chat": lin, "text": "hello"});
    post(&simulator, "faults", json!({"name": "unpublished", "on": true})).await;

    let refused = post(&simulator, "messages", hello.clone()).await;

    assert_eq!(code(&refused), (409, "not_published"));
    assert_eq!(simulator.dingtalk().look(|view| view.pushes().count()), 0);
    post(&simulator, "faults", json!({"name": "unpublished", "on": false})).await;
    assert_eq!(post(&simulator, "messages", hello).await.0, 200);
}

#[tokio::test]
async fn a_fault_that_goes_off_leaves_the_others_on() {
    let simulator = simulator().await;
    simulator.turn_on("no-token", None).unwrap();
    simulator.turn_on("html-502", None).unwrap();
    post(&simulator, "faults", json!({"name": "html-502", "on": false})).await;

    let body = json!({"appKey": "dingfakeapp00000001", "appSecret": "x"}).to_string();
    let answer = ask(&simulator, "POST", "/v1.0/oauth2/accessToken", &body).await;

    assert_eq!((answer.0, answer.1["code"].as_str()), (400, Some("invalidClientIdOrSecret")));
}

#[tokio::test]
async fn a_fault_of_calls_may_be_told_how_often_it_strikes_and_is_off_then() {
    let simulator = simulator().await;
    let body = json!({"name": "no-token", "on": true, "times": 2});
    let told = post(&simulator, "faults", body).await.1;
    let of = |told: &Value| {
        let faults = told["faults"].as_array().unwrap();
        faults.iter().find(|fault| fault["name"] == "no-token").unwrap().clone()
    };
    assert_eq!((&of(&told)["on"], &of(&told)["left"]), (&json!(true), &json!(2)));

    let app = simulator.dingtalk().app();
    let body = json!({"appKey": app.client_id, "appSecret": app.client_secret}).to_string();
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(ask(&simulator, "POST", "/v1.0/oauth2/accessToken", &body).await.0);
    }

    assert_eq!(statuses, [400, 400, 200]);
    let told = get(&simulator, "faults").await;
    assert_eq!((&of(&told)["on"], &of(&told)["left"]), (&json!(false), &Value::Null));
}

#[tokio::test]
async fn who_scans_a_code_lets_an_application_be_or_not() {
    let simulator = simulator().await;
    let call = async |path: &str, body: Value| {
        ask(&simulator, "POST", &format!("/app/registration/{path}"), &body.to_string()).await.1
    };
    let begun = async || {
        let nonce = call("init", json!({"source": "openClaw"})).await["nonce"].clone();
        call("begin", json!({"nonce": nonce})).await
    };
    let (yes, no) = (begun().await, begun().await);
    let waiting = json!([yes["user_code"], no["user_code"]]);
    assert_eq!(get(&simulator, "state").await["scannable"], waiting);

    let allowed = post(&simulator, "scans", json!({"code": yes["user_code"], "allow": true})).await;
    post(&simulator, "scans", json!({"code": no["user_code"], "allow": false})).await;
    let again = post(&simulator, "scans", json!({"code": no["user_code"], "allow": true})).await;

    assert_eq!(code(&again), (404, "unknown_scan"));
    let granted = call("poll", json!({"device_code": yes["device_code"]})).await;
    assert_eq!((&granted["status"], &granted["client_id"]), (&json!("SUCCESS"), &allowed.1["clientId"]));
    assert_eq!(call("poll", json!({"device_code": no["device_code"]})).await["status"], "FAIL");
    assert_eq!(get(&simulator, "state").await["scannable"], json!([]));
    let line = get(&simulator, "timeline").await["lines"].to_string();
    assert!(!line.contains(granted["client_secret"].as_str().unwrap()), "{line}");
}

#[tokio::test]
async fn what_happens_is_told_while_it_happens() {
    let simulator = simulator().await;
    let lin = chat(&simulator, "Lin").await;
    let socket = TcpStream::connect(simulator.dingtalk().address()).await.unwrap();
    let mut events = BufReader::new(socket);
    let asked = "GET /simulator/api/events HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n";
    events.write_all(asked.as_bytes()).await.unwrap();
    let mut heard = String::new();
    while !heard.contains("event: hello") {
        assert_ne!(events.read_line(&mut heard).await.unwrap(), 0, "{heard}");
    }

    post(&simulator, "messages", json!({"chat": lin, "text": "are you there?"})).await;

    while !heard.contains("are you there?") {
        assert_ne!(events.read_line(&mut heard).await.unwrap(), 0, "{heard}");
    }
    assert!(heard.contains("event: batch"), "{heard}");
}

#[tokio::test]
async fn a_chat_that_was_exported_can_be_played_again() {
    let first = simulator().await;
    let (lin, crew) = (chat(&first, "Lin").await, chat(&first, "Release crew").await);
    let (_, asked) = post(&first, "messages", json!({"chat": lin, "text": "hello"})).await;
    post(&first, "messages", json!({"chat": lin, "text": "again", "quote": asked["id"]})).await;
    let spoken = json!({"chat": lin, "voice": {"transcript": "spoken", "durationMs": 40}});
    post(&first, "messages", spoken).await;
    let aside = json!({"chat": crew, "person": "user0002", "text": "aside", "mention": false});
    post(&first, "messages", aside).await;
    post(&first, "faults", json!({"name": "latency", "on": true, "value": 5})).await;
    let exported = get(&first, "scenario").await.to_string();

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chat.json");
    std::fs::write(&file, exported).unwrap();
    let second = simulator().await;
    Scenario::read(&file).unwrap().play(&second, |_, _| ()).await.unwrap();

    let gist = async |simulator: &Simulator, chat: &str| {
        let entries = get(simulator, &format!("entries?chat={}", escaped(chat))).await["entries"].clone();
        let gist = |it: &Value| (it["kind"].clone(), it["text"].clone(), it["quote"].clone());
        entries.as_array().unwrap().iter().map(gist).collect::<Vec<_>>()
    };
    assert_eq!(gist(&first, &lin).await, gist(&second, &lin).await);
    assert_eq!(gist(&first, &crew).await, gist(&second, &crew).await);
    assert!(second.desk.switchboard().is_on("latency"));
}

/// A robot that says one thing to the first who writes.
async fn answered(simulator: &Simulator, text: &str) {
    let webhook = simulator.dingtalk().wait_for(|view| {
        let push = view.pushes().next()?;
        push.data["sessionWebhook"].as_str().map(str::to_owned)
    });
    let webhook = webhook.await;
    let path = webhook.trim_start_matches(&simulator.dingtalk().base_url());
    let body = json!({"msgtype": "text", "text": {"content": text}}).to_string();
    assert_eq!(ask(simulator, "POST", path, &body).await.1["errcode"], 0);
}

#[tokio::test]
async fn a_scenario_that_is_played_tells_whether_the_answers_are_the_same() {
    let first = simulator().await;
    let lin = chat(&first, "Lin").await;
    post(&first, "messages", json!({"chat": lin, "text": "hello"})).await;
    answered(&first, "hi").await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chat.json");
    std::fs::write(&file, get(&first, "scenario").await.to_string()).unwrap();
    let scenario = Scenario::read(&file).unwrap();

    let (same, other) = (simulator().await, simulator().await);
    let (played, ()) = tokio::join!(scenario.play(&same, |_, _| ()), answered(&same, "hi"));
    let (differs, ()) = tokio::join!(scenario.play(&other, |_, _| ()), answered(&other, "no"));

    played.unwrap();
    let why = differs.unwrap_err().to_string();
    assert!(why.contains("step 2") && why.contains(r#""no""#) && why.contains(r#""hi""#), "{why}");
}

#[tokio::test]
async fn the_timeline_shows_bodies_and_no_secrets() {
    let simulator = simulator().await;
    let app = simulator.dingtalk().app();
    let body = json!({"appKey": app.client_id, "appSecret": app.client_secret}).to_string();
    ask(&simulator, "POST", "/v1.0/oauth2/accessToken", &body).await;

    let lines = get(&simulator, "timeline").await["lines"].clone();
    let id = lines[0]["id"].as_str().unwrap();
    let detail = get(&simulator, &format!("timeline?id={id}")).await;

    assert_eq!(detail["request"]["body"]["appKey"], app.client_id);
    assert_eq!(detail["answer"]["expireIn"], 7200);
    let text = detail.to_string();
    assert!(!text.contains(&app.client_secret) && !text.contains("fake0token"), "{text}");
}

#[tokio::test]
async fn the_timeline_shows_where_a_webhook_is_and_not_its_session() {
    let simulator = simulator().await;
    let lin = chat(&simulator, "Lin").await;
    post(&simulator, "messages", json!({"chat": lin, "text": "hello"})).await;
    let webhook =
        simulator.dingtalk().look(|view| view.pushes().next().unwrap().data["sessionWebhook"].clone());
    let (place, session) = webhook.as_str().unwrap().split_once("session=").unwrap();

    let lines = get(&simulator, "timeline").await["lines"].clone();
    let id = lines.as_array().unwrap().iter().find(|it| it["lane"] == "frame").unwrap()["id"].clone();
    let detail = get(&simulator, &format!("timeline?id={}", id.as_str().unwrap())).await;

    assert_eq!(detail["data"]["sessionWebhook"], format!("{place}session=<hidden>"));
    assert_eq!(detail["data"]["text"]["content"], "hello");
    assert!(!session.is_empty() && !detail.to_string().contains(session), "{detail}");
}

#[tokio::test]
async fn what_is_wrong_with_a_field_is_told_in_the_words_of_the_interface() {
    let simulator = simulator().await;
    let lin = chat(&simulator, "Lin").await;
    let voice = |duration: Value| json!({"chat": lin, "voice": {"durationMs": duration}});
    for (path, body, words) in [
        ("messages", json!(1), "expected a message, as {\"chat\", \"text\"}"),
        ("messages", json!([]), "expected a message"),
        ("messages", json!({"chat": lin, "picture": "a.png"}), "expected a file, as {\"name\", \"base64\"}"),
        ("messages", json!({"chat": lin, "voice": true}), "expected a voice"),
        ("messages", voice(json!("long")), "expected a whole number"),
        ("messages", voice(json!(-1)), "expected a whole number"),
        ("messages", json!({"chat": lin, "txt": "x"}), "unknown field `txt`, expected one of `chat`"),
        ("presses", json!("stop"), "expected a press"),
        ("scans", json!(null), "expected a scan"),
        ("people", json!(7), "expected a person"),
        ("groups", json!(7), "expected a group"),
        ("faults", json!("qps"), "expected a fault, as {\"name\", \"on\"}"),
        ("faults", json!({"name": "qps", "on": true, "times": 1.5}), "expected a whole number"),
    ] {
        let answer = post(&simulator, path, body.clone()).await;
        assert_eq!(code(&answer), (400, "bad_field"), "{path} {body}");
        let message = answer.1["error"]["message"].as_str().unwrap();
        assert!(message.contains(words) && !message.contains("struct"), "{path} {body}: {message}");
    }
}

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
        include_str!("act.rs"),
        include_str!("body.rs"),
        include_str!("door.rs"),
        include_str!("faults.rs"),
        include_str!("live.rs"),
        include_str!("organisation.rs"),
        include_str!("refusal.rs"),
        include_str!("routes.rs"),
        include_str!("timeline.rs"),
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
    let table = include_str!("../../page/words.js").split("\n};").next().unwrap();
    let row = |line: &'static str| {
        let (key, texts) = line.strip_prefix("  ")?.split_once(": [\"")?;
        let (chinese, english) = texts.strip_suffix("\"],")?.split_once("\", \"")?;
        (!chinese.is_empty() && !english.is_empty()).then_some(key)
    };
    let known: BTreeSet<_> = table.lines().filter_map(row).collect();
    let scripts = [
        include_str!("../../page/main.js"),
        include_str!("../../page/api.js"),
        include_str!("../../page/markdown.js"),
        include_str!("../../page/chats.js"),
        include_str!("../../page/talk.js"),
        include_str!("../../page/composer.js"),
        include_str!("../../page/side.js"),
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
