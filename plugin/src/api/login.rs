//! Getting a token, and calling with it.

use super::{
    client::Api,
    identity::Identity,
    limiter::{Family, Permit, Priority},
    token::{Grant, TokenAnswer, TokenRequest},
};
use crate::{
    error::{Error, Result},
    secret::Secret,
};
use futures_util::FutureExt;
use std::{sync::Arc, time::Duration};

const PATH: &str = "/v1.0/oauth2/accessToken";
const FETCHING: &str = "fetching an access token";
const TIMEOUT: Duration = Duration::from_secs(10);

impl Api {
    /// Gets a token, or proves that none can be got: the first step of a probe.
    ///
    /// # Errors
    /// `Auth` for wrong credentials, `Network` or `Timeout` when DingTalk is not reached.
    pub(crate) async fn check_token(&self) -> Result<()> {
        self.token().await.map(drop)
    }

    /// How long DingTalk wants to be asked for no token; zero where it takes it.
    pub(crate) fn tokens_closed_for(&self) -> Duration {
        self.0.gate.closed_for(Family::of(PATH))
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
            let answer = self.call_openly::<TokenAnswer>(FETCHING, PATH, TIMEOUT, &body).await;
            self.heard(permit, &answer);
            answer
        };
        Ok(self.in_turn(Family::of(PATH), Priority::Status, FETCHING, &(), fetch).await?.into())
    }
}
