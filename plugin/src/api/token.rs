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

/// A token is renewed this long before it ends.
const MARGIN: Duration = Duration::from_secs(300);
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
struct Held(Option<(Secret, Instant)>);

impl Held {
    fn fresh(&self, now: Instant) -> Option<&Secret> {
        self.0.as_ref().filter(|(_, renew_at)| now < *renew_at).map(|(token, _)| token)
    }

    fn store(&mut self, grant: Grant, now: Instant) {
        // A lifetime shorter than the margin still serves for half of it.
        let serve = grant.lifetime.saturating_sub(MARGIN).max(grant.lifetime / 2);
        self.0 = Some((grant.token, now + serve));
    }

    /// Forgets the token if it is still the one that was rejected: somebody else may have renewed
    /// it meanwhile.
    fn forget(&mut self, rejected: &Secret) {
        if self.0.as_ref().is_some_and(|(token, _)| token == rejected) {
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

impl TokenSlot {
    /// The token; fetched with `fetch` if there is none. Everyone who asks meanwhile gets the
    /// same answer, be it a failure.
    pub(super) async fn token(
        self: &Arc<Self>,
        fetch: impl FnOnce() -> BoxFuture<'static, Result<Grant>>,
    ) -> Result<Secret> {
        let under_way = match self.look(fetch) {
            Ok(token) => return Ok(token),
            Err(under_way) => under_way,
        };
        under_way.await
    }

    /// Drops `rejected` if it is still the current token.
    pub(super) fn forget(&self, rejected: &Secret) {
        self.lock().held.forget(rejected);
    }

    fn look(
        self: &Arc<Self>,
        fetch: impl FnOnce() -> BoxFuture<'static, Result<Grant>>,
    ) -> std::result::Result<Secret, Shared<Fetch>> {
        let mut slot = self.lock();
        if let Some(token) = slot.held.fresh(clock::now()) {
            return Ok(token.clone());
        }
        if let Some(under_way) = slot.fetching.as_ref().and_then(WeakShared::upgrade) {
            return Err(under_way);
        }
        let (this, fetch) = (Arc::clone(self), fetch());
        let under_way = async move {
            let outcome = fetch.await;
            this.finish(outcome)
        };
        let under_way = under_way.boxed().shared();
        slot.fetching = under_way.downgrade();
        Err(under_way)
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
mod tests {
    use super::*;
    use crate::error::{Error, ErrorKind};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::sync::oneshot;

    fn grant(token: &str) -> Grant {
        Grant { token: Secret::new(token), lifetime: Duration::from_secs(7200) }
    }

    fn credentials(id: &str) -> Credentials {
        Credentials { client_id: id.into(), client_secret: Secret::new("s") }
    }

    #[test]
    fn a_token_is_renewed_five_minutes_early() {
        let (mut held, start) = (Held::default(), clock::now());
        held.store(grant("t"), start);
        assert!(held.fresh(start + Duration::from_secs(6899)).is_some());
        assert!(held.fresh(start + Duration::from_secs(6900)).is_none());
    }

    #[test]
    fn a_rejection_of_an_older_token_leaves_the_newer_alone() {
        let (mut held, now) = (Held::default(), clock::now());
        held.store(grant("new"), now);
        held.forget(&Secret::new("old"));
        assert!(held.fresh(now).is_some());
        held.forget(&Secret::new("new"));
        assert!(held.fresh(now).is_none());
    }

    #[tokio::test]
    async fn those_who_wait_share_one_request_and_its_answer() {
        let slot = Arc::new(TokenSlot::default());
        let (answer, answered) = oneshot::channel();
        let requests = AtomicUsize::new(0);
        let first = slot.token(|| {
            requests.fetch_add(1, Ordering::Relaxed);
            async { Ok(answered.await.unwrap()) }.boxed()
        });
        let second = slot.token(|| unreachable!("the first is under way"));
        let (first, second, ()) = tokio::join!(first, second, async {
            tokio::task::yield_now().await;
            assert!(answer.send(grant("t")).is_ok());
        });
        assert_eq!((first.unwrap(), second.unwrap()), (Secret::new("t"), Secret::new("t")));
        assert_eq!(requests.load(Ordering::Relaxed), 1);
        let third = slot.token(|| unreachable!("it is held")).await;
        assert_eq!(third.unwrap(), Secret::new("t"));
    }

    #[tokio::test]
    async fn a_failure_is_shared_but_not_kept() {
        let slot = Arc::new(TokenSlot::default());
        let failed = || async { Err(Error::new(ErrorKind::Protocol, "test")) }.boxed();
        assert!(slot.token(failed).await.is_err());
        assert!(slot.token(|| async { Ok(grant("t")) }.boxed()).await.is_ok());
    }

    #[tokio::test]
    async fn a_request_that_everyone_gave_up_is_begun_anew() {
        let slot = Arc::new(TokenSlot::default());
        {
            let abandoned = slot.token(|| std::future::pending().boxed());
            tokio::pin!(abandoned);
            assert!(futures_util::poll!(abandoned.as_mut()).is_pending());
        }
        let token = slot.token(|| async { Ok(grant("t")) }.boxed()).await;
        assert_eq!(token.unwrap(), Secret::new("t"));
    }

    #[test]
    fn accounts_of_one_app_share_a_slot_and_others_do_not() {
        let tokens = Tokens::default();
        let first = tokens.slot("cn", &credentials("a"));
        assert!(Arc::ptr_eq(&first, &tokens.slot("cn", &credentials("a"))));
        assert!(!Arc::ptr_eq(&first, &tokens.slot("cn", &credentials("b"))));
        assert!(!Arc::ptr_eq(&first, &tokens.slot("io", &credentials("a"))));
    }
}
