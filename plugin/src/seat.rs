//! Which account connects, where several have one Client ID. DingTalk gives each message to only one
//! connection of an application, whosever it is, so accounts of the same application take turns: the first by
//! rank has the seat, the others wait until it is gone.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};
use tokio::{sync::watch, time::timeout};

/// A goodbye takes two seconds at most. Whoever sits longer than this, though it is another's turn, hangs.
const GOING: Duration = Duration::from_secs(10);
/// An account that is opened anew, or started beside others, is there within moments; its seat is kept for so
/// long.
const COMING: Duration = Duration::from_secs(10);

/// The seats of all applications in use.
#[derive(Default)]
pub(crate) struct Seats(Mutex<HashMap<App, Weak<watch::Sender<Line>>>>);

/// The id of a DingTalk, and a Client ID.
type App = (String, String);

/// A place in the line for a seat, until it is dropped.
pub(crate) struct Claim {
    line: Arc<watch::Sender<Line>>,
    me: Claimant,
}

/// A seat that is taken, until it is dropped.
pub(crate) struct Seat {
    line: Arc<watch::Sender<Line>>,
    me: Claimant,
}

/// Whose turn is sooner: those that somebody wrote go before one that the top level implies, in the order of their
/// ids.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    /// Whether nobody wrote the account.
    pub(crate) is_implied: bool,
    /// Its id.
    pub(crate) account: String,
}

/// An account, and when it came: a predecessor goes before its successor.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Claimant {
    rank: Rank,
    number: u64,
}

/// Who wants a seat, and who has it.
#[derive(Debug, Default)]
struct Line {
    number: u64,
    claimants: BTreeSet<Claimant>,
    sitting: BTreeSet<Claimant>,
    /// An account that will come within moments, as far as is known.
    expected: Option<String>,
}

impl Seats {
    /// Gets in line for the seat of an application, of which `expected` is known to want it, too.
    pub(crate) fn claim(&self, dingtalk: &str, client_id: &str, rank: Rank, expected: Option<&str>) -> Claim {
        let line = self.line((dingtalk.to_owned(), client_id.to_owned()));
        let mut me = Claimant { rank, number: 0 };
        line.send_modify(|line| {
            line.number += 1;
            me.number = line.number;
            line.claimants.insert(me.clone());
            line.expected.take_if(|expected| *expected == me.rank.account);
            if let Some(expected) = expected.filter(|expected| !line.has(expected)) {
                line.expected = Some(expected.to_owned());
            }
        });
        Claim { line, me }
    }

    fn line(&self, app: App) -> Arc<watch::Sender<Line>> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = lines.get(&app).and_then(Weak::upgrade) {
            return line;
        }
        lines.retain(|_, line| line.strong_count() > 0);
        let line = Arc::new(watch::Sender::new(Line::default()));
        lines.insert(app, Arc::downgrade(&line));
        line
    }
}

impl Line {
    fn has(&self, account: &str) -> bool {
        self.claimants.iter().any(|claimant| claimant.rank.account == account)
    }

    fn first(&self) -> Option<Claimant> {
        self.claimants.first().cloned()
    }

    fn is_next(&self, claimant: &Claimant) -> bool {
        self.claimants.first() == Some(claimant)
    }
}

impl Claim {
    /// Waits for the seat; `tell` is told the account that has it, whenever it is another's turn.
    pub(crate) async fn seat(&self, mut tell: impl FnMut(&str)) -> Seat {
        let mut line = self.line.subscribe();
        loop {
            // The errors of these waits mean that there is no sender, but that is ours.
            let mine = line.wait_for(|line| line.claimants.contains(&self.me)).await.map(|line| line.first());
            let Ok(Some(first)) = mine else { continue };
            if first != self.me {
                tell(&first.rank.account);
                drop(line.wait_for(|line| !line.is_next(&first)).await);
                continue;
            }
            let is_expected = line.borrow().expected.is_some();
            if is_expected && timeout(COMING, line.wait_for(|line| !line.is_next(&self.me))).await.is_ok() {
                continue;
            }
            let free = line.wait_for(|line| line.sitting.is_empty() || !line.is_next(&self.me));
            drop(timeout(GOING, free).await);
            if let Some(seat) = self.sit() {
                return seat;
            }
        }
    }

    /// Leaves the line at once, also while the seat is still being left; `comes_back`: to be opened anew.
    pub(crate) fn leave(&self, comes_back: bool) {
        self.line.send_modify(|line| {
            let account = &self.me.rank.account;
            if line.claimants.remove(&self.me) && comes_back && !line.has(account) {
                line.expected = Some(account.clone());
            }
        });
    }

    fn sit(&self) -> Option<Seat> {
        let mut is_mine = false;
        self.line.send_modify(|line| {
            is_mine = line.is_next(&self.me);
            if is_mine {
                line.expected = None;
                line.sitting.insert(self.me.clone());
            }
        });
        is_mine.then(|| Seat { line: self.line.clone(), me: self.me.clone() })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.leave(false);
    }
}

