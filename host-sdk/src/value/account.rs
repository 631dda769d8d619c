//! A plugin's description of itself, and of the accounts its configuration means.

use super::{Json, Setup};
use crate::abi::{crossing_struct, open_set};

crossing_struct! {
    /// What a plugin says about itself before anything is opened.
    pub struct Descriptor as RawDescriptor {
        /// The channel's id, as in `channels.<id>`.
        pub id: String,
        /// What people call it.
        pub name: String,
        /// The plugin's version.
        pub version: String,
        /// The version of this crate it was built with.
        pub sdk: String,
        /// What it can do, in words that a host may know.
        pub capabilities: Vec<String>,
        /// JSON Schema of `channels.<id>`.
        pub config_schema: Json,
        /// How a person gets an account; empty where there is nothing to say.
        pub setup: Setup,
        /// Details by name: `ids` is how ids are written in lists of people and groups, `metrics` what the numbers of
        /// its channels' metrics mean.
        pub extra: Json,
    }
}

open_set! {
    /// How much a diagnostic matters.
    pub struct Severity(u8) {
        /// It works, but perhaps not as meant.
        Warning = 0 as "warning",
        /// What it speaks of does not work.
        Error = 1 as "error",
    }
}

crossing_struct! {
    /// Something about the configuration that a person should know.
    pub struct Diagnostic as RawDiagnostic {
        /// How much it matters.
        pub severity: Severity,
        /// Where, as in `accounts.bot1.clientId`.
        pub path: String,
        /// What is the matter.
        pub message: String,
        /// What to do about it; empty if there is nothing to say.
        pub suggestion: String,
        /// Details by name.
        pub extra: Json,
    }
}

crossing_struct! {
    /// One account as the configuration means it. Holds no secret.
    pub struct ResolvedAccount as RawResolvedAccount {
        /// Its id.
        pub id: String,
        /// What people call it; empty if it has no name.
        pub name: String,
        /// Whether it is to run.
        pub enabled: bool,
        /// Whether it has what it needs to run.
        pub configured: bool,
        /// Why it will not run; empty if it will.
        pub reason: String,
        /// Its effective options by name, secrets replaced by where they come from. Hosts read there who may
        /// talk: `dmPolicy`, `allowFrom`, `groupPolicy`, `groupAllowFrom`, `groups`, `requireMention`.
        pub settings: Json,
        /// Details by name.
        pub extra: Json,
    }
}

crossing_struct! {
    /// What a channel's configuration means.
    pub struct Resolved as RawResolved {
        /// Its accounts, sorted by id.
        pub accounts: Vec<ResolvedAccount>,
        /// The account meant when none is named; empty if there is none.
        pub default_account: String,
        /// For each option, what a change takes: `live`, `reconnect` or `reopen`.
        pub effects: Json,
        /// What a person should know.
        pub diagnostics: Vec<Diagnostic>,
        /// Details by name.
        pub extra: Json,
    }
}

open_set! {
    /// How a new configuration took effect.
    pub struct Applied(u8) {
        /// Not: close the channel and open it anew.
        NeedsReopen = 0 as "needsReopen",
        /// At once.
        Live = 1 as "live",
        /// It will when the connection is renewed, which has begun.
        Reconnecting = 2 as "reconnecting",
    }
}

crossing_struct! {
    /// The host, as it introduces itself.
    pub struct HostInfo as RawHostInfo {
        /// Its name.
        pub name: String,
        /// Its version.
        pub version: String,
        /// What it can do, in words that a plugin may know.
        pub capabilities: Vec<String>,
        /// Details by name.
        pub extra: Json,
    }
}

crossing_struct! {
    /// What an account is opened with.
    pub struct OpenContext as RawOpenContext {
        /// The account's id.
        pub account: String,
        /// The section `channels.<id>` as written.
        pub config: Json,
        /// The account's own directory for state, made by the host, mode 0700.
        pub state_dir: String,
        /// The directory that all accounts of this plugin share, made by the host, mode 0700.
        pub shared_state_dir: String,
        /// What `~` means.
        pub home: String,
        /// Where outbound files may come from.
        pub media_roots: Vec<String>,
        /// The language to speak where the configuration names none, such as `zh-CN`.
        pub locale: String,
        /// Who opens it.
        pub host: HostInfo,
        /// Details by name: `probeMs` is how many milliseconds a probe may take, where the host minds; `freeBytes`,
        /// how much more the account may keep on disk, where the host has given it less than the disk has;
        /// `registers` is true where it is opened to be registered, and lacks what registering gives.
        pub extra: Json,
    }
}
