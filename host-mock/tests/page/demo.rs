//! The program as a newcomer starts it, on ports of its own.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// `host-mock demo --page`; it ends when dropped.
pub(crate) struct Demo {
    pub(crate) page: String,
    _process: Child,
}

impl Demo {
    pub(crate) async fn start() -> Self {
        let plugins =
            std::env::var_os("PAGE_PLUGINS").expect("the plugins directory, from `cargo xtask page-test`");
        let mut process = Command::new(env!("CARGO_BIN_EXE_host-mock"))
            .args(["demo", "--page", "--no-browser", "--tokens-per-second", "60", "--plugins"])
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
}
