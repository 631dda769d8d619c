//! Who may ask DingTalk for a connection, and when: accounts that lost theirs at the same moment come
//! back one after the other.

use crate::clock;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::{Duration, Instant},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How far apart the calls of all accounts are, once more than [`AT_ONCE`] come together. No limit of
/// this call is published; the safe figure of an app is 20 calls a second.
const APART: Duration = Duration::from_millis(50);
/// So many may ask at the same moment; one account alone never waits.
const AT_ONCE: u32 = 10;
/// Calls under way: a gateway that answers slowly is not asked by everybody meanwhile.
const UNDER_WAY: usize = 32;

/// The way in to one DingTalk, shared by all accounts of the library that use it. First come, first
/// served.
pub(crate) struct Turnstile {
    rhythm: Mutex<Rhythm>,
    under_way: Arc<Semaphore>,
}

/// The right to ask, until it is dropped.
pub(crate) struct Turn(#[expect(dead_code, reason = "held, not read")] Option<OwnedSemaphorePermit>);

/// When whose turn is.
#[derive(Debug, Default)]
struct Rhythm {
    /// When the next turn would be if nobody might come together with others.
    next: Option<Instant>,
}

impl Rhythm {
    /// How long whoever comes now has to wait.
    fn wait(&mut self, now: Instant) -> Duration {
        let next = self.next.map_or(now, |next| next.max(now));
        self.next = Some(next + APART);
        next.saturating_duration_since(now + (AT_ONCE - 1) * APART)
    }
}

impl Turnstile {
    /// Waits for a turn.
    pub(crate) async fn turn(&self) -> Turn {
        let permit = Arc::clone(&self.under_way).acquire_owned().await.ok(); // it is never closed
        let wait = self.rhythm.lock().unwrap_or_else(PoisonError::into_inner).wait(clock::now());
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        Turn(permit)
    }
}

impl Default for Turnstile {
    fn default() -> Self {
        Self { rhythm: Mutex::default(), under_way: Arc::new(Semaphore::new(UNDER_WAY)) }
    }
}

/// The turnstiles of all DingTalks in use: one that is slow holds up nobody who uses another.
#[derive(Default)]
pub(crate) struct Turnstiles(Mutex<HashMap<String, Weak<Turnstile>>>);

impl Turnstiles {
    /// The turnstile of the DingTalk with this id.
    pub(crate) fn of(&self, dingtalk: &str) -> Arc<Turnstile> {
        let mut turnstiles = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turnstile) = turnstiles.get(dingtalk).and_then(Weak::upgrade) {
            return turnstile;
        }
        turnstiles.retain(|_, turnstile| turnstile.strong_count() > 0);
        let turnstile = Arc::new(Turnstile::default());
        turnstiles.insert(dingtalk.to_owned(), Arc::downgrade(&turnstile));
        turnstile
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;

    const S: Duration = Duration::from_secs(1);

    #[test]
    fn one_account_alone_never_waits() {
        let (mut rhythm, start) = (Rhythm::default(), clock::now());
        for second in 0..100 {
            assert_eq!(rhythm.wait(start + second * S / 2), Duration::ZERO);
        }
    }

    #[test]
    fn two_hundred_that_come_at_once_are_spread_over_ten_seconds_in_their_order() {
        let (mut rhythm, now) = (Rhythm::default(), clock::now());
        let waits: Vec<_> = (0..200).map(|_| rhythm.wait(now)).collect();
        assert!(waits.is_sorted());
        let within = |from: Duration| waits.iter().filter(|wait| **wait >= from && **wait < from + S).count();
        for tenth in 0..100 {
            assert!(within(tenth * S / 10) <= 29, "{} in one second", within(tenth * S / 10));
        }
        assert!(waits.last().is_some_and(|last| *last < 10 * S));
        assert_eq!(rhythm.wait(now + 11 * S), Duration::ZERO, "it is forgotten");
    }

    #[tokio::test(start_paused = true)]
    async fn a_gateway_that_does_not_answer_is_asked_by_few_at_a_time() {
        let turnstile = Turnstile::default();
        let turns = join_all((0..UNDER_WAY).map(|_| turnstile.turn())).await;
        let one_more = tokio::time::timeout(60 * S, turnstile.turn());
        assert!(one_more.await.is_err());
        drop(turns);
        turnstile.turn().await;
    }

    #[test]
    fn accounts_of_one_dingtalk_share_a_turnstile_and_it_ends_with_them() {
        let turnstiles = Turnstiles::default();
        let first = turnstiles.of("china");
        assert!(Arc::ptr_eq(&first, &turnstiles.of("china")));
        assert!(!Arc::ptr_eq(&first, &turnstiles.of("overseas")));
        drop(first);
        turnstiles.of("private");
        assert_eq!(turnstiles.0.lock().unwrap().len(), 1);
    }
}
