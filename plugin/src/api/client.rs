//! The way out: one call to DingTalk, with its token, its deadline and the meaning of its answer.

use super::{
    Endpoints, Network,
    card::Streaming,
    error::{self, Context},
    failure::{self, broken},
    form::FileForm,
    identity::{Current, Identity, Source},
    limiter::{Family, Gate, Live, Permit, Priority},
    token::{Grant, TokenAnswer, TokenRequest},
};
use crate::{
    budget::Budget,
    clock,
    error::{Error, ErrorKind, Limit, Result},
    route::Route,
    secret::Secret,
};
use futures_util::FutureExt;
use reqwest::{Body, Method, Url};
use serde::{Serialize, de::DeserializeOwned};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout_at;

const TOKEN_HEADER: &str = "x-acs-dingtalk-access-token";
/// What the calls of all session webhooks are counted as: their URLs differ in the query alone.
const WEBHOOK: Family = Family::of("/robot/sendBySession");
const TOKEN: &str = "/v1.0/oauth2/accessToken";
const FETCHING: &str = "fetching an access token";
const TOKEN_TIMEOUT: Duration = Duration::from_secs(10);
/// DingTalk's answers are a few hundred bytes; a larger one is not DingTalk's.
const MAX_ANSWER: usize = 1024 * 1024;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// An app's identity.
#[derive(Clone, Debug)]
pub(crate) struct Credentials {
    /// Client ID, also called AppKey.
    pub(crate) client_id: String,
    /// Client Secret, also called AppSecret.
    pub(crate) client_secret: Secret,
}

/// A call of the new interface: a JSON body to a path, with a token.
pub(super) trait Call: Serialize {
    /// What is being done, for messages: `updating a card`.
    const DURING: &'static str;
    /// HTTP method.
    const METHOD: Method;
    /// Path on the API host.
    const PATH: &'static str;
    /// How long it may take altogether.
    const TIMEOUT: Duration;
    /// The permission it needs.
    const SCOPE: &'static str;
    /// How much it matters.
    const PRIORITY: Priority = Priority::Deliver;
    /// What DingTalk answers.
    type Answer: DeserializeOwned;
}

/// DingTalk as one account sees it. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Api(Arc<Inner>);

struct Inner {
    network: Arc<Network>,
    route: Arc<Route>,
    endpoints: Endpoints,
    client_id: String,
    current: Current,
    budget: Arc<Budget>,
    gate: Arc<Gate>,
}

impl Api {
    /// An account's view of the shared `network`, which it reaches by `route`. Calls nobody yet.
    pub(crate) fn new(
        network: Arc<Network>,
        route: Arc<Route>,
        endpoints: Endpoints,
        credentials: Credentials,
    ) -> Self {
        let tokens = network.tokens().slot(endpoints.id(), &credentials);
        let client_id = credentials.client_id.clone();
        let gate = network.gates().of(endpoints.id(), &client_id);
        let current = Current::new(Identity { credentials, tokens });
        let budget = network.budgets().of(endpoints.id(), &client_id);
        Self(Arc::new(Inner { network, route, endpoints, client_id, current, gate, budget }))
    }

    /// An account alone in the world, without a proxy.
    #[cfg(test)]
    pub(crate) fn direct(endpoints: Endpoints, credentials: Credentials) -> Self {
        let network = Arc::new(Network::default());
        let route = network.route(Default::default()).unwrap();
        Self::new(network, route, endpoints, credentials)
    }

    /// Has the secret read again from `source` whenever DingTalk rejects it.
    pub(crate) fn reread_from(&self, source: Source) {
        self.0.current.look_at(source);
    }

    /// What is known of the app's limits, and what they cost, by API; for metrics.
    pub(crate) fn limits(&self) -> serde_json::Value {
        self.0.gate.snapshot()
    }

    /// Whose account it is.
    pub(crate) fn client_id(&self) -> &str {
        &self.0.client_id
    }

