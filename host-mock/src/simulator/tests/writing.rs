//! Writing as somebody, and hearing of it.

use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::{ask, chat, code, escaped, get, post, simulator};

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