impl Seat {
    /// Waits until it is another's turn.
    pub(crate) async fn lost(&self) {
        let mut line = self.line.subscribe();
        drop(line.wait_for(|line| !line.is_next(&self.me)).await);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.line.send_modify(|line| {
            line.sitting.remove(&self.me);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    const MOMENT: Duration = Duration::from_millis(1);

    fn rank(account: &str) -> Rank {
        Rank { is_implied: account == "implied", account: account.to_owned() }
    }

    fn claim(seats: &Seats, account: &str) -> Claim {
        seats.claim("china", "ding1", rank(account), None)
    }

    /// The seat, if it is there at once.
    fn now(claim: &Claim) -> Option<Seat> {
        claim.seat(|_| {}).now_or_never()
    }

    #[tokio::test(start_paused = true)]
    async fn the_second_account_waits_is_told_for_whom_and_sits_when_the_first_is_gone() {
        let seats = Seats::default();
        let (a, b) = (claim(&seats, "a"), claim(&seats, "b"));
        let seat = now(&a).unwrap();
        let mut told = Vec::new();
        let waiting = async { drop(b.seat(|account| told.push(account.to_owned())).await) };
        let leaving = async {
            tokio::time::sleep(MOMENT).await;
            a.leave(false);
            drop(seat);
        };
        tokio::join!(waiting, leaving);
        assert_eq!(told, ["a"]);
    }

    #[tokio::test]
    async fn accounts_of_other_applications_and_of_other_dingtalks_do_not_wait() {
        let seats = Seats::default();
        let claims = [("china", "ding1"), ("china", "ding2"), ("overseas", "ding1")]
            .map(|(dingtalk, app)| seats.claim(dingtalk, app, rank("a"), None));
        let taken: Vec<_> = claims.iter().map(now).collect();
        assert!(taken.iter().all(Option::is_some));
    }

    #[tokio::test(start_paused = true)]
    async fn who_comes_later_and_is_first_by_id_gets_the_seat_once_the_other_has_risen() {
        let seats = Seats::default();
        let b = claim(&seats, "b");
        let seat = now(&b).unwrap();
        let a = claim(&seats, "a");
        seat.lost().await;
        assert!(now(&a).is_none(), "b says goodbye first");
        drop(seat);
        assert!(now(&a).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn an_account_that_is_opened_anew_keeps_its_seat_for_a_moment() {
        let seats = Seats::default();
        let (a, b) = (claim(&seats, "a"), claim(&seats, "b"));
        drop(now(&a));
        a.leave(true);
        assert!(now(&b).is_none());
        let again = claim(&seats, "a");
        assert!(now(&again).is_some());

        again.leave(true);
        let begun = crate::clock::now();
        drop(b.seat(|_| {}).await);
        assert_eq!(crate::clock::now() - begun, COMING, "it did not come back");
    }

    #[tokio::test(start_paused = true)]
    async fn a_successor_that_stands_in_line_is_not_waited_for() {
        let seats = Seats::default();
        let old = claim(&seats, "a");
        let seat = now(&old).unwrap();
        let (new, b) = (claim(&seats, "a"), claim(&seats, "b"));
        old.leave(true);
        drop(seat);
        assert!(now(&b).is_none());
        assert!(now(&new).is_some(), "at once");
    }

    #[tokio::test(start_paused = true)]
    async fn who_starts_sooner_than_an_account_before_it_waits_for_that_for_a_moment() {
        let seats = Seats::default();
        let b = seats.claim("china", "ding1", rank("b"), Some("a"));
        assert!(now(&b).is_none());
        let a = claim(&seats, "a");
        assert!(now(&a).is_some());

        let d = seats.claim("china", "ding2", rank("d"), Some("c"));
        let begun = crate::clock::now();
        drop(d.seat(|_| {}).await);
        assert_eq!(crate::clock::now() - begun, COMING, "it never came");
    }

    #[tokio::test(start_paused = true)]
    async fn a_successor_waits_for_its_predecessor_and_not_for_ever() {
        let seats = Seats::default();
        let old = claim(&seats, "a");
        let hangs = now(&old).unwrap();
        let new = claim(&seats, "a");
        assert!(now(&new).is_none());
        old.leave(true);
        assert!(now(&new).is_none(), "it says goodbye");
        drop(new.seat(|_| {}).await);
        drop(hangs);
    }

    #[tokio::test(start_paused = true)]
    async fn an_account_that_nobody_wrote_is_the_last() {
        let seats = Seats::default();
        let (implied, z) = (claim(&seats, "implied"), claim(&seats, "z"));
        assert!(now(&implied).is_none());
        assert!(now(&z).is_some());
    }

    #[test]
    fn a_line_that_nobody_stands_in_is_forgotten() {
        let seats = Seats::default();
        drop(claim(&seats, "a"));
        drop(seats.claim("china", "ding2", rank("a"), None));
        assert_eq!(seats.0.lock().unwrap().len(), 1, "but for the last");
    }
}
