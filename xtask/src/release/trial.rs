//! Whether what was built works, as far as this machine can run it: a Node.js of the platform answers a message by it,
//! in the fake DingTalk.

use super::{Target, workshop::Workshop};
use crate::{
    Error,
    cargo::{Build, Metadata, Profile, missing, output, root},
    npm,
    platform::Platform,
};
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// What became of a trial; a failed one is an error.
pub(super) enum Trial {
    /// It answered.
    Ran {
        /// By what.
        under: String,
    },
    /// It was built and inspected, and nobody has run it.
    OnlyBuilt {
        /// What this machine lacks, and how it is had.
        lacks: &'static str,
    },
}

impl std::fmt::Display for Trial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ran { under } => write!(f, "answered in {under}"),
            Self::OnlyBuilt { lacks } => write!(f, "not run, for want of {lacks}"),
        }
    }
}

/// What runs a Node.js of a platform here.
struct Runner {
    /// What is put before the Node.js, if it does not run by itself.
    program: Option<&'static str>,
    /// The version of the Node.js.
    node: &'static str,
    /// What is said where it does not run.
    cure: &'static str,
    variables: &'static [(&'static str, &'static str)],
}

const THIS: Runner = Runner { program: None, node: npm::NODE, cure: "npm's Node.js", variables: &[] };
const QEMU: Runner = Runner {
    program: Some("qemu-aarch64"),
    cure: "qemu with libraries (apt-get install qemu-user libstdc++6-arm64-cross libatomic1-arm64-cross)",
    variables: &[("QEMU_LD_PREFIX", "/usr/aarch64-linux-gnu")],
    ..THIS
};
/// The newest that is built with musl and can be had; what Alpine 3.18 and newer have runs it.
const MUSL: Runner = Runner { node: "24.19.0", cure: "musl 1.2.4 or newer (apt-get install musl)", ..THIS };

impl Runner {
    /// `None`: nothing but the machine itself.
    fn of(platform: Platform) -> Option<Self> {
        match platform {
            _ if platform == Platform::here() => Some(THIS),
            Platform { os: "linux", cpu: "arm64", .. } => Some(QEMU),
            Platform { os: "linux", cpu: "x64", libc: Some("musl") } => Some(MUSL),
            _ => None,
        }
    }

    fn is_there(&self) -> bool {
        self.program.is_none_or(|program| answers(Command::new(program)))
    }

    fn command(&self, node: &Path) -> Command {
        let mut command = Command::new(self.program.map_or(node, Path::new));
        if self.program.is_some() {
            command.arg(node);
        }
        command.envs(self.variables.iter().copied()).stdin(Stdio::null());
        command
    }

    fn under(&self) -> String {
        let program = self.program.map(|program| format!(" ({program})")).unwrap_or_default();
        format!("Node.js {}{program}", self.node)
    }
}

fn answers(mut command: Command) -> bool {
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Brings what a trial takes, where this machine can run one.
pub(super) fn equip_for(target: &Target, workspace: &Metadata, workshop: &Workshop) -> Result<(), Error> {
    if let Some(runner) = Runner::of(target.platform).filter(Runner::is_there) {
        workshop.node(target.platform, runner.node, &workspace.target_directory)?;
    }
    Ok(())
}

/// Has a Node.js of the platform load the folder, and answer a message by it.
pub(super) fn of(
    target: &Target,
    folder: &Path,
    workspace: &Metadata,
    workshop: &Workshop,
) -> Result<Trial, Error> {
    let Some(runner) = Runner::of(target.platform) else {
        return Ok(Trial::OnlyBuilt { lacks: "a machine of this kind" });
    };
    if !runner.is_there() {
        return Ok(Trial::OnlyBuilt { lacks: runner.cure });
    }
    let node = workshop.node(target.platform, runner.node, &workspace.target_directory)?;
    if !answers(runner.command(&node)) {
        return Ok(Trial::OnlyBuilt { lacks: runner.cure });
    }
    let gateway = Gateway::start(&host(workspace)?)?;
    let mut command = runner.command(&node);
    let script = root().join("xtask/src/release/trial/trial.mjs");
    output(command.arg(script).arg(folder).arg(gateway.line.trim()))?;
    Ok(Trial::Ran { under: runner.under() })
}

fn host(workspace: &Metadata) -> Result<PathBuf, Error> {
    let target_directory = &workspace.target_directory;
    Build { package: "host-mock", profile: Profile::Dev, features: "", target_directory }.program()
}

/// A fake DingTalk. It ends when dropped.
struct Gateway {
    process: Child,
    /// What it says of itself: where it is, and with which credentials.
    line: String,
}

impl Gateway {
    fn start(host: &Path) -> Result<Self, Error> {
        let mut command = Command::new(host);
        command.args(["gateway", "--port", "0", "--json"]).stdin(Stdio::null()).stdout(Stdio::piped());
        let process = command.spawn().map_err(missing(&command))?;
        let mut gateway = Self { process, line: String::new() };
        if let Some(stdout) = gateway.process.stdout.take() {
            let read = BufReader::new(stdout).read_line(&mut gateway.line);
            read.map_err(Error::file("read what is said by", host))?;
        }
        Ok(gateway)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // Both fail only if it has ended by itself.
        let _ended = self.process.kill().and_then(|()| self.process.wait());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::target;

    #[test]
    fn what_runs_this_machine_s_programs_is_the_machine() {
        let runner = Runner::of(Platform::here()).unwrap();
        assert!(runner.program.is_none() && runner.is_there());
        assert_eq!(runner.under(), format!("Node.js {}", npm::NODE));
    }

    #[test]
    fn what_cannot_be_run_is_said_to_be_so_with_what_is_missing() {
        for target in target::named(&[]).unwrap() {
            let lacks = Runner::of(target.platform).map_or("a machine of this kind", |runner| runner.cure);
            let said = Trial::OnlyBuilt { lacks }.to_string();
            assert!(said.starts_with("not run, for want of ") && !lacks.is_empty(), "{said}");
        }
        let missing = Runner { program: Some("a-program-that-nobody-has"), ..THIS };
        assert!(!missing.is_there());
        assert_eq!(missing.under(), format!("Node.js {} (a-program-that-nobody-has)", npm::NODE));
    }
}
