//! A change of the connection in the words that hosts read.

use super::session::Change;
use host_sdk::{Lifecycle, StatusPatch};
use serde_json::json;

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
            .with("reconnectAttempts", 0)
            .last_error(None),
        Change::Down { why, blocked } => patch
            .connected(false)
            .lifecycle(if *blocked { Lifecycle::Blocked } else { Lifecycle::Recovering })
            .with("lastDisconnect", json!({ "at": at_ms, "error": why })),
        Change::Setback { why, attempts, connected } => {
            let lifecycle = if *connected { Lifecycle::Ready } else { Lifecycle::Recovering };
            patch.lifecycle(lifecycle).with("reconnectAttempts", *attempts).last_error(Some(why.clone()))
        }
        Change::Blocked { why } => patch.lifecycle(Lifecycle::Blocked).last_error(Some(why.clone())),
        Change::Activity => patch.with("lastTransportActivityAt", at_ms),
        Change::Inbound => patch.with("lastInboundAt", at_ms),
        Change::Stopped => patch.connected(false).lifecycle(Lifecycle::Stopped),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(change: Change) -> serde_json::Value {
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
        let setback = told(Change::Setback { why: "no".into(), attempts: 2, connected: false });
        assert_eq!(setback, json!({"lifecycle": "recovering", "reconnectAttempts": 2, "lastError": "no"}));
    }

    #[test]
    fn a_lost_connection_tells_when_and_why() {
        let down = told(Change::Down { why: "reset".into(), blocked: false });
        assert_eq!(down["lastDisconnect"], json!({"at": 5, "error": "reset"}));
        assert_eq!(down["connected"], false);
    }
}
