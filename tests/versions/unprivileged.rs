//! What may not be read or had, as whoever may not meets it: in a process of their own, which the
//! superuser, who may read and have everything, starts as nobody.
#![cfg(unix)]

use crate::{
    fixtures::{Built::Now, Installed},
    programs,
};
use std::{
    fs::{self, Permissions},
    os::unix::{
        fs::{MetadataExt, PermissionsExt},
        process::CommandExt,
    },
    path::Path,
    process::Command,
};

const SUPERUSER: u32 = 0;
/// By convention, on every system.
const NOBODY: u32 = 65_534;

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// What a host without privileges says of `installed`.
fn said_of(installed: &Installed) -> String {
    said_where("true", installed)
}

/// The same where the shell has done `restriction` first.
fn said_where(restriction: &str, installed: &Installed) -> String {
    // The program goes where anyone may run it; the target directory may be somebody's home.
    let program = tempfile::tempdir().unwrap();
    let host = program.path().join("host");
    programs::copy(&Installed::host(Now), &host);
    set_mode(program.path(), 0o755);

    let mut command = Command::new("/bin/sh");
    command
        .arg("-c")
        .arg(format!("{restriction} && exec \"$@\""))
        .arg("sh")
        .arg(host)
        .arg(installed.folder());
    if fs::metadata(program.path()).unwrap().uid() == SUPERUSER {
        command.uid(NOBODY).gid(NOBODY);
    }
    let ended = programs::run(&mut command);
    assert!(ended.status.success(), "{}{}", ended.status, String::from_utf8_lossy(&ended.stderr));
    String::from_utf8(ended.stdout).unwrap()
}

#[test]
fn what_may_not_be_read_is_named_with_the_reason() {
    let installed = Installed::plugin(Now);
    let (folder, manifest) = (installed.folder(), installed.folder().join("manifest.toml"));
    let library = installed.library_file();
    set_mode(folder, 0o755);
    let said = said_of(&installed);
    assert!(said.ends_with("stopped\n"), "with everything readable it works: {said}");

    for (part, code, named) in
        [(folder, "manifest", &*manifest), (&manifest, "manifest", &manifest), (&library, "file", &library)]
    {
        set_mode(part, 0);
        let said = said_of(&installed);
        set_mode(part, 0o755);
        let expected = format!("refused [{code}] {}: Permission denied", named.display());
        assert!(said.starts_with(&expected), "wanted {expected:?}: {said}");
    }
}

#[cfg(target_os = "linux")] // elsewhere the limit counts processes, not threads
#[test]
fn where_the_system_gives_no_thread_a_start_is_an_error_with_the_remedy() {
    let installed = Installed::plugin(Now);
    set_mode(installed.folder(), 0o755);
    // The letter depends on the shell.
    let said = said_where("{ ulimit -u 1 || ulimit -p 1; } 2>/dev/null", &installed);
    assert!(said.contains("not started internal: the system gave no threads"), "{said}");
    assert!(said.contains("free some resources and try again"), "{said}");
}
