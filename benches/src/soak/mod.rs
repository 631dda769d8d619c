//! A day in minutes: messages, cards and files, while tokens end, connections go and files get old; and whether
//! the process that the plugin is in has more of anything in the evening than it had in the morning.

mod claims;
mod dingtalk;
mod frames;
mod kind;
mod table;

pub use claims::Fault;
pub use table::Table;

pub(crate) use kind::Kind;

use crate::{
    Error,
    candidate::soak::files,
    field::{self, room},
    footprint,
    process::{Running, Usage},
};
use chrono::{Days, Local};
use dingtalk::DingTalk;
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::atomic::Ordering::Relaxed,
    time::{Duration, Instant},
};

/// Who writes, each in a conversation of their own.
const PEOPLE: u64 = 20_000;
/// It is looked so often how things stand.
const PARTS: u64 = 10;
/// One message in so many is followed by an earlier one, which is pushed once more.
const REPEATED: u64 = 50;

/// What a day is.
#[derive(Clone, Debug, clap::Args)]
pub struct Plan {
    /// The folder of the plugin, built as it ships.
    #[arg(long, value_name = "FOLDER")]
    pub plugin: PathBuf,
    /// How many messages people write.
    #[arg(long, default_value_t = 1_000_000)]
    pub messages: u64,
    /// How many applications they write to, with an account and a connection each.
    #[arg(long, default_value_t = 10)]
    pub accounts: usize,
}

/// How things stand after a part of the day, once nothing is under way.
#[derive(Clone, Copy, Debug, Default)]
pub struct Row {
    /// Messages so far.
    pub messages: u64,
    /// Answers so far, each on a card.
    pub answers: u64,
    /// How long the part took, without the rest that follows it.
    pub took: Duration,
    /// What the process has.
    pub usage: Usage,
    /// Bytes of its memory that are in use; the rest its allocator keeps for later.
    pub in_use: u64,
    /// Files of people's that are kept.
    pub files: u64,
    /// Bytes on the disk, but for what is remembered of answers.
    pub disk: u64,
    /// Bytes of what is remembered of answers.
    pub ledgers: u64,
}

/// A day that was played.
#[derive(Clone, Debug, Default)]
pub struct Day {
    /// Part by part.
    pub rows: Vec<Row>,
    /// Files that people sent.
    pub sent_files: u64,
    /// Tokens that were given out.
    pub tokens: u64,
    /// Calls that were refused because their token was taken back.
    pub refused: u64,
    /// Connections.
    pub connections: u64,
    /// Messages that were pushed again.
    pub repeated: u64,
    /// Turns that the host began: one for each message.
    pub turns: u64,
    /// What the host could not do.
    pub failures: u64,
}

/// Plays a day.
///
/// # Errors
/// When it does not come to its end.
pub async fn play(plan: &Plan) -> Result<Day, Error> {
    let state = room()?;
    let dingtalk = DingTalk::start(plan.accounts).await?;
    let mut running = start(plan, &dingtalk, state.path())?;
    running.during(dingtalk.connected()).await?;
    let part = (plan.messages / PARTS).max(1);
    let mut rows = vec![stand(&mut running, state.path(), Row::default()).await?];
    for number in 0..PARTS {
        let begun = Instant::now();
        let written = number * part..(number + 1) * part;
        running.during(write(&dingtalk, written, part)).await?;
        let mut row = Row { messages: (number + 1) * part, took: begun.elapsed(), ..Row::default() };
        row.answers = dingtalk.counts().closed.load(Relaxed);
        let row = stand(&mut running, state.path(), row).await?;
        eprintln!("{}", table::line(&row));
        rows.push(row);
        a_day_passes(&files(state.path())).map_err(Error::system("make files older"))?;
    }
    let counts = dingtalk.counts();
    let [sent_files, tokens, refused, connections, repeated] =
        [&counts.files, &counts.tokens, &counts.refused, &counts.connections, &counts.repeated]
            .map(|count| count.load(Relaxed));
    let [turns, _, _, failures] = tally(&running.last_words().await?);
    Ok(Day { rows, sent_files, tokens, refused, connections, repeated, turns, failures })
}

fn start(plan: &Plan, dingtalk: &DingTalk, state: &Path) -> Result<Running, Error> {
    let mut command = field::this_program()?;
    command.args(["candidate", "soak", "--api", dingtalk.base(), "--accounts", &plan.accounts.to_string()]);
    // What an inbox remembers of one part, so that it is full before it is looked whether it grows.
    let remembers = (plan.messages / PARTS / (plan.accounts as u64).max(1)).max(1);
    command.args(["--remembers", &remembers.to_string()]);
    command.arg("--plugin").arg(&plan.plugin).arg("--state").arg(state);
    Running::start("plugin", command)
}

