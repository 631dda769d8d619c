//! How many calls a second one API takes, as far as experience goes.

use std::time::{Duration, Instant};

/// What every edition of DingTalk takes a second is 20 (protocol as documented, and logs of users); a
/// little less, because calls do not arrive as evenly as they leave.
pub(super) const START: f64 = 18.0;
/// More than any edition takes.
const MOST: f64 = 100.0;
/// So slow that it is not worth learning anything slower: a call in four seconds.
const LEAST: f64 = 0.25;
/// Calls of one second are kept this far apart from those of the next: the way they travel differs.
const WINDOW: Duration = Duration::from_millis(1050);
/// After one more was taken, the next one is tried.
const ANOTHER: Duration = Duration::from_secs(1);
/// After it was refused, it is tried again after the first of these, then ever less often down to the last.
const PATIENCE: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(600));

/// How many calls a second are known to be taken.
#[derive(Debug)]
pub(super) struct Rate {
    per_second: f64,
    /// The last time a refusal taught something. Refusals of calls that had left before teach nothing new.
    taught: Option<Instant>,
    /// The last time one more was taken.
    raised: Option<Instant>,
    /// One more is not tried before then.
    next_try: Option<Instant>,
    patience: Duration,
}

impl Default for Rate {
    fn default() -> Self {
        Self { per_second: START, taught: None, raised: None, next_try: None, patience: PATIENCE.0 }
    }
}

impl Rate {
    pub(super) fn per_second(&self) -> f64 {
        self.per_second
    }

    /// How many calls may go within a [`window`](Self::window), at least one.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it lies within 0.25 and 100"
    )]
    pub(super) fn calls(&self) -> usize {
        (self.per_second as usize).max(1)
    }

    /// The time that [`calls`](Self::calls) are counted in.
    pub(super) fn window(&self) -> Duration {
        WINDOW.div_f64(self.per_second.min(1.0))
    }

    /// Whether one call more than is known may be tried.
    pub(super) fn may_try(&self, now: Instant) -> bool {
        self.per_second < MOST && self.next_try.is_none_or(|next| now >= next)
    }

    /// One call more than was known, sent at `sent`, has been taken.
    pub(super) fn raise(&mut self, sent: Instant, now: Instant) {
        if self.raised.max(self.taught).is_some_and(|known| sent <= known) {
            return; // it proves what is known, or what has changed since
        }
        self.per_second = if self.per_second < 1.0 {
            (self.per_second * 2.0).min(1.0)
        } else {
            (self.per_second + 1.0).min(MOST)
        };
        (self.raised, self.next_try) = (Some(now), Some(now + ANOTHER));
        self.patience = PATIENCE.0;
    }

    /// One call more than was known, sent at `sent`, has been refused. Answers whether that is news.
    pub(super) fn keep(&mut self, sent: Instant, now: Instant) -> bool {
        if !self.is_news(sent, now) {
            return false;
        }
        self.next_try = Some(now + self.patience);
        self.patience = (self.patience * 2).min(PATIENCE.1);
        true
    }

    /// A call that should have been taken, sent at `sent`, has been refused. As many as `taken` were
    /// within the last second, and so many are from now on, or half as many as before if that is more;
    /// no more are tried for `quiet`. Answers whether that is news.
    pub(super) fn cut(&mut self, sent: Instant, taken: usize, quiet: Duration, now: Instant) -> bool {
        if !self.is_news(sent, now) {
            return false;
        }
        // Calls that were held up on their way and arrive together are refused under any limit.
        #[expect(clippy::cast_precision_loss, reason = "some hundreds at most")]
        let taken = (taken as f64).min(self.per_second - 1.0);
        self.per_second = (self.per_second / 2.0).max(taken).max(LEAST);
        if self.per_second >= 1.0 {
            self.per_second = self.per_second.floor();
        }
        self.next_try = Some(now + quiet);
        true
    }

    /// Whether a call that was sent at `sent` knew already what the last refusal taught.
    pub(super) fn is_news(&mut self, sent: Instant, now: Instant) -> bool {
        let news = self.taught.is_none_or(|taught| sent > taught);
        if news {
            self.taught = Some(now);
        }
        news
    }
}
