//! Calls that wait for their turn, and what is learnt from their answers.

use super::{
    Departure,
    card::Streaming,
    client::Api,
    limiter::{Family, Gate, Live, Permit, Priority},
};
use crate::{
    clock,
    error::{Error, ErrorKind, Limit, Result},
};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout_at;

impl Api {
    /// What is known of the app's limits, and what they cost, by API; for metrics.
    pub(crate) fn limits(&self) -> serde_json::Value {
        self.0.gate.snapshot()
    }

    /// A card begins to grow: while it does, others that grow make room for it.
    pub(crate) fn enter(&self) -> Live {
        self.0.gate.enter(Streaming::FAMILY)
    }

    /// Waits until a call may go. Who drops this future gives up the place.
    pub(crate) async fn permit(&self, family: Family, priority: Priority) -> Permit {
        self.0.gate.permit(family, priority).await
    }

    /// Waits for the turn of a call, and again for as long as `attempt` is refused by the app's limits,
    /// of which `departure` is told. The attempt has to tell its permit when it leaves, and
    /// [`heard`](Self::heard) what came of it.
    ///
    /// # Errors
    /// Those of `attempt`; `RateLimited` when the turn does not come within [`patience`].
    pub(super) async fn in_turn<T, F>(
        &self,
        family: Family,
        priority: Priority,
        during: &'static str,
        departure: &dyn Departure,
        attempt: impl Fn(Permit) -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        in_turn(&self.0.gate, family, priority, during, departure, attempt).await
    }

    /// Learns from what came of a call whose turn it was.
    pub(super) fn heard<T>(&self, permit: Permit, outcome: &Result<T>) {
        let family = permit.family();
        permit.heard(outcome);
        let Err(error) = outcome else { return self.0.missing.works(family) };
        if matches!(error.kind(), ErrorKind::RateLimited { limit: Limit::Address, .. }) {
            self.0.network.gates().ban(self.0.endpoints.id());
        }
        self.misses(family, error);
    }
}

async fn in_turn<T, F>(
    gate: &Arc<Gate>,
    family: Family,
    priority: Priority,
    during: &'static str,
    departure: &dyn Departure,
    attempt: impl Fn(Permit) -> F,
) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    let deadline = clock::now() + patience(priority);
    loop {
        let Ok(permit) = timeout_at(deadline.into(), gate.permit(family, priority)).await else {
            return Err(not_its_turn(gate, family, during));
        };
        match attempt(permit).await {
            Err(error) if error.is_throttled() => departure.returned().await,
            outcome => return outcome,
        }
    }
}

/// The turn of a call did not come within its time.
pub(super) fn not_its_turn(gate: &Gate, family: Family, during: &'static str) -> Error {
    let retry_after = gate.closed_for(family).max(Duration::from_secs(1));
    Error::new(ErrorKind::RateLimited { limit: Limit::AppSecond, retry_after }, during)
}

/// How long a call waits for its turn, also one that is refused for its pace without end. A limit per minute is over by then; and a card that took half a
/// minute to break, and the message that goes out in its place, are within the two minutes after which a
/// host gives an answer up.
const DELIVERY: Duration = Duration::from_secs(80);
/// The same of what is worth little once it is late.
const BY_THE_WAY: Duration = Duration::from_secs(5);

fn patience(priority: Priority) -> Duration {
    if priority <= Priority::Deliver { DELIVERY } else { BY_THE_WAY }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    const SEND: Family = Family::of("/v1.0/robot/oToMessages/batchSend");

    #[tokio::test(start_paused = true)]
    async fn what_is_refused_for_its_pace_without_end_is_given_up_when_a_limit_of_a_minute_is_over() {
        for limit in [Limit::AppSecond, Limit::Api, Limit::AppMinute] {
            let (gate, began, tries) = (Arc::new(Gate::default()), clock::now(), Cell::new(0));
            let attempt = |mut permit: Permit| {
                permit.sent();
                tries.set(tries.get() + 1);
                let kind = ErrorKind::RateLimited { limit, retry_after: Duration::from_secs(1) };
                let refused: Result<()> = Err(Error::new(kind, "sending"));
                permit.heard(&refused);
                async { refused }
            };
            let given_up = in_turn(&gate, SEND, Priority::Deliver, "sending", &(), attempt).await;

            assert!(given_up.unwrap_err().is_throttled(), "{limit:?}: whoever asked may try again");
            let waited = clock::now() - began;
            assert!((Duration::from_secs(60)..=DELIVERY).contains(&waited), "{limit:?}: {waited:?}");
            let tries_then = tries.get();
            tokio::time::advance(10 * DELIVERY).await;
            assert_eq!(tries.get(), tries_then, "{limit:?}: nothing goes out later");
        }
    }
}
