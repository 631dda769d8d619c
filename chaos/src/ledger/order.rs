//! Whether the messages of a conversation were handed over in the order in which they arrived.

use super::{Delivery, Message};
use std::collections::{BTreeMap, HashMap};

/// How many neighbours in a conversation the agent saw in the wrong order.
///
/// The record does not say when the plugin read a frame, so only what is certain is judged: a message
/// arrived before another one if it was acknowledged on the connection that carried the other one later, or
/// if its ACK was there before the other one was pushed for the first time.
pub(super) fn inversions(messages: &[Message], began: &HashMap<&str, usize>) -> usize {
    let mut conversations: BTreeMap<&str, Vec<(&Message, usize)>> = BTreeMap::new();
    for message in messages {
        if let Some(place) = began.get(message.id.as_str()) {
            conversations.entry(&message.conversation).or_default().push((message, *place));
        }
    }
    conversations.into_values().map(|seen| wrong(seen)).sum()
}

/// In the order of what the agent saw, a message is wrong if it certainly arrived before one of the few
/// that were seen before it.
fn wrong(mut seen: Vec<(&Message, usize)>) -> usize {
    /// More messages of one conversation are never under way at once.
    const NEAR: usize = 128;
    seen.sort_by_key(|(_, place)| *place);
    let wrong = |index: &usize| {
        let earlier = &seen[index.saturating_sub(NEAR)..*index];
        earlier.iter().any(|(earlier, _)| arrived_before(seen[*index].0, earlier))
    };
    (0..seen.len()).filter(wrong).count()
}

/// Whether `one` certainly arrived before `other`.
fn arrived_before(one: &Message, other: &Message) -> bool {
    let Some(first) = other.deliveries.first() else { return false };
    let certainly = |delivery: &Delivery| {
        let Some(acked) = delivery.acked else { return false };
        acked < first.sent || delivery.link == first.link && delivery.sent < first.sent
    };
    one.deliveries.iter().any(certainly)
}
