//! Access tokens: kept per app, fetched by one for all who wait, dropped only by value.

use super::client::Credentials;
use crate::{clock, error::Result, secret::Secret};
use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared, WeakShared},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::{Duration, Instant},
};
use tokio::time::timeout;

/// A token is renewed this long before it ends.
const MARGIN: Duration = Duration::from_secs(300);
/// Whoever renews a token that still serves waits no longer for it, and goes on with the old one.
const EARLY: Duration = Duration::from_secs(2);
/// A renewal of a token that still serves is tried this often.
const RENEW_AGAIN: Duration = Duration::from_secs(30);
/// What DingTalk documents, for an answer that does not say.
const LIFETIME_S: u64 = 7200;

/// Body of [`POST /v1.0/oauth2/accessToken`](https://open.dingtalk.com/document/orgapp/obtain-the-access_token-of-an-internal-app).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenRequest<'a> {
    app_key: &'a str,
    app_secret: &'a str,
}

impl<'a> TokenRequest<'a> {
    pub(super) fn new(credentials: &'a Credentials) -> Self {
        Self { app_key: &credentials.client_id, app_secret: credentials.client_secret.reveal() }
    }
}

/// Its answer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenAnswer {
    access_token: String,
    expire_in: Option<u64>,
}

impl From<TokenAnswer> for Grant {
    fn from(answer: TokenAnswer) -> Self {
        let lifetime = Duration::from_secs(answer.expire_in.unwrap_or(LIFETIME_S));
        Self { token: Secret::new(answer.access_token), lifetime }
    }
}

/// A token and how long it lives.
pub(super) struct Grant {
    token: Secret,
    lifetime: Duration,
}

/// The token of one app as a value that is told the time.
#[derive(Debug, Default)]
struct Held(Option<Serving>);

#[derive(Debug)]
struct Serving {
    token: Secret,
    renew_at: Instant,
    ends_at: Instant,
}

/// What there is to call with.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Supply {
    Fresh(Secret),
    /// It serves, and somebody should renew it.
    Ageing(Secret),
    None,
}

impl Held {
    /// What there is at `now`. Of those who ask for an ageing token one is told so now and then, the
    /// others find it fresh.
    fn supply(&mut self, now: Instant) -> Supply {
        let Some(serving) = self.0.as_mut().filter(|serving| now < serving.ends_at) else {
            return Supply::None;
        };
        let token = serving.token.clone();
        if now < serving.renew_at {
            return Supply::Fresh(token);
        }
        serving.renew_at = now + RENEW_AGAIN;
        Supply::Ageing(token)
    }

    fn store(&mut self, grant: Grant, now: Instant) {
        // A lifetime shorter than the margin still serves for half of it.
        let serve = grant.lifetime.saturating_sub(MARGIN).max(grant.lifetime / 2);
        self.0 = Some(Serving { token: grant.token, renew_at: now + serve, ends_at: now + grant.lifetime });
    }

    /// Forgets the token if it is still the one that was rejected: somebody else may have renewed
    /// it meanwhile.
    fn forget(&mut self, rejected: &Secret) {
        if self.0.as_ref().is_some_and(|serving| serving.token == *rejected) {
            self.0 = None;
        }
    }
}

type Fetch = BoxFuture<'static, Result<Secret>>;

/// The token of one app, shared by all accounts and calls that use it.
#[derive(Default)]
pub(super) struct TokenSlot(Mutex<Slot>);

#[derive(Default)]
struct Slot {
    held: Held,
    /// The request under way. Whoever waits for it moves it along; weak, so that one that nobody
    /// waits for any more is not found half done.
    fetching: Option<WeakShared<Fetch>>,
}

/// What a look at the slot comes to.
enum Found {
    Token(Secret),
    UnderWay(Shared<Fetch>),
    /// `old` still serves.
    Renewing {
        old: Secret,
        fetching: Shared<Fetch>,
    },
}

impl TokenSlot {
    /// The token; fetched with `fetch` if there is none. Everyone who asks meanwhile gets the same
    /// answer, be it a failure. One that still serves is renewed by one of those who ask for it, and
    /// nobody fails because that does.
    pub(super) async fn token(
        self: &Arc<Self>,
        fetch: impl FnOnce() -> BoxFuture<'static, Result<Grant>>,
    ) -> Result<Secret> {
        match self.look(fetch) {
            Found::Token(token) => Ok(token),
            Found::UnderWay(fetching) => fetching.await,
            Found::Renewing { old, fetching } => match timeout(EARLY, fetching).await {
                Ok(Ok(token)) => Ok(token),
                Ok(Err(_)) | Err(_) => Ok(old),
            },
        }
    }

    /// Drops `rejected` if it is still the current token.
    pub(super) fn forget(&self, rejected: &Secret) {
        self.lock().held.forget(rejected);
    }

    fn look(self: &Arc<Self>, fetch: impl FnOnce() -> BoxFuture<'static, Result<Grant>>) -> Found {
        let mut slot = self.lock();
        let supply = slot.held.supply(clock::now());
        if let Supply::Fresh(token) = supply {
            return Found::Token(token);
        }
        let under_way = slot.fetching.as_ref().and_then(WeakShared::upgrade);
        let fetching = under_way.unwrap_or_else(|| {
            let (this, fetch) = (Arc::clone(self), fetch());
            let fetching = async move {
                let outcome = fetch.await;
                this.finish(outcome)
            };
            let fetching = fetching.boxed().shared();
            slot.fetching = fetching.downgrade();
            fetching
        });
        match supply {
            Supply::Ageing(old) => Found::Renewing { old, fetching },
            Supply::Fresh(_) | Supply::None => Found::UnderWay(fetching),
        }
    }

    fn finish(&self, outcome: Result<Grant>) -> Result<Secret> {
        let mut slot = self.lock();
        slot.fetching = None;
        let grant = outcome?;
        let token = grant.token.clone();
        slot.held.store(grant, clock::now());
        Ok(token)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Slot> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The tokens of all apps in use. A slot lives as long as some account holds it.
#[derive(Default)]
pub(super) struct Tokens(Mutex<HashMap<App, Weak<TokenSlot>>>);

/// Which DingTalk and which app in it.
#[derive(PartialEq, Eq, Hash)]
struct App {
    api: String,
    client_id: String,
    /// A new secret starts anew: a token got with the old one must not vouch for it.
    client_secret: Secret,
}

impl Tokens {
    /// The slot of an app.
    pub(super) fn slot(&self, api: &str, credentials: &Credentials) -> Arc<TokenSlot> {
        let app = App {
            api: api.to_owned(),
            client_id: credentials.client_id.clone(),
            client_secret: credentials.client_secret.clone(),
        };
        let mut apps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = apps.get(&app).and_then(Weak::upgrade) {
            return slot;
        }
        apps.retain(|_, slot| slot.strong_count() > 0);
        let slot = Arc::new(TokenSlot::default());
        apps.insert(app, Arc::downgrade(&slot));
        slot
    }
}

#[cfg(test)]
mod tests;
