//! What releases of OpenClaw before 2026.9.6 do not offer, and a claim that needs it cannot prove there.

use std::fmt;

/// Something that a release of OpenClaw lacks, found by what it does and not by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lack {
    /// `openclaw plugins reload`.
    PluginReload,
    /// Consent to what a plugin may do, and the words of the commands that ask for it.
    Consent,
    /// One answer to what was collected behind a turn.
    Collecting,
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PluginReload => "it has no `plugins reload`: a restart of the gateway exchanges a plugin",
            Self::Consent => {
                "it asks for no consent to what a plugin may do, and its commands have other words"
            }
            Self::Collecting => "it answers each message on its own that it has collected behind a turn",
        })
    }
}

/// Whether this OpenClaw is a release that may lack something.
pub(crate) fn is_possible() -> bool {
    std::env::args().any(|argument| argument == FLAG)
}

/// What says that of the release.
pub(crate) const FLAG: &str = "--may-lack";
