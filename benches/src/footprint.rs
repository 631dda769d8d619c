//! What the plugin costs a process that does nothing with it.

use crate::{
    Error,
    field::{Field, room},
    figures::{Short, Size},
    gateway::{Gateway, Push},
    process::{Running, Usage},
};
use std::{
    fmt, fs,
    path::Path,
    time::{Duration, Instant},
};

/// Longer than a thread of the runtime's blocking pool waits for further work.
const THREADS_WAIT: Duration = Duration::from_secs(11);

/// So many messages a second do not wait for one another.
const UNHURRIED: u32 = 1_000;

/// The plugin idle, with so many accounts.
#[derive(Clone, Copy, Debug)]
pub struct Idle {
    /// How many accounts run, with a connection each over TLS; without any, the library is not even loaded.
    pub accounts: usize,
    /// What the process has.
    pub usage: Usage,
    /// How long the library took to load.
    pub loaded: Duration,
    /// From the first start to the last connection.
    pub connected: Duration,
}

/// One account that many people have written to, and that is idle again.
#[derive(Clone, Copy, Debug)]
pub struct Talked {
    /// How many conversations.
    pub conversations: usize,
    /// What the process has.
    pub usage: Usage,
}

/// Measures the plugin with so many accounts each.
///
/// # Errors
/// When one run does not come about.
pub async fn accounts(field: &Field, numbers: &[usize]) -> Result<Vec<Idle>, Error> {
    let mut rows = Vec::new();
    for accounts in numbers {
        rows.push(idle(field, *accounts).await?);
    }
    Ok(rows)
}

async fn idle(field: &Field, accounts: usize) -> Result<Idle, Error> {
    let state = room()?;
    let gateway = Gateway::with_tls().await?;
    let mut running = field.start_idle(&gateway, accounts, state.path())?;
    if accounts == 0 {
        running.says().await?;
        return Ok(Idle {
            accounts,
            usage: running.usage(),
            loaded: Duration::ZERO,
            connected: Duration::ZERO,
        });
    }
    let loaded = loaded(&mut running).await?;
    running.says().await?;
    let begun = Instant::now();
    running.during(gateway.connected(accounts)).await?;
    let connected = begun.elapsed();
    let usage = rested(&running).await;
    running.dismiss().await?;
    Ok(Idle { accounts, usage, loaded, connected })
}

/// How long the library took to load, which the process says first.
async fn loaded(running: &mut Running) -> Result<Duration, Error> {
    let said = running.says().await?;
    Ok(Duration::from_micros(said.trim_start_matches("loaded ").parse().unwrap_or_default()))
}

/// Measures one account after so many conversations each.
///
/// # Errors
/// When one run does not come about.
pub async fn conversations(field: &Field, numbers: &[usize]) -> Result<Vec<Talked>, Error> {
    let mut rows = Vec::new();
    for conversations in numbers {
        let state = room()?;
        let gateway = Gateway::start().await?;
        let mut running = field.start_idle(&gateway, 1, state.path())?;
        running.during(gateway.connected(1)).await?;
        // As many messages each time, and none that waits for another: conversations alone are what differs.
        let messages = numbers.iter().copied().max().unwrap_or_default();
        gateway.play(Push { messages, per_second: Some(UNHURRIED), people: *conversations }).await?;
        rows.push(Talked { conversations: *conversations, usage: rested(&running).await });
        running.dismiss().await?;
    }
    Ok(rows)
}

/// What it has when those of its threads have ended, too, that wait ten seconds for further work.
async fn rested(running: &Running) -> Usage {
    let mut before = settled(running).await;
    loop {
        tokio::time::sleep(THREADS_WAIT).await;
        let now = settled(running).await;
        if now.threads >= before.threads {
            return now;
        }
        before = now;
    }
}

/// What it has when it has hardly used a processor for half a second: a thousand connections are kept alive.
pub(crate) async fn settled(running: &Running) -> Usage {
    let mut before = running.usage();
    loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let now = running.usage();
        if now.cpu.saturating_sub(before.cpu) < Duration::from_millis(25) {
            return now;
        }
        before = now;
    }
}

