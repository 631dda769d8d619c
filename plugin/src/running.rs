//! What exists of an account between start and stop: how it is assembled, what it does all the while, and
//! how it ends.

use crate::{
    api::{Api, Credentials},
    bilingual::{Pair, Said, both},
    budget::Keeper,
    config::{Account, LiveAccount},
    inlet::ToHost,
    ledger::Ledger,
    media::InboundFiles,
    opened::Opened,
    outbound::{Directory, Outbound},
    reply::{self, Growing, Surfaces},
    route::Route,
    seat::{Claim, Rank, Seat},
    stream::{self, Gateway, Settings},
};
use futures_util::future::join_all;
use host_sdk::{Lifecycle, Result, StatusPatch, StopReason, channel::Host};
use std::{path::PathBuf, sync::Arc};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// A running account.
pub(crate) struct Running {
    /// Whose answers are whose, among all that the library serves: several hosts in one process may
    /// each have an account of the same name.
    pub(crate) owner: String,
    pub(crate) surfaces: Arc<Surfaces>,
    pub(crate) outbound: Outbound,
    pub(crate) files: Arc<InboundFiles>,
    /// Tells the Stream connection, and updates that are not final, to end.
    pub(crate) stop: CancellationToken,
    /// What is wanted of the Stream connection.
    connection: watch::Sender<Settings>,
    /// Its place among the accounts that have the same Client ID.
    claim: Claim,
    account: LiveAccount,
    host: Host,
    growing: Growing,
    budget: Arc<Keeper>,
    /// Says that the Stream connection has ended.
    stopped: CancellationToken,
    /// Tells the ledger's keeper that nothing more will be noted.
    close_ledger: CancellationToken,
    ledger_closed: CancellationToken,
}

impl Running {
    /// Reads what there is of `opened`, and puts it together. Does nothing yet.
    ///
    /// # Errors
    /// When secrets, certificates or proxies cannot be read.
    pub(crate) async fn assemble(opened: &Opened) -> Result<Arc<Self>> {
        let (host, context) = (opened.host.clone(), &opened.context);
        let api = opened.api().await?;
        let (ledger, directory) = (opened.ledger().await?, opened.directory().await?);
        opened.count_on(&api).await?;
        let owner = format!("{} {} {}", api.endpoints().id(), api.client_id(), context.account);
        let account = opened.account.clone();
        let files = InboundFiles::new(host.clone(), api.clone(), account.clone(), &context.home);
        let connection = watch::Sender::new(settings(&account.get(), seed(&context.account)));
        let now = account.get();
        let rank = Rank { is_implied: now.is_implied, account: now.id.clone() };
        let (dingtalk, seats) = (api.endpoints().id(), &opened.shared.seats);
        let claim = seats.claim(dingtalk, api.client_id(), rank, now.rival.as_deref());
        Ok(Arc::new(Self {
            owner,
            account: account.clone(),
            claim,
            outbound: Outbound::new(host.clone(), directory, &context.media_roots, account.clone()),
            files: Arc::new(files),
            stop: CancellationToken::new(),
            connection,
            growing: opened.shared.growing.clone(),
            budget: Arc::new(Keeper::new(api.budget().clone(), opened.tally.clone())),
            surfaces: Arc::new(Surfaces::new(api, account, ledger)),
            stopped: CancellationToken::new(),
            close_ledger: CancellationToken::new(),
            ledger_closed: CancellationToken::new(),
            host,
        }))
    }

    /// Begins everything that an account does.
    pub(crate) fn begin(self: &Arc<Self>, opened: &Opened) {
        let host = self.host.clone();
        self.api().tell_missing(Box::new(move |patch| host.status(patch)));
        self.spawn("ledger", |this| async move {
            let _closed = this.ledger_closed.clone().drop_guard(); // even if it panics
            this.ledger().clone().keep(this.host.clone(), this.close_ledger.clone()).await;
        });
        self.spawn("budget", |this| async move {
            this.budget.run(&this.host, || this.surfaces.budget()).await;
        });
        let folder = PathBuf::from(&opened.context.state_dir);
        self.spawn("attendance", |this| async move { this.surfaces.attend(&this.host, folder).await });
        self.spawn("directory", |this| async move { this.directory().clone().keep(this.host.clone()).await });
        self.spawn("recovery", |this| async move { this.recover().await });
        self.connect(opened);
    }

    /// Ends it all: says goodbye for as long as that takes, and writes down what is known.
    pub(crate) async fn end(&self, why: StopReason) {
        self.claim.leave(why == StopReason::Reload);
        self.stop.cancel();
        // Goodbyes may hang for longer than the host waits. What is known by now is safe before.
        tokio::join!(self.say_goodbye(why), self.write_down());
        self.write_down().await;
        self.close_ledger.cancel();
        self.ledger_closed.cancelled().await;
    }

    /// Goes on as `account` from now on, which differs in nothing that takes a new start. With `way`,
    /// DingTalk is reached by it, and every connection replaced.
    pub(crate) fn adopt(&self, account: &Account, way: Option<(Arc<Route>, Credentials)>) {
        self.directory().reconfigure(account.named_ids.clone());
        self.files.changed();
        let is_another_way = way.is_some();
        if let Some((route, credentials)) = way {
            self.api().go_by(route, credentials);
        }
        self.connection.send_modify(|wanted| {
            let way = wanted.way + u64::from(is_another_way);
            *wanted = Settings { way, ..settings(account, wanted.seed) };
        });
    }

