//! A channel that does as it is told, to be at fault on purpose.

use host_sdk::{
    ChannelError, Descriptor, ErrorCode, InboundMessage, Json, OpenContext, OutboundMessage, Receipt, Report,
    Resolved, Result, StatusPatch, StopReason, StreamUpdate,
    channel::{Channel, Host, Newer},
    export_channel,
};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::Semaphore;

/// Does what the text says: `panic`, `hang`, `busy`, anything else is echoed to the host.
pub(crate) struct Obedient {
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