/// The library itself.
#[derive(Clone, Copy, Debug)]
pub struct Library {
    /// In bytes.
    pub size: u64,
    /// How long it took to load while the system had nothing of it in memory; `None` where that cannot be had.
    pub loaded_cold: Option<Duration>,
}

/// Measures the library in the plugin's folder.
///
/// # Errors
/// When the folder cannot be read, or the library not be loaded.
pub async fn library(field: &Field) -> Result<Library, Error> {
    let entries = fs::read_dir(&field.plugin).map_err(Error::system("read the plugin's folder"))?;
    let files = entries.flatten().filter(|entry| entry.path().extension() != Some("toml".as_ref()));
    let sizes = files.filter_map(|entry| Some((entry.metadata().ok()?.len(), entry.path())));
    let (size, file) = sizes.max().unwrap_or_default();
    if !has_let_go(&file) {
        return Ok(Library { size, loaded_cold: None });
    }
    let (gateway, state) = (Gateway::start().await?, room()?);
    let mut running = field.start_idle(&gateway, 1, state.path())?;
    let loaded_cold = Some(loaded(&mut running).await?);
    running.dismiss().await?;
    Ok(Library { size, loaded_cold })
}

/// Has the system read the file from the disk when it is next used; whether it does.
#[cfg(target_os = "linux")]
fn has_let_go(file: &Path) -> bool {
    use rustix::fs::{Advice, fadvise};
    let asked = fs::File::open(file).and_then(|file| {
        file.sync_all()?; // what is not written yet is kept
        Ok(fadvise(&file, 0, None, Advice::DontNeed)?)
    });
    asked.is_ok()
}

/// Nobody knows how here.
#[cfg(not(target_os = "linux"))]
fn has_let_go(_: &Path) -> bool {
    false
}

impl fmt::Display for Library {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The library has {}", Size(self.size))?;
        let Some(loaded) = self.loaded_cold else { return f.write_str(".") };
        write!(f, ", and is loaded in {} when all of it has to come from the disk.", Short(loaded))
    }
}

/// Idle accounts as a table; the first row is the process without the plugin.
pub struct Accounts<'a>(pub &'a [Idle]);

impl fmt::Display for Accounts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| idle accounts, over TLS | memory | its own | more than before, each | its own | threads | files and sockets | loaded in | connected after |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|---|---|")?;
        let mut before: Option<&Idle> = None;
        for row in self.0 {
            let accounts = row.accounts - before.map_or(0, |before| before.accounts);
            let each = |of: fn(&Usage) -> u64| {
                let more = of(&row.usage).saturating_sub(before.map_or(u64::MAX, |before| of(&before.usage)));
                Size(more / (accounts as u64).max(1))
            };
            writeln!(
                f,
                "| {} | {} | {} | {} | {} | {} | {} | {} | {} |",
                if row.accounts == 0 { "no plugin".to_owned() } else { row.accounts.to_string() },
                Size(row.usage.resident),
                Size(row.usage.own),
                each(|usage| usage.resident),
                each(|usage| usage.own),
                row.usage.threads,
                row.usage.descriptors,
                Short(row.loaded),
                Short(row.connected),
            )?;
            before = Some(row);
        }
        Ok(())
    }
}

/// Conversations as a table.
pub struct Conversations<'a>(pub &'a [Talked]);

impl fmt::Display for Conversations<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| conversations, then idle | memory | more than with the first, each |")?;
        writeln!(f, "|---|---|---|")?;
        let (first, fewest) = self.0.first().map_or((0, 0), |row| (row.usage.resident, row.conversations));
        for row in self.0 {
            let more = row.conversations.saturating_sub(fewest).max(1) as u64;
            let sign = if row.usage.resident < first { "-" } else { "" };
            let each = Size(row.usage.resident.abs_diff(first) / more);
            writeln!(f, "| {} | {} | {sign}{each} |", row.conversations, Size(row.usage.resident))?;
        }
        Ok(())
    }
}
