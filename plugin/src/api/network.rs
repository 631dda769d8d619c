//! What all accounts of a loaded library share of the network.

use super::{permission::PermissionLog, token::Tokens};
use crate::{
    error::{Error, ErrorKind, Result},
    tls::Tls,
};
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(8);
const IDLE_CONNECTION: Duration = Duration::from_secs(55); // less than the minute after which gateways close
const IDLE_CONNECTIONS_PER_HOST: usize = 8;

/// Connections, trust and tokens. Made once with the runtime and dropped with it, so that a
/// thousand accounts do not hold a thousand connection pools.
pub(crate) struct Network {
    http: reqwest::Client,
    tls: Tls,
    tokens: Tokens,
    permissions: Mutex<PermissionLog>,
}

impl Network {
    /// Reads the system's trust and prepares the connection pool. Connects to nobody.
    ///
    /// # Errors
    /// `Protocol` when TLS or the HTTP client cannot be set up at all.
    pub(crate) fn new() -> Result<Self> {
        let tls = Tls::of_the_system()?;
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls.for_http())
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none()) // a token must not follow one elsewhere
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_CONNECTION)
            .pool_max_idle_per_host(IDLE_CONNECTIONS_PER_HOST)
            .build()
            .map_err(|error| Error::new(ErrorKind::Protocol, "setting up HTTP").because(error))?;
        Ok(Self { http, tls, tokens: Tokens::default(), permissions: Mutex::default() })
    }

    pub(super) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// The TLS settings that HTTP and WebSocket share.
    pub(crate) fn tls(&self) -> &Tls {
        &self.tls
    }

    pub(super) fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// Whether the lack of `scope` in `app` should be told today.
    pub(super) fn tells_permission(&self, app: &str, scope: &str, day: i64) -> bool {
        self.permissions.lock().unwrap_or_else(PoisonError::into_inner).tells(app, scope, day)
    }
}
