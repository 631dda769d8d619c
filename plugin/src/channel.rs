//! The channel: one account, assembled from its parts.

use crate::{
    api::{Api, Credentials, Network, Source},
    budget::Keeper,
    config::{self, Account, LiveOptions},
    inlet::ToHost,
    ledger::{AnswerKey, Ledger, Ledgers},
    message::ReplyHandle,
    outbound::{self, Directory, Outbound},
    reply::{self, Growing, Reply, Surfaces},
    route::{Authorities, RouteSettings},
    stream::{self, Gateway, Settings, Tally, Turnstiles},
};
use futures_util::FutureExt;
use host_sdk::{
    Applied, ChannelError, Check, Descriptor, ErrorCode, Json, OpenContext, OutboundMessage, Recall, Receipt,
    Report, Resolved, Result, StopReason, StreamUpdate, Verdict,
    channel::{Channel, Host, Newer},
};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};
use tokio_util::sync::CancellationToken;

/// What the plugin can do, in words that hosts know.
const CAPABILITIES: [&str; 5] = ["direct", "group", "stream", "media", "recall"];

/// One DingTalk bot.
pub struct DingTalk {
    context: OpenContext,
    account: Account,
    options: LiveOptions,
    shared: Arc<Shared>,
    host: Host,
    tally: Arc<Tally>,
    running: Mutex<Option<Arc<Running>>>,
}

/// What all bots of the process share: connections, tokens, the answers that grow just now, and whose
/// turn it is to connect.
#[derive(Default)]
pub struct Shared {
    network: Arc<Network>,
    growing: Growing,
    ledgers: Ledgers,
    turnstiles: Turnstiles,
}

/// What exists between start and stop.
struct Running {
    surfaces: Arc<Surfaces>,
    outbound: Outbound,
    budget: Arc<Keeper>,
    /// Whose answers are whose, among all that the library serves: several hosts in one process may
    /// each have an account of the same name.
    owner: String,
    /// Tells the Stream connection to end.
    stop: CancellationToken,
    /// Says that it has.
    stopped: CancellationToken,
    /// Tells the ledger's keeper that nothing more will be noted.
    close_ledger: CancellationToken,
    ledger_closed: CancellationToken,
}

impl DingTalk {
    /// DingTalk for this account: secrets, certificates and the environment are read now, so that a
    /// changed one counts. Its credentials are read again whenever they are rejected.
    async fn api(&self) -> Result<Api> {
        let (shared, account, home) = (self.shared.clone(), self.account.clone(), self.context.home.clone());
        let make = move || {
            let credentials = credentials(&account, &home)?;
            let route = shared.network.route(route(&account, &home)?)?;
            Ok::<_, ChannelError>(Api::new(shared.network.clone(), route, account.endpoints, credentials))
        };
        let api = self.host.blocking(make).await??;
        api.reread_from(self.source());
        Ok(api)
    }

    fn source(&self) -> Source {
        let (host, account, home) = (self.host.clone(), self.account.clone(), self.context.home.clone());
        Arc::new(move || {
            let (host, account, home) = (host.clone(), account.clone(), home.clone());
            async move { host.blocking(move || credentials(&account, &home)).await.ok()?.ok() }.boxed()
        })
    }

    /// What was said so far, also by an earlier process.
    async fn ledger(&self) -> Result<Ledger> {
        let (shared, folder) = (self.shared.clone(), PathBuf::from(&self.context.state_dir));
        let ledger = self.host.blocking(move || shared.ledgers.open(&folder)).await?;
        ledger.claimed(&self.host).await;
        Ok(ledger)
    }

    /// Who was heard of so far, also by an earlier process.
    async fn directory(&self) -> Result<Directory> {
        let (context, folder) = (self.context.clone(), PathBuf::from(&self.context.state_dir));
        let open = move || {
            let section = context.config.parse().unwrap_or_default();
            Directory::open(&folder, config::named_ids(&section, &context.account))
        };
        self.host.blocking(open).await
    }

    /// Counts on from what was spent before, and writes it down from time to time.
    async fn keep_budget(&self, api: &Api, surfaces: &Arc<Surfaces>) -> Result<Arc<Keeper>> {
        let (budget, directory) = (api.budget().clone(), PathBuf::from(&self.context.shared_state_dir));
        self.host.blocking(move || budget.keep_in(&directory)).await?;
        let keeper = Arc::new(Keeper::new(api.budget().clone(), self.tally.clone()));
        let (keeping, surfaces, host) = (keeper.clone(), surfaces.clone(), self.host.clone());
        self.host.spawn("budget", async move { keeping.run(&host, || surfaces.budget()).await });
        Ok(keeper)
    }

