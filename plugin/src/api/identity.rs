//! Who an account is to DingTalk, now: its secret may be changed while it runs.

use super::{client::Credentials, token::TokenSlot};
use futures_util::future::BoxFuture;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Reads the credentials again, from wherever they come; `None` where they cannot be read.
pub(crate) type Source = Arc<dyn Fn() -> BoxFuture<'static, Option<Credentials>> + Send + Sync>;

/// Credentials and what was got with them.
pub(super) struct Identity {
    /// The Client ID, and the secret as it was last read.
    pub(super) credentials: Credentials,
    /// The token.
    pub(super) tokens: Arc<TokenSlot>,
}

/// The identity of one account, which rejected credentials make look at their source again.
pub(super) struct Current {
    identity: Mutex<Arc<Identity>>,
    source: OnceLock<Source>,
}

impl Current {
    /// Beginning with `identity`, and nowhere to look.
    pub(super) fn new(identity: Identity) -> Self {
        Self { identity: Mutex::new(Arc::new(identity)), source: OnceLock::new() }
    }

    /// Where to look. The first to say so is right.
    pub(super) fn look_at(&self, source: Source) {
        self.source.set(source).ok();
    }

    /// The identity just now.
    pub(super) fn get(&self) -> Arc<Identity> {
        self.identity.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The identity from now on.
    pub(super) fn set(&self, identity: Identity) {
        *self.identity.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(identity);
    }

    /// The identity after `rejected` turned out to be wrong; `None` if there is no other. `tokens`
    /// gives the place for the token of new credentials.
    pub(super) async fn other_than(
        &self,
        rejected: &Arc<Identity>,
        tokens: impl FnOnce(&Credentials) -> Arc<TokenSlot>,
    ) -> Option<Arc<Identity>> {
        let current = self.get();
        if !Arc::ptr_eq(&current, rejected) {
            return Some(current); // somebody else has looked meanwhile
        }
        let read = (self.source.get()?)().await?;
        let known = &rejected.credentials;
        if read.client_id != known.client_id {
            tracing::warn!(
                "clientId is another one now: the account has to be started anew to become that app"
            );
            return None;
        }
        if read.client_secret == known.client_secret {
            return None;
        }
        tracing::info!(client_id = known.client_id, "the secret has changed and is tried");
        let other = Arc::new(Identity { tokens: tokens(&read), credentials: read });
        *self.identity.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&other);
        Some(other)
    }
}
