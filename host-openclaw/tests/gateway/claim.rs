//! Claims: what has to hold of a running gateway. Those of a stage are played one after the other, in
//! one gateway, each with people of its own where it matters.

use crate::{
    failure::{self, Failure},
    lack::Lack,
    verdict::{Outcome, Verdict},
    world::World,
};
use futures_util::FutureExt;
use std::{
    panic::AssertUnwindSafe,
    pin::Pin,
    time::{Duration, Instant},
};

/// How long a claim, or the start of a stage, may take before it has failed.
const PATIENCE: Duration = Duration::from_secs(600);

type Playing<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// What a claim found where it does not panic: that it holds, or that the release has nothing of the kind.
pub(crate) type Found = Result<(), Lack>;

/// What has to hold; it panics where it does not.
pub(crate) struct Claim {
    pub(crate) name: &'static str,
    pub(crate) play: for<'a> fn(&'a mut World) -> Playing<'a, Found>,
}

/// A gateway with a configuration, and what is claimed of it.
pub(crate) struct Stage {
    pub(crate) name: &'static str,
    pub(crate) begin: fn() -> Playing<'static, World>,
    pub(crate) claims: &'static [Claim],
}

/// Makes a claim of an `async fn` of the same name, which answers nothing or [`Found`].
macro_rules! claims {
    ($($name:ident),* $(,)?) => {
        &[$(crate::claim::Claim {
            name: stringify!($name),
            play: |world| Box::pin(async move { crate::claim::Answer::found($name(world).await) }),
        }),*]
    };
}
pub(crate) use claims;

/// What a claim may answer.
pub(crate) trait Answer {
    fn found(self) -> Found;
}

impl Answer for () {
    fn found(self) -> Found {
        Ok(self)
    }
}

impl Answer for Found {
    fn found(self) -> Found {
        self
    }
}

/// What is said of a stage's own beginning and end.
const BEGINS: &str = "begins";
const ENDS: &str = "ends_without_a_secret_in_its_logs";

impl Stage {
    /// The names of all that is claimed.
    pub(crate) fn names(&self) -> impl Iterator<Item = String> {
        let claims = self.claims.iter().map(|claim| claim.name);
        claims.chain([BEGINS, ENDS]).map(|claim| self.name(claim))
    }

    fn name(&self, claim: &str) -> String {
        format!("{}::{claim}", self.name)
    }

    /// The claims that `wanted` names, all of them if it is empty.
    fn chosen(&self, wanted: &[String]) -> impl Iterator<Item = (String, &'static Claim)> {
        let named = self.claims.iter().map(|claim| (self.name(claim.name), claim));
        named.filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|part| name.contains(part)))
    }
}

/// Plays what `wanted` names of stages that begin alike, in one gateway.
pub(crate) async fn play(stages: &[&Stage], wanted: &[String]) -> Vec<Verdict> {
    let chosen: Vec<_> = stages.iter().flat_map(|stage| stage.chosen(wanted)).collect();
    let (Some(first), false) = (stages.first(), chosen.is_empty()) else { return Vec::new() };
    let mut world = None;
    let begin = async {
        world = Some((first.begin)().await);
        Ok(())
    };
    let mut verdicts = vec![judged(first.name(BEGINS), Box::pin(begin)).await];
    let Some(world) = &mut world else { return verdicts };
    for (name, claim) in chosen {
        let verdict = judged(name, (claim.play)(world)).await;
        if let Outcome::Fails(failure) = &verdict.outcome {
            failure::show(&verdict.name, failure, &world.report());
        }
        verdicts.push(verdict);
    }
    verdicts.push(judged(first.name(ENDS), end(world)).await);
    verdicts
}

fn end(world: &mut World) -> Playing<'_, Found> {
    Box::pin(async move {
        world.end().await;
        assert_eq!(world.secrets_in_logs(), [""; 0]);
        Ok(())
    })
}

async fn judged(name: String, playing: Playing<'_, Found>) -> Verdict {
    println!("== {name}");
    let began = Instant::now();
    let outcome = match tokio::time::timeout(PATIENCE, AssertUnwindSafe(playing).catch_unwind()).await {
        Ok(Ok(Ok(()))) => Outcome::Holds,
        Ok(Ok(Err(lack))) => Outcome::NotOffered(lack),
        Ok(Err(_)) => Outcome::Fails(Failure::last()),
        Err(_) => Outcome::Fails(Failure::said(format!("it has not ended within {PATIENCE:?}"))),
    };
    let verdict = Verdict { name, took: began.elapsed(), outcome };
    println!("{verdict}");
    verdict
}
