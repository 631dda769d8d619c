//! How much memory a gateway has, once it has collected its garbage.

use crate::world::World;
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// How long a process may take for it.
const PATIENCE: Duration = Duration::from_secs(60);
const PACE: Duration = Duration::from_millis(50);
/// How often it is asked, and how far apart.
const SAMPLES: usize = 3;
const APART: Duration = Duration::from_secs(1);

/// Numbers the questions: an answer may come twice, and the second after the next question.
static ASKED: AtomicU32 = AtomicU32::new(0);

/// What a gateway's process has.
pub(crate) struct Memory {
    /// Resident, in bytes.
    pub(crate) resident: u64,
    /// Of it JavaScript's heap, in bytes, of the main thread.
    pub(crate) heap: u64,
    /// Of that, what is in use.
    pub(crate) used: u64,
    /// Of it pages of native code that the plugin brought, in bytes.
    pub(crate) native: u64,
    /// Its threads.
    pub(crate) threads: u64,
}

/// What every process of a gateway has to load first, so that it can be asked.
pub(crate) fn preloaded(world: &World) -> [(&'static str, String); 3] {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench").join("preload.cjs");
    [
        ("NODE_OPTIONS", format!("--expose-gc --require {}", script.display())),
        ("OPENCLAW_BENCH_DINGTALK", world.dingtalk.base_url()),
        ("OPENCLAW_BENCH_MEMORY", folder(world.home.path()).display().to_string()),
    ]
}

/// Asks the gateway's process some times; nothing where the system does not tell.
pub(crate) async fn settled(world: &World) -> Vec<Memory> {
    let home = world.home.path();
    let id = world.gateway.as_ref().and_then(|gateway| gateway.id());
    let mut samples = Vec::new();
    for _ in 0..SAMPLES {
        sleep(APART).await;
        if let Some(id) = id
            && let Some(memory) = asked(home, id).await
        {
            samples.push(memory);
        }
    }
    samples
}

/// Where processes are asked, and where they answer.
fn folder(home: &Path) -> PathBuf {
    home.join("memory")
}

/// Asks one process, whose temporary folder is in `home`.
pub(super) async fn asked(home: &Path, id: u32) -> Option<Memory> {
    let number = ASKED.fetch_add(1, Relaxed);
    let [question, answer] = ["ask", "json"].map(|kind| folder(home).join(format!("{id}-{number}.{kind}")));
    fs::write(&question, "").ok()?;
    let began = Instant::now();
    while !answer.exists() {
        if began.elapsed() > PATIENCE {
            return None;
        }
        sleep(PACE).await;
    }
    let said: Value = serde_json::from_str(&fs::read_to_string(&answer).ok()?).ok()?;
    fs::remove_file(question).and(fs::remove_file(answer)).ok()?;
    Some(Memory {
        resident: said["rss"].as_u64()?,
        heap: said["heapTotal"].as_u64()?,
        used: said["heapUsed"].as_u64()?,
        native: native(home, id).unwrap_or(0),
        threads: threads(id).unwrap_or(0),
    })
}

fn threads(id: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("Threads:"))?.trim().parse().ok()
}

/// The resident pages of libraries below `home`, which is where plugins are installed.
fn native(home: &Path, id: u32) -> Option<u64> {
    let home = home.to_str()?;
    let maps = fs::read_to_string(format!("/proc/{id}/smaps")).ok()?;
    let (mut bytes, mut is_ours) = (0, false);
    for line in maps.lines() {
        if let Some(kilobytes) = line.strip_prefix("Rss:") {
            let kilobytes: u64 = kilobytes.trim().trim_end_matches(" kB").parse().ok()?;
            bytes += if is_ours { kilobytes * 1024 } else { 0 };
        } else if line.contains(" r") || line.contains(" -") {
            is_ours = line.contains(home) && (line.ends_with(".so") || line.ends_with(".node"));
        }
    }
    Some(bytes)
}
