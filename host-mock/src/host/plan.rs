//! Which accounts are to run, and why the others are not.

use super::{
    Address,
    config::{ChannelSection, Config},
    snapshot::Known,
};
use host_sdk::{
    Diagnostic, Json, Resolved, Severity,
    access::{Notation, Rules},
    host::Plugin,
};

/// An account that is to run.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) plugin: Plugin,
    pub(super) address: Address,
    /// The section `channels.<id>` as written.
    pub(super) section: Json,
    /// Whether it is the one that is meant where none is named.
    pub(super) is_default: bool,
    /// Who may talk to it.
    pub(super) rules: Rules,
}

/// What is to run, and what there is to say about the rest.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) accounts: Vec<Planned>,
    /// All accounts that the configuration knows.
    pub(super) known: Vec<Known>,
    /// What does not run although something speaks of it, each with what to do.
    pub(super) reasons: Vec<String>,
    /// Whether one of those reasons is a mistake, and not a switch.
    pub(super) has_mistakes: bool,
    /// What a person should know about what does run.
    pub(super) warnings: Vec<String>,
}

impl Plan {
    /// Reads the configuration with the eyes of the plugins.
    pub(super) fn make(config: &Config, plugins: &[Plugin]) -> Self {
        let mut plan = Self::default();
        for plugin in plugins {
            let id = &plugin.descriptor().id;
            match config.channel(id) {
                Some(section) => plan.channel(plugin, section),
                None => plan.reasons.push(match config.misplaced(id) {
                    Some(key) if key == *id => format!("`{key}` stands at the top level: move it into `channels`"),
                    Some(key) => format!("there is `{key}` and no `channels.{id}`: write `channels`"),
                    None => format!(
                        "the configuration has no section `channels.{id}`: add one with the account's credentials"
                    ),
                }),
            }
        }
        let loaded = |id: &str| plugins.iter().any(|plugin| plugin.descriptor().id == id);
        for id in config.channel_ids().filter(|id| !loaded(id)) {
            let mut served = plugins.iter().map(|plugin| &plugin.descriptor().id);
            let meant = served.find(|served| served.eq_ignore_ascii_case(id));
            plan.reasons.push(match (config.gates().closed_to(id), meant) {
                (Some(reason), _) => format!("the plugin of `channels.{id}` may not run: {reason}"),
                (None, Some(meant)) => format!("there is `channels.{id}`: write `channels.{meant}`"),
                (None, None) => format!(
                    "no plugin serves `channels.{id}`: put its folder into the plugins directory, or remove \
                     the section"
                ),
            });
        }
        let accounts: Vec<_> = plan.accounts.iter().map(|planned| planned.address.clone()).collect();
        plan.warnings.extend(config.conduct().routing.doubts(&accounts));
        plan
    }

    fn channel(&mut self, plugin: &Plugin, section: &ChannelSection) {
        let id = &plugin.descriptor().id;
        if !section.enabled {
            self.reasons.push(format!("`channels.{id}.enabled` is false: set it to true"));
            return;
        }
        match plugin.resolve(&section.raw) {
            Ok(resolved) => self.accounts_of(plugin, &section.raw, resolved),
            Err(error) => self.reasons.push(format!("the plugin cannot read `channels.{id}`: {error}")),
        }
    }

    fn accounts_of(&mut self, plugin: &Plugin, section: &Json, resolved: Resolved) {
        let id = &plugin.descriptor().id;
        let (errors, warnings): (Vec<_>, Vec<_>) =
            resolved.diagnostics.iter().partition(|diagnostic| diagnostic.severity == Severity::Error);
        self.warnings.extend(warnings.into_iter().map(|diagnostic| sentence(id, diagnostic)));
        self.reasons.extend(errors.iter().copied().map(|diagnostic| sentence(id, diagnostic)));
        self.has_mistakes |= !errors.is_empty();
        let told = !self.reasons.is_empty();
        let notation = Notation::of(plugin.descriptor());
        for account in resolved.accounts {
            let is_default = account.id == resolved.default_account;
            let address = Address::new(id, account.id);
            self.known.push(Known {
                address: address.clone(),
                name: account.name,
                enabled: account.enabled,
                configured: account.configured,
                reason: account.reason.clone(),
            });
            if account.enabled && account.configured {
                let rules = Rules::read(&account.settings, &notation);
                let (plugin, section) = (plugin.clone(), section.clone());
                self.accounts.push(Planned { plugin, address, section, is_default, rules });
            } else if !account.enabled {
                self.reasons.push(format!("{address} is switched off: {}", or_else(account.reason)));
            } else if !told {
                self.has_mistakes = true;
                self.reasons.push(format!("{address} is not configured: {}", or_else(account.reason)));
            }
        }
    }
}

/// `channels.dingtalk.clientId: it is missing; copy it from …`.
fn sentence(channel: &str, diagnostic: &Diagnostic) -> String {
    let Diagnostic { path, message, suggestion, .. } = diagnostic;
    let dot = if path.is_empty() { "" } else { "." };
    let then = if suggestion.is_empty() { "" } else { "; " };
    format!("channels.{channel}{dot}{path}: {message}{then}{suggestion}")
}

fn or_else(reason: String) -> String {
    if reason.is_empty() { "the plugin does not say why".into() } else { reason }
}
