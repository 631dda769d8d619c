//! An account that is open: what it is, and how what lies on disk about it is read.

use crate::{
    api::{Api, Credentials, Network, Source},
    config::{self, Account, LiveOptions},
    ledger::{Ledger, Ledgers},
    outbound::Directory,
    reply::Growing,
    route::{Authorities, RouteSettings},
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
}

/// What is known of an account from its opening to its end, whether or not it runs.
pub(crate) struct Opened {
    pub(crate) context: OpenContext,
    pub(crate) account: Account,
    pub(crate) options: LiveOptions,
    pub(crate) shared: Arc<Shared>,
    pub(crate) host: Host,
    pub(crate) tally: Arc<Tally>,
}

impl Opened {
    /// DingTalk for this account: secrets, certificates and the environment are read now, so that a
    /// changed one counts. Its credentials are read again whenever they are rejected.
    pub(crate) async fn api(&self) -> Result<Api> {
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

    /// What was said so far, also by an earlier process.
    pub(crate) async fn ledger(&self) -> Result<Ledger> {
        let (shared, folder) = (self.shared.clone(), PathBuf::from(&self.context.state_dir));
        let ledger = self.host.blocking(move || shared.ledgers.open(&folder)).await?;
        ledger.claimed(&self.host).await;
        Ok(ledger)
    }

    /// Who was heard of so far, also by an earlier process.
    pub(crate) async fn directory(&self) -> Result<Directory> {
        let (context, folder) = (self.context.clone(), PathBuf::from(&self.context.state_dir));
        let open = move || {
            let section = context.config.parse().unwrap_or_default();
            Directory::open(&folder, config::named_ids(&section, &context.account))
        };
        self.host.blocking(open).await
    }

    /// Has `api` count on from what was spent before.
    pub(crate) async fn count_on(&self, api: &Api) -> Result<()> {
        let (budget, directory) = (api.budget().clone(), PathBuf::from(&self.context.shared_state_dir));
        self.host.blocking(move || budget.keep_in(&directory)).await
    }

    fn source(&self) -> Source {
        let (host, account, home) = (self.host.clone(), self.account.clone(), self.context.home.clone());
        Arc::new(move || {
            let (host, account, home) = (host.clone(), account.clone(), home.clone());
            async move { host.blocking(move || credentials(&account, &home)).await.ok()?.ok() }.boxed()
        })
    }
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
