//! Everything at once, for a second or for as many as `HAMMER_SECONDS` says.

use crate::ears::{SOON, message, open, update};
use host_sdk::{Phase, Result, StopReason, host::Channel};
use std::{
    sync::{
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

/// After so many questions an asker waits for an answer, so that no heap of them grows.
const BREATH: u64 = 64;

/// Who asks, and counts.
struct Asker {
    channel: Channel,
    asked: AtomicU64,
    answered: mpsc::Sender<()>,
}

impl Asker {
    /// Asks one thing or another; whoever is answered asks again at once, for a probe.
    fn ask(&self, number: u64) {
        match number % 4 {
            0 => self.tell(|told| self.channel.send(message("hi")).then(told)),
            1 => self.tell(|told| self.channel.stream_update(self.update(number, Phase::Open)).then(told)),
            2 => self.tell(|told| self.channel.stream_update(self.update(number, Phase::Done)).then(told)),
            _ => {
                self.asked.fetch_add(2, Ordering::Relaxed);
                let (channel, answered) = (self.channel.clone(), self.answered.clone());
                self.channel.send(message("hi")).then(move |_| {
                    answered.send(()).unwrap();
                    channel.probe().then(move |_| answered.send(()).unwrap());
                });
            }
        }
        if number.is_multiple_of(BREATH) {
            // Whether it works depends on the moment; that it is answered does not.
            let _worked = self.channel.probe().wait(SOON).inspect_err(|error| {
                assert_ne!(error.code, host_sdk::ErrorCode::Timeout, "never answered");
            });
        }
    }

    fn tell<T>(&self, ask: impl FnOnce(Box<dyn FnOnce(Result<T>) + Send>)) {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let answered = self.answered.clone();
        ask(Box::new(move |_| answered.send(()).unwrap()));
    }

    fn update(&self, number: u64, phase: Phase) -> host_sdk::StreamUpdate {
        host_sdk::StreamUpdate { stream: format!("s{}", number / 4), ..update(number, phase, "hello") }
    }
}

fn seconds() -> Duration {
    let written = std::env::var("HAMMER_SECONDS").ok().and_then(|written| written.parse().ok());
    Duration::from_secs(written.unwrap_or(1))
}

#[test]
fn whatever_is_asked_while_a_channel_stops_and_starts_is_answered_exactly_once() {
    let (channel, _heard) = open("echo").unwrap();
    let (answered, answers) = mpsc::channel();
    let asker = Asker { channel: channel.clone(), asked: AtomicU64::new(0), answered };
    let (over, numbers) = (AtomicBool::new(false), AtomicU64::new(0));
    let until = Instant::now() + seconds();
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    asker.ask(numbers.fetch_add(1, Ordering::Relaxed));
                }
            });
        }
        while Instant::now() < until {
            channel.start().wait(SOON).unwrap();
            channel.stop(StopReason::Reload, SOON).wait(SOON).unwrap();
        }
        over.store(true, Ordering::Relaxed);
    });
    // Nobody asks any more, and a stop leaves nothing unanswered.
    channel.stop(StopReason::Shutdown, SOON).wait(SOON).unwrap();
    let Asker { asked, answered, .. } = asker;
    drop(answered);
    assert_eq!(answers.try_iter().count() as u64, asked.into_inner());
}
