//! A channel of this very binary behind the real boundary: calls, order, panics, shutdown.
#![allow(missing_docs, reason = "a test binary")]
#![allow(clippy::unwrap_used, reason = "a test may")]

use host_sdk::{
    Accepted, ChannelError, Conversation, Descriptor, Done, ErrorCode, InboundMessage, Json, LogLine,
    OpenContext, OutboundMessage, Phase, Receipt, Report, Resolved, Result, StatusPatch, StopReason,
    StreamUpdate,
    channel::{Channel, Host, Newer},
    export_channel,
    host::{Events, Plugin},
};
use std::{
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};
use tokio::sync::Semaphore;

const SOON: Duration = Duration::from_secs(10);

/// Does what the text says: `panic`, `hang`, `busy`, anything else is echoed to the host.
struct Obedient {
    host: Host,
    account: String,
    shown: Mutex<Vec<String>>,
    /// Lets one update pass per permit, in the account `gated`.
    gate: Semaphore,
}

export_channel!(Obedient);

impl Obedient {
    async fn obey(&self, order: &str) {
        match order {
            "panic" => panic!("as told"),
            "hang" => std::future::pending().await,
            "busy" => {
                let until = std::time::Instant::now() + Duration::from_millis(400);
                while std::time::Instant::now() < until {
                    std::hint::spin_loop();
                }
            }
            _ => {}
        }
    }
}

impl Channel for Obedient {
    type Shared = ();

    fn describe() -> Descriptor {
        Descriptor {
            id: "obedient".into(),
            name: "Obedient".into(),
            version: "0.1.0".into(),
            ..Default::default()
        }
    }

    fn resolve(config: &Json) -> Resolved {
        assert!(config.as_str() != "\"panic\"", "as told");
        Resolved { default_account: "default".into(), ..Default::default() }
    }

    fn open(context: OpenContext, _: Arc<()>, host: Host) -> Result<Self> {
        if context.account == "wrong" {
            return Err(ChannelError::new(ErrorCode::Config, "no such account"));
        }
        assert!(context.account != "panic", "as told");
        let gate = Semaphore::new(if context.account == "gated" { 0 } else { 1000 });
        Ok(Self { host, account: context.account, shown: Mutex::default(), gate })
    }

    async fn start(&self) -> Result<()> {
        let host = self.host.clone();
        tracing::info!(account = self.account, "started");
        self.host.spawn("listener", async move {
            let message = InboundMessage { id: "m1".into(), text: "hello".into(), ..Default::default() };
            let accepted = host.receive(message).await;
            host.status(StatusPatch::new().with("accepted", format!("{accepted:?}")));
        });
        self.obey(&self.account).await;
        Ok(())
    }

    async fn stop(&self, why: StopReason) {
        if self.account == "busy goodbye" {
            self.obey("busy").await;
        }
        self.host.status(StatusPatch::new().with("stopped", format!("{why:?}")));
    }

    async fn send(&self, message: OutboundMessage) -> Result<Receipt> {
        if message.text == "task" {
            self.host.spawn("task", async { panic!("as told") });
        }
        self.obey(&message.text).await;
        self.shown.lock().unwrap().push(message.text);
        Ok(Receipt::delivered("id", "text", 0))
    }

    async fn stream_update(&self, update: StreamUpdate, newer: &mut Newer) -> Result<Receipt> {
        self.obey(&update.text).await;
        if update.text == "until final" {
            newer.final_arrived().await;
        }
        self.gate.acquire().await.unwrap().forget();
        self.shown.lock().unwrap().push(update.text);
        Ok(Receipt::delivered("id", "card", 0))
    }

    async fn probe(&self) -> Result<Report> {
        Ok(Report { ok: true, ..Default::default() })
    }

    fn metrics(&self) -> Json {
        assert!(self.account != "metrics panic", "as told");
        // A permit for whoever waits: metrics are the one call that needs no answer.
        self.gate.add_permits(1);
        Json::new(&*self.shown.lock().unwrap())
    }
}

/// What a host heard.
#[derive(Debug)]
enum Heard {
    Message(Box<InboundMessage>, Done<Accepted>),
    Status(StatusPatch),
    Log(String),
}

struct Ears(Mutex<mpsc::Sender<Heard>>);

impl Ears {
    fn hear(&self, heard: Heard) {
        let _test_is_over = self.0.lock().unwrap().send(heard);
    }
}

impl Events for Ears {
    fn receive(&self, message: InboundMessage, answer: Done<Accepted>) {
        self.hear(Heard::Message(Box::new(message), answer));
    }

    fn status(&self, patch: StatusPatch) {
        self.hear(Heard::Status(patch));
    }

    fn log(&self, line: &LogLine<'_>) {
        self.hear(Heard::Log(format!("{:?} {} {:?}", line.level, line.message, line.fields)));
    }
}

