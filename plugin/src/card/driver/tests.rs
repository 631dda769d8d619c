use super::*;
use crate::{
    card::request::{Ending, Face},
    error::ErrorKind,
};
use host_sdk::channel::Awaiting;
use std::sync::Mutex;
use tokio::sync::Semaphore;

const PACE: Duration = Duration::from_millis(600);

fn face(text: &str) -> Face {
    Face { text: text.into(), reach: text.len(), ..Face::default() }
}

/// Answers each request after its turn's delay, and notes when it came.
struct Scripted {
    delays: Mutex<Vec<Duration>>,
    requests: Mutex<Vec<(Duration, Request)>>,
    started: tokio::time::Instant,
    /// How many requests may leave.
    permits: Semaphore,
}

impl Scripted {
    fn new(delays: &[u64]) -> Self {
        Self {
            delays: Mutex::new(delays.iter().rev().map(|millis| Duration::from_millis(*millis)).collect()),
            requests: Mutex::default(),
            started: clock::now().into(),
            permits: Semaphore::new(1000),
        }
    }

    fn texts(&self) -> Vec<(u128, String)> {
        let requests = self.requests.lock().unwrap();
        let said = |request: &Request| match request {
            Request::Create { face, .. } => format!("create {}", face.text),
            Request::Stream { face, ending: None, .. } => format!("partial {}", face.text),
            Request::Stream { face, .. } => format!("final {}", face.text),
            Request::Close { face, .. } => format!("close {}", face.text),
            Request::Retract => "retract".to_owned(),
            Request::GiveUp { .. } => "give up".to_owned(),
        };
        requests.iter().map(|(at, request)| (at.as_millis(), said(request))).collect()
    }
}

impl CardCalls for Scripted {
    type Permit = ();

    async fn permit(&self, _: Intent) {
        self.permits.acquire().await.unwrap().forget();
    }

    fn pace(&self) -> Pace {
        Pace::Every(PACE)
    }

    async fn perform(&self, request: &Request, (): ()) -> Result<()> {
        self.requests.lock().unwrap().push((self.started.elapsed(), request.clone()));
        let delay = self.delays.lock().unwrap().pop().unwrap_or(Duration::from_millis(10));
        sleep(delay).await;
        Ok(())
    }
}

/// A card with everything that belongs to its driving.
struct Driving {
    session: Session,
    newer: Newer,
    sender: tokio::sync::watch::Sender<Awaiting>,
}

impl Driving {
    fn new(text: &str) -> Self {
        let (sender, newer) = Newer::channel();
        Self { session: Session::new(face(text), Pace::Every(PACE)), newer, sender }
    }

