//! The people and groups that an account heard of, so that they can be written to by name, and by ids
//! whose case a host has lost.

mod book;

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use book::any_file;
pub(crate) use book::{Place, Sighting};

use super::target::Written;
use crate::{
    clock,
    state_file::{Content, StateError, StateFile},
};
use book::Book;
use host_sdk::{ConversationKind, DirectoryListing, DirectoryQuery, channel::Host};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{sync::Notify, time::sleep};

/// The format of its file.
const FORMAT: u32 = 1;
/// News is written so long after it came, with all that came meanwhile.
const SOON: Duration = Duration::from_secs(2);
/// So many of those who share a name are listed.
const LISTED: usize = 10;

/// The directory of one account. Clones share it.
#[derive(Clone)]
pub(crate) struct Directory(Arc<Inner>);

struct Inner {
    known: Mutex<Known>,
    /// Ids that the configuration names, in their own case.
    configured: Mutex<Vec<String>>,
    folder: PathBuf,
    news: Notify,
}

#[derive(Default)]
struct Known {
    book: Book,
    /// Whether something is worth a write.
    is_news: bool,
}

/// Why nobody can be found by a target.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TargetError {
    /// It is empty.
    #[error("the message names nobody: write `user:<staff id>` or `group:<conversation id>`")]
    Nobody,
    /// Several are called so.
    #[error("several are called {name:?}: write one of {}", candidates.join(", "))]
    Ambiguous {
        /// What they are called.
        name: String,
        /// Them, as targets, with their names.
        candidates: Vec<String>,
    },
    /// Nobody who wrote is called so, and it is no id.
    #[error(
        "nobody who wrote to this bot is called {name:?}: write `user:<staff id>` or \
         `group:<conversation id>`, or have them write to the bot first"
    )]
    Unknown {
        /// What was written.
        name: String,
    },
    /// It is the id of a private conversation, which says nothing of the person.
    #[error("{id} is a private conversation that this bot does not know: write `user:<staff id>`")]
    PrivateConversation {
        /// The id.
        id: String,
    },
}

impl Directory {
    /// The directory that is kept in `folder`; `configured` are ids that the configuration names. Reads a
    /// file: not for a worker thread.
    pub(crate) fn open(folder: &Path, configured: Vec<String>) -> Self {
        let this = Self(Arc::new(Inner {
            known: Mutex::default(),
            configured: Mutex::new(configured),
            folder: folder.to_owned(),
            news: Notify::new(),
        }));
        if let Err(error) = this.read_and_write() {
            tracing::warn!(%error, "who wrote before is not known by name; ids work as ever");
        }
        this
    }

    /// The configuration names other ids now.
    pub(crate) fn reconfigure(&self, configured: Vec<String>) {
        *self.0.configured.lock().unwrap_or_else(PoisonError::into_inner) = configured;
    }

    /// Takes in who wrote, and where.
    pub(crate) fn saw(&self, sighting: Sighting<'_>) {
        let mut known = self.known();
        if known.book.saw(sighting, clock::unix_ms()) {
            known.is_news = true;
            self.0.news.notify_one();
        }
    }

    /// Writes news down, for as long as the account runs.
    pub(crate) async fn keep(self, host: Host) {
        loop {
            self.0.news.notified().await;
            sleep(SOON).await;
            self.flush(&host).await;
        }
    }

    /// Writes down what is new, now.
    pub(crate) async fn flush(&self, host: &Host) {
        let this = self.clone();
        // A panic is in the status.
        if let Ok(Err(error)) = host.blocking(move || this.write_news()).await {
            tracing::warn!(%error, "who wrote is not written down; it is tried again with the next");
        }
    }

    fn write_news(&self) -> Result<(), StateError> {
        if !self.known().is_news {
            return Ok(());
        }
        self.read_and_write()
    }

    /// Takes in what another process has written, and writes both. The file is owned for that long only,
    /// since a process that just sends a message may run beside.
    fn read_and_write(&self) -> Result<(), StateError> {
        let file = StateFile::own(&self.0.folder, "directory.json", FORMAT)?;
        match file.read::<Book>()? {
            Content::Known(theirs) => self.known().book.merge(theirs),
            Content::Missing => {}
            Content::Damaged(aside) => {
                tracing::warn!(aside = %aside.display(), "the file of people and groups was damaged and set aside");
            }
        }
        let book = {
            let mut known = self.known();
            if !std::mem::take(&mut known.is_news) {
                return Ok(());
            }
            known.book.clone()
        };
        file.write(&book).inspect_err(|_| self.known().is_news = true)
    }

    /// Whom `query` names, among those who were heard of.
    pub(crate) fn list(&self, query: &DirectoryQuery) -> DirectoryListing {
        DirectoryListing { entries: self.known().book.list(query), ..DirectoryListing::default() }
    }

    /// Who is meant by `written`; `said`: what kind it is, where something besides says so.
    ///
    /// # Errors
    /// When that is nobody, or more than one.
    pub(crate) fn find(&self, written: &str, said: Option<ConversationKind>) -> Result<Found, TargetError> {
        let Written { kind, name } = Written::read(written);
        if name.is_empty() {
            return Err(TargetError::Nobody);
        }
        let known = self.known();
        let mut places = known.book.with_id(name);
        let kind = kind.or(said);
        if places.is_empty() && kind.is_none() {
            places = known.book.called(name);
        }
        match places.as_slice() {
            [] => self.unheard_of(kind, name),
            [place] => Ok(Found { place: place.clone(), is_known: true }),
            several => Err(TargetError::Ambiguous {
                name: name.to_owned(),
                candidates: several.iter().take(LISTED).map(|place| describe(&known.book, place)).collect(),
            }),
        }
    }

    /// Who is meant by an id that nobody wrote with so far.
    fn unheard_of(&self, kind: Option<ConversationKind>, name: &str) -> Result<Found, TargetError> {
        let configured = self.0.configured.lock().unwrap_or_else(PoisonError::into_inner);
        let configured = configured.iter().find(|id| id.eq_ignore_ascii_case(name)).cloned();
        let is_known = configured.is_some();
        let id = configured.unwrap_or_else(|| name.to_owned());
        let is_conversation = name.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("cid"));
        let place = match kind {
            Some(ConversationKind::Group) => Place::Group(id),
            Some(_) if is_conversation => return Err(TargetError::PrivateConversation { id }),
            None if is_conversation => Place::Group(id),
            _ if may_be_staff_id(&id) => Place::Person(id),
            _ => return Err(TargetError::Unknown { name: id }),
        };
        Ok(Found { place, is_known })
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who is meant by a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Where to write to.
    pub(crate) place: Place,
    /// Whether its id was seen before, in this case.
    pub(crate) is_known: bool,
}

fn describe(book: &Book, place: &Place) -> String {
    let name = book.name_of(place);
    match place {
        Place::Person(id) => format!("user:{id} ({name})"),
        Place::Group(id) => format!("group:{id} ({name})"),
    }
}

/// Administrators choose staff ids; this is what DingTalk lets them be made of.
fn may_be_staff_id(text: &str) -> bool {
    text.len() <= 64 && text.chars().all(|character| character.is_ascii_graphic())
}

#[cfg(test)]
mod tests;