fn open(account: &str) -> Result<(host_sdk::host::Channel, mpsc::Receiver<Heard>)> {
    let (ears, heard) = mpsc::channel();
    let plugin = Plugin::linked::<Obedient>()?;
    let context = OpenContext { account: account.to_owned(), ..Default::default() };
    Ok((plugin.open(context, Ears(Mutex::new(ears)))?, heard))
}

fn started(account: &str) -> (host_sdk::host::Channel, mpsc::Receiver<Heard>) {
    let (channel, heard) = open(account).unwrap();
    channel.start().wait(SOON).unwrap();
    (channel, heard)
}

#[track_caller]
fn until<T>(heard: &mpsc::Receiver<Heard>, mut wanted: impl FnMut(Heard) -> Option<T>) -> T {
    loop {
        if let Some(found) = wanted(heard.recv_timeout(SOON).unwrap()) {
            return found;
        }
    }
}

#[track_caller]
fn status(heard: &mpsc::Receiver<Heard>, key: &str) -> String {
    until(heard, |heard| match heard {
        Heard::Status(patch) => Some(patch.get(key)?.as_str()?.to_owned()),
        _ => None,
    })
}

fn message(text: &str) -> OutboundMessage {
    let conversation = Conversation { id: "c".into(), ..Default::default() };
    OutboundMessage { conversation: Some(conversation), text: text.into(), ..Default::default() }
}

fn update(seq: u64, phase: Phase, text: &str) -> StreamUpdate {
    let conversation = Conversation { id: "c".into(), ..Default::default() };
    StreamUpdate { stream: "s".into(), seq, phase, text: text.into(), conversation, ..Default::default() }
}

#[test]
fn a_message_crosses_and_the_answer_comes_back() {
    let (_channel, heard) = started("echo");
    let answer = until(&heard, |heard| match heard {
        Heard::Message(message, answer) => {
            assert_eq!(message.text, "hello");
            Some(answer)
        }
        _ => None,
    });
    answer.answer(Ok(Accepted::New));
    assert_eq!(status(&heard, "accepted"), "new");
}

#[test]
fn a_message_that_the_host_never_answers_counts_as_refused() {
    let (_channel, heard) = started("echo");
    until(&heard, |heard| matches!(heard, Heard::Message(..)).then_some(())); // drops the answer
    assert_eq!(status(&heard, "accepted"), "refused");
}

#[test]
fn a_log_line_arrives_at_the_host_of_its_channel() {
    let (_one, heard_by_one) = started("one");
    let (_two, heard_by_two) = started("two");
    for (heard, account) in [(heard_by_one, "one"), (heard_by_two, "two")] {
        let line = until(&heard, |heard| match heard {
            Heard::Log(line) => Some(line),
            _ => None,
        });
        assert!(line.contains("started") && line.contains(account), "{line}");
    }
}

#[test]
fn a_panic_fails_its_call_and_the_next_one_works() {
    let (channel, heard) = started("echo");
    for outcome in [
        channel.send(message("panic")).wait(SOON).map(drop),
        channel.stream_update(update(1, Phase::Open, "panic")).wait(SOON).map(drop),
    ] {
        assert_eq!(outcome.unwrap_err().code, ErrorCode::Panicked);
    }
    assert!(status(&heard, "lastError").contains("as told"));
    assert!(channel.send(message("fine")).wait(SOON).is_ok());
}

#[test]
fn a_panic_in_a_spawned_task_becomes_status() {
    let (channel, heard) = started("echo");
    channel.send(message("task")).wait(SOON).unwrap();
    assert_eq!(status(&heard, "lastError"), "`task` panicked: as told");
}

#[test]
fn panics_outside_of_tasks_are_typed_errors_too() {
    assert_eq!(open("panic").unwrap_err().code, ErrorCode::Panicked);
    assert_eq!(open("wrong").unwrap_err().code, ErrorCode::Config);
    let plugin = Plugin::linked::<Obedient>().unwrap();
    assert_eq!(plugin.resolve(&Json::from_text("\"panic\"")).unwrap_err().code, ErrorCode::Panicked);
    let (channel, _heard) = open("metrics panic").unwrap();
    assert!(channel.metrics().is_empty());
}

#[test]
fn probing_works_before_the_start_and_sending_does_not() {
    let (channel, _heard) = open("echo").unwrap();
    assert!(channel.probe().wait(SOON).unwrap().ok);
    assert_eq!(channel.send(message("x")).wait(SOON).unwrap_err().code, ErrorCode::State);
}

#[test]
fn the_newest_update_is_shown_and_the_overtaken_one_says_so() {
    let (channel, _heard) = started("gated");
    let first = channel.stream_update(update(1, Phase::Open, "1"));
    channel.metrics(); // lets the first pass
    assert!(!first.wait(SOON).unwrap().overtaken);

    // Whether the second one is taken up before the third comes is chance; that the third, the
    // final one, is shown last and the fourth never is not.
    let _second = channel.stream_update(update(2, Phase::Open, "2"));
    let third = channel.stream_update(update(3, Phase::Done, "3"));
    let fourth = channel.stream_update(update(4, Phase::Open, "4"));
    assert!(fourth.wait(SOON).unwrap().overtaken);
    channel.metrics();
    channel.metrics();
    third.wait(SOON).unwrap();
    let shown: Vec<String> = channel.metrics().parse().unwrap();
    assert_eq!(shown.last().unwrap(), "3");
}

