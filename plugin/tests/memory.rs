//! What a large file takes of the memory while it passes through. Alone in its process, for it counts every
//! byte that the process has.
#![allow(clippy::unwrap_used, reason = "a test may, also in the functions it is made of")]
#![allow(clippy::disallowed_methods, reason = "the server is no part of the channel")]

use host_sdk::{
    Accepted, Attachment, Done, Handle, InboundMessage, Json, LocalFile, OpenContext, StopReason,
    host::{Channel, Events, Plugin},
};
use openclaw_dingtalk::DingTalk;
use peak_alloc::PeakAlloc;
use serde_json::json;
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::Duration,
};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const SMALL: usize = 1024 * 1024;
const LARGE: usize = 100 * 1024 * 1024;
/// Half of what is promised: an allocator keeps more than it gives.
const MOST: usize = 2 * 1024 * 1024;
/// The server's own pieces, which it has from the start.
static PIECE: [u8; 64 * 1024] = [7; _];

/// A host that takes nothing.
struct Deaf;

impl Events for Deaf {
    fn receive(&self, _: InboundMessage, answer: Done<Accepted>) {
        answer.answer(Ok(Accepted::Refused));
    }
}

/// As much of DingTalk as a download needs; says where it is.
fn dingtalk() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let here = base.clone();
    thread::spawn(move || {
        for client in listener.incoming() {
            let (client, here) = (client.unwrap(), here.clone());
            thread::spawn(move || converse(&client, &here));
        }
    });
    base
}

/// Answers what comes over one connection, until it closes.
fn converse(mut client: &TcpStream, here: &str) {
    let mut asked = BufReader::new(client);
    while let Some((path, body)) = request(&mut asked) {
        let answer = match path.as_str() {
            "/v1.0/oauth2/accessToken" => json!({"accessToken": "fake", "expireIn": 7200}),
            "/v1.0/robot/messageFiles/download" => {
                let code: serde_json::Value = serde_json::from_slice(&body).unwrap();
                json!({"downloadUrl": format!("{here}/{}", code["downloadCode"].as_str().unwrap())})
            }
            "/small" | "/large" => {
                let size = if path == "/small" { SMALL } else { LARGE };
                write!(client, "HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n").unwrap();
                (0..size / PIECE.len()).for_each(|_| client.write_all(&PIECE).unwrap());
                continue;
            }
            _ => json!({}),
        };
        let answer = answer.to_string();
        write!(client, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{answer}", answer.len()).unwrap();
    }
}

/// The path and the body of the next request; `None` at the end.
fn request(asked: &mut impl BufRead) -> Option<(String, Vec<u8>)> {
    let mut lines = Vec::new();
    while lines.last().is_none_or(|line| line != "\r\n") {
        let mut line = String::new();
        asked.read_line(&mut line).ok().filter(|read| *read > 0)?;
        lines.push(line);
    }
    let length = lines
        .iter()
        .find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    asked.read_exact(&mut body).ok()?;
    Some((lines[0].split(' ').nth(1)?.to_owned(), body))
}

async fn fetch(channel: &Channel, code: &str) -> LocalFile {
    let handle = json!({"v": 1, "robotCode": "ding1", "msgId": code, "downloadCodes": [code]});
    let handle = Handle::new(handle.to_string());
    channel.fetch(Attachment { name: format!("{code}.bin"), handle, ..Attachment::default() }).await.unwrap()
}

#[tokio::test]
async fn a_download_of_100_mb_adds_less_than_2_mb() {
    let (home, base) = (tempfile::tempdir().unwrap(), dingtalk());
    let directory = home.path().to_str().unwrap().to_owned();
    let config = json!({"clientId": "ding1", "clientSecret": "s", "endpoints": {"api": base, "oapi": base}});
    let context = OpenContext {
        account: "default".into(),
        config: Json::new(&config),
        state_dir: directory.clone(),
        shared_state_dir: directory.clone(),
        home: directory,
        ..OpenContext::default()
    };
    let channel = Plugin::linked::<DingTalk>().unwrap().open(context, Deaf).unwrap();
    channel.start().await.unwrap();
    // What is made once is made by then.
    fetch(&channel, "small").await;

    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    let file = fetch(&channel, "large").await;
    let added = MEMORY.peak_usage() - before;

    println!("100 MB passed through with {} kB more than the {} kB before", added / 1024, before / 1024);
    assert_eq!(fs::metadata(file.path).unwrap().len(), LARGE as u64);
    assert!(added < MOST, "{added} bytes");
    channel.stop(StopReason::Shutdown, Duration::from_secs(60)).await.unwrap();
}
