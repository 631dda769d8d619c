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
    let said = running.says().await?;
    let loaded = Duration::from_micros(said.trim_start_matches("loaded ").parse().unwrap_or_default());
    running.says().await?;
    let begun = Instant::now();
    running.during(gateway.connected(accounts)).await?;
    let connected = begun.elapsed();
    let usage = rested(&running).await;
    running.dismiss().await?;
    Ok(Idle { accounts, usage, loaded, connected })
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
        // As many messages each time, so that conversations alone are what differs.
        let messages = numbers.iter().copied().max().unwrap_or_default();
        gateway.play(Push { messages, per_second: None, people: *conversations }).await?;
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

/// The size of the library in a plugin's folder, in bytes.
///
/// # Errors
/// When the folder cannot be read.
pub fn library_size(plugin: &Path) -> Result<u64, Error> {
    let entries = fs::read_dir(plugin).map_err(Error::system("read the plugin's folder"))?;
    let sizes = entries.flatten().filter(|entry| entry.path().extension() != Some("toml".as_ref()));
    Ok(sizes.filter_map(|entry| entry.metadata().ok()).map(|file| file.len()).max().unwrap_or_default())
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
        let first = self.0.first().map_or(0, |row| row.usage.resident);
        for row in self.0 {
            let each = row.usage.resident.saturating_sub(first) / row.conversations.max(1) as u64;
            writeln!(f, "| {} | {} | {} |", row.conversations, Size(row.usage.resident), Size(each))?;
        }
        Ok(())
    }
}
