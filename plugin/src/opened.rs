//! An account that is open: what it is, and how what lies on disk about it is read.

use crate::{
    api::{Api, Credentials, Network, Source},
    config::{Account, LiveAccount, SecretSource},
    ledger::{Ledger, Ledgers},
    outbound::Directory,
    reply::Growing,
    route::{Authorities, Route, RouteSettings},
    seat::Seats,
    secret::Secret,
    stream::{Tally, Turnstiles},
};
use futures_util::FutureExt;
use host_sdk::{ChannelError, OpenContext, Result, channel::Host};
use std::{path::PathBuf, sync::Arc};

/// What all bots of the process share: connections, tokens, the answers that grow just now, and whose
/// turn it is to connect.
#[derive(Default)]
pub struct Shared {
    pub(crate) network: Arc<Network>,
    pub(crate) growing: Growing,
    pub(crate) ledgers: Ledgers,
    pub(crate) turnstiles: Turnstiles,
    pub(crate) seats: Seats,
}

/// What is known of an account from its opening to its end, whether or not it runs.
pub(crate) struct Opened {
    pub(crate) context: OpenContext,
    pub(crate) account: LiveAccount,
    pub(crate) shared: Arc<Shared>,
    pub(crate) host: Host,
    pub(crate) tally: Arc<Tally>,
}

impl Opened {
    /// Whether it was opened to be registered, and has no credentials.
    pub(crate) fn registers(&self) -> bool {
        registers(&self.context)
    }

    /// What the host says of it besides.
    pub(crate) fn extra(&self) -> serde_json::Value {
        self.context.extra.parse().unwrap_or_default()
    }

    /// DingTalk for this account: secrets, certificates and the environment are read now, so that a
    /// changed one counts. Its credentials are read again whenever they are rejected.
    pub(crate) async fn api(&self) -> Result<Api> {
        let account = self.account.get();
        let (route, credentials) = self.way(&account).await?;
        let api = Api::new(self.shared.network.clone(), route, account.endpoints.clone(), credentials);
        api.reread_from(self.source());
        Ok(api)
    }

    /// Reads how `account` reaches DingTalk, and as whom.
    ///
    /// # Errors
    /// When secrets, certificates or proxies cannot be read.
    pub(crate) async fn way(&self, account: &Arc<Account>) -> Result<(Arc<Route>, Credentials)> {
        let (network, account, home) =
            (self.shared.network.clone(), account.clone(), self.context.home.clone());
        let read = move || {
            let credentials = credentials(&account, &home)?;
            Ok((network.route(route(&account, &home)?)?, credentials))
        };
        self.host.blocking(read).await?
    }

    /// What was said so far, also by an earlier process.
    pub(crate) async fn ledger(&self) -> Result<Ledger> {
        let (shared, folder) = (self.shared.clone(), PathBuf::from(&self.context.state_dir));
        let ledger = self.host.blocking(move || shared.ledgers.open(&folder)).await?;
        ledger.claimed(&self.host).await;
        Ok(ledger)
    }

    /// Who was heard of so far, also by an earlier process.
    pub(crate) async fn directory(&self) -> Result<Directory> {
        let (account, folder) = (self.account.get(), PathBuf::from(&self.context.state_dir));
        self.host.blocking(move || Directory::open(&folder, account.named_ids.clone())).await
    }

    /// Has `api` count on from what was spent before.
    pub(crate) async fn count_on(&self, api: &Api) -> Result<()> {
        let (budget, directory) = (api.budget().clone(), PathBuf::from(&self.context.shared_state_dir));
        self.host.blocking(move || budget.keep_in(&directory)).await
    }

    fn source(&self) -> Source {
        let (host, account, home) = (self.host.clone(), self.account.clone(), self.context.home.clone());
        Arc::new(move || {
            let (host, account, home) = (host.clone(), account.get(), home.clone());
            async move { host.blocking(move || credentials(&account, &home)).await.ok()?.ok() }.boxed()
        })
    }
}

/// Whether what is opened with this is to be registered.
pub(crate) fn registers(context: &OpenContext) -> bool {
    let extra: serde_json::Value = context.extra.parse().unwrap_or_default();
    extra["registers"] == true
}

/// Reads the credentials, which may lie in files; not for a worker thread.
fn credentials(account: &Account, home: &str) -> Result<Credentials> {
    let client_id = read("clientId", &account.client_id, home)?.reveal().to_owned();
    let client_secret = read("clientSecret", &account.client_secret, home)?;
    Ok(Credentials { client_id, client_secret })
}

/// Reads a credential; an error says which one it is.
fn read(option: &str, source: &SecretSource, home: &str) -> Result<Secret> {
    source.read(home).map_err(|error| {
        let error = ChannelError::from(error);
        ChannelError { message: format!("`{option}`: {}", error.message), ..error }
    })
}

/// Reads how DingTalk is reached, from files and the environment; not for a worker thread.
fn route(account: &Account, home: &str) -> Result<RouteSettings> {
    let proxies = account.proxy.read(home)?;
    let ca_file = account.ca_file.as_ref().map(|path| Authorities::read(&path.under(home)));
    Ok(RouteSettings { proxies, authorities: ca_file.transpose()?.unwrap_or_default() })
}
