//! What is on disk: the tables, and what is done to them in one commit.
//!
//! ```text
//! about      "format" -> the version of all this
//! waiting    number   -> a message, as JSON
//! attempts   number   -> how often a turn was started for it
//! finished   id       -> its place in `oldest`
//! oldest     place    -> when a message was finished, in ms since the epoch, and its id
//! ```

use super::Waiting;
use redb::{
    Builder, Database, ReadableDatabase, ReadableTable, ReadableTableMetadata, StorageBackend, Table,
    TableDefinition, WriteTransaction,
};
use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

const ABOUT: TableDefinition<'_, &str, u64> = TableDefinition::new("about");
const WAITING: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("waiting");
const ATTEMPTS: TableDefinition<'_, u64, u32> = TableDefinition::new("attempts");
const FINISHED: TableDefinition<'_, &str, u64> = TableDefinition::new("finished");
const OLDEST: TableDefinition<'_, u64, (i64, &str)> = TableDefinition::new("oldest");

/// The key of the format in the table `about`.
const FORMAT: &str = "format";
/// The steps from each format to the next; the first makes format 2 of format 1.
const STEPS: &[Step] = &[];
/// What the store may keep in memory, in bytes. Two hundred accounts are two hundred stores.
const CACHE: usize = 256 * 1024;
/// How many ids one commit forgets at most beyond those it adds, so that none takes long.
const FORGOTTEN_AT_ONCE: usize = 64;

/// Turns a store of one format into one of the next.
pub(super) type Step = fn(&WriteTransaction) -> Result<(), Fault>;

/// Why the store did not do as it was told.
#[derive(Debug)]
pub(super) enum Fault {
    /// What is in the file makes no sense.
    Damaged(String),
    /// A newer version has written the file.
    Newer {
        /// Its format.
        format: u64,
        /// The newest that is known here.
        known: u64,
    },
    /// The system refused: the disk is full, the file is gone, and the like.
    Failed(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged(reason) | Self::Failed(reason) => f.write_str(reason),
            Self::Newer { format, .. } => write!(f, "a newer version has written it, in format {format}"),
        }
    }
}

fn fault(error: impl Into<redb::Error>) -> Fault {
    match error.into() {
        redb::Error::Corrupted(reason) => Fault::Damaged(reason),
        redb::Error::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            Fault::Damaged(error.to_string())
        }
        redb::Error::Io(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Fault::Damaged(error.to_string())
        }
        error @ (redb::Error::TableTypeMismatch { .. } | redb::Error::TypeDefinitionChanged { .. }) => {
            Fault::Damaged(error.to_string())
        }
        error => Fault::Failed(error.to_string()),
    }
}

/// For how long, and how many, finished messages are remembered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Memory {
    pub(super) at_most: u64,
    pub(super) age: Duration,
}

/// An open store.
#[derive(Debug)]
pub(super) struct Store(Arc<Database>);

/// What a store held when it was opened.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// Oldest first.
    pub(super) waiting: Vec<Waiting>,
    /// Messages of which not even the head can be read.
    pub(super) unreadable: Vec<u64>,
}

impl Store {
    /// Opens what is on `backend`, checks all of it, and brings it to the present format. An empty
    /// one becomes an empty store.
    pub(super) fn open(backend: impl StorageBackend) -> Result<Self, Fault> {
        Self::stepping(backend, STEPS)
    }

    fn stepping(backend: impl StorageBackend, steps: &[Step]) -> Result<Self, Fault> {
        let open = AssertUnwindSafe(|| {
            let store = Builder::new()
                .set_cache_size(CACHE)
                .set_check_integrity_on_open(true)
                .create_with_backend(backend);
            let store = Self(Arc::new(store.map_err(fault)?));
            store.prepare(steps)?;
            Ok(store)
        });
        // Bytes that were made up may mislead even a store that checks them.
        catch_unwind(open).unwrap_or_else(|_| Err(Fault::Damaged("its structure is broken".into())))
    }

