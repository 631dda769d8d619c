//! A channel whose platform is two text files: each line that is appended to `inbox` is a message,
//! each answer is appended to `outbox`.
//!
//! It is all there is to a channel, and knows nothing of any other. Its configuration:
//!
//! ```json5
//! {channels: {file: {inbox: "~/in.txt", outbox: "~/out.txt"}}}
//! ```

use host_sdk::{
    Accepted, ChannelError, Check, Conversation, Descriptor, ErrorCode, Handle, InboundMessage, Json,
    Lifecycle, OpenContext, OutboundMessage, Receipt, Report, Resolved, ResolvedAccount, Result, Sender,
    StatusPatch, StopReason, StreamUpdate, Verdict,
    channel::{Channel, Host, Newer},
    export_channel,
};
use serde::Deserialize;
use std::{
    fs::{File, OpenOptions},
    io::{BufRead, BufReader, Seek, SeekFrom, Write},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

/// How often the inbox is looked at.
const PACE: Duration = Duration::from_millis(20);
/// Lines that are read at one look.
const MOST_LINES: usize = 100;

export_channel!(FileChannel);

/// The section `channels.file`.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Files {
    inbox: String,
    outbox: String,
}

/// The two files and the way to the host.
pub struct FileChannel {
    inbox: PathBuf,
    outbox: Arc<PathBuf>,
    host: Host,
}

impl Channel for FileChannel {
    type Shared = ();

    fn describe() -> Descriptor {
        Descriptor {
            id: "file".into(),
            name: "File".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            capabilities: vec!["direct".into()],
            ..Default::default()
        }
    }

    fn resolve(section: &Json) -> Resolved {
        let files: Files = section.parse().unwrap_or_default();
        let configured = !files.inbox.is_empty() && !files.outbox.is_empty();
        let reason = if configured { "" } else { "name the files `inbox` and `outbox`" };
        let account = ResolvedAccount {
            id: "default".into(),
            enabled: true,
            configured,
            reason: reason.into(),
            // Whoever may write to the file may talk.
            settings: Json::from_text(r#"{"dmPolicy": "open"}"#),
            ..Default::default()
        };
        Resolved { accounts: vec![account], default_account: "default".into(), ..Default::default() }
    }

    fn open(context: OpenContext, _: Arc<()>, host: Host) -> Result<Self> {
        let files: Files = context.config.parse().map_err(|error| {
            ChannelError::new(ErrorCode::Config, "`inbox` and `outbox` are paths").because(&error)
        })?;
        let path = |written: &str| match written.strip_prefix("~/") {
            Some(below) => PathBuf::from(&context.home).join(below),
            None => PathBuf::from(written),
        };
        Ok(Self { inbox: path(&files.inbox), outbox: Arc::new(path(&files.outbox)), host })
    }

    async fn start(&self) -> Result<()> {
        let status = StatusPatch::new().connected(true).lifecycle(Lifecycle::Ready);
        self.host.status(status);
        self.host.spawn("inbox", read_on(self.inbox.clone(), self.host.clone()));
        Ok(())
    }

    async fn stop(&self, _: StopReason) {}

    async fn send(&self, message: OutboundMessage) -> Result<Receipt> {
        self.append(message.text).await
    }

    async fn stream_update(&self, update: StreamUpdate, _: &mut Newer) -> Result<Receipt> {
        // What is in a file stays there: only the whole answer goes in.
        if update.phase.is_final() { self.append(update.text).await } else { Ok(Receipt::default()) }
    }

    async fn probe(&self) -> Result<Report> {
        let outbox = self.outbox.clone();
        let opened = self.host.blocking(move || appendable(&outbox).map(drop)).await?;
        let finding = opened.as_ref().err().map_or("it can be written".into(), ToString::to_string);
        let verdict = if opened.is_ok() { Verdict::Ok } else { Verdict::Failed };
        let check = Check { name: "outbox".into(), verdict, finding, ..Default::default() };
        Ok(Report { ok: opened.is_ok(), checks: vec![check], ..Default::default() })
    }
}

impl FileChannel {
    async fn append(&self, text: String) -> Result<Receipt> {
        let (outbox, shown) = (self.outbox.clone(), text.len());
        // One write, so that two answers never share a line.
        let line = format!("{}\n", text.replace('\n', " "));
        let write = move || appendable(&outbox)?.write_all(line.as_bytes());
        self.host.blocking(write).await?.map_err(|error| {
            ChannelError::new(ErrorCode::Network, "the outbox cannot be written").because(&error)
        })?;
        Ok(Receipt::delivered("", "line", shown))
    }
}

fn appendable(path: &PathBuf) -> std::io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

/// Hands every line over, the oldest first. A line is named by where it ends, so that a host which
/// has it already says so after a restart.
async fn read_on(inbox: PathBuf, host: Host) {
    let mut position = 0;
    let mut pace = tokio::time::interval(PACE);
    loop {
        let path = inbox.clone();
        // A file that is not there yet has no lines yet.
        let lines = host.blocking(move || lines_after(&path, position).unwrap_or_default()).await;
        for (end, line) in lines.unwrap_or_default() {
            while host.receive(message(end, &line)).await == Accepted::Refused {
                pace.tick().await;
            }
            position = end;
        }
        pace.tick().await;
    }
}

/// The whole lines after `position`, each with where it ends.
fn lines_after(path: &PathBuf, mut position: u64) -> std::io::Result<Vec<(u64, String)>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(position))?;
    let (mut file, mut lines, mut line) = (BufReader::new(file), Vec::new(), Vec::new());
    while lines.len() < MOST_LINES && file.read_until(b'\n', &mut line)? > 0 && line.ends_with(b"\n") {
        position += line.len() as u64;
        lines.push((position, String::from_utf8_lossy(&line).trim_end().to_owned()));
        line.clear();
    }
    Ok(lines)
}

fn message(end: u64, line: &str) -> InboundMessage {
    InboundMessage {
        id: format!("line-{end}"),
        text: line.to_owned(),
        conversation: Conversation { id: "inbox".into(), ..Default::default() },
        sender: Sender { id: "writer".into(), ..Default::default() },
        reply: Handle::new("outbox"),
        ..Default::default()
    }
}