    /// Where DingTalk is for this account.
    pub(crate) fn endpoints(&self) -> &Endpoints {
        &self.0.endpoints
    }

    /// What the application's calls cost.
    pub(crate) fn budget(&self) -> &Arc<Budget> {
        &self.0.budget
    }

    /// How the network is reached.
    pub(crate) fn route(&self) -> &Route {
        &self.0.route
    }

    /// How DingTalk is reached, in words.
    ///
    /// # Errors
    /// `Config` when the proxy that was named for it cannot be used.
    pub(crate) fn way(&self) -> Result<String> {
        self.route().describe(&self.0.endpoints.api("/"))
    }

    /// Gets a token, or proves that none can be got: the first step of a probe.
    ///
    /// # Errors
    /// `Auth` for wrong credentials, `Network` or `Timeout` when DingTalk is not reached.
    pub(crate) async fn check_token(&self) -> Result<()> {
        self.token().await.map(drop)
    }

    /// A card begins to grow: while it does, others that grow make room for it.
    pub(crate) fn enter(&self) -> Live {
        self.0.gate.enter(Streaming::FAMILY)
    }

    /// Waits until a call may go. Who drops this future gives up the place.
    pub(crate) async fn permit(&self, family: Family, priority: Priority) -> Permit {
        self.0.gate.permit(family, priority).await
    }

    /// Makes a call when its turn has come, and again where the app's limits refuse it: that had no
    /// effect. A rejected token is replaced once.
    pub(super) async fn call<C: Call>(&self, call: &C) -> Result<C::Answer> {
        let turn = |permit| self.call_with(permit, call);
        self.in_turn(Family::of(C::PATH), C::PRIORITY, C::DURING, turn).await
    }

    /// Makes a call whose turn it is. A rejected token is replaced once.
    pub(super) async fn call_with<C: Call>(&self, mut permit: Permit, call: &C) -> Result<C::Answer> {
        let outcome = self.with_token(|token| {
            permit.sent();
            self.attempt(call, token)
        });
        let outcome = outcome.await;
        self.heard(permit, &outcome);
        outcome
    }

    /// Waits for the turn of a call, and again for as long as `attempt` is refused by the app's limits.
    /// It has to tell its permit when it leaves, and [`heard`](Self::heard) what came of it.
    ///
    /// # Errors
    /// Those of `attempt`; `RateLimited` when the turn does not come within [`patience`].
    pub(super) async fn in_turn<T, F>(
        &self,
        family: Family,
        priority: Priority,
        during: &'static str,
        attempt: impl Fn(Permit) -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let deadline = clock::now() + patience(priority);
        loop {
            let Ok(permit) = timeout_at(deadline.into(), self.permit(family, priority)).await else {
                let retry_after = self.0.gate.closed_for(family).max(Duration::from_secs(1));
                let kind = ErrorKind::RateLimited { limit: Limit::AppSecond, retry_after };
                return Err(Error::new(kind, during));
            };
            match attempt(permit).await {
                Err(error) if error.is_throttled() => {}
                outcome => return outcome,
            }
        }
    }

    /// Does what takes a token; once more, with another, if it is rejected.
    pub(super) async fn with_token<T, F>(&self, mut attempt: impl FnMut(Secret) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let token = self.token().await?;
        match attempt(token.clone()).await {
            Err(error) if error.is_auth() => {
                self.0.current.get().tokens.forget(&token);
                attempt(self.token().await?).await
            }
            outcome => outcome,
        }
    }

    /// Learns from what came of a call whose turn it was.
    pub(super) fn heard<T>(&self, permit: Permit, outcome: &Result<T>) {
        permit.heard(outcome);
        let Err(error) = outcome else { return };
        if matches!(error.kind(), ErrorKind::RateLimited { limit: Limit::Address, .. }) {
            self.0.network.gates().ban(self.0.endpoints.id());
        }
        self.tell_permission(error);
    }

