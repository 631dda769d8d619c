//! Processes that outlive the gateway or the command that started them.

use rustix::process::{Pid, Signal, kill_process};
use std::{fs, os::unix::ffi::OsStrExt, path::Path};

/// Ends what still runs in a home, and says what that was. It knows of processes where there is `/proc`.
pub(crate) fn end(home: &Path) {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let processes =
        entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok().and_then(Pid::from_raw));
    for process in processes.filter(|process| is_at(*process, home)) {
        let words = fs::read(of(process, "cmdline")).unwrap_or_default();
        println!(
            "{} is left over: {}",
            process.as_raw_nonzero(),
            String::from_utf8_lossy(&words).replace('\0', " ")
        );
        // It may have ended by itself.
        let _ended = kill_process(process, Signal::KILL);
    }
}

/// Whether the process was started with this home: those of others, or that have ended, tell nothing.
fn is_at(process: Pid, home: &Path) -> bool {
    let variable = [b"HOME=", home.as_os_str().as_bytes()].concat();
    let environment = fs::read(of(process, "environ")).unwrap_or_default();
    environment.split(|byte| *byte == 0).any(|own| own == variable)
}

fn of(process: Pid, what: &str) -> String {
    format!("/proc/{}/{what}", process.as_raw_nonzero())
}
