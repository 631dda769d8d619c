//! How the network is reached: through which proxy, and whom we believe at the other end.
//!
//! One decision serves HTTP and WebSocket alike, so that an account is never half behind a proxy.

mod authorities;
mod names;
mod proxies;
mod proxy;
mod rules;
mod tls;

pub(crate) use authorities::Authorities;
pub(crate) use names::addresses;
pub(crate) use proxies::Proxies;
pub(crate) use proxy::{Proxy, Unusable};
pub(crate) use rules::is_loopback;
pub(crate) use tls::{Tls, is_distrust};

use crate::error::{Error, ErrorKind, Result};
use names::SystemNames;
use reqwest::Url;
use rules::Rules;
use std::{fmt, sync::Arc, time::Duration};

/// Longest time for a connection, what a proxy and TLS take included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(8);
const IDLE_CONNECTION: Duration = Duration::from_secs(55); // less than the minute after which gateways close
const IDLE_CONNECTIONS_PER_HOST: usize = 8;

/// What a route is made from. Accounts with equal settings share one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct RouteSettings {
    /// Which proxy is for what.
    pub(crate) proxies: Proxies,
    /// Whom to believe besides those whom the operating system trusts.
    pub(crate) authorities: Authorities,
}

/// A way out: its proxies, its trust, and the HTTP connections that go by both.
pub(crate) struct Route {
    http: reqwest::Client,
    tls: Tls,
    rules: Arc<Rules>,
}

impl Route {
    /// Reads the system's trust and prepares the connection pool. Connects to nobody.
    ///
    /// # Errors
    /// `Config` when a certificate of the settings cannot be used; `Protocol` when TLS or the HTTP
    /// client cannot be set up at all.
    pub(crate) fn new(settings: &RouteSettings) -> Result<Self> {
        let tls = Tls::trusting(&settings.authorities)?;
        let rules = Arc::new(Rules::new(&settings.proxies));
        let deciding = Arc::clone(&rules);
        // An error was already told to whoever asked `proxy_for` first.
        let decide = move |url: &Url| deciding.proxy_for(url).ok().flatten().map(|proxy| proxy.url().clone());
        #[expect(clippy::disallowed_methods, reason = "this is the one that all calls are made with")]
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls.for_http())
            .proxy(reqwest::Proxy::custom(decide)) // and none from the environment
            .redirect(reqwest::redirect::Policy::none()) // a token must not follow one elsewhere
            .dns_resolver(SystemNames)
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_CONNECTION)
            .pool_max_idle_per_host(IDLE_CONNECTIONS_PER_HOST)
            .build()
            .map_err(|error| Error::new(ErrorKind::Protocol, "setting up HTTP").because(error))?;
        Ok(Self { http, tls, rules })
    }

    /// The HTTP client. Its callers ask [`proxy_for`](Self::proxy_for) first.
    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// The TLS settings that HTTP and WebSocket share.
    pub(crate) fn tls(&self) -> &Tls {
        &self.tls
    }

    /// The proxy for `destination`; `None` where it is reached directly.
    ///
    /// # Errors
    /// `Config` when the proxy that was named for it cannot be used.
    pub(crate) fn proxy_for(&self, destination: &Url) -> Result<Option<&Proxy>> {
        self.rules.proxy_for(destination)
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route").field("rules", &self.rules).finish_non_exhaustive()
    }
}
