//! The permissions that an account was found to lack, as its status shows them.

use super::{client::Api, limiter::Family, permission::apply_url};
use crate::{
    clock,
    error::{Error, ErrorKind},
};
use host_sdk::StatusPatch;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Where changes of an account's status go.
pub(crate) type Tell = Box<dyn Fn(StatusPatch) + Send + Sync>;

/// What an account lacks, and who is told.
#[derive(Default)]
pub(super) struct Missing {
    /// The scopes by the API that wants them; there are a dozen APIs.
    by_api: Mutex<ByApi>,
    tell: OnceLock<(String, Tell)>,
}

type ByApi = BTreeMap<Family, Vec<String>>;

impl Missing {
    /// A call of `family` succeeded: whatever permission it needs is there.
    pub(super) fn works(&self, family: Family) {
        let mut by_api = self.by_api();
        if by_api.remove(&family).is_some() {
            self.tell(&by_api);
        }
    }

    fn lacks(&self, family: Family, scopes: &[String]) {
        let mut by_api = self.by_api();
        if by_api.insert(family, scopes.to_vec()).as_deref() != Some(scopes) {
            self.tell(&by_api);
        }
    }

    /// Tells what is missing, while nobody else can change it: the last word is the newest.
    fn tell(&self, by_api: &ByApi) {
        let Some((client_id, tell)) = self.tell.get() else { return };
        tell(StatusPatch::new().with("missingPermissions", picture(by_api, client_id)));
    }

    fn by_api(&self) -> MutexGuard<'_, ByApi> {
        self.by_api.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One entry for each missing scope, with the page to apply for it and the APIs that want it.
fn picture(by_api: &ByApi, client_id: &str) -> Value {
    let mut by_scope: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (family, scopes) in by_api {
        for scope in scopes {
            by_scope.entry(scope).or_default().push(family.path());
        }
    }
    let entry = |(scope, apis): (&str, Vec<&str>)| json!({"scope": scope, "apis": apis, "applyUrl": apply_url(client_id, scope)});
    by_scope.into_iter().map(entry).collect()
}

impl Api {
    /// Has `tell` told of the permissions that this account is found to lack, and when they are there;
    /// now, to begin with. The first to say so is right.
    pub(crate) fn tell_missing(&self, tell: Tell) {
        let missing = &self.0.missing;
        missing.tell.set((self.client_id().to_owned(), tell)).ok();
        missing.tell(&missing.by_api());
    }

    /// A call of `family` failed: where it was for lack of permissions, the log has each once a day.
    pub(super) fn misses(&self, family: Family, error: &Error) {
        let ErrorKind::Permission { scopes, .. } = error.kind() else { return };
        self.0.missing.lacks(family, scopes);
        let app = format!("{} {}", self.0.endpoints.id(), self.client_id());
        let day = clock::unix_ms() / DAY_MS;
        for scope in scopes.iter().filter(|scope| self.0.network.tells_permission(&app, scope, day)) {
            let url = apply_url(self.client_id(), scope);
            tracing::warn!(
                client_id = self.client_id(),
                scope,
                "{}: the app lacks the permission {scope}; apply for it at {url}",
                error.during()
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    const STREAM: Family = Family::of("/v1.0/card/streaming");
    const CREATE: Family = Family::of("/v1.0/card/instances/createAndDeliver");

    #[test]
    fn the_status_changes_when_a_permission_is_found_missing_and_when_it_is_found_to_be_there() {
        let (missing, told) = (Missing::default(), Arc::new(Mutex::new(Vec::new())));
        let telling = Arc::clone(&told);
        let tell =
            move |patch: StatusPatch| telling.lock().unwrap().push(patch.get("missingPermissions").cloned());
        missing.tell.set(("dingabc".to_owned(), Box::new(tell))).ok().unwrap();
        let write = ["Card.Instance.Write".to_owned()];
        for family in [CREATE, CREATE, STREAM] {
            missing.lacks(family, &write);
        }
        for family in [STREAM, STREAM, CREATE] {
            missing.works(family);
        }
        let url = "https://open-dev.dingtalk.com/appscope/apply?content=dingabc%23Card.Instance.Write";
        let lacking = |apis: Value| json!([{"scope": "Card.Instance.Write", "apis": apis, "applyUrl": url}]);
        let create = lacking(json!([CREATE.path()]));
        let expected = [create.clone(), lacking(json!([CREATE.path(), STREAM.path()])), create, json!([])];
        assert_eq!(*told.lock().unwrap(), expected.map(Some));
    }
}
