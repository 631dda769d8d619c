//! What was spent in the present day and month.

use super::calendar::Day;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// More kinds of calls than this version knows; what a file has beyond them is left out.
const MOST_KINDS: usize = 32;

/// Kinds of what DingTalk counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Cards that are made, delivered and changed.
    Card,
    /// Texts of cards that grow.
    Streaming,
    /// Messages of the robot's own.
    Robot,
    /// Files that come and go.
    Media,
    /// Marks on messages.
    Emotion,
    /// Any other call.
    Other,
    /// Answers through session webhooks.
    Webhook,
    /// Messages that the Stream connection brought.
    Stream,
}

/// What DingTalk counts and sells separately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pot {
    /// Calls of its interface.
    ApiCalls,
    /// Messages through webhooks and the Stream connection.
    Messages,
}

impl Kind {
    /// The kind of a call of the interface, by its path.
    pub(crate) fn of(path: &str) -> Self {
        match path {
            "/v1.0/card/streaming" => Self::Streaming,
            _ if path.starts_with("/v1.0/card/") => Self::Card,
            _ if path.starts_with("/v1.0/robot/emotion/") => Self::Emotion,
            _ if path.starts_with("/v1.0/robot/messageFiles/") || path.starts_with("/media/") => Self::Media,
            _ if path.starts_with("/v1.0/robot/") => Self::Robot,
            _ => Self::Other,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Streaming => "streaming",
            Self::Robot => "robot",
            Self::Media => "media",
            Self::Emotion => "emotion",
            Self::Other => "other",
            Self::Webhook => WEBHOOK,
            Self::Stream => STREAM,
        }
    }
}

const WEBHOOK: &str = "webhook";
const STREAM: &str = "stream";

/// How much of each kind, by its name.
pub(super) type Spent = BTreeMap<String, u64>;

/// What one application has spent in the present day and month.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Count {
    /// The latest moment it knows of, in ms since the Unix epoch.
    at_ms: i64,
    /// Since when it counts in this month: its beginning, or the first time ever.
    since_ms: i64,
    today: Spent,
    month: Spent,
    /// The day on which DingTalk said that the month's calls are used up.
    exhausted_on: Option<i64>,
}

impl Count {
    /// Counts `several` of a kind.
    pub(super) fn add(&mut self, kind: Kind, several: u64, now_ms: i64) {
        self.turn_to(now_ms);
        for spent in [&mut self.today, &mut self.month] {
            match spent.get_mut(kind.name()) {
                Some(number) => *number = number.saturating_add(several),
                None => drop(spent.insert(kind.name().to_owned(), several)),
            }
        }
    }

    /// DingTalk said that the month's calls are used up. Whether it is news today.
    pub(super) fn exhaust(&mut self, now_ms: i64) -> bool {
        self.turn_to(now_ms);
        self.exhausted_on.replace(Day::at(now_ms).0) != Some(Day::at(now_ms).0)
    }

    /// Begins a new day or month, if one has begun.
    pub(super) fn turn_to(&mut self, now_ms: i64) {
        let (before, now) = (Day::at(self.at_ms), Day::at(now_ms));
        if now == before || now.0 + 1 == before.0 {
            return; // a clock that is set back a little does not open the day before again
        }
        if now.month() != before.month() {
            self.month.clear();
            self.since_ms = if self.at_ms == 0 { now_ms } else { now.month().begins_ms() };
        }
        self.today.clear();
        self.exhausted_on = None;
        self.at_ms = now_ms;
    }

    /// Adds what was counted before `earlier` was found.
    pub(super) fn go_on_from(&mut self, mut earlier: Self, now_ms: i64) {
        for spent in [&mut earlier.today, &mut earlier.month] {
            let mut kinds = 0;
            spent.retain(|_, _| {
                kinds += 1;
                kinds <= MOST_KINDS
            });
        }
        earlier.turn_to(now_ms);
        for (into, from) in [(&mut earlier.today, &self.today), (&mut earlier.month, &self.month)] {
            for (kind, number) in from {
                let sum = into.entry(kind.clone()).or_default();
                *sum = sum.saturating_add(*number);
            }
        }
        earlier.exhausted_on = earlier.exhausted_on.or(self.exhausted_on);
        *self = earlier;
    }

    /// What was spent of `pot` today.
    pub(super) fn today(&self, pot: Pot) -> u64 {
        sum(&self.today, pot)
    }

    /// What was spent of `pot` in this month.
    pub(super) fn month(&self, pot: Pot) -> u64 {
        sum(&self.month, pot)
    }

    /// What will be spent of `pot` by the end of the month, if it goes on like this. The first day
    /// that is counted is taken for a whole one.
    pub(super) fn forecast(&self, pot: Pot, now_ms: i64) -> u64 {
        let month = Day::at(now_ms).month();
        let counted = (now_ms - self.since_ms.max(month.begins_ms())).max(DAY_MS);
        let left = (month.ends_ms() - now_ms).max(0);
        let spent = self.month(pot);
        let more = u128::from(spent) * u128::from(left.unsigned_abs()) / u128::from(counted.unsigned_abs());
        spent.saturating_add(u64::try_from(more).unwrap_or(u64::MAX))
    }

    /// Whether DingTalk has said today that the month's calls are used up.
    pub(super) fn is_exhausted(&self) -> bool {
        self.exhausted_on.is_some()
    }

    /// By kind, today and in this month.
    pub(super) fn by_kind(&self) -> [&Spent; 2] {
        [&self.today, &self.month]
    }
}

fn sum(spent: &Spent, pot: Pot) -> u64 {
    let is_message = |kind: &str| matches!(kind, WEBHOOK | STREAM);
    spent
        .iter()
        .filter(|(kind, _)| is_message(kind) == (pot == Pot::Messages))
        .fold(0, |sum, (_, number)| sum.saturating_add(*number))
}