    /// Does what happens beside the answers: notices, and marks on messages.
    fn attend(&self, surfaces: &Arc<Surfaces>) {
        let (surfaces, host) = (surfaces.clone(), self.host.clone());
        let directory = PathBuf::from(&self.context.state_dir);
        self.host.spawn("attendance", async move { surfaces.attend(&host, directory).await });
    }

    fn running(&self) -> Result<Arc<Running>> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).clone();
        running.ok_or_else(|| ChannelError::new(ErrorCode::State, "the account is not running"))
    }
}

impl Channel for DingTalk {
    type Shared = Shared;

    fn describe() -> Descriptor {
        Descriptor {
            id: "dingtalk".to_owned(),
            name: "DingTalk".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            capabilities: CAPABILITIES.map(str::to_owned).into(),
            config_schema: config::schema(),
            ..Descriptor::default()
        }
    }

    fn resolve(section: &Json) -> Resolved {
        config::resolve(&section.parse().unwrap_or_default())
    }

    fn open(context: OpenContext, shared: Arc<Shared>, host: Host) -> Result<Self> {
        let section = context.config.parse().unwrap_or_default();
        let account = config::account(&section, &context.account, &context.locale)?;
        let options = LiveOptions::new(account.replies.clone());
        Ok(Self { context, account, options, shared, host, tally: Arc::default(), running: Mutex::default() })
    }

    async fn start(&self) -> Result<()> {
        let api = self.api().await?;
        let host = self.host.clone();
        api.tell_missing(Box::new(move |patch| host.status(patch)));
        let ledger = self.ledger().await?;
        let directory = self.directory().await?;
        let (stop, stopped) = (CancellationToken::new(), CancellationToken::new());
        let (close_ledger, ledger_closed) = (CancellationToken::new(), CancellationToken::new());
        let surfaces = Arc::new(Surfaces::new(api.clone(), self.options.clone(), ledger.clone()));
        let budget = self.keep_budget(&api, &surfaces).await?;
        self.attend(&surfaces);
        let running = Running {
            surfaces,
            outbound: Outbound::new(
                self.host.clone(),
                directory.clone(),
                &self.context.media_roots,
                self.account.max_file_bytes,
            ),
            budget,
            owner: format!("{} {} {}", api.endpoints().id(), api.client_id(), self.context.account),
            stop: stop.clone(),
            stopped: stopped.clone(),
            close_ledger: close_ledger.clone(),
            ledger_closed: ledger_closed.clone(),
        };
        let running = Arc::new(running);
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = Some(running.clone());

        let inlet = Arc::new(ToHost::new(self.host.clone(), api.clone(), ledger.clone(), directory.clone()));
        let host = self.host.clone();
        self.host.spawn("ledger", async move {
            let _closed = ledger_closed.drop_guard();
            ledger.keep(host, close_ledger).await;
        });
        self.host.spawn("directory", directory.keep(self.host.clone()));
        let (host, growing) = (self.host.clone(), self.shared.growing.clone());
        self.host.spawn("recovery", async move {
            loop {
                reply::recover(&running.surfaces, &growing, &running.owner, &host).await;
                running.surfaces.ledger().some_left().await;
            }
        });
        let settings = Settings {
            seed: seed(&self.context.account),
            links: self.account.connections,
            rotate_after: self.account.rotate_after,
        };
        let gateway = Gateway::new(api.clone(), self.shared.turnstiles.of(api.endpoints().id()));
        let tally = self.tally.clone();
        self.host.spawn("stream", async move {
            let _stopped = stopped.drop_guard(); // even if it panics
            stream::run(gateway, inlet, settings, tally, stop).await;
        });
        Ok(())
    }