#[test]
fn an_update_in_progress_learns_that_the_final_one_waits() {
    let (channel, _heard) = started("echo");
    let partial = channel.stream_update(update(1, Phase::Open, "until final"));
    let last = channel.stream_update(update(2, Phase::Done, "whole"));
    partial.wait(SOON).unwrap();
    last.wait(SOON).unwrap();
}

#[test]
fn messages_and_final_updates_of_a_conversation_come_in_call_order() {
    let (channel, _heard) = started("gated");
    let answer = channel.stream_update(update(1, Phase::Done, "answer"));
    let after = channel.send(message("after"));
    channel.metrics(); // lets the answer pass
    answer.wait(SOON).unwrap();
    after.wait(SOON).unwrap();
    let shown: Vec<String> = channel.metrics().parse().unwrap();
    assert_eq!(shown, ["answer", "after"]);
}

#[test]
fn stopping_answers_everything_and_silences_the_channel() {
    let (channel, heard) = started("echo");
    let hanging = channel.send(message("hang"));
    channel.stop(StopReason::Reload, SOON).wait(SOON).unwrap();
    assert_eq!(hanging.wait(Duration::ZERO).unwrap_err().code, ErrorCode::Cancelled);
    assert_eq!(status(&heard, "stopped"), "reload");
    assert_eq!(channel.send(message("x")).wait(SOON).unwrap_err().code, ErrorCode::State);
}

#[test]
fn a_stopped_channel_starts_again() {
    let (channel, heard) = started("echo");
    channel.stop(StopReason::Reload, SOON).wait(SOON).unwrap();
    while heard.try_recv().is_ok() {}
    channel.start().wait(SOON).unwrap();
    until(&heard, |heard| matches!(heard, Heard::Message(..)).then_some(()));
    assert!(channel.send(message("x")).wait(SOON).is_ok());
}

#[test]
fn a_task_that_never_yields_makes_the_stop_time_out_and_is_not_heard() {
    let (channel, heard) = started("echo");
    let busy = channel.send(message("busy"));
    until(&heard, |heard| matches!(heard, Heard::Log(_)).then_some(()));
    let deadline = Duration::from_millis(100);
    let error = channel.stop(StopReason::Shutdown, deadline).wait(SOON).unwrap_err();
    assert_eq!(error.code, ErrorCode::Timeout, "{error}");
    assert_eq!(busy.wait(Duration::ZERO).unwrap_err().code, ErrorCode::Cancelled);
    assert_eq!(channel.start().wait(SOON).unwrap_err().code, ErrorCode::State);
    while heard.try_recv().is_ok() {}
    // The ears are dropped with the channel; until then nothing more may be heard.
    assert!(heard.recv_timeout(Duration::from_millis(500)).is_err());
}

#[test]
fn a_goodbye_that_never_yields_makes_the_stop_time_out_too() {
    let (channel, _heard) = started("busy goodbye");
    let error = channel.stop(StopReason::Shutdown, Duration::from_millis(100)).wait(SOON).unwrap_err();
    assert_eq!(error.code, ErrorCode::Timeout, "{error}");
    assert_eq!(channel.start().wait(SOON).unwrap_err().code, ErrorCode::State);
}

#[test]
fn nothing_overtakes_a_final_update_when_a_second_one_comes_for_the_same_stream() {
    let (channel, _heard) = started("gated");
    let answer = channel.stream_update(update(1, Phase::Done, "answer"));
    let again = channel.stream_update(update(2, Phase::Done, "again"));
    let after = channel.send(message("after"));
    assert!(again.wait(SOON).unwrap().overtaken);
    channel.metrics(); // lets the answer pass
    answer.wait(SOON).unwrap();
    after.wait(SOON).unwrap();
    let shown: Vec<String> = channel.metrics().parse().unwrap();
    assert_eq!(shown, ["answer", "after"]);
}

#[test]
fn dropping_the_channel_cancels_what_is_asked() {
    let (channel, _heard) = started("echo");
    let hanging = channel.send(message("hang"));
    drop(channel);
    assert_eq!(hanging.wait(SOON).unwrap_err().code, ErrorCode::Cancelled);
}

#[test]
fn two_hundred_channels_stop_together() {
    let channels: Vec<_> = (0..200).map(|number| started(&format!("account {number}"))).collect();
    let stops: Vec<_> =
        channels.iter().map(|(channel, _)| channel.stop(StopReason::Shutdown, SOON)).collect();
    for stop in stops {
        stop.wait(SOON).unwrap();
    }
}
