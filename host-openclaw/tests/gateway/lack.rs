//! What releases of OpenClaw before 2026.9.6 do not offer, and a claim that needs it cannot prove there.

use std::fmt;

/// Something that a release of OpenClaw lacks, found by what it does and not by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lack {
    /// `openclaw plugins reload`.
    PluginReload,
    /// Consent to what a plugin may do, and the words of the commands that ask for it.
    Consent,
    /// Plugins that were copied to where OpenClaw keeps them.
    DropIn,
    /// Looking at who may write what a command has installed.
    FileModes,
    /// `openclaw channels add` with options of a channel's own.
    AddOptions,
    /// `openclaw channels add` that asks, for a channel that is named.
    AddQuestions,
    /// A second account that leaves alone what holds for all.
    SharedOptions,
    /// `openclaw secrets store`.
    SecretStore,
    /// A gateway that gives the answers it has begun before it ends.
    AnsweringStop,
    /// Asking a plugin what it says of another one that is installed.
    InstallAdvice,
    /// Going on with an answer of which there are words, when a restart has broken it off.
    Resumption,
    /// Accounts that wait for a person, and are not started anew meanwhile.
    Blocked,
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PluginReload => "it has no `plugins reload`: a restart of the gateway exchanges a plugin",
            Self::DropIn => "it wants a folder that no command has installed from the npm registry",
            Self::FileModes => "it loads what a command has installed, whoever may write there",
            Self::AddOptions => {
                "its `channels add` has no options of a channel's own: `openclaw dingtalk setup` asks"
            }
            Self::AddQuestions => {
                "its `channels add` asks only who gives no option at all: `openclaw dingtalk setup` asks, too"
            }
            Self::SharedOptions => "its `channels add` moves who may talk into the first account",
            Self::AnsweringStop => {
                "a gateway that is stopped leaves the answers that it has begun to the next one"
            }
            Self::InstallAdvice => {
                "what it installs it tells no other plugin of: the start of a gateway and the doctor say it"
            }
            Self::Resumption => "what a restart has broken off among its words it does not go on with",
            Self::Blocked => {
                "its health monitor starts an account that waits for a person anew, which changes nothing"
            }
            Self::SecretStore => "it has no store of its own for secrets: the other three places hold",
            Self::Consent => {
                "it asks for no consent to what a plugin may do, and its commands have other words"
            }
        })
    }
}

/// Whether this OpenClaw is a release that may lack something.
pub(crate) fn is_possible() -> bool {
    std::env::args().any(|argument| argument == FLAG)
}

/// What says that of the release.
pub(crate) const FLAG: &str = "--may-lack";