    fn prepare(&self, steps: &[Step]) -> Result<(), Fault> {
        let known = steps.len() as u64 + 1;
        let change = self.0.begin_write().map_err(fault)?;
        let stored = {
            let about = change.open_table(ABOUT).map_err(fault)?;
            about.get(FORMAT).map_err(fault)?.map(|format| format.value())
        };
        match stored {
            Some(format) if format == known => return change.abort().map_err(fault),
            Some(format) if format > known => return Err(Fault::Newer { format, known }),
            Some(format) => {
                let done = usize::try_from(format).unwrap_or_default().saturating_sub(1);
                steps.iter().skip(done).try_for_each(|step| step(&change))?;
            }
            None => {
                // The tables, so that reading finds them.
                Tables::open(&change)?;
            }
        }
        change.open_table(ABOUT).map_err(fault)?.insert(FORMAT, known).map_err(fault)?;
        change.commit().map_err(fault)
    }

    /// What is in it; the messages pass through memory one by one.
    pub(super) fn contents(&self) -> Result<Contents, Fault> {
        let view = self.0.begin_read().map_err(fault)?;
        let attempts = view.open_table(ATTEMPTS).map_err(fault)?;
        let mut contents = Contents::default();
        for row in view.open_table(WAITING).map_err(fault)?.iter().map_err(fault)? {
            let (number, body) = row.map_err(fault)?;
            let attempts = attempts.get(number.value()).map_err(fault)?.map_or(0, |count| count.value());
            match Waiting::stored(number.value(), attempts, body.value()) {
                // Further ones have higher numbers, and above that one there are none.
                Ok(waiting) if number.value() < u64::MAX => contents.waiting.push(waiting),
                _ => contents.unreadable.push(number.value()),
            }
        }
        Ok(contents)
    }

    /// The numbers of all that waits, in order.
    pub(super) fn numbers(&self) -> Result<Vec<u64>, Fault> {
        let view = self.0.begin_read().map_err(fault)?;
        let waiting = view.open_table(WAITING).map_err(fault)?;
        let rows = waiting.iter().map_err(fault)?;
        rows.map(|row| Ok(row.map_err(fault)?.0.value())).collect()
    }

    /// Does several things in one commit, durable when this returns; nothing of it if any fails.
    pub(super) fn change<R>(
        &self,
        act: impl FnOnce(&mut Tables<'_>) -> Result<R, Fault>,
    ) -> Result<R, Fault> {
        let change = self.0.begin_write().map_err(fault)?;
        let mut tables = Tables::open(&change)?;
        let result = act(&mut tables)?;
        let touched = tables.touched;
        drop(tables);
        if touched {
            change.commit().map_err(fault)?
        } else {
            change.abort().map_err(fault)?
        }
        Ok(result)
    }

    /// Puts all of it into `other`, which is empty.
    pub(super) fn copy_to(&self, other: &Self) -> Result<(), Fault> {
        let view = self.0.begin_read().map_err(fault)?;
        other.change(|into| {
            for row in view.open_table(WAITING).map_err(fault)?.iter().map_err(fault)? {
                let (number, body) = row.map_err(fault)?;
                into.put(number.value(), body.value())?;
            }
            for row in view.open_table(ATTEMPTS).map_err(fault)?.iter().map_err(fault)? {
                let (number, count) = row.map_err(fault)?;
                into.attempts.insert(number.value(), count.value()).map_err(fault)?;
            }
            let oldest = view.open_table(OLDEST).map_err(fault)?;
            // Places begin anew: however high they were, there are always more.
            for (place, row) in (0..).zip(oldest.iter().map_err(fault)?) {
                let (_, entry) = row.map_err(fault)?;
                let (at, id) = entry.value();
                into.remember(place, at, id)?;
            }
            Ok(())
        })
    }

    /// A view for whoever reads messages.
    pub(super) fn shelf(&self) -> Shelf {
        Shelf(self.0.clone())
    }
}

/// Reads single messages, beside whatever is being written.
#[derive(Clone, Debug)]
pub(super) struct Shelf(Arc<Database>);

impl Shelf {
    /// The message of this number as it is stored.
    pub(super) fn body(&self, number: u64) -> Result<Option<Vec<u8>>, Fault> {
        let view = self.0.begin_read().map_err(fault)?;
        let waiting = view.open_table(WAITING).map_err(fault)?;
        Ok(waiting.get(number).map_err(fault)?.map(|body| body.value().to_vec()))
    }
}

/// The tables while they are changed.
pub(super) struct Tables<'change> {
    waiting: Table<'change, u64, &'static [u8]>,
    attempts: Table<'change, u64, u32>,
    finished: Table<'change, &'static str, u64>,
    oldest: Table<'change, u64, (i64, &'static str)>,
    touched: bool,
    /// The next free place in `oldest`, once somebody has asked.
    next_place: Option<u64>,
    finished_now: usize,
}

