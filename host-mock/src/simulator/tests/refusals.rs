//! What the interface does not take.

use serde_json::{Value, json};

use super::{ask, chat, code, post, simulator};

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
