//! Carries out what a card's session decides, for the length of one update.

use super::session::{Answer, Next, Outcome, Request, Session};
use crate::{
    clock,
    error::{Error, Result},
};
use host_sdk::channel::Newer;
use std::{future::Future, time::Duration};
use tokio::time::{sleep, sleep_until};

/// Where a card's requests go.
pub(crate) trait CardCalls: Sync {
    /// Performs one request.
    fn perform(&self, request: &Request) -> impl Future<Output = Result<()>> + Send;
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
        match session.next(clock::now()) {
            Next::Over(outcome) => return Driven::Over(outcome),
            Next::Rest => return Driven::Rests,
            Next::Wait(until) => {
                tokio::select! {
                    () = sleep_until(until.into()) => {}
                    () = newer.arrived() => return Driven::Overtaken,
                }
            }
            Next::Send(request) => {
                let grace = session.grace();
                tokio::select! {
                    outcome = calls.perform(&request) => {
                        session.on_answer(judge(&request, &outcome), clock::now());
                        *failure = outcome.err().or(failure.take());
                    }
                    () = pressed(newer, grace), if request.is_partial() => {
                        session.abandon();
                        return Driven::Overtaken;
                    }
                }
            }
        }
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
    let exists = matches!(request, Request::Create { .. }) && error.has_code("param.cardAlreadyExist");
    match error.retry_after() {
        _ if exists => Answer::Accepted,
        Some(after) if error.is_ambiguous() => Answer::Lost(after),
        Some(after) => Answer::Later(after),
        None => Answer::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{card::session::Ending, error::ErrorKind};
    use host_sdk::channel::Awaiting;
    use std::sync::Mutex;

    const PACE: Duration = Duration::from_millis(600);

    /// Answers each request after its turn's delay, and notes when it came.
    struct Scripted {
        delays: Mutex<Vec<Duration>>,
        requests: Mutex<Vec<(Duration, Request)>>,
        started: tokio::time::Instant,
    }

    impl Scripted {
        fn new(delays: &[u64]) -> Self {
            let delays = delays.iter().rev().map(|millis| Duration::from_millis(*millis)).collect();
            Self { delays: Mutex::new(delays), requests: Mutex::default(), started: clock::now().into() }
        }

        fn texts(&self) -> Vec<(u128, String)> {
            let requests = self.requests.lock().unwrap();
            requests
                .iter()
                .map(|(at, request)| match request {
                    Request::Create { text } => (at.as_millis(), format!("create {text}")),
                    Request::Stream { text, ending: None, .. } => (at.as_millis(), format!("partial {text}")),
                    Request::Stream { text, .. } => (at.as_millis(), format!("final {text}")),
                    Request::Close { text, .. } => (at.as_millis(), format!("close {text}")),
                    Request::Withdraw => (at.as_millis(), "withdraw".to_owned()),
                })
                .collect()
        }
    }

    impl CardCalls for Scripted {
        async fn perform(&self, request: &Request) -> Result<()> {
            self.requests.lock().unwrap().push((self.started.elapsed(), request.clone()));
            let delay = self.delays.lock().unwrap().pop().unwrap_or(Duration::from_millis(10));
            sleep(delay).await;
            Ok(())
        }
    }

    async fn driven(session: &mut Session, calls: &Scripted, newer: &mut Newer) -> Driven {
        drive(session, calls, newer, &mut None).await
    }

    #[tokio::test(start_paused = true)]
    async fn a_waiting_partial_text_gives_way_to_a_newer_one() {
        let (sender, mut newer) = Newer::channel();
        let calls = Scripted::new(&[]);
        let mut session = Session::new("a", PACE, clock::now());
        assert_eq!(driven(&mut session, &calls, &mut newer).await, Driven::Rests);

        session.push("a b");
        sender.send_replace(Awaiting::Partial);
        assert_eq!(driven(&mut session, &calls, &mut newer).await, Driven::Overtaken);
        sender.send_replace(Awaiting::Nothing);
        session.push("a b c");
        assert_eq!(driven(&mut session, &calls, &mut newer).await, Driven::Rests);

        let expected = [(0, "create a".into()), (600, "partial a b c".into())];
        assert_eq!(calls.texts(), expected);
    }

    #[tokio::test(start_paused = true)]
    async fn the_final_text_waits_for_a_slow_partial_one_no_longer_than_the_grace() {
        let (sender, mut newer) = Newer::channel();
        let calls = Scripted::new(&[50, 10_000]);
        let mut session = Session::new("a", PACE, clock::now());
        driven(&mut session, &calls, &mut newer).await;

        session.push("a b");
        sender.send_replace(Awaiting::Final);
        let abandoned_after = {
            sleep(PACE).await;
            let before = clock::now();
            assert_eq!(driven(&mut session, &calls, &mut newer).await, Driven::Overtaken);
            clock::now() - before
        };
        assert_eq!(abandoned_after, Duration::from_millis(200), "four round trips of 50 ms");

        sender.send_replace(Awaiting::Nothing);
        session.finish("a b c", Ending::Done);
        assert_eq!(driven(&mut session, &calls, &mut newer).await, Driven::Over(Outcome::Shown));
        let texts: Vec<_> = calls.texts().into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["create a", "partial a b", "final a b c", "close a b c"]);
    }

    #[test]
    fn a_card_that_exists_already_was_created_by_the_request_whose_answer_was_lost() {
        let exists = ErrorKind::Rejected {
            code: "param.cardAlreadyExist".into(),
            message: String::new(),
            request_id: String::new(),
        };
        let create = Request::Create { text: "a".into() };
        let close = Request::Close { text: "a".into(), ending: Ending::Done };
        let outcome = Err(Error::new(exists, "creating a card"));
        assert_eq!(judge(&create, &outcome), Answer::Accepted);
        assert_eq!(judge(&close, &outcome), Answer::Refused);
    }
}