    async fn stop(&self, why: StopReason) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(running) = running else { return };
        running.stop.cancel();
        running.stopped.cancelled().await;
        self.shared.growing.all_rest(&running.owner).await;
        // After a reload the successor goes on with the cards that grow.
        let mut replies = match why {
            StopReason::Reload => Vec::new(),
            _ => self.shared.growing.take_all(&running.owner),
        };
        let sealing = replies.iter_mut().map(|reply| reply.seal(&running.surfaces));
        tokio::join!(futures_util::future::join_all(sealing), running.surfaces.withdraw());
        running.outbound.directory().flush(&self.host).await;
        running.budget.keep(&self.host).await;
        running.close_ledger.cancel();
        running.ledger_closed.cancelled().await;
    }

    async fn send(&self, message: OutboundMessage) -> Result<Receipt> {
        let running = self.running()?;
        running.outbound.send(&running.surfaces, &message).await
    }

    async fn recall(&self, recall: Recall) -> Result<()> {
        let running = self.running()?;
        running.outbound.recall(&running.surfaces, &recall).await
    }

    async fn stream_update(&self, update: StreamUpdate, newer: &mut Newer) -> Result<Receipt> {
        let running = self.running()?;
        let held = self.shared.growing.hold(&running.owner, &update.stream, || begin(&running, &update));
        let (mut held, evicted) = match held {
            Ok(held) => held,
            Err(NotBegun::Answered) => return Ok(Receipt::answered()),
            Err(NotBegun::Unusable(error)) => return Err(error),
        };
        if let Some(mut evicted) = evicted {
            let running = running.clone();
            self.host.spawn("sealing", async move { evicted.seal(&running.surfaces).await });
        }
        let Some(reply) = held.reply() else { return Ok(Receipt::default()) };
        let updating = reply.update(&update, &running.surfaces, newer);
        if update.phase.is_final() {
            let outcome = updating.await;
            held.finish();
            return Ok(outcome?);
        }
        tokio::select! {
            outcome = updating => Ok(outcome?),
            // Whoever ends the card, or goes on with it, must not wait for a slow request.
            () = running.stop.cancelled() => Ok(Receipt::overtaken()),
        }
    }

    async fn reconfigure(&self, section: Json) -> Result<Applied> {
        let section = section.parse().unwrap_or_default();
        let account = config::account(&section, &self.context.account, &self.context.locale)?;
        let options = account.replies.clone();
        if (Account { replies: self.account.replies.clone(), ..account }) != self.account {
            return Ok(Applied::NeedsReopen);
        }
        self.options.set(options);
        Ok(Applied::Live)
    }

    async fn probe(&self) -> Result<Report> {
        let mut checks = Vec::new();
        match self.api().await {
            Ok(api) => {
                checks.push(check("route", api.way()));
                let token = api.check_token().await;
                checks.push(check("token", token.map(|()| "DingTalk accepts the credentials".to_owned())));
            }
            Err(error) => checks.push(check("token", Err(error))),
        }
        let ok = checks.iter().all(|check| check.verdict == Verdict::Ok);
        Ok(Report { ok, checks, ..Report::default() })
    }

    fn metrics(&self) -> Json {
        let mut metrics = serde_json::json!({ "stream": self.tally.snapshot(), "growingReplies": 0 });
        if let Ok(running) = self.running() {
            metrics["growingReplies"] = self.shared.growing.count(&running.owner).into();
            metrics["limits"] = running.surfaces.api().limits();
            metrics["ledger"] = running.surfaces.ledger().snapshot();
            metrics["budget"] = running.surfaces.budget();
            metrics["budget"]["byKind"] = running.surfaces.api().budget().by_kind();
        }
        Json::new(&metrics)
    }
}

/// Why an answer is not begun.
enum NotBegun {
    /// It was given to its end before.
    Answered,
    Unusable(ChannelError),
}

/// The answer that an update is about, which nobody knows here yet.
fn begin(running: &Running, update: &StreamUpdate) -> Result<Reply, NotBegun> {
    let to = ReplyHandle::decode(&update.reply);
    let to = to.map_err(|error| NotBegun::Unusable(outbound::unusable(error)))?;
    let answer = AnswerKey::new(&to.msg_id, &update.stream);
    if running.surfaces.ledger().known(&answer).ended {
        return Err(NotBegun::Answered);
    }
    Ok(Reply::new(to, update, &running.surfaces))
}

/// Reads the credentials, which may lie in files; not for a worker thread.
fn credentials(account: &Account, home: &str) -> Result<Credentials> {
    let client_id = account.client_id.read(home)?.reveal().to_owned();
    let client_secret = account.client_secret.read(home)?;
    Ok(Credentials { client_id, client_secret })
}

/// Reads how DingTalk is reached, from files and the environment; not for a worker thread.
fn route(account: &Account, home: &str) -> Result<RouteSettings> {
    let proxies = account.proxy.read(home)?;
    let ca_file = account.ca_file.as_ref().map(|path| Authorities::read(&path.under(home)));
    Ok(RouteSettings { proxies, authorities: ca_file.transpose()?.unwrap_or_default() })
}

/// What came out of examining `name`.
fn check(name: &str, found: Result<String, impl Into<ChannelError>>) -> Check {
    let (verdict, finding) = match found {
        Ok(finding) => (Verdict::Ok, finding),
        Err(error) => (Verdict::Failed, error.into().message),
    };
    Check { name: name.to_owned(), verdict, finding, ..Check::default() }
}

/// Different for different accounts, so that they do not reconnect in step.
fn seed(account: &str) -> u64 {
    account
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
