//! Every claim of the conformance kit finds a channel out that breaks it, and none a good one.
#![allow(missing_docs, reason = "a test binary")]
#![allow(clippy::unwrap_used, reason = "a test may")]

mod faulty;
mod platform;

use faulty::Faulty;
use host_sdk::{
    Json, OpenContext,
    conformance::{Subject, claims, examine, examine_only},
    host::Plugin,
};
use platform::Platform;
use serde_json::json;
use std::{collections::BTreeSet, sync::Arc, time::Duration};

/// With faults that are found only when it has ended: as long as a busy machine may take to get there.
const SHORT: Duration = Duration::from_secs(2);
/// With everything else.
const LONG: Duration = Duration::from_secs(60);

/// The channel with one fault, and its platform.
struct Patient {
    fault: &'static str,
    patience: Duration,
    platform: Arc<Platform>,
}

impl Patient {
    fn with(fault: &'static str, patience: Duration) -> Self {
        Self { fault, patience, platform: Platform::new() }
    }
}

impl Subject for Patient {
    fn plugin(&self) -> Plugin {
        Plugin::linked::<Faulty>().unwrap()
    }

    fn contexts(&self) -> Vec<OpenContext> {
        let config = Json::new(&json!({"platform": self.platform.number(), "fault": self.fault}));
        let context = |account: &str| OpenContext {
            account: account.to_owned(),
            config: config.clone(),
            ..OpenContext::default()
        };
        vec![context("first"), context("second")]
    }

    fn write(&self, text: &str) {
        self.platform.write(text);
    }

    fn shown(&self) -> Vec<String> {
        self.platform.shown()
    }

    fn patience(&self) -> Duration {
        self.patience
    }
}

/// A fault, the claim that finds it, and what is said of it.
#[rustfmt::skip] // a table
const FAULTS: &[(&str, &str, &str)] = &[
    ("resolve panics", "every section is resolved", "answered with panicked"),
    ("resolve hangs", "every section is resolved", "not resolved within"),
    ("accounts unsorted", "every section is resolved", "the accounts are"),
    ("unknown default", "every section is resolved", "the default account"),
    ("probe panics", "before the start a probe is answered", "the probe is answered with panicked"),
    ("starts once", "it starts, stops and starts again", "the start is answered with"),
    ("stop keeps its thread", "a second stop is told of the first", "the first stop is answered with timeout"),
    ("start keeps its thread", "it stops while it starts", "the stop is answered with timeout"),
    ("accounts in each other's way", "all accounts run at once", "a stop is answered with timeout"),
    ("holds on to the host", "dropped without a stop", "holds on to the host"),
    ("probe hangs", "probes and metrics are there", "the probe is answered with timeout"),
    ("probe contradicts itself", "probes and metrics are there", "exactly when no check failed"),
    ("metrics panic", "probes and metrics are there", "`metrics` panicked"),
    ("metrics are a list", "probes and metrics are there", "no JSON object"),
    ("send panics without a conversation", "what makes no sense", "a message to nobody is answered with panicked"),
    ("refuses without a word", "what makes no sense", "not a word"),
    ("fetch hangs", "a file that there is not", "a file is answered with timeout"),
    ("fetches anything", "a file that there is not", "a file was fetched"),
    ("reconfigure panics", "every changed section is answered", "an odd section is answered with panicked"),
    ("deaf once reconfigured", "every changed section is answered", "did not arrive"),
    ("messages late", "come in call order", "people see"),
    ("last words cut off", "the newest is shown", "people see"),
    ("has an afterthought", "nothing comes after the last state", "people see"),
    ("updates keep their thread", "answers all that was asked", "the stop is answered with timeout"),
    ("updates keep their thread", "nothing is heard once a stop", "the stop is answered with timeout"),
    ("takes offence", "a host that panics does it no harm", "did not arrive"),
];

/// What is said of faults that are found by waiting.
const WAITS: [&str; 4] = ["timeout", "within", "holds on", "did not arrive"];

#[test]
fn a_channel_without_a_fault_passes_every_claim_and_every_claim_finds_one_out_that_breaks_it() {
    // One after the other, for they share two threads.
    assert_eq!(examine(|| Patient::with("none", LONG)), []);
    let mut broken = BTreeSet::new();
    for (fault, claim, reason) in FAULTS {
        faulty::all_is_over();
        faulty::keep_threads(true);
        let waits = WAITS.iter().any(|sign| reason.contains(sign));
        let findings = examine_only(claim, || Patient::with(fault, if waits { SHORT } else { LONG }));
        faulty::keep_threads(false);
        let [found] = &*findings else { panic!("{fault}: {findings:?}") };
        assert!(found.reason.contains(reason), "{fault}: {found:?}");
        broken.insert(found.claim);
    }
    let unbroken: Vec<_> = claims().filter(|claim| !broken.contains(claim)).collect();
    assert_eq!(unbroken, Vec::<&str>::new(), "claims that nothing breaks");
}
