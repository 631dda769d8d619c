//! How much memory a gateway has, once it has collected its garbage.

use super::candidate::Running;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// How long a process may take for it.
const PATIENCE: Duration = Duration::from_secs(60);
const PACE: Duration = Duration::from_millis(50);

/// Of the largest process of a gateway: other ones start it, or run its commands.
pub(super) struct Memory {
    /// Resident, in bytes.
    pub(super) resident: u64,
    /// Of it JavaScript's, in bytes.
    pub(super) heap: u64,
    /// Its threads.
    pub(super) threads: u64,
}

/// Asks the gateway's processes; `None` where the system does not tell.
pub(super) async fn settled(candidate: &Running) -> Option<Memory> {
    let folder = candidate.world.home.path().join("memory");
    let mut largest = None::<Memory>;
    for id in processes(&folder) {
        let Some(memory) = asked(&folder, id).await else { continue };
        if largest.as_ref().is_none_or(|known| known.resident < memory.resident) {
            largest = Some(memory);
        }
    }
    largest
}

/// The processes that loaded what the benchmark has them load.
fn processes(folder: &Path) -> Vec<u32> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = files.filter_map(|file| file.file_name().into_string().ok());
    names.filter_map(|name| name.strip_suffix(".pid")?.parse().ok()).collect()
}

async fn asked(folder: &Path, id: u32) -> Option<Memory> {
    let process = Pid::from_raw(id.cast_signed())?;
    kill_process(process, Signal::USR2).ok()?;
    let file = folder.join(format!("{id}.json"));
    let began = Instant::now();
    while !file.exists() {
        if began.elapsed() > PATIENCE || kill_process(process, Signal::USR2).is_err() {
            return None;
        }
        sleep(PACE).await;
    }
    let said: Value = serde_json::from_str(&fs::read_to_string(file).ok()?).ok()?;
    Some(Memory {
        resident: said["rss"].as_u64()?,
        heap: said["heapUsed"].as_u64()?,
        threads: threads(id).unwrap_or(0),
    })
}

fn threads(id: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("Threads:"))?.trim().parse().ok()
}
