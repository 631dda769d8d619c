//! The way out: one call to DingTalk, with its token, its deadline and the meaning of its answer.

use super::{
    Departure, Endpoints, Network,
    error::{self, Context},
    exchange::{foreign, parse},
    form::FileForm,
    identity::{Current, Identity, Source},
    limiter::{Family, Gate, Permit, Priority},
    missing::Missing,
};
use crate::{
    budget::Budget,
    error::{Error, ErrorKind, Result},
    route::Route,
    secret::Secret,
};
use reqwest::{Body, Method, Url};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    sync::{Arc, Mutex, PoisonError, atomic::AtomicI64},
    time::Duration,
};

const TOKEN_HEADER: &str = "x-acs-dingtalk-access-token";
/// What the calls of all session webhooks are counted as: their URLs differ in the query alone.
const WEBHOOK: Family = Family::of("/robot/sendBySession");

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
pub(crate) struct Api(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) network: Arc<Network>,
    route: Mutex<Arc<Route>>,
    pub(super) endpoints: Endpoints,
    pub(super) client_id: String,
    pub(super) current: Current,
    pub(super) budget: Arc<Budget>,
    pub(super) gate: Arc<Gate>,
    pub(super) missing: Missing,
    /// DingTalk's clock less ours, in milliseconds, as its last answer told; `i64::MAX` before one.
    pub(super) ahead_ms: AtomicI64,
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
        Self(Arc::new(Inner {
            network,
            route: Mutex::new(route),
            endpoints,
            client_id,
            current,
            budget,
            gate,
            missing: Missing::default(),
            ahead_ms: AtomicI64::new(i64::MAX),
        }))
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
    pub(crate) fn route(&self) -> Arc<Route> {
        self.0.route.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Has the next call go by `route`, as who `credentials` say. What is under way goes on as it began.
    pub(crate) fn go_by(&self, route: Arc<Route>, credentials: Credentials) {
        *self.0.route.lock().unwrap_or_else(PoisonError::into_inner) = route;
        let tokens = self.0.network.tokens().slot(self.0.endpoints.id(), &credentials);
        self.0.current.set(Identity { credentials, tokens });
    }

    /// How DingTalk is reached, in words.
    ///
    /// # Errors
    /// `Config` when the proxy that was named for it cannot be used.
    pub(crate) fn way(&self) -> Result<String> {
        self.route().describe(&self.0.endpoints.api("/"))
    }

    /// Makes a call when its turn has come, and again where the app's limits refuse it: that had no
    /// effect. A rejected token is replaced once.
    pub(super) async fn call<C: Call>(&self, call: &C) -> Result<C::Answer> {
        self.call_once(call, &()).await
    }

    /// As [`call`](Self::call); `departure` is told when it leaves.
    pub(super) async fn call_once<C: Call>(&self, call: &C, departure: &dyn Departure) -> Result<C::Answer> {
        let turn = |permit| self.call_in_turn(permit, call, departure);
        self.in_turn(Family::of(C::PATH), C::PRIORITY, C::DURING, departure, turn).await
    }

    /// Makes a call whose turn it is. A rejected token is replaced once.
    pub(super) async fn call_with<C: Call>(&self, permit: Permit, call: &C) -> Result<C::Answer> {
        self.call_in_turn(permit, call, &()).await
    }

    async fn call_in_turn<C: Call>(
        &self,
        mut permit: Permit,
        call: &C,
        departure: &dyn Departure,
    ) -> Result<C::Answer> {
        let outcome = self.with_token(|token| {
            permit.sent();
            async move {
                departure.leaves().await;
                self.attempt(call, token).await
            }
        });
        let outcome = outcome.await;
        self.heard(permit, &outcome);
        outcome
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
        departure: &dyn Departure,
    ) -> Result<()> {
        let context = self.context(during, "");
        let url = Url::parse(url.reveal())
            .map_err(|error| Error::new(ErrorKind::Protocol, during).because(error))?;
        if !self.0.endpoints.permits(&url) {
            return Err(foreign(during));
        }
        let post = async |mut permit: Permit| {
            let request = self.request(context, Method::POST, url.clone(), timeout)?.json(body);
            departure.leaves().await;
            permit.sent();
            let charge = self.0.budget.webhook();
            let outcome = self.exchange(context, request).await;
            let outcome = outcome.and_then(|body| error::inside(context, &body).map_or(Ok(()), Err));
            charge.settle(&outcome);
            self.heard(permit, &outcome);
            outcome
        };
        self.in_turn(WEBHOOK, Priority::Deliver, during, departure, post).await
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
        self.in_turn(Family::of(path), Priority::Deliver, during, &(), turn).await
    }

    pub(super) fn context(&self, during: &'static str, scope: &'static str) -> Context<'_> {
        Context { during, client_id: self.client_id(), scope }
    }
}

#[cfg(test)]
mod tests;
