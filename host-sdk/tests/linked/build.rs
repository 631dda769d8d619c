//! What a channel's own build is told.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::SystemTime,
};

/// What rustc says to the smallest channel, built against `sdk`; nothing if it is content.
fn compiled(sdk: &Path, panic: &str) -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let made = tempfile::tempdir().unwrap();
    let output = Command::new(rustc)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/forgetful.rs"))
        .args(["--edition=2024", "--crate-type=cdylib", "--emit=metadata", "-C"])
        .arg(format!("panic={panic}"))
        .arg("--extern")
        .arg(format!("host_sdk={}", sdk.display()))
        .arg("-L")
        .arg(format!("dependency={}", sdk.parent().unwrap().display()))
        .arg("--out-dir")
        .arg(made.path())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.success(), said.is_empty(), "{said}");
    said
}

/// The SDK as this very build made it: the newest of those that lie beside this program, for
/// older builds leave theirs.
fn sdk() -> PathBuf {
    let program = std::env::current_exe().unwrap();
    let made: Vec<_> =
        std::fs::read_dir(program.parent().unwrap()).unwrap().map(|entry| entry.unwrap()).collect();
    let is_sdk = |name: &str| name.starts_with("libhost_sdk-") && name.ends_with(".rlib");
    let sdks = made.into_iter().filter(|entry| is_sdk(&entry.file_name().to_string_lossy()));
    let mut sdks: Vec<(SystemTime, PathBuf)> =
        sdks.map(|entry| (entry.metadata().unwrap().modified().unwrap(), entry.path())).collect();
    sdks.sort();
    let fits = |sdk: &PathBuf| compiled(sdk, "unwind").is_empty();
    sdks.into_iter().rev().map(|(_, path)| path).find(fits).expect("this program was built with one")
}

#[test]
fn a_channel_that_aborts_on_panic_does_not_build_and_is_told_what_to_do() {
    let said = compiled(&sdk(), "abort");
    assert!(said.contains("error: a channel plugin must be built with panic = \"unwind\""), "{said}");
}
