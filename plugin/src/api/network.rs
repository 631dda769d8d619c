//! What all accounts of a loaded library share of the network.

use super::{limiter::Gates, permission::PermissionLog, token::Tokens};
use crate::{
    budget::Budgets,
    error::Result,
    route::{Route, RouteSettings},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

/// Connections, trust, tokens, turns and budgets. Made once with the runtime and dropped with it, so that
/// a thousand accounts do not hold a thousand connection pools.
#[derive(Default)]
pub(crate) struct Network {
    /// A route lives as long as some account holds it, so there are never more than accounts.
    routes: Mutex<HashMap<RouteSettings, Weak<Route>>>,
    tokens: Tokens,
    budgets: Budgets,
    gates: Gates,
    permissions: Mutex<PermissionLog>,
}

impl Network {
    /// The way out for accounts with these settings. The first to ask makes it, which reads files;
    /// not for a worker thread.
    ///
    /// # Errors
    /// `Config` when a certificate of the settings cannot be used; `Protocol` when TLS or the HTTP
    /// client cannot be set up at all.
    pub(crate) fn route(&self, settings: RouteSettings) -> Result<Arc<Route>> {
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(route) = routes.get(&settings).and_then(Weak::upgrade) {
            return Ok(route);
        }
        routes.retain(|_, route| route.strong_count() > 0);
        let route = Arc::new(Route::new(&settings)?);
        routes.insert(settings, Arc::downgrade(&route));
        Ok(route)
    }

    pub(super) fn gates(&self) -> &Gates {
        &self.gates
    }

    pub(super) fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    pub(super) fn budgets(&self) -> &Budgets {
        &self.budgets
    }

    /// Whether the lack of `scope` in `app` should be told today.
    pub(super) fn tells_permission(&self, app: &str, scope: &str, day: i64) -> bool {
        self.permissions.lock().unwrap_or_else(PoisonError::into_inner).tells(app, scope, day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{route::Proxies, secret::Secret};

    fn through(proxy: &str) -> RouteSettings {
        let proxies = Proxies::of_option(Secret::new(proxy), |_| None);
        RouteSettings { proxies, ..RouteSettings::default() }
    }

    #[test]
    fn equal_settings_share_a_route_that_ends_with_its_last_account() {
        let network = Network::default();
        let first = network.route(through("http://lin:a@p:1")).unwrap();
        assert!(Arc::ptr_eq(&first, &network.route(through("http://lin:a@p:1")).unwrap()));
        let other = network.route(through("http://lin:b@p:1")).unwrap();
        assert!(!Arc::ptr_eq(&first, &other), "other credentials are another connection");

        let direct = network.route(RouteSettings::default()).unwrap();
        assert_eq!(network.routes.lock().unwrap().len(), 3);
        drop((first, other));
        let _another = network.route(through("http://q:1")).unwrap();
        assert_eq!(network.routes.lock().unwrap().len(), 2);
        assert!(Arc::ptr_eq(&direct, &network.route(RouteSettings::default()).unwrap()));
    }
}
