//! What there is to count: the channels' own metrics, and the host's for each account.

use super::{Address, Host, stops::Stops};
use host_sdk::{
    Json,
    host::{Catalogue, Exposition, Plugin},
    inbox::Figures,
};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, sync::Arc};

/// What the metrics of each channel mean.
pub(super) type Catalogues = Arc<BTreeMap<String, Catalogue>>;

pub(super) fn catalogues(plugins: &[Plugin]) -> Catalogues {
    let of = |plugin: &Plugin| (plugin.descriptor().id.clone(), Catalogue::of(plugin.descriptor()));
    Arc::new(plugins.iter().map(of).collect())
}

/// What the host's own numbers mean.
const OWN: &str = r#"[
    {"at": "unfinished", "name": "openclaw_inbox_unfinished", "type": "gauge",
     "help": "Messages that were accepted and whose turn has not ended."},
    {"at": "accepted", "name": "openclaw_inbox_accepted_total", "type": "counter",
     "help": "Messages that were written down, each once."},
    {"at": "duplicates", "name": "openclaw_inbox_duplicates_total", "type": "counter",
     "help": "Messages that were offered again."},
    {"at": "refused", "name": "openclaw_inbox_refused_total", "type": "counter",
     "help": "Messages for which there was no room, to be offered again."},
    {"at": "dropped", "name": "openclaw_inbox_dropped_total", "type": "counter",
     "help": "Messages of who wrote too many."},
    {"at": "activeRuns", "name": "openclaw_active_runs", "type": "gauge", "help": "Turns that run."},
    {"at": "connected", "name": "openclaw_account_connected", "type": "gauge",
     "help": "Whether the account reaches its platform."}
]"#;

impl Host {
    /// Counters, gauges and histograms of every account that runs, by its name, as in `dingtalk/default`: under
    /// `channel` what the channel counts, under `host` what this host does.
    pub fn metrics(&self) -> Value {
        let all = self.measured().into_iter().map(|(address, own, channel)| {
            let channel: Value = channel.parse().unwrap_or_default();
            (address.to_string(), json!({"host": own, "channel": channel}))
        });
        Value::Object(all.collect::<Map<_, _>>())
    }

    /// The same as Prometheus reads it (text format 0.0.4), as far as plugins say what their numbers mean.
    pub fn prometheus(&self) -> String {
        let own_catalogue = Catalogue::read(&serde_json::from_str(OWN).unwrap_or_default());
        let mut exposition = Exposition::default();
        for (address, own, channel) in self.measured() {
            let Address { channel: id, account } = &address;
            exposition.add(&own_catalogue, id, account, &Json::new(&own));
            if let Some(catalogue) = self.catalogues.get(id) {
                exposition.add(catalogue, id, account, &channel);
            }
        }
        exposition.to_string()
    }

    fn measured(&self) -> Vec<(Address, Value, Json)> {
        let running = self.accounts().into_iter().filter_map(|address| {
            let account = self.accounts.get(&address)?;
            let connected = self.board.of(&address).get("connected").cloned();
            let own = own(account.inbox.figures(), &account.stops, connected.unwrap_or_default());
            Some((address, own, account.channel.metrics()))
        });
        running.collect()
    }
}

fn own(inbox: Figures, stops: &Stops, connected: Value) -> Value {
    let Figures { unfinished, new, duplicates, refused, dropped, .. } = inbox;
    json!({
        "unfinished": unfinished, "accepted": new, "duplicates": duplicates, "refused": refused,
        "dropped": dropped, "activeRuns": stops.count(), "connected": connected == Value::Bool(true),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_the_host_s_has_its_line() {
        let catalogue = Catalogue::read(&serde_json::from_str(OWN).unwrap());
        let own = own(Figures::default(), &Stops::default(), Value::Bool(true));
        let mut exposition = Exposition::default();
        exposition.add(&catalogue, "x", "default", &Json::new(&own));
        let lines = exposition.to_string().lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(lines, own.as_object().unwrap().len());
    }
}
