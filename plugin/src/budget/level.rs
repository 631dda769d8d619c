//! What an answer may cost, as the budget runs out.

/// What an answer may cost. It always may be given: only how it is shown gets simpler.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// Whatever it takes.
    #[default]
    Ample,
    /// A card, updated less often.
    Wide,
    /// A card that is made and ended, with nothing between.
    TwoCalls,
    /// A message.
    Text,
}

/// How far a budget is spent; 1.0 is all of it. Without a cap everything is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Reading {
    /// Of the month's.
    pub(super) month: f64,
    /// Of the month's, at its end, if it goes on like this.
    pub(super) forecast: f64,
    /// Of the day's.
    pub(super) today: f64,
}

/// Of the month's budget, if the forecast is beyond it: from here on updates are sparse …
const WIDE: f64 = 0.50;
/// … and from here on there are none.
const TWO_CALLS: f64 = 0.85;
/// Of the day's budget: from here on updates are sparse. What follows is as for the month.
const WIDE_TODAY: f64 = 0.70;
/// Of either: the rest is for what can only go out by a call, such as files.
const TEXT: f64 = 0.97;
/// A level is left when its reason is gone by this much, so that answers do not change their
/// looks with every call.
const SLACK: f64 = 0.05;

impl Level {
    /// The level after this one.
    pub(super) fn next(self, reading: Reading) -> Self {
        let reached = Self::reached(reading, 0.0);
        if reached >= self { reached } else { Self::reached(reading, SLACK).min(self) }
    }

    fn reached(reading: Reading, slack: f64) -> Self {
        let runs_out = reading.forecast >= 1.0 - slack;
        let month = |threshold| runs_out && reading.month >= threshold - slack;
        let today = |threshold| reading.today >= threshold - slack;
        if reading.month >= TEXT - slack || today(TEXT) {
            Self::Text
        } else if month(TWO_CALLS) || today(TWO_CALLS) {
            Self::TwoCalls
        } else if month(WIDE) || today(WIDE_TODAY) {
            Self::Wide
        } else {
            Self::Ample
        }
    }

    /// Its word in the status.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Ample => "ample",
            Self::Wide => "wide",
            Self::TwoCalls => "twoCalls",
            Self::Text => "text",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Level::{Ample, Text, TwoCalls, Wide};

    fn month(month: f64, forecast: f64) -> Reading {
        Reading { month, forecast, today: 0.0 }
    }

    #[test]
    fn answers_get_simpler_as_the_month_runs_out() {
        let mut level = Ample;
        let levels = [0.1, 0.49, 0.5, 0.84, 0.85, 0.96, 0.97, 1.5].map(|spent| {
            level = level.next(month(spent, 1.2));
            level
        });
        assert_eq!(levels, [Ample, Ample, Wide, Wide, TwoCalls, TwoCalls, Text, Text]);
    }

    #[test]
    fn a_month_that_will_do_is_spent_freely_to_its_last_part() {
        assert_eq!(Ample.next(month(0.9, 0.95)), Ample);
        assert_eq!(Ample.next(month(0.97, 0.98)), Text);
    }

    #[test]
    fn a_day_has_a_budget_of_its_own() {
        let today = |today| Ample.next(Reading { today, ..Reading::default() });
        assert_eq!([0.69, 0.7, 0.85, 1.0].map(today), [Ample, Wide, TwoCalls, Text]);
    }

    #[test]
    fn a_level_is_left_only_when_its_reason_is_gone_for_certain() {
        assert_eq!(Wide.next(month(0.6, 0.97)), Wide);
        assert_eq!(Wide.next(month(0.6, 0.94)), Ample);
        assert_eq!(Text.next(month(0.93, 1.0)), Text);
        assert_eq!(Text.next(month(0.91, 1.0)), TwoCalls);
        assert_eq!(Text.next(Reading::default()), Ample, "a new month");
    }

    #[test]
    fn without_a_cap_there_is_no_end() {
        assert_eq!(Ample.next(Reading::default()), Ample);
    }
}