    fn connect(self: &Arc<Self>, opened: &Opened) {
        let (ledger, directory) = (self.ledger().clone(), self.directory().clone());
        let inlet = Arc::new(ToHost::new(self.host.clone(), self.api().clone(), ledger, directory));
        let settings = self.connection.subscribe();
        let turnstile = opened.shared.turnstiles.of(self.api().endpoints().id());
        let gateway = Arc::new(Gateway::new(self.api().clone(), turnstile));
        let tally = opened.tally.clone();
        self.spawn("stream", |this| async move {
            let _stopped = this.stopped.clone().drop_guard(); // even if it panics
            while let Some(seat) = this.stop.run_until_cancelled(this.seat()).await {
                let _risen = this.keep_files().drop_guard();
                let stop = this.stop.child_token();
                let (gateway, inlet, tally) = (gateway.clone(), inlet.clone(), tally.clone());
                let rise = async {
                    seat.lost().await;
                    stop.cancel();
                    std::future::pending::<()>().await;
                };
                tokio::select! {
                    () = stream::run(gateway, inlet, settings.clone(), tally, stop.clone()) => {}
                    () = rise => {}
                }
            }
            this.host.status(StatusPatch::new().connected(false).lifecycle(Lifecycle::Stopped));
        });
    }

    /// Has received files kept until the token is cancelled. By their names they are the application's: of
    /// several accounts that have it, one alone knows which are in use.
    fn keep_files(self: &Arc<Self>) -> CancellationToken {
        let seated = CancellationToken::new();
        let until = seated.clone();
        self.spawn("received files", |this| async move {
            until.run_until_cancelled(this.files.keep()).await;
        });
        seated
    }

    /// Waits until no other account is connected with the same Client ID.
    async fn seat(&self) -> Seat {
        let account = &self.account.get().id;
        let seat = self.claim.seat(|other| {
            let patch = StatusPatch::new().connected(false);
            self.host.status(if other == account {
                let why = format!("waits for the earlier connection of account `{account}` to end");
                patch.lifecycle(Lifecycle::Starting).last_error(Some(why))
            } else {
                tracing::warn!(
                    other,
                    "another account has the same Client ID: this one waits until that is gone"
                );
                patch.lifecycle(Lifecycle::Blocked).last_error(Some(same_app(account, other)))
            });
        });
        let seat = seat.await;
        self.host.status(StatusPatch::new().last_error(None));
        seat
    }

    /// Ends cards that were left open, whenever it comes to be known of them.
    async fn recover(&self) {
        loop {
            reply::recover(&self.surfaces, &self.growing, &self.owner, &self.host).await;
            self.ledger().some_left().await;
        }
    }

    async fn say_goodbye(&self, why: StopReason) {
        tokio::join!(self.stopped.cancelled(), self.end_answers(why), self.surfaces.withdraw());
    }

    /// Waits for last words that are on their way. After a reload the successor goes on with the cards
    /// that grow; else they are ended.
    async fn end_answers(&self, why: StopReason) {
        self.growing.all_rest(&self.owner).await;
        if why == StopReason::Reload {
            return;
        }
        let mut replies = self.growing.take_all(&self.owner);
        join_all(replies.iter_mut().map(|reply| reply.seal(&self.surfaces))).await;
    }

    /// The ledger is written all the time.
    async fn write_down(&self) {
        tokio::join!(self.directory().flush(&self.host), self.budget.keep(&self.host));
    }

    fn spawn<F>(self: &Arc<Self>, name: &'static str, task: impl FnOnce(Arc<Self>) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.host.spawn(name, task(self.clone()));
    }

    /// Whose account it is to DingTalk.
    pub(crate) fn client_id(&self) -> &str {
        self.api().client_id()
    }

    fn api(&self) -> &Api {
        self.surfaces.api()
    }

    fn ledger(&self) -> &Ledger {
        self.surfaces.ledger()
    }

    fn directory(&self) -> &Directory {
        self.outbound.directory()
    }
}

fn settings(account: &Account, seed: u64) -> Settings {
    Settings { seed, links: account.connections, rotate_after: account.rotate_after, way: 0 }
}

fn same_app(account: &str, other: &str) -> String {
    Said::new(SAME_APP, &[both(account), both(other)]).to_string()
}

const SAME_APP: Pair = [
    "账号 `{0}` 没有连接，因为账号 `{1}` 的 Client ID 与它相同，而钉钉把每条消息只发给其中一个：请给 `{0}` 单独建一个应用，\
     或删掉其中一个账号；`{1}` 停止后它会自动连接",
    "account `{0}` is not connected, for account `{1}` has the same Client ID, and DingTalk would give each message to \
     only one of them: give `{0}` an application of its own, or remove one of the two; it connects by itself when \
     `{1}` stops",
];

/// Different for different accounts, so that they do not reconnect in step.
fn seed(account: &str) -> u64 {
    account
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