    async fn attempt<C: Call>(&self, call: &C, token: Secret) -> Result<C::Answer> {
        let context = self.context(C::DURING, C::SCOPE);
        let url = self.0.endpoints.api(C::PATH);
        let request = self.request(context, C::METHOD, url, C::TIMEOUT)?.header(TOKEN_HEADER, token.reveal());
        let charge = self.0.budget.call(C::PATH);
        let outcome = self.exchange(context, request.json(call)).await;
        charge.settle(&outcome);
        parse(context, &outcome?)
    }

    /// A call without a token to a path of the new interface.
    pub(super) async fn call_openly<A: DeserializeOwned>(
        &self,
        during: &'static str,
        path: &str,
        timeout: Duration,
        body: &impl Serialize,
    ) -> Result<A> {
        let context = self.context(during, "");
        let url = self.0.endpoints.api(path);
        let request = self.request(context, Method::POST, url, timeout)?.json(body);
        parse(context, &self.exchange(context, request).await?)
    }

    /// Posts to a URL that came in a message, when its turn has come; answers are judged by the code inside.
    pub(super) async fn post_outside(
        &self,
        during: &'static str,
        url: &Secret,
        timeout: Duration,
        body: &impl Serialize,
    ) -> Result<()> {
        let context = self.context(during, "");
        let url = Url::parse(url.reveal())
            .map_err(|error| Error::new(ErrorKind::Protocol, during).because(error))?;
        if !self.0.endpoints.permits(&url) {
            return Err(foreign(during));
        }
        let post = async |mut permit: Permit| {
            let request = self.request(context, Method::POST, url.clone(), timeout)?.json(body);
            permit.sent();
            let charge = self.0.budget.webhook();
            let outcome = self.exchange(context, request).await;
            let outcome = outcome.and_then(|body| error::inside(context, &body).map_or(Ok(()), Err));
            charge.settle(&outcome);
            self.heard(permit, &outcome);
            outcome
        };
        self.in_turn(WEBHOOK, Priority::Deliver, during, post).await
    }

    /// Posts a form to a path of the legacy interface, which wants its token in the query, when its turn
    /// has come. A rejected token is replaced once, and `form` made anew.
    pub(super) async fn post_form<A: DeserializeOwned>(
        &self,
        during: &'static str,
        scope: &'static str,
        path: &'static str,
        query: &[(&str, &str)],
        timeout: Duration,
        form: impl Fn() -> FileForm + Send + Sync,
    ) -> Result<A> {
        let context = self.context(during, scope);
        let attempt = async |token: Secret| {
            let mut url = self.0.endpoints.oapi(path);
            url.query_pairs_mut().append_pair("access_token", token.reveal()).extend_pairs(query);
            let form = form();
            let request = self.request(context, Method::POST, url, timeout)?;
            let request = request.header("Content-Type", form.content_type()).body(Body::wrap(form));
            let charge = self.0.budget.call(path);
            let outcome = self.exchange(context, request).await;
            let outcome = outcome.and_then(|body| error::inside(context, &body).map_or(Ok(body), Err));
            charge.settle(&outcome);
            parse(context, &outcome?)
        };
        let turn = async |mut permit: Permit| {
            let outcome = self.with_token(|token| {
                permit.sent();
                attempt(token)
            });
            let outcome = outcome.await;
            self.heard(permit, &outcome);
            outcome
        };
        self.in_turn(Family::of(path), Priority::Deliver, during, turn).await
    }

    /// Does what takes credentials; once more if they are rejected and have changed meanwhile.
    pub(super) async fn identified<T, F>(&self, attempt: impl Fn(Arc<Identity>) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let identity = self.0.current.get();
        let outcome = attempt(Arc::clone(&identity)).await;
        if !outcome.as_ref().is_err_and(Error::is_auth) {
            return outcome;
        }
        let slot = |credentials: &_| self.0.network.tokens().slot(self.0.endpoints.id(), credentials);
        match self.0.current.other_than(&identity, slot).await {
            Some(other) => attempt(other).await,
            None => outcome,
        }
    }

