//! Streaming calls for one card that are under way at once (DingTalk protocol, §8.6).

use std::collections::BTreeMap;
use std::time::Duration;

/// How long it may take until it is seen that a client has hung up, which it may do as it sends its next
/// call.
const UNSEEN: Duration = Duration::from_secs(5);

/// Calls that were overtaken and have not ended: whether their clients still waited for them is known only
/// when they end.
#[derive(Debug, Default)]
pub(in crate::dingtalk) struct Overlaps(BTreeMap<u64, Overtaken>);

#[derive(Debug)]
struct Overtaken {
    card: String,
    at: Duration,
}

impl Overlaps {
    /// The call `sent`, which has not ended, was overtaken by another one for its card.
    pub(super) fn overtaken(&mut self, sent: u64, card: &str, at: Duration) {
        self.0.entry(sent).or_insert_with(|| Overtaken { card: card.to_owned(), at });
    }

    /// The call `sent` ends; if its client had waited for it all the same, what there is to say of that.
    pub(super) fn ended(&mut self, sent: u64, is_answered: bool, at: Duration) -> Option<String> {
        let overtaken = self.0.remove(&sent)?;
        let had_waited = is_answered || at.saturating_sub(overtaken.at) > UNSEEN;
        had_waited.then(|| format!("{}: call #{sent} had no answer yet", overtaken.card))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: Duration = Duration::from_secs(1);

    #[test]
    fn a_client_that_hangs_up_as_it_sends_the_next_call_does_not_wait_for_two() {
        let mut overlaps = Overlaps::default();
        overlaps.overtaken(1, "card", S);
        assert_eq!(overlaps.ended(1, false, 2 * S), None);
    }

    #[test]
    fn a_client_that_is_answered_or_hangs_up_much_later_has_waited_for_two() {
        let mut overlaps = Overlaps::default();
        for (sent, is_answered, at) in [(1, true, S), (2, false, 7 * S)] {
            overlaps.overtaken(sent, "card", S);
            assert!(overlaps.ended(sent, is_answered, at).is_some_and(|told| told.contains("card")));
            assert_eq!(overlaps.ended(sent, is_answered, at), None, "it is said once");
        }
    }
}
