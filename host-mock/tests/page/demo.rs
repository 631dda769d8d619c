//! The program as a newcomer starts it, on ports of its own.

use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// `host-mock demo --page`; it ends when dropped.
pub(crate) struct Demo {
    pub(crate) page: String,
    _process: Child,
}

impl Demo {
    pub(crate) async fn start() -> Self {
        Self::paced(60).await
    }

    /// Its agent writes this many tokens a second.
    pub(crate) async fn paced(tokens_per_second: u32) -> Self {
        let plugins =
            std::env::var_os("PAGE_PLUGINS").expect("the plugins directory, from `cargo xtask page-test`");
        let mut process = Command::new(env!("CARGO_BIN_EXE_host-mock"))
            .args(["demo", "--page", "--no-browser", "--tokens-per-second", &tokens_per_second.to_string()])
            .arg("--plugins")
            .arg(plugins)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the demo can be started");
        let mut lines = BufReader::new(process.stdout.take().expect("its output is ours")).lines();
        let page = loop {
            let line =
                lines.next_line().await.expect("its output is text").expect("it says where the page is");
            if let Some(at) = line.find("http://") {
                break line[at..].trim().to_owned();
            }
        };
        Self { page, _process: process }
    }

    /// Posts many bodies on one connection, a hundred at a time.
    pub(crate) async fn post_all(&self, path: &str, bodies: impl Iterator<Item = Value>) {
        let address = self.page.trim_start_matches("http://").trim_end_matches('/');
        let mut socket = TcpStream::connect(address).await.expect("the simulator listens");
        let bodies: Vec<_> = bodies.map(|body| body.to_string()).collect();
        for chunk in bodies.chunks(100) {
            for body in chunk {
                let request = format!(
                    "POST /simulator/api/{path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
                     content-length: {}\r\n\r\n{body}",
                    body.len()
                );
                socket.write_all(request.as_bytes()).await.expect("it takes requests");
            }
            let (mut answers, mut buffer) = (String::new(), [0; 16_384]);
            while answers.matches("HTTP/1.1 200").count() < chunk.len() {
                let read = socket.read(&mut buffer).await.expect("it answers");
                assert!(read > 0, "{answers}");
                answers.push_str(&String::from_utf8_lossy(&buffer[..read]));
                assert!(!answers.contains("\"error\""), "{answers}");
            }
        }
    }
}
