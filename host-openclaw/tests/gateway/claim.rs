//! Claims: what has to hold of a running gateway. Those of a stage are played one after the other, in
//! one gateway, each with people of its own where it matters.

use crate::world::World;
use futures_util::FutureExt;
use std::{
    fmt,
    panic::AssertUnwindSafe,
    pin::Pin,
    time::{Duration, Instant},
};

/// How long a claim, or the start of a stage, may take before it has failed.
const PATIENCE: Duration = Duration::from_secs(600);

type Playing<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// What has to hold; it panics where it does not.
pub(crate) struct Claim {
    pub(crate) name: &'static str,
    pub(crate) play: for<'a> fn(&'a mut World) -> Playing<'a, ()>,
}

/// A gateway with a configuration, and what is claimed of it.
pub(crate) struct Stage {
    pub(crate) name: &'static str,
    pub(crate) begin: fn() -> Playing<'static, World>,
    pub(crate) claims: &'static [Claim],
}

/// Makes a claim of an `async fn` of the same name.
macro_rules! claims {
    ($($name:ident),* $(,)?) => {
        &[$(crate::claim::Claim { name: stringify!($name), play: |world| Box::pin($name(world)) }),*]
    };
}
pub(crate) use claims;

/// What is said of a stage's own beginning and end.
const BEGINS: &str = "begins";
const ENDS: &str = "ends_without_a_secret_in_its_logs";

impl Stage {
    /// The names of all that is claimed.
    pub(crate) fn names(&self) -> impl Iterator<Item = String> {
        let claims = self.claims.iter().map(|claim| claim.name);
        claims.chain([BEGINS, ENDS]).map(|claim| format!("{}::{claim}", self.name))
    }

    /// Plays what `wanted` names, all of it if it is empty.
    pub(crate) async fn play(&self, wanted: &[String]) -> Vec<Verdict> {
        let name = |claim: &Claim| format!("{}::{}", self.name, claim.name);
        let is_wanted =
            |claim: &&Claim| wanted.is_empty() || wanted.iter().any(|part| name(claim).contains(part));
        let claims: Vec<_> = self.claims.iter().filter(is_wanted).collect();
        if claims.is_empty() {
            return Vec::new();
        }
        let (begun, mut world) = judged(format!("{}::{BEGINS}", self.name), (self.begin)()).await;
        let mut verdicts = vec![begun];
        let Some(world) = &mut world else { return verdicts };
        for claim in claims {
            let (verdict, _) = judged(name(claim), (claim.play)(world)).await;
            if !verdict.holds {
                println!("{}", world.report());
            }
            verdicts.push(verdict);
        }
        let (verdict, _) = judged(format!("{}::{ENDS}", self.name), end(world)).await;
        verdicts.push(verdict);
        verdicts
    }
}

fn end(world: &mut World) -> Playing<'_, ()> {
    Box::pin(async move {
        world.end().await;
        assert_eq!(world.secrets_in_logs(), [""; 0]);
    })
}

async fn judged<T>(name: String, playing: Playing<'_, T>) -> (Verdict, Option<T>) {
    println!("== {name}");
    let began = Instant::now();
    let played = tokio::time::timeout(PATIENCE, AssertUnwindSafe(playing).catch_unwind()).await;
    if played.is_err() {
        println!("it has not ended within {PATIENCE:?}");
    }
    let value = played.ok().and_then(Result::ok);
    let verdict = Verdict { name, took: began.elapsed(), holds: value.is_some() };
    println!("{verdict}");
    (verdict, value)
}

/// What became of a claim.
pub(crate) struct Verdict {
    name: String,
    took: Duration,
    holds: bool,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, took, holds } = self;
        let word = if *holds { "holds" } else { "FAILS" };
        write!(f, "{word}  {:6.1} s  {name}", took.as_secs_f64())
    }
}

/// What became of all of them; its `Display` is a table.
#[derive(Default)]
pub(crate) struct Verdicts(Vec<Verdict>);

impl Verdicts {
    /// These, and more.
    #[must_use]
    pub(crate) fn with(mut self, more: Vec<Verdict>) -> Self {
        self.0.extend(more);
        self
    }

    /// Whether a claim holds; `None` if it was not played.
    pub(crate) fn held(&self, name: &str) -> Option<bool> {
        self.0.iter().find(|verdict| verdict.name == name).map(|verdict| verdict.holds)
    }

    /// Whether there is something, and all of it holds.
    pub(crate) fn all_hold(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|verdict| verdict.holds)
    }
}

impl fmt::Display for Verdicts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for verdict in &self.0 {
            writeln!(f, "{verdict}")?;
        }
        let held = self.0.iter().filter(|verdict| verdict.holds).count();
        write!(f, "{held} of {} hold", self.0.len())
    }
}
