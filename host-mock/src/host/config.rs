//! `openclaw.json`: what the operator wrote, as far as the host itself reads it.
//!
//! The meaning of `channels.<id>` is the plugin's: the host hands the section over as it stands and
//! looks only at its `enabled`.

use super::{
    HostError,
    conduct::Conduct,
    environment::{self, Missing},
    shape::Shape,
    sight,
    text::{self, Trouble},
};
use host_sdk::Json;
use serde_json::{Map, Value};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};

/// A key beside the channels that is none: what all channels have in common.
const CHANNEL_DEFAULTS: &str = "defaults";

/// The configuration, read and checked.
#[derive(Clone, Debug)]
pub struct Config {
    file: PathBuf,
    channels: BTreeMap<String, ChannelSection>,
    /// Keys beside `channels` and the like; the plugins' sections do not belong there.
    others: BTreeSet<String>,
    gates: PluginGates,
    conduct: Arc<Conduct>,
    reloads: bool,
}

/// The section `channels.<id>`.
#[derive(Clone, Debug)]
pub struct ChannelSection {
    /// Whether the channel may run: false only if the section says `enabled: false`.
    pub enabled: bool,
    /// The whole section, environment variables filled in.
    pub raw: Json,
}

/// Which plugins may run, from the section `plugins`.
#[derive(Clone, Debug, Default)]
pub struct PluginGates {
    all_off: bool,
    allow: BTreeSet<String>,
    deny: BTreeSet<String>,
    off: BTreeSet<String>,
}

impl Config {
    /// Reads and checks a JSON5 file.
    ///
    /// # Errors
    /// When it cannot be read, is not JSON5, names a variable that is not set, or has another shape.
    pub fn read(file: &Path) -> Result<Self, HostError> {
        Self::from_text(file, &Self::text(file)?, &|name| std::env::var(name).ok())
    }

    /// What a file holds.
    pub(super) fn text(file: &Path) -> Result<String, HostError> {
        sight::look(file).map_err(|reason| HostError::ConfigUnreadable { file: file.to_owned(), reason })
    }

    /// Checks the JSON5 text of `file`, with variables looked up in `environment`.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn from_text(
        file: &Path,
        text: &str,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, HostError> {
        let root = text::parse(text).map_err(|Trouble { line, column, reason }| HostError::ConfigSyntax {
            file: file.to_owned(),
            line,
            column,
            reason,
        })?;
        Self::from_value(file, root, environment)
    }

    /// Checks a configuration that was never text; `file` is what messages call it.
    ///
    /// # Errors
    /// As [`read`](Self::read), except for the syntax.
    pub fn from_value(
        file: &Path,
        mut root: Value,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, HostError> {
        environment::substitute(&mut root, "", environment).map_err(|Missing { at, name }| {
            HostError::EnvironmentMissing { file: file.to_owned(), at, name }
        })?;
        let shape = Shape { file };
        let root = shape.object(Some(root), "the whole file")?;
        let section = |name: &str| shape.object(root.get(name).cloned(), name);
        Ok(Self {
            file: file.to_owned(),
            channels: channels(&shape, section("channels")?)?,
            others: root.keys().filter(|key| *key != "channels").cloned().collect(),
            gates: PluginGates::from_section(&shape, &section("plugins")?)?,
            conduct: Arc::new(Conduct::read(&shape, &root)?),
            reloads: reloads(&shape, &section("gateway")?)?,
        })
    }

    /// The file it comes from.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The section `channels.<id>`.
    pub fn channel(&self, id: &str) -> Option<&ChannelSection> {
        self.channels.get(id)
    }

    /// Whether changes of the file are applied while the host runs: unless `gateway.reload.mode` is `off`.
    pub fn reloads(&self) -> bool {
        self.reloads
    }

    /// The ids of all sections below `channels`.
    pub fn channel_ids(&self) -> impl Iterator<Item = &str> {
        self.channels.keys().map(String::as_str)
    }

    /// Where the section of a channel seems to stand in place of `channels.<id>`, if it does.
    pub(super) fn misplaced(&self, id: &str) -> Option<String> {
        let singular = || self.others.contains("channel").then(|| "channel".to_owned());
        self.others.get(id).cloned().or_else(singular)
    }

    /// Which plugins may run.
    pub fn gates(&self) -> &PluginGates {
        &self.gates
    }

    /// Which agent answers, in which session, and when.
    pub(super) fn conduct(&self) -> &Arc<Conduct> {
        &self.conduct
    }
}

/// `gateway.reload.mode`: anything but `off` is `hybrid` here.
fn reloads(shape: &Shape<'_>, gateway: &Map<String, Value>) -> Result<bool, HostError> {
    let reload = shape.object(gateway.get("reload").cloned(), "gateway.reload")?;
    Ok(reload.get("mode").and_then(Value::as_str) != Some("off"))
}

impl PluginGates {
    /// Why the plugin `id` may not run, as a clause that names the setting; `None` if it may.
    pub fn closed_to(&self, id: &str) -> Option<String> {
        if self.all_off {
            Some("`plugins.enabled` is false: set it to true".into())
        } else if self.deny.contains(id) {
            Some(format!("`plugins.deny` has {id:?}: take it out"))
        } else if self.off.contains(id) {
            Some(format!("`plugins.entries.{id}.enabled` is false: set it to true"))
        } else if !self.allow.is_empty() && !self.allow.contains(id) {
            Some(format!("`plugins.allow` lists others only: add {id:?}"))
        } else {
            None
        }
    }