impl<'change> Tables<'change> {
    fn open(change: &'change WriteTransaction) -> Result<Self, Fault> {
        Ok(Self {
            waiting: change.open_table(WAITING).map_err(fault)?,
            attempts: change.open_table(ATTEMPTS).map_err(fault)?,
            finished: change.open_table(FINISHED).map_err(fault)?,
            oldest: change.open_table(OLDEST).map_err(fault)?,
            touched: false,
            next_place: None,
            finished_now: 0,
        })
    }

    pub(super) fn is_finished(&self, id: &str) -> Result<bool, Fault> {
        Ok(self.finished.get(id).map_err(fault)?.is_some())
    }

    pub(super) fn put(&mut self, number: u64, body: &[u8]) -> Result<(), Fault> {
        self.touched = true;
        self.waiting.insert(number, body).map_err(fault)?;
        Ok(())
    }

    /// Counts one more attempt at a message that waits.
    pub(super) fn attempt(&mut self, number: u64) -> Result<(), Fault> {
        if self.waiting.get(number).map_err(fault)?.is_none() {
            return Ok(());
        }
        self.touched = true;
        let before = self.attempts.get(number).map_err(fault)?.map_or(0, |count| count.value());
        self.attempts.insert(number, before.saturating_add(1)).map_err(fault)?;
        Ok(())
    }

    /// Takes a message out and remembers its id. Doing it twice does no harm.
    pub(super) fn finish(&mut self, number: u64, id: &str, now_ms: i64) -> Result<(), Fault> {
        self.discard(number)?;
        let place = match self.next_place {
            Some(place) => place,
            None => {
                self.oldest.last().map_err(fault)?.map_or(Ok(0), |(place, _)| following(place.value()))?
            }
        };
        self.next_place = Some(following(place)?);
        self.finished_now += 1;
        self.remember(place, now_ms, id)
    }

    /// Takes a message out as if it had never been there.
    pub(super) fn discard(&mut self, number: u64) -> Result<(), Fault> {
        self.touched = true;
        self.waiting.remove(number).map_err(fault)?;
        self.attempts.remove(number).map_err(fault)?;
        Ok(())
    }

    fn remember(&mut self, place: u64, at_ms: i64, id: &str) -> Result<(), Fault> {
        self.touched = true;
        let before = self.finished.insert(id, place).map_err(fault)?.map(|place| place.value());
        if let Some(before) = before {
            self.oldest.remove(before).map_err(fault)?;
        }
        self.oldest.insert(place, (at_ms, id)).map_err(fault)?;
        Ok(())
    }

    /// Forgets the ids that are too many, or too old, where some were added.
    pub(super) fn forget(&mut self, now_ms: i64, memory: Memory) -> Result<(), Fault> {
        if self.finished_now == 0 {
            return Ok(());
        }
        let age = i64::try_from(memory.age.as_millis()).unwrap_or(i64::MAX);
        let mut too_many = self.oldest.len().map_err(fault)?.saturating_sub(memory.at_most);
        for _ in 0..self.finished_now + FORGOTTEN_AT_ONCE {
            let Some((place, at, id)) = self.first_remembered()? else { break };
            if too_many == 0 && now_ms.saturating_sub(at) <= age {
                break;
            }
            self.oldest.remove(place).map_err(fault)?;
            self.finished.remove(id.as_str()).map_err(fault)?;
            too_many = too_many.saturating_sub(1);
        }
        Ok(())
    }

    fn first_remembered(&self) -> Result<Option<(u64, i64, String)>, Fault> {
        Ok(self.oldest.first().map_err(fault)?.map(|(place, entry)| {
            let (at, id) = entry.value();
            (place.value(), at, id.to_owned())
        }))
    }
}

/// Places are counted from 0, one for each message: only a file that was made up comes to their end.
fn following(place: u64) -> Result<u64, Fault> {
    let used_up = || Fault::Damaged("it has no place left for another finished message".into());
    place.checked_add(1).ok_or_else(used_up)
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
