//! A change of the connection in the words that hosts read.

use super::action::{Change, Loss};
use host_sdk::{Lifecycle, StatusPatch};
use serde_json::{Value, json};

/// The patch that tells `change`, which happened at `at_ms`.
pub(super) fn patch(change: &Change, at_ms: i64) -> StatusPatch {
    let patch = StatusPatch::new();
    match change {
        Change::Starting => patch.connected(false).lifecycle(Lifecycle::Starting),
        Change::Up => patch
            .connected(true)
            .lifecycle(Lifecycle::Ready)
            .with("lastConnectedAt", at_ms)
            .with("lastTransportActivityAt", at_ms)
            .last_error(None),
        Change::Down { loss, blocked } => patch
            .connected(false)
            .lifecycle(if *blocked { Lifecycle::Blocked } else { Lifecycle::Recovering })
            .with("lastDisconnect", last_disconnect(loss, at_ms)),
        Change::Setback { why, connected } => {
            let lifecycle = if *connected { Lifecycle::Ready } else { Lifecycle::Recovering };
            patch.lifecycle(lifecycle).last_error(Some(why.clone()))
        }
        Change::Blocked { why } => patch.lifecycle(Lifecycle::Blocked).last_error(Some(why.clone())),
        Change::Activity => patch.with("lastTransportActivityAt", at_ms),
        Change::Inbound => patch.with("lastInboundAt", at_ms),
        Change::Woken { .. } => patch,
        Change::Stopped => patch.connected(false).lifecycle(Lifecycle::Stopped),
    }
}

fn last_disconnect(loss: &Loss, at_ms: i64) -> Value {
    let mut last = json!({ "at": at_ms, "error": loss.why });
    if let Some(code) = loss.code {
        last["status"] = code.into();
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(change: Change) -> Value {
        serde_json::to_value(patch(&change, 5)).unwrap()
    }

    #[test]
    fn only_a_websocket_that_is_up_counts_as_connected() {
        assert_eq!(told(Change::Starting), json!({"connected": false, "lifecycle": "starting"}));
        let up = told(Change::Up);
        assert_eq!(
            (&up["connected"], &up["lifecycle"], &up["lastError"]),
            (&json!(true), &json!("ready"), &json!(null))
        );
        let setback = told(Change::Setback { why: "no".into(), connected: false });
        assert_eq!(setback, json!({"lifecycle": "recovering", "lastError": "no"}));
    }

    #[test]
    fn a_lost_connection_tells_when_and_why() {
        let down = told(Change::Down { loss: Loss::new("reset"), blocked: false });
        assert_eq!(down["lastDisconnect"], json!({"at": 5, "error": "reset"}));
        assert_eq!(down["connected"], false);
        let loss = Loss { why: "closed with 1006".into(), code: Some(1006) };
        let down = told(Change::Down { loss, blocked: true });
        assert_eq!(down["lastDisconnect"], json!({"at": 5, "status": 1006, "error": "closed with 1006"}));
        assert_eq!(down["lifecycle"], "blocked");
    }
}
