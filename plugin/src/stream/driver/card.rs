//! What somebody did to a card, in the hands of the host: DingTalk waits for the answer only so long.

use super::{Event, Inlet};
use crate::{
    message::card_action::CardAction,
    stream::{receipt::Receipt, tally::Tally},
};
use futures_util::FutureExt;
use std::{panic::AssertUnwindSafe, pin::pin, sync::Arc, time::Duration};
use tokio::{sync::mpsc, time::timeout};

/// DingTalk waits two seconds for a card's answer.
const IN_TIME: Duration = Duration::from_millis(1500);
/// An action that takes longer than this is ended.
const LIFE: Duration = Duration::from_secs(60);

/// Has the host act, answers the push in time, and applies what comes later by a call of its own.
pub(super) async fn act<I: Inlet>(
    inlet: Arc<I>,
    action: CardAction,
    receipt: Option<Receipt>,
    events: mpsc::Sender<Event>,
    tally: Arc<Tally>,
) {
    let acting = AssertUnwindSafe(inlet.card_action(action)).catch_unwind();
    let mut acting = pin!(acting.map(|shown| shown.ok().flatten()));
    let in_time = timeout(IN_TIME, acting.as_mut()).await;
    if let Some(receipt) = receipt {
        let response = in_time.as_ref().ok().and_then(|shown| shown.as_ref().map(|shown| shown.response()));
        events.send(Event::Acted { receipt, response }).await.ok();
    }
    if in_time.is_ok() {
        return;
    }
    match timeout(LIFE, acting).await {
        Ok(Some(shown)) => {
            tally.late_card_actions.count();
            timeout(LIFE, inlet.show(shown)).await.ok();
        }
        Ok(None) => {}
        Err(_) => tracing::warn!("the host did not answer to a card action within a minute"),
    }
}
