//! Whether what was built works, as far as this machine can run it.

use super::Target;
use crate::{
    Error,
    cargo::{output, root},
    npm,
    platform::Platform,
};
use std::{
    path::Path,
    process::{Command, Stdio},
};

/// What became of a trial; a failed one is an error.
pub(super) enum Trial {
    /// It was loaded and did what it was asked to.
    Ran {
        /// By what.
        under: &'static str,
    },
    /// It was built and linked, and nobody has run it.
    OnlyBuilt {
        /// What this machine cannot do.
        lacks: &'static str,
    },
}

impl std::fmt::Display for Trial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ran { under } => write!(f, "run by {under}"),
            Self::OnlyBuilt { lacks } => write!(f, "only built, for want of {lacks}"),
        }
    }
}

/// What runs programs of a platform here.
enum Runner {
    /// They run by themselves.
    This,
    /// A program that is put before them.
    Emulator(&'static str),
    /// Nothing that is known.
    Nothing(&'static str),
}

impl Runner {
    fn of(platform: Platform) -> Self {
        match platform {
            _ if platform == Platform::here() => Self::This,
            Platform { os: "linux", cpu: "arm64", libc: Some("glibc") } => Self::Emulator("qemu-aarch64"),
            Platform { os: "win32", cpu: "x64", .. } => Self::Emulator("wine64"),
            Platform { os: "darwin", .. } => Self::Nothing("a Mac"),
            _ => Self::Nothing("a Node.js for musl"),
        }
    }
}

/// Has a Node.js of the platform load the folder, and use it a little. What runs it may need to be told where
/// the platform's own libraries are, as by `QEMU_LD_PREFIX`.
pub(super) fn of(target: &Target, folder: &Path, cache: &Path) -> Result<Trial, Error> {
    let emulator = match Runner::of(target.platform) {
        Runner::This => None,
        Runner::Emulator(program) if is_there(program) => Some(program),
        Runner::Emulator(lacks) | Runner::Nothing(lacks) => return Ok(Trial::OnlyBuilt { lacks }),
    };
    let node = npm::node_for(target.platform, cache)?;
    let mut command = match emulator {
        None => Command::new(&node),
        Some(emulator) => Command::new(emulator),
    };
    if emulator.is_some() {
        command.arg(&node);
    }
    output(command.arg(root().join("xtask/src/release/trial.mjs")).arg(folder))?;
    Ok(Trial::Ran { under: emulator.unwrap_or("Node.js") })
}

fn is_there(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok()
}