    async fn go(&mut self, calls: &Scripted) -> Driven {
        drive(&mut self.session, calls, &mut self.newer, &mut None).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_waiting_partial_text_gives_way_to_a_newer_one() {
    let (calls, mut card) = (Scripted::new(&[]), Driving::new("a"));
    assert_eq!(card.go(&calls).await, Driven::Rests);

    card.session.push(face("a b"));
    card.sender.send_replace(Awaiting::Partial);
    assert_eq!(card.go(&calls).await, Driven::Overtaken);
    card.sender.send_replace(Awaiting::Nothing);
    card.session.push(face("a b c"));
    assert_eq!(card.go(&calls).await, Driven::Rests);

    assert_eq!(calls.texts(), [(0, "create a".into()), (600, "partial a b c".into())]);
}

#[tokio::test(start_paused = true)]
async fn newer_words_are_looked_at_when_they_may_leave_and_the_final_ones_at_once() {
    for (awaiting, looked_at) in [(Awaiting::Partial, 600), (Awaiting::Final, 10)] {
        let (calls, mut card) = (Scripted::new(&[]), Driving::new("a"));
        card.go(&calls).await;
        card.session.push(face("a b"));
        card.sender.send_replace(awaiting);
        assert_eq!(card.go(&calls).await, Driven::Overtaken);
        assert_eq!(calls.started.elapsed().as_millis(), looked_at, "{awaiting:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_words_take_the_place_of_a_status_that_waits_at_once() {
    let (calls, mut card) = (Scripted::new(&[]), Driving::new(""));
    card.go(&calls).await;
    card.session.push(Face { status: "exec".into(), ..Face::default() });
    card.sender.send_replace(Awaiting::Partial);
    assert_eq!(card.go(&calls).await, Driven::Overtaken);
    card.sender.send_replace(Awaiting::Nothing);
    card.session.push(face("a"));
    assert_eq!(card.go(&calls).await, Driven::Rests);
    assert_eq!(calls.texts(), [(0, "create ".into()), (10, "partial a".into())]);
}

#[tokio::test(start_paused = true)]
async fn words_that_are_overtaken_in_the_queue_never_leave() {
    let (calls, mut card) = (Scripted::new(&[]), Driving::new("a"));
    card.go(&calls).await;
    sleep(PACE).await;
    let taken = calls.permits.acquire_many(999).await.unwrap();

    card.session.push(face("a b"));
    card.sender.send_replace(Awaiting::Partial);
    assert_eq!(card.go(&calls).await, Driven::Overtaken);
    card.sender.send_replace(Awaiting::Nothing);
    card.session.push(face("a b c"));
    drop(taken);
    assert_eq!(card.go(&calls).await, Driven::Rests);
    let looked_at = 610 + FRESH.as_millis();
    assert_eq!(calls.texts(), [(0, "create a".into()), (looked_at, "partial a b c".into())]);
}

#[tokio::test(start_paused = true)]
async fn the_final_text_waits_for_a_slow_partial_one_no_longer_than_the_grace() {
    let (calls, mut card) = (Scripted::new(&[50, 10_000]), Driving::new("a"));
    card.go(&calls).await;

    card.session.push(face("a b"));
    sleep(PACE).await;
    card.sender.send_replace(Awaiting::Final);
    let before = clock::now();
    // The queue is passed at once: only then does the final update count.
    let driven = card.go(&calls).await;
    assert_eq!(driven, Driven::Overtaken);
    assert_eq!(clock::now() - before, Duration::from_millis(200), "four round trips of 50 ms");

    card.sender.send_replace(Awaiting::Nothing);
    card.session.finish(face("a b c"), Ending::Done);
    assert_eq!(card.go(&calls).await, Driven::Over(Outcome::Shown));
    let texts: Vec<_> = calls.texts().into_iter().map(|(_, text)| text).collect();
    assert_eq!(texts, ["create a", "partial a b", "final a b c", "close a b c"]);
}

#[tokio::test(start_paused = true)]
async fn a_dingtalk_that_hangs_is_given_up_within_half_a_minute() {
    let (calls, mut card) = (Scripted::new(&[10, 600_000, 600_000, 600_000]), Driving::new("a"));
    card.go(&calls).await;
    card.session.finish(face("a b"), Ending::Done);
    let before = clock::now();
    let shown = face("a");
    assert_eq!(card.go(&calls).await, Driven::Over(Outcome::GivenUp { shown, open: true }));
    assert!(clock::now() - before <= Duration::from_secs(30));
}

#[test]
fn a_card_that_exists_already_was_created_by_the_request_whose_answer_was_lost() {
    let exists = ErrorKind::Rejected {
        code: "param.cardAlreadyExist".into(),
        message: String::new(),
        request_id: String::new(),
    };
    let create = Request::Create { face: face("a"), is_plain: false };
    let close = Request::Close { face: face("a"), ending: Ending::Done };
    let outcome = Err(Error::new(exists, "creating a card"));
    assert_eq!(judge(&create, &outcome), Answer::Exists);
    assert_eq!(judge(&close, &outcome), Answer::Refused);
}

#[test]
fn an_unknown_error_is_odd_only_where_text_is_streamed() {
    let unknown = ErrorKind::Server { status: 500, code: "unknownError".into() };
    let outcome = Err(Error::new(unknown, "updating a card"));
    let stream = Request::Stream { revision: 1, face: face("a"), ending: None };
    let close = Request::Close { face: face("a"), ending: Ending::Done };
    assert!(matches!(judge(&stream, &outcome), Answer::Odd(_)));
    assert!(matches!(judge(&close, &outcome), Answer::Lost(_)));
}
