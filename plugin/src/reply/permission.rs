//! Whether DingTalk lets the account have cards.

use std::time::{Duration, Instant};

/// After a refusal the next answers go straight to text; so often one finds out whether the
/// permission was granted meanwhile.
const AGAIN: Duration = Duration::from_secs(60);
/// An answer that is to find out has this long; then the next one does.
const TRIAL: Duration = Duration::from_secs(15);

/// Whether an answer may have a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It may, as far as known.
    Allowed,
    /// It may not, just now.
    Refused,
}

/// What is known of the permission for cards.
#[derive(Debug, Default)]
pub(super) struct Cards {
    /// No card before then; `None` while they are not refused.
    refused_until: Option<Instant>,
}

impl Cards {
    /// Whether the next answer may have a card. After a refusal one in a while may, and those that
    /// come while it tries may not.
    pub(super) fn next_answer(&mut self, now: Instant) -> Standing {
        match self.refused_until {
            Some(until) if now < until => Standing::Refused,
            Some(_) => {
                self.refused_until = Some(now + TRIAL);
                Standing::Allowed
            }
            None => Standing::Allowed,
        }
    }

    /// A card was created.
    pub(super) fn accepted(&mut self) {
        self.refused_until = None;
    }

    /// A card was refused for lack of the permission.
    pub(super) fn refused(&mut self, now: Instant) {
        self.refused_until = Some(now + AGAIN);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_refusal_one_answer_a_minute_finds_out_and_the_others_do_not_wait_for_it() {
        let (mut cards, start) = (Cards::default(), crate::clock::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(cards.next_answer(at(0)), Standing::Allowed);
        cards.refused(at(0));
        assert_eq!(cards.next_answer(at(59)), Standing::Refused);
        assert_eq!(cards.next_answer(at(60)), Standing::Allowed);
        assert_eq!(cards.next_answer(at(60)), Standing::Refused);
        cards.refused(at(61));
        assert_eq!(cards.next_answer(at(120)), Standing::Refused);
        assert_eq!(cards.next_answer(at(121)), Standing::Allowed);
        cards.accepted();
        assert_eq!(cards.next_answer(at(121)), Standing::Allowed);
        assert_eq!(cards.next_answer(at(121)), Standing::Allowed);
    }

    #[test]
    fn an_answer_that_never_tells_what_it_found_out_does_not_close_cards_for_good() {
        let (mut cards, start) = (Cards::default(), crate::clock::now());
        cards.refused(start);
        assert_eq!(cards.next_answer(start + AGAIN), Standing::Allowed);
        assert_eq!(cards.next_answer(start + AGAIN + TRIAL), Standing::Allowed);
    }
}
