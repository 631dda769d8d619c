//! How every account is, in the fields that OpenClaw's own snapshots have.

use super::{Address, accounts::Accounts, pairings::now_ms, plan::Plan, status::StatusBoard};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// An account that the configuration knows, whether it runs or not.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) address: Address,
    pub(super) name: String,
    pub(super) enabled: bool,
    pub(super) configured: bool,
    /// Why it will not run; empty if it will.
    pub(super) reason: String,
}

/// The accounts that the configuration knows. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Roster(Arc<Mutex<Vec<Known>>>);

impl Roster {
    /// The configuration is this from now on.
    pub(super) fn is(&self, plan: &Plan) {
        self.known().clone_from(&plan.known);
    }

    fn known(&self) -> MutexGuard<'_, Vec<Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How one account is: `channel`, `accountId`, `name`, `enabled`, `configured`, `running`, `connected`,
/// `lifecycle`, `activeRuns`, `busy`, `reason` where it will not run, and whatever the plugin reports besides,
/// such as `lastInboundAt` and `lastError`. Times are ms since the epoch. There is no secret in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountSnapshot(Map<String, Value>);

/// How all accounts are, those included that do not run. As JSON a list; to be read, a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Snapshot(Vec<AccountSnapshot>);

impl AccountSnapshot {
    fn of(known: &Known, accounts: &Accounts, board: &StatusBoard) -> Self {
        let running = accounts.get(&known.address);
        let runs = running.as_ref().map_or(0, |account| account.stops.count());
        let mut fields = match json!(board.of(&known.address)) {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        if running.is_none() {
            fields.insert("connected".into(), json!(false));
            fields.insert("lifecycle".into(), json!("stopped"));
        }
        fields.entry("connected").or_insert(json!(false));
        fields.entry("lifecycle").or_insert(json!("starting"));
        let Known { address, name, enabled, configured, reason } = known;
        let own = json!({
            "channel": address.channel, "accountId": address.account, "name": name, "enabled": enabled,
            "configured": configured, "running": running.is_some(), "activeRuns": runs, "busy": runs > 0,
        });
        if let Value::Object(own) = own {
            fields.extend(own);
        }
        if !reason.is_empty() {
            fields.insert("reason".into(), json!(reason));
        }
        Self(fields)
    }

    /// The value of a field, if there is one.
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.0.get(field)
    }

    /// Which account it is, as in `dingtalk/default`.
    pub fn address(&self) -> Address {
        Address::new(self.text("channel"), self.text("accountId"))
    }

    fn text(&self, field: &str) -> String {
        self.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    fn is(&self, field: &str) -> &'static str {
        if self.get(field) == Some(&Value::Bool(true)) { "yes" } else { "no" }
    }

    /// What a person should know first.
    fn note(&self) -> String {
        let note =
            ["reason", "lastError"].map(|field| self.text(field)).into_iter().find(|note| !note.is_empty());
        // Nothing that others wrote reaches a terminal but what can be seen.
        note.unwrap_or_default().escape_debug().to_string()
    }

    fn row(&self, now_ms: i64) -> [String; 8] {
        let heard = self.get("lastInboundAt").and_then(Value::as_i64);
        let heard = heard.map_or_else(String::new, |at| format!("{} s ago", (now_ms - at).max(0) / 1000));
        [
            self.address().to_string().escape_debug().to_string(),
            self.is("enabled").into(),
            self.is("configured").into(),
            self.is("running").into(),
            self.is("connected").into(),
            self.text("lifecycle").escape_debug().to_string(),
            heard,
            self.note(),
        ]
    }
}

impl Snapshot {
    pub(super) fn of(roster: &Roster, accounts: &Accounts, board: &StatusBoard) -> Self {
        Self(roster.known().iter().map(|known| AccountSnapshot::of(known, accounts, board)).collect())
    }

    /// All of them.
    pub fn accounts(&self) -> &[AccountSnapshot] {
        &self.0
    }

    /// The account that `name` means: `dingtalk/default`, or `default` alone.
    pub fn account(&self, name: &str) -> Option<&AccountSnapshot> {
        self.0.iter().find(|account| account.address().is_called(name))
    }
}

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const HEAD: [&str; 8] =
            ["account", "enabled", "configured", "running", "connected", "lifecycle", "heard", "note"];
        let now = now_ms();
        let rows = [HEAD.map(str::to_owned)].into_iter().chain(self.0.iter().map(|account| account.row(now)));
        let rows: Vec<_> = rows.collect();
        for row in &rows {
            let cells = row.iter().enumerate().map(|(column, cell)| {
                let width = rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
                format!("{cell:width$}")
            });
            writeln!(f, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        Ok(())
    }
}
