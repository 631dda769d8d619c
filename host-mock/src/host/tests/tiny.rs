//! A channel that does what its configuration says.

use super::*;

/// What the section `channels.tiny` may say.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Section {
    accounts: BTreeMap<String, Written>,
}

/// What an account may say.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
struct Written {
    enabled: bool,
    token: String,
    /// Fails there: `open` or `start`.
    fails_at: String,
    blocked: bool,
    /// The messages that arrive at the start: id and conversation.
    arriving: Vec<(String, String)>,
    /// How long it shows a last update, in milliseconds.
    last_takes_ms: u64,
    /// Who may talk to it.
    access: serde_json::Value,
}

impl Default for Written {
    fn default() -> Self {
        Self {
            enabled: true,
            token: "token".into(),
            fails_at: String::new(),
            blocked: false,
            arriving: vec![],
            last_takes_ms: 0,
            access: json!({"dmPolicy": "open"}),
        }
    }
}

/// A channel that does what its configuration says and shows everything in its metrics.
pub(super) struct Tiny {
    host: ChannelHost,
    written: Written,
    shown: Arc<Mutex<Vec<StreamUpdate>>>,
}

export_channel!(Tiny);

impl Tiny {
    fn fails_at(written: &Written, place: &str) -> ChannelResult<()> {
        let error = || ChannelError::new(host_sdk::ErrorCode::Config, format!("told to fail at {place}"));
        if written.fails_at == place { Err(error()) } else { Ok(()) }
    }
}

impl Channel for Tiny {
    type Shared = ();

    fn describe() -> Descriptor {
        Descriptor { id: "tiny".into(), version: "0.1.0".into(), ..Descriptor::default() }
    }

    fn resolve(config: &Json) -> Resolved {
        let section: Section = config.parse().unwrap_or_default();
        let missing = section.accounts.iter().filter(|(_, written)| written.token.is_empty());
        let diagnostics = missing.map(|(id, _)| Diagnostic {
            severity: Severity::Error,
            path: format!("accounts.{id}.token"),
            message: "it is missing".into(),
            suggestion: "copy it from the console".into(),
            ..Diagnostic::default()
        });
        let diagnostics = diagnostics.collect();
        let accounts = section.accounts.into_iter().map(|(id, written)| ResolvedAccount {
            id,
            enabled: written.enabled,
            configured: !written.token.is_empty(),
            reason: if written.enabled { String::new() } else { "`enabled` is false".into() },
            settings: Json::new(&written.access),
            ..ResolvedAccount::default()
        });
        Resolved { accounts: accounts.collect(), diagnostics, ..Resolved::default() }
    }

    fn open(context: OpenContext, _: Arc<()>, host: ChannelHost) -> ChannelResult<Self> {
        let section: Section = context.config.parse().unwrap_or_default();
        let written = section.accounts.get(&context.account).cloned().unwrap_or_default();
        Self::fails_at(&written, "open")?;
        Ok(Self { host, written, shown: Arc::default() })
    }

    async fn start(&self) -> ChannelResult<()> {
        Self::fails_at(&self.written, "start")?;
        tracing::info!(answer = 42, "started");
        self.host.status(match self.written.blocked {
            true => StatusPatch::new().lifecycle(Lifecycle::Blocked).last_error(Some("wrong token".into())),
            false => StatusPatch::new().connected(true),
        });
        let (host, arriving) = (self.host.clone(), self.written.arriving.clone());
        self.host.spawn("arriving", async move {
            for (id, conversation) in arriving {
                let conversation = Conversation { id: conversation, ..Conversation::default() };
                let message = InboundMessage {
                    text: format!("text of {id}"),
                    id,
                    conversation,
                    ..InboundMessage::default()
                };
                host.receive(message).await;
            }
        });
        Ok(())
    }

    async fn stop(&self, why: StopReason) {
        self.host.status(StatusPatch::new().with("stopped", format!("{why:?}")));
    }

    async fn send(&self, message: OutboundMessage) -> ChannelResult<Receipt> {
        let notice = message.notice.map(|notice| format!("{}: {}", message.key, notice.kind));
        self.host.status(StatusPatch::new().with("notice", notice));
        Ok(Receipt::default())
    }

    async fn stream_update(&self, update: StreamUpdate, _: &mut Newer) -> ChannelResult<Receipt> {
        if update.phase.is_final() {
            self.host.status(StatusPatch::new().with("ending", update.turn.clone()));
            tokio::time::sleep(Duration::from_millis(self.written.last_takes_ms)).await;
        }
        let receipt = Receipt::delivered(&update.stream, "tiny", update.text.len());
        self.host.status(StatusPatch::new().with("shown", update.text.clone()));
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).push(update);
        Ok(receipt)
    }

    fn metrics(&self) -> Json {
        Json::new(&*self.shown.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
