//! What every host relies on, as claims that any channel can be put to.
//!
//! Give [`examine`] a channel with its platform, as a [`Subject`]; each claim gets a fresh one:
//!
//! ```no_run
//! use host_sdk::{OpenContext, conformance::{Subject, examine}, host::Plugin};
//!
//! # struct Platform;
//! # impl Platform {
//! #     fn new() -> Self { Self }
//! #     fn messages(&self) -> Vec<String> { Vec::new() }
//! #     fn write(&self, _: &str) {}
//! # }
//! # fn load() -> Plugin { unimplemented!() }
//! struct Mine(Platform);
//!
//! impl Subject for Mine {
//!     fn plugin(&self) -> Plugin {
//!         load()
//!     }
//!     fn contexts(&self) -> Vec<OpenContext> {
//!         vec![OpenContext { account: "default".into(), ..Default::default() }]
//!     }
//!     fn write(&self, text: &str) {
//!         self.0.write(text);
//!     }
//!     fn shown(&self) -> Vec<String> {
//!         self.0.messages()
//!     }
//! }
//!
//! assert_eq!(examine(|| Mine(Platform::new())), []);
//! ```

mod calls;
mod life;
mod order;
mod silence;
mod stage;

use crate::{host::Plugin, value::OpenContext};
use std::{
    fmt,
    time::{Duration, Instant},
};

/// How long anything may take that has to happen, unless the subject says otherwise.
const SOON: Duration = Duration::from_secs(20);

/// A channel with its platform.
pub trait Subject {
    /// The channel's plugin.
    fn plugin(&self) -> Plugin;

    /// What to open accounts with: at least one, and all of them may run at once.
    fn contexts(&self) -> Vec<OpenContext>;

    /// A person writes `text` to the first account, which runs.
    fn write(&self, text: &str);

    /// The whole messages and the last states of answers that people were shown, oldest first.
    fn shown(&self) -> Vec<String>;

    /// How long anything may take that has to happen: every answer, every arrival, every stop.
    fn patience(&self) -> Duration {
        SOON
    }
}

/// Something that hosts rely on.
struct Claim {
    name: &'static str,
    holds: fn(&dyn Subject) -> Holds,
}

/// Every claim in words.
pub fn claims() -> impl Iterator<Item = &'static str> {
    CLAIMS.into_iter().map(|claim| claim.name)
}

/// Whether a claim holds; if not, why.
type Holds = Result<(), String>;

/// In the order in which a channel is best mended.
const CLAIMS: [Claim; 17] = [
    calls::RESOLVES_ANYTHING,
    life::PROBES_BEFORE_THE_START,
    life::STARTS_AGAIN,
    life::STOPS_TWICE,
    life::STOPS_WHILE_IT_STARTS,
    life::ACCOUNTS_STOP_TOGETHER,
    life::ENDS_WHEN_DROPPED,
    calls::PROBES_AND_COUNTS,
    calls::ANSWERS_NONSENSE,
    calls::FETCHES_NOTHING,
    calls::TAKES_CHANGES_IN,
    order::CALL_ORDER,
    order::NEWEST_WINS,
    order::NOTHING_AFTER_THE_LAST,
    silence::EVERYTHING_IS_ANSWERED,
    silence::NOTHING_AFTER_A_STOP,
    silence::SURVIVES_THE_HOST,
];

/// A claim that does not hold.
#[derive(Clone, PartialEq, Eq)]
pub struct Finding {
    /// The claim.
    pub claim: &'static str,
    /// What happened instead.
    pub reason: String,
}

impl fmt::Debug for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not so: {}: {}", self.claim, self.reason)
    }
}

/// Puts a channel to every claim, each with a `subject` of its own, and says which do not hold.
/// Blocks; prints each claim with how long it took.
pub fn examine<S: Subject>(subject: impl FnMut() -> S) -> Vec<Finding> {
    examine_only("", subject)
}

/// As [`examine`], only those claims whose sentence contains `named`.
pub fn examine_only<S: Subject>(named: &str, mut subject: impl FnMut() -> S) -> Vec<Finding> {
    let mut findings = Vec::new();
    for Claim { name, holds } in CLAIMS.into_iter().filter(|claim| claim.name.contains(named)) {
        let begun = Instant::now();
        let held = holds(&subject());
        println!(
            "{name}: {} ({:.0?})",
            if held.is_ok() { "holds" } else { "DOES NOT HOLD" },
            begun.elapsed()
        );
        findings.extend(held.err().map(|reason| Finding { claim: name, reason }));
    }
    findings
}

/// `Err` with what was found unless it `is_so`.
fn demand(is_so: bool, otherwise: impl FnOnce() -> String) -> Holds {
    if is_so { Ok(()) } else { Err(otherwise()) }
}
