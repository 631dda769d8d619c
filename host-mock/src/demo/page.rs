//! The demo in a browser: the page of the fake DingTalk, with a host and the plugin behind it.

use super::{Args, DemoError, interrupted, stage::Stage, terminal, verdict::complaints};
use crate::host::LogEntry;
use host_sdk::LogLevel;
use std::io::{self, Write};
use std::pin::pin;
use std::process::{Command, Stdio};
use std::sync::Arc;

/// What may be typed.
const KEYS: &str = "回车：检查机器人 Enter: the doctor looks at the bot. Ctrl-C 结束 ends it.";

/// Runs until Ctrl-C.
pub(super) async fn run(args: &Args) -> Result<(), DemoError> {
    let loudest = if args.verbose { LogLevel::Info } else { LogLevel::Warn };
    let log = Arc::new(move |entry: &LogEntry| {
        if entry.level.0 <= loudest.0 {
            eprintln!("{entry}");
        }
    });
    let stage = Stage::open(args, log).await?;
    let page = stage.simulator.page();
    // It runs on although nobody reads this.
    drop(writeln!(io::stdout(), "页面 page        {page}\n{KEYS}"));
    if !args.no_browser {
        show(&page);
    }
    let mut typed = terminal::typed_lines();
    // One for all rounds: Ctrl-C counts also while the doctor looks.
    let mut ending = pin!(interrupted());
    loop {
        tokio::select! {
            () = &mut ending => break,
            // Where nobody types, this is over, and the page is not.
            Some(_) = typed.recv() => {}
        }
        let report = tokio::select! {
            () = &mut ending => break,
            report = stage.doctor() => report,
        };
        drop(writeln!(io::stdout(), "{report}{KEYS}"));
    }
    for line in complaints(&stage.dingtalk.violations()) {
        eprintln!("warning: {line}");
    }
    stage.close().await
}

/// Opens the page where there is a browser; where there is none, its address stands above.
fn show(page: &str) {
    let (program, arguments): (_, &[&str]) = match std::env::consts::OS {
        "macos" => ("open", &[]),
        "windows" => ("cmd", &["/C", "start", ""]),
        _ => ("xdg-open", &[]),
    };
    let mut command = Command::new(program);
    command.args(arguments).arg(page).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // It ends by itself, whenever it wants, and needs no waiting for: the demo's end is the process's.
    drop(command.spawn());
}