    /// A token. A failure to get one has no effect but that.
    async fn token(&self) -> Result<Secret> {
        let token = self.identified(|identity| {
            let (this, tokens) = (self.clone(), Arc::clone(&identity.tokens));
            async move { tokens.token(move || async move { this.fetch_token(&identity).await }.boxed()).await }
        });
        token.await.map_err(Error::early)
    }

    async fn fetch_token(&self, identity: &Identity) -> Result<Grant> {
        let body = TokenRequest::new(&identity.credentials);
        let fetch = async |mut permit: Permit| {
            permit.sent();
            let answer = self.call_openly::<TokenAnswer>(FETCHING, TOKEN, TOKEN_TIMEOUT, &body).await;
            self.heard(permit, &answer);
            answer
        };
        Ok(self.in_turn(Family::of(TOKEN), Priority::Status, FETCHING, fetch).await?.into())
    }

    fn request(
        &self,
        context: Context<'_>,
        method: Method,
        url: Url,
        timeout: Duration,
    ) -> Result<reqwest::RequestBuilder> {
        let route = self.route();
        if url.scheme() == "https" {
            route.tls().config()?;
        }
        let proxy = route.proxy_for(&url)?.map(tracing::field::display);
        tracing::trace!(during = context.during, host = url.host_str(), proxy, "calls DingTalk");
        // Without `Accept` some calls answer in XML.
        Ok(route.http().request(method, url).timeout(timeout).header("Accept", "application/json"))
    }

    /// Sends a request and reads its answer, which is a success by its status.
    async fn exchange(&self, context: Context<'_>, request: reqwest::RequestBuilder) -> Result<Vec<u8>> {
        let failed = |error| broken(context.during, error, self.route());
        let mut response = request.send().await.map_err(failed)?;
        if let Some(error) = failure::of_proxy(context.during, &response, self.route()) {
            return Err(error);
        }
        let status = response.status();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(Error::new(ErrorKind::Protocol, context.during));
            }
            body.extend_from_slice(&chunk);
        }
        if status.is_success() { Ok(body) } else { Err(error::of_response(context, status.as_u16(), &body)) }
    }

    fn context(&self, during: &'static str, scope: &'static str) -> Context<'_> {
        Context { during, client_id: self.client_id(), scope }
    }

    fn tell_permission(&self, error: &Error) {
        let ErrorKind::Permission { scopes, .. } = error.kind() else { return };
        let (scope, day) = (scopes.join(", "), clock::unix_ms() / DAY_MS);
        let app = format!("{} {}", self.0.endpoints.id(), self.client_id());
        if self.0.network.tells_permission(&app, &scope, day) {
            tracing::warn!(client_id = self.client_id(), scope, "{}", error.sentence());
        }
    }
}

/// How long a call waits for its turn: what people wait for as long as they may still want it.
fn patience(priority: Priority) -> Duration {
    Duration::from_secs(if priority <= Priority::Deliver { 120 } else { 5 })
}

/// The failure of an address that is not DingTalk's.
pub(super) fn foreign(during: &'static str) -> Error {
    let kind = ErrorKind::Rejected {
        code: "foreignAddress".into(),
        message: "the address to call is neither DingTalk's nor configured in endpoints".into(),
        request_id: String::new(),
    };
    Error::new(kind, during)
}

/// Reads a successful answer; an empty one counts as `{}`.
fn parse<A: DeserializeOwned>(context: Context<'_>, body: &[u8]) -> Result<A> {
    let body = if body.trim_ascii().is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| {
        // serde's sentence may quote the answer, and with it a token: only its place is told.
        let place = format!("JSON of {} bytes, line {}, column {}", body.len(), error.line(), error.column());
        Error::new(ErrorKind::Protocol, context.during).because(std::io::Error::other(place))
    })
}

#[cfg(test)]
mod tests;
