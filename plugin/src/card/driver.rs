//! Carries out what a card's session decides, for the length of one update.

use super::{
    Pace,
    request::{Answer, Intent, Next, Outcome, Request},
    session::Session,
};
use crate::{
    clock,
    error::{Error, Result},
};
use host_sdk::channel::{Awaiting, Newer};
use std::{
    future::Future,
    time::{Duration, Instant},
};
use tokio::time::{sleep, sleep_until, timeout};

/// So old the newest words may be that wait in a queue for calls.
const FRESH: Duration = Duration::from_millis(200);

/// Where a card's requests go.
pub(crate) trait CardCalls: Sync {
    /// Lets one request out.
    type Permit: Send;

    /// Waits until a request of this kind may leave. Who drops it and asks again for a partial one keeps
    /// the place in the queue.
    fn permit(&self, intent: Intent) -> impl Future<Output = Self::Permit> + Send;

    /// How often the card may be updated just now.
    fn pace(&self) -> Pace;

    /// Performs one request.
    fn perform(&self, request: &Request, permit: Self::Permit) -> impl Future<Output = Result<()>> + Send;
}

/// Why the driving ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Driven {
    /// Everything that was known is shown, or waits for the end.
    Rests,
    /// A newer update waits; it will go on.
    Overtaken,
    Over(Outcome),
}

/// Drives `session` until it has nothing to do, or a newer update is there to go on with.
///
/// The last error is left in `failure`, for the one who explains an outcome to people.
pub(crate) async fn drive(
    session: &mut Session,
    calls: &impl CardCalls,
    newer: &mut Newer,
    failure: &mut Option<Error>,
) -> Driven {
    loop {
        session.set_pace(calls.pace());
        let intent = match session.next(clock::now()) {
            Next::Over(outcome) => return Driven::Over(outcome),
            Next::Rest => return Driven::Rests,
            // Newer words leave no sooner. To look at each would cost more than all else that is done with them.
            Next::Wait(until) if session.awaits_words() => {
                tokio::select! {
                    () = sleep_until(until.into()) => {}
                    () = newer.final_arrived() => {}
                }
                if newer.awaiting() == Awaiting::Nothing {
                    continue;
                }
                return Driven::Overtaken;
            }
            Next::Wait(until) => {
                tokio::select! {
                    () = sleep_until(until.into()) => continue,
                    () = newer.arrived() => return Driven::Overtaken,
                }
            }
            Next::Send(intent) => intent,
        };
        let permit = tokio::select! {
            biased;
            permit = calls.permit(intent) => permit,
            () = overtaken(newer, session.awaits_words()) => return Driven::Overtaken,
            () = at(session.deadline()) => continue, // on to the next step
        };
        let Some(request) = session.begin(intent, clock::now()) else { continue };
        let grace = session.grace();
        tokio::select! {
            outcome = calls.perform(&request, permit) => {
                session.on_answer(judge(&request, &outcome), clock::now());
                *failure = outcome.err().or(failure.take());
            }
            () = pressed(newer, grace), if request.is_partial() => {
                session.abandon();
                return Driven::Overtaken;
            }
            () = at(session.deadline()) => session.on_answer(Answer::Lost(Duration::ZERO), clock::now()),
        }
    }
}

/// Waits until a newer update has to be looked at: the final one, and what brings the first words, at once.
async fn overtaken(newer: &mut Newer, has_words: bool) {
    newer.arrived().await;
    if has_words {
        timeout(FRESH, newer.final_arrived()).await.ok();
    }
}

/// Waits until then; for ever, if there is no such time.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time.into()).await,
        None => std::future::pending().await,
    }
}

/// Waits until the final update has waited for `grace`.
async fn pressed(newer: &mut Newer, grace: Duration) {
    newer.final_arrived().await;
    sleep(grace).await;
}

fn judge(request: &Request, outcome: &Result<()>) -> Answer {
    let Err(error) = outcome else { return Answer::Accepted };
    // A creation whose answer was lost may have been carried out all the same.
    if matches!(request, Request::Create { .. }) && error.has_code("param.cardAlreadyExist") {
        return Answer::Exists;
    }
    let is_stream = matches!(request, Request::Stream { .. });
    match error.retry_after() {
        // What DingTalk says to a wrong variable, to a template that cannot stream, and sometimes to a
        // card that can.
        Some(after) if is_stream && error.is_unknown() => Answer::Odd(after),
        Some(after) if error.is_ambiguous() => Answer::Lost(after),
        Some(after) => Answer::Later(after),
        None => Answer::Refused,
    }
}

#[cfg(test)]
mod tests;