/// One part of the day, from its first message to the end of its last answer.
async fn write(dingtalk: &DingTalk, written: std::ops::Range<u64>, part: u64) -> Result<(), Error> {
    // Each connection is announced to end once; one more is closed without a word before.
    let between_disconnects = (part / dingtalk.accounts()).max(1);
    let (mut asked, end) = (0, written.end);
    let before = dingtalk.counts().closed.load(Relaxed);
    for number in written {
        let to = account(number);
        let kind = Kind::of(number);
        asked += u64::from(kind != Kind::Read);
        dingtalk.push(to, number, kind, person(number)).await?;
        if number % REPEATED == 0
            && let Some(earlier) = number.checked_sub(part / 2)
        {
            dingtalk.repeat(account(earlier), earlier, Kind::of(earlier), person(earlier)).await;
        }
        if number % between_disconnects == between_disconnects / 2 {
            dingtalk.disconnect(number / between_disconnects, true).await;
        }
        if number % part == part / 3 {
            dingtalk.disconnect(number / part, false).await;
        }
        // Once: whose token is taken back twice within a second is not believed to have one.
        if number % part == part / 2 {
            dingtalk.revoke_tokens();
        }
    }
    let is_acknowledged = dingtalk.until(|counts| counts.acknowledged.load(Relaxed) >= end).await;
    is_acknowledged.map_err(|()| Error::Unacknowledged { left: dingtalk.left(), of: dingtalk.window() })?;
    let wanted = before + asked;
    let is_answered = dingtalk.until(|counts| counts.closed.load(Relaxed) >= wanted).await;
    is_answered.map_err(|()| Error::Unanswered {
        left: wanted.saturating_sub(dingtalk.counts().closed.load(Relaxed)),
        of: asked,
    })
}

/// Whom a message is for, so that each account gets some of every kind; the fake one counts them around.
fn account(number: u64) -> u64 {
    number + number / kind::ASKED
}

fn person(number: u64) -> usize {
    usize::try_from(number % PEOPLE).unwrap_or_default()
}

/// How things stand, as soon as nothing happens.
async fn stand(running: &mut Running, state: &Path, row: Row) -> Result<Row, Error> {
    let usage = footprint::settled(running).await;
    let in_use = running.asked().await?.parse().unwrap_or_default();
    let (_, all) = weigh(state, &|_| true).map_err(Error::system("look what is on the disk"))?;
    let is_ledger =
        |file: &Path| file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("ledger"));
    let (_, ledgers) = weigh(state, &is_ledger).map_err(Error::system("look what is on the disk"))?;
    let (files, _) = weigh(&files(state), &|_| true).map_err(Error::system("look what is on the disk"))?;
    Ok(Row { usage, in_use, files, ledgers, disk: all.saturating_sub(ledgers), ..row })
}

/// How many files there are in a folder and those in it, and how many bytes they have.
fn weigh(folder: &Path, counts: &impl Fn(&Path) -> bool) -> io::Result<(u64, u64)> {
    let (mut files, mut bytes) = (0, 0);
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((0, 0)),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            let within = weigh(&path, counts)?;
            (files, bytes) = (files + within.0, bytes + within.1);
        } else if counts(&path) {
            // What has gone meanwhile has no bytes.
            bytes += fs::metadata(&path).map_or(0, |it| it.len());
            files += 1;
        }
    }
    Ok((files, bytes))
}

/// What came today came yesterday, and what came yesterday the day before.
fn a_day_passes(archive: &Path) -> io::Result<()> {
    let folder = |days| {
        let date = Local::now().date_naive().checked_sub_days(Days::new(days));
        archive.join(date.unwrap_or_default().to_string())
    };
    for days in [1, 0] {
        let (from, to) = (folder(days), folder(days + 1));
        if !from.exists() {
            continue;
        }
        if to.exists() {
            fs::remove_dir(&to)?; // what was in it has gone
        }
        fs::rename(from, to)?;
    }
    Ok(())
}

/// What the host says in the end.
fn tally(said: &str) -> [u64; 4] {
    let mut counts = said.split(' ').map(|count| count.parse().unwrap_or_default());
    [(); 4].map(|()| counts.next().unwrap_or_default())
}