    fn from_section(shape: &Shape<'_>, section: &Map<String, Value>) -> Result<Self, HostError> {
        let entries = shape.object(section.get("entries").cloned(), "plugins.entries")?;
        let off = entries.into_iter().filter(|(_, entry)| entry.get("enabled") == Some(&Value::Bool(false)));
        Ok(Self {
            all_off: section.get("enabled") == Some(&Value::Bool(false)),
            allow: shape.names(section.get("allow"), "plugins.allow")?,
            deny: shape.names(section.get("deny"), "plugins.deny")?,
            off: off.map(|(id, _)| id).collect(),
        })
    }
}

fn channels(
    shape: &Shape<'_>,
    sections: Map<String, Value>,
) -> Result<BTreeMap<String, ChannelSection>, HostError> {
    let channels = sections.into_iter().filter(|(id, _)| id != CHANNEL_DEFAULTS);
    let checked = channels.map(|(id, section)| {
        let section = shape.object(Some(section), &format!("channels.{id}"))?;
        let enabled = section.get("enabled") != Some(&Value::Bool(false));
        Ok((id, ChannelSection { enabled, raw: Json::new(&section) }))
    });
    checked.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Result<Config, HostError> {
        Config::from_text(Path::new("openclaw.json"), text, &|_| None)
    }

    #[test]
    fn comments_trailing_commas_and_bare_keys_are_fine() {
        let config = config(
            "{ // the bot\n channels: { dingtalk: { enabled: true, clientId: 'ding', }, defaults: {}, }, }",
        )
        .unwrap();
        assert_eq!(config.channel_ids().collect::<Vec<_>>(), ["dingtalk"]);
        let section: Value = config.channel("dingtalk").unwrap().raw.parse().unwrap();
        assert_eq!(section["clientId"], "ding");
    }

    #[test]
    fn a_syntax_error_names_file_line_and_column_and_no_content() {
        let message = config("{\n  channels: {\n    secret: 's3cret' other: 1\n}}").unwrap_err().to_string();
        assert!(message.starts_with("openclaw.json, line 3, column 22: "), "{message}");
        assert!(message.contains("missing comma") && !message.contains("s3cret"), "{message}");
    }

    #[test]
    fn a_text_that_ends_too_early_points_at_what_is_unfinished() {
        for (text, place) in [
            ("{\n  channels: {", "line 2, column 13: the file ends before what begins here does (object)"),
            ("{ a: 'b", "line 1, column 1: the file ends before what begins here does (string)"),
            ("", "line 1, column 1: the file ends where a value should be"),
        ] {
            let message = config(text).unwrap_err().to_string();
            assert!(message.starts_with(&format!("openclaw.json, {place}")), "{message}");
        }
    }

    #[test]
    fn a_wrong_type_names_the_place() {
        for (text, at) in [
            ("[]", "the whole file"),
            ("{channels: []}", "channels"),
            ("{channels: {dingtalk: true}}", "channels.dingtalk"),
            ("{plugins: {allow: 'dingtalk'}}", "plugins.allow"),
        ] {
            let message = config(text).unwrap_err().to_string();
            assert!(message.contains(&format!("`{at}` is")), "{message}");
        }
    }

    #[test]
    fn only_a_literal_false_switches_a_channel_off() {
        for (section, enabled) in [("{}", true), ("{enabled: 0}", true), ("{enabled: false}", false)] {
            let config = config(&format!("{{channels: {{x: {section}}}}}")).unwrap();
            assert_eq!(config.channel("x").unwrap().enabled, enabled, "{section}");
        }
    }

    #[test]
    fn the_file_is_watched_unless_that_is_switched_off() {
        for (gateway, reloads) in
            [("{}", true), ("{reload: {mode: 'hybrid'}}", true), ("{reload: {mode: 'off'}}", false)]
        {
            assert_eq!(config(&format!("{{gateway: {gateway}}}")).unwrap().reloads(), reloads, "{gateway}");
        }
    }

    #[test]
    fn every_gate_names_itself() {
        for (plugins, reason) in [
            ("{}", None),
            ("{allow: ['x']}", None),
            ("{entries: {x: {enabled: true}}}", None),
            ("{enabled: false}", Some("plugins.enabled")),
            ("{allow: ['y']}", Some("plugins.allow")),
            ("{allow: ['x'], deny: ['x']}", Some("plugins.deny")),
            ("{entries: {x: {enabled: false}}}", Some("plugins.entries.x.enabled")),
        ] {
            let closed = config(&format!("{{plugins: {plugins}}}")).unwrap().gates().closed_to("x");
            match reason {
                None => assert_eq!(closed, None, "{plugins}"),
                Some(reason) => assert!(closed.unwrap().contains(reason), "{plugins}"),
            }
        }
    }
}
