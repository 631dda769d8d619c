//! Which files go: a pure question of names, dates and leases.

use super::tag::{AccountTag, FileTag, MessageTag};
use chrono::NaiveDate;
use std::{collections::HashSet, time::Duration};

const DAY_SECONDS: f64 = 24.0 * 3600.0;

/// How long files stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Until their turn has ended.
    WhileUsed,
    /// So many whole days after the one they came on.
    Days(i64),
}

/// What goes today of what an account was sent.
#[derive(Clone, Debug)]
pub(super) struct Retention {
    pub(super) account: AccountTag,
    pub(super) keep: Keep,
    pub(super) today: NaiveDate,
}

impl Keep {
    /// A part of a day counts as a day, so that nothing goes before its time.
    pub(crate) fn of(time: Duration) -> Self {
        let days = (time.as_secs_f64() / DAY_SECONDS).ceil();
        if time.is_zero() { Self::WhileUsed } else { Self::Days(days_of(days)) }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "`as` saturates, which is what is meant")]
fn days_of(days: f64) -> i64 {
    days as i64
}

impl Retention {
    /// The date of a folder whose files may go; `None` if they stay, or the folder is not of the archive.
    pub(super) fn expired(&self, folder: &str) -> Option<NaiveDate> {
        let date = date(folder)?;
        let is_over = match self.keep {
            Keep::WhileUsed => true,
            Keep::Days(days) => self.today.signed_duration_since(date).num_days() > days,
        };
        is_over.then_some(date)
    }

    /// Whether a file in an expired folder goes: only what this account was sent, and nobody uses.
    pub(super) fn removes(&self, file_name: &str, held: &HashSet<MessageTag>) -> bool {
        FileTag::in_name(file_name)
            .is_some_and(|tag| tag.is_of(&self.account) && !held.contains(&tag.message()))
    }
}

/// The date that a folder of the archive is named for: `2026-01-31`, and nothing else.
pub(super) fn date(folder: &str) -> Option<NaiveDate> {
    match folder.as_bytes() {
        [year @ .., b'-', m1, m2, b'-', d1, d2] if year.len() == 4 => {
            NaiveDate::from_ymd_opt(number(year)?, number(&[*m1, *m2])?, number(&[*d1, *d2])?)
        }
        _ => None,
    }
}

fn number<N: TryFrom<u32>>(digits: &[u8]) -> Option<N> {
    let digit =
        |number: u32, digit: &u8| digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0'));
    N::try_from(digits.iter().try_fold(0, digit)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::AttachmentHandle;

    fn on(today: &str, keep: Keep) -> Retention {
        Retention { account: AccountTag::of("ding1"), keep, today: date(today).unwrap() }
    }

    fn file(account: &str, msg_id: &str) -> String {
        let handle = AttachmentHandle { msg_id: msg_id.to_owned(), ..AttachmentHandle::default() };
        FileTag::of(&AccountTag::of(account), &handle).put_into("report.pdf")
    }

    #[test]
    fn o11_seven_days_are_seven_whole_days_judged_by_the_folders_date() {
        let retention = on("2026-03-08", Keep::of(Duration::from_hours(7 * 24)));
        assert_eq!(retention.expired("2026-02-28"), date("2026-02-28"));
        assert_eq!(retention.expired("2026-03-01"), None);
        assert_eq!(retention.expired("2026-03-08"), None);
        assert_eq!(
            retention.expired("2027-01-01"),
            None,
            "a folder of the future, after the clock went back"
        );
    }

    #[test]
    fn o11_a_part_of_a_day_is_a_day_and_nothing_is_until_the_turn_has_ended() {
        assert_eq!(Keep::of(Duration::from_hours(12)), Keep::Days(1));
        assert_eq!(Keep::of(Duration::from_hours(36)), Keep::Days(2));
        assert_eq!(Keep::of(Duration::ZERO), Keep::WhileUsed);
        let forever = on("2026-03-08", Keep::of(Duration::MAX));
        assert_eq!(forever.expired("0001-01-01"), None);
        let retention = on("2026-03-08", Keep::WhileUsed);
        assert_eq!(retention.expired("2026-03-08"), date("2026-03-08"));
    }

    /// Days are counted as dates, so that none is shorter than another.
    #[test]
    fn o11_a_day_of_23_or_25_hours_is_a_day() {
        for (came, last, over) in [
            ("2026-03-28", "2026-03-29", "2026-03-30"), // Berlin, in spring
            ("2026-10-24", "2026-10-25", "2026-10-26"), // and in autumn
            ("2028-02-28", "2028-02-29", "2028-03-01"),
            ("2026-12-31", "2027-01-01", "2027-01-02"),
        ] {
            assert_eq!(on(last, Keep::Days(1)).expired(came), None, "{came}");
            assert_eq!(on(over, Keep::Days(1)).expired(came), date(came), "{came}");
        }
    }

    #[test]
    fn only_folders_named_for_a_date_are_looked_into() {
        let retention = on("2026-03-08", Keep::WhileUsed);
        for folder in
            ["2026-02-30", "2026-3-01", "26-03-01", "notes", ".incoming", "2026-01-01 old", "20260301", ""]
        {
            assert_eq!(retention.expired(folder), None, "{folder}");
        }
    }

    #[test]
    fn what_is_in_use_another_bots_or_a_persons_own_stays() {
        let retention = on("2026-03-08", Keep::WhileUsed);
        let held = HashSet::from([MessageTag::of("used")]);
        assert!(retention.removes(&file("ding1", "done"), &held));
        assert!(!retention.removes(&file("ding1", "used"), &held));
        assert!(!retention.removes(&file("ding2", "done"), &held));
        assert!(!retention.removes("holiday.jpg", &held));
    }

    #[test]
    fn a_clock_that_jumps_over_midnight_takes_no_file_that_is_in_use() {
        let held = HashSet::from([MessageTag::of("used")]);
        let retention = on("2031-01-01", Keep::Days(7));
        assert!(retention.expired("2026-03-08").is_some());
        assert!(!retention.removes(&file("ding1", "used"), &held));
    }
}
