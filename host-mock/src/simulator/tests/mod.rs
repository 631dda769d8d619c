//! The interface as programs use it: real requests to a real port.

mod faults;
mod manual;
mod refusals;
mod scans;
mod scenarios;
mod timeline;
mod writing;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{AllowedHosts, Simulator};
use crate::dingtalk::Settings;

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
