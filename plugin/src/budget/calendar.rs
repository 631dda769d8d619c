//! Days and months as DingTalk bills them: by the clock of Shanghai, which knows no summer time.

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const SHANGHAI_MS: i64 = 8 * 60 * 60 * 1000;

/// A civil day in Shanghai, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Day(pub(super) i64);

/// A civil month in Shanghai.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Month {
    year: i64,
    /// 1 to 12.
    month: i64,
}

impl Day {
    /// The day of a moment in ms since the Unix epoch.
    pub(super) fn at(unix_ms: i64) -> Self {
        Self(unix_ms.saturating_add(SHANGHAI_MS).div_euclid(DAY_MS))
    }

    /// The month it lies in.
    pub(super) fn month(self) -> Month {
        // Years that begin in March have their leap day at the end, in eras of 400 years.
        let shifted = self.0 + 719_468; // days since 0000-03-01
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        Month { year: year_of_era + era * 400 + i64::from(month <= 2), month }
    }
}

impl Month {
    /// When it begins, in ms since the Unix epoch.
    pub(super) fn begins_ms(self) -> i64 {
        let year = if self.month <= 2 { self.year - 1 } else { self.year };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let from_march = (self.month + 9) % 12;
        let day_of_year = (153 * from_march + 2) / 5;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        (era * 146_097 + day_of_era - 719_468) * DAY_MS - SHANGHAI_MS
    }

    /// When the next one begins, in ms since the Unix epoch.
    pub(super) fn ends_ms(self) -> i64 {
        let next = match self.month {
            12 => Self { year: self.year + 1, month: 1 },
            month => Self { month: month + 1, ..self },
        };
        next.begins_ms()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-01T00:00:00 in Shanghai.
    const NOVEMBER: i64 = 1_793_462_400_000;

    #[test]
    fn a_day_ends_at_midnight_in_shanghai() {
        assert_eq!(Day::at(NOVEMBER).0, Day::at(NOVEMBER - 1).0 + 1);
        assert_eq!(Day::at(NOVEMBER), Day::at(NOVEMBER + DAY_MS - 1));
        assert_eq!(Day::at(0), Day(0));
    }

    #[test]
    fn a_month_begins_with_its_first_day_and_ends_with_its_last() {
        let november = Day::at(NOVEMBER).month();
        assert_eq!(november, Month { year: 2026, month: 11 });
        assert_eq!(Day::at(NOVEMBER - 1).month(), Month { year: 2026, month: 10 });
        assert_eq!((november.begins_ms(), november.ends_ms()), (NOVEMBER, NOVEMBER + 30 * DAY_MS));
    }

    #[test]
    fn every_day_of_many_years_lies_in_the_month_that_says_so() {
        let mut months = 0;
        let mut last = Day(-1).month();
        for day in (0..60_000).map(Day) {
            let month = day.month();
            let noon = day.0 * DAY_MS - SHANGHAI_MS + DAY_MS / 2;
            assert!((month.begins_ms()..month.ends_ms()).contains(&noon), "{day:?} {month:?}");
            months += i32::from(month != last);
            last = month;
        }
        assert_eq!(months, 164 * 12 + 4, "60,000 days end in April 2134");
        assert_eq!(last, Month { year: 2134, month: 4 });
    }
}