/// Whatever a file says was counted: it can be gone on from, and what was spent since is not lost.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn any_file(text: &str) {
    const NOW_MS: i64 = 1_790_000_000_500;
    let Ok(earlier) = serde_json::from_str::<Count>(text) else { return };
    let mut count = Count::default();
    count.add(Kind::Card, 3, NOW_MS);
    count.go_on_from(earlier, NOW_MS);
    assert!(count.today(Pot::ApiCalls) >= 3 && count.month(Pot::ApiCalls) >= 3, "what was spent is lost");
    assert!(count.forecast(Pot::ApiCalls, NOW_MS) >= count.month(Pot::ApiCalls), "less than was spent");
    count.add(Kind::Webhook, u64::MAX, NOW_MS);
    count.add(Kind::Webhook, 1, NOW_MS);
    assert_eq!(count.today(Pot::Messages), u64::MAX);
    assert!(count.by_kind().iter().all(|spent| spent.len() <= 2 * MOST_KINDS), "a file makes it grow");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-01T00:00:00 in Shanghai.
    const NOVEMBER: i64 = 1_793_462_400_000;

    fn at(day: i64) -> i64 {
        NOVEMBER + (day - 1) * DAY_MS
    }

    #[test]
    fn calls_and_messages_are_two_pots() {
        let mut count = Count::default();
        count.add(Kind::Streaming, 5, at(3));
        count.add(Kind::of("/v1.0/card/instances/createAndDeliver"), 1, at(3));
        count.add(Kind::Webhook, 2, at(3));
        count.add(Kind::Stream, 1, at(3));
        assert_eq!((count.today(Pot::ApiCalls), count.today(Pot::Messages)), (6, 3));
        assert_eq!(count.by_kind()[1]["streaming"], 5);
    }

    #[test]
    fn a_path_tells_the_kind() {
        for (path, kind) in [
            ("/v1.0/card/streaming", Kind::Streaming),
            ("/v1.0/card/instances", Kind::Card),
            ("/v1.0/robot/emotion/recall", Kind::Emotion),
            ("/v1.0/robot/messageFiles/download", Kind::Media),
            ("/v1.0/robot/groupMessages/send", Kind::Robot),
            ("/media/upload", Kind::Media),
            ("/v1.0/contact/users/me", Kind::Other),
        ] {
            assert_eq!(Kind::of(path), kind, "{path}");
        }
    }

    #[test]
    fn a_day_begins_at_nothing_and_so_does_a_month() {
        let mut count = Count::default();
        count.add(Kind::Robot, 3, at(1));
        count.add(Kind::Robot, 4, at(2));
        assert_eq!((count.today(Pot::ApiCalls), count.month(Pot::ApiCalls)), (4, 7));
        count.turn_to(at(31));
        assert_eq!((count.today(Pot::ApiCalls), count.month(Pot::ApiCalls)), (0, 0), "November has 30 days");
    }

    #[test]
    fn a_clock_that_is_set_back_a_little_forgets_nothing() {
        let mut count = Count::default();
        count.add(Kind::Robot, 3, at(1));
        count.add(Kind::Robot, 1, at(1) - 1_000);
        assert_eq!((count.today(Pot::ApiCalls), count.month(Pot::ApiCalls)), (4, 4));
        count.add(Kind::Robot, 1, at(-60));
        assert_eq!(count.month(Pot::ApiCalls), 1, "but a year that was wrong is put right");
    }

    #[test]
    fn the_forecast_goes_on_as_it_went() {
        let mut count = Count::default();
        count.add(Kind::Robot, 1, at(-5));
        count.add(Kind::Robot, 300, at(1));
        assert_eq!(count.forecast(Pot::ApiCalls, at(4)), 300 + 300 * 27 / 3);
        assert_eq!(count.forecast(Pot::ApiCalls, at(31) - 1), 300);
    }

    #[test]
    fn who_begins_in_the_middle_of_a_month_is_forecast_from_then_on() {
        let mut count = Count::default();
        count.add(Kind::Robot, 10, at(21));
        assert_eq!(
            count.forecast(Pot::ApiCalls, at(21) + 1_000),
            10 + 10 * (10 * DAY_MS as u64 - 1_000) / DAY_MS as u64
        );
        assert_eq!(count.forecast(Pot::ApiCalls, at(26)), 20);
    }

    #[test]
    fn that_all_is_used_up_is_news_once_a_day_and_forgotten_the_next() {
        let mut count = Count::default();
        assert!(count.exhaust(at(5)));
        assert!(!count.exhaust(at(5) + 1_000));
        assert!(count.is_exhausted());
        count.turn_to(at(6));
        assert!(!count.is_exhausted());
        assert!(count.exhaust(at(6)));
    }

    #[test]
    fn what_was_counted_before_the_file_was_read_is_added() {
        let (mut count, mut earlier) = (Count::default(), Count::default());
        earlier.add(Kind::Card, 7, at(4));
        count.add(Kind::Card, 2, at(5));
        count.go_on_from(earlier, at(5));
        assert_eq!((count.today(Pot::ApiCalls), count.month(Pot::ApiCalls)), (2, 9));
    }

    #[test]
    fn a_file_with_more_kinds_than_there_can_be_makes_nothing_grow() {
        let mut earlier = Count::default();
        earlier.add(Kind::Card, 1, at(5));
        for number in 0..1_000 {
            for spent in [&mut earlier.today, &mut earlier.month] {
                spent.insert(format!("kind{number}"), 1);
            }
        }
        let mut count = Count::default();
        count.go_on_from(earlier, at(5));
        assert!(count.by_kind().iter().all(|spent| spent.len() <= MOST_KINDS), "{count:?}");
    }
}
