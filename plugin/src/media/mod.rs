//! Files that people send: fetched when the host wants them, archived, and removed in time (O9 to O11, M1).
//!
//! `download` brings a file, `place` is the archive on disk, and the name of a file says whose it is
//! (`tag`). `lease` knows which files are in use, `retention` which ones go.

mod download;
mod error;
mod lease;
mod name;
mod place;
mod places;
mod retention;
mod sniff;
mod tag;

pub(crate) use error::FetchError;

use crate::{
    api::Api,
    clock,
    config::LiveAccount,
    message::{AttachmentHandle, ReplyHandle},
};
use download::{Patience, Wanted, download};
use host_sdk::{Attachment, ChannelError, LocalFile, OutboundMessage, StreamUpdate, channel::Host};
use lease::Leases;
use place::{Archived, Place, Sweep};
use places::Places;
use retention::{Keep, Retention};
use serde::Deserialize;
use sniff::sniff;
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tag::{AccountTag, FileTag, MessageTag};
use tokio::{
    sync::{Notify, Semaphore},
    time::timeout,
};

/// Files of an account that are fetched at the same time; others wait.
const SIDE_BY_SIDE: usize = 4;
/// At least so often it is looked for what goes.
const LOOK: Duration = Duration::from_hours(1);

/// The files that one account is sent.
pub(crate) struct InboundFiles {
    host: Host,
    api: Api,
    /// The options that hold just now, and what `~` means in them.
    options: LiveAccount,
    home: String,
    places: Mutex<Places>,
    account: AccountTag,
    leases: Arc<Mutex<Leases>>,
    slots: Semaphore,
    /// A turn has ended: its files may go.
    due: Notify,
}

impl InboundFiles {
    /// The files of the account behind `api`, kept as `options` say; `~` in them is `home`.
    pub(crate) fn new(host: Host, api: Api, options: LiveAccount, home: &str) -> Self {
        let account = AccountTag::of(api.client_id());
        Self {
            places: Mutex::new(Places::new(account.clone())),
            home: home.to_owned(),
            leases: Arc::default(),
            slots: Semaphore::new(SIDE_BY_SIDE),
            due: Notify::new(),
            host,
            api,
            options,
            account,
        }
    }

    /// The options are others now: what is to go by them goes.
    pub(crate) fn changed(&self) {
        self.due.notify_one();
    }

    /// Where new files go, and where earlier ones may be besides.
    fn places(&self) -> (Arc<Place>, Vec<Arc<Place>>) {
        let root = self.options.get().inbound_media.dir.under(&self.home);
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        (places.current(root), places.all())
    }

    /// Brings a file into the archive, unless it is there already. It stays until the turn of its message
    /// has ended, for a day at most, and then for as long as the options say.
    ///
    /// # Errors
    /// As [`FetchError`] tells, with a notice for the person who sent it.
    pub(crate) async fn fetch(&self, attachment: &Attachment) -> Result<LocalFile, FetchError> {
        let handle = AttachmentHandle::decode(&attachment.handle)?;
        let name = name::safe(&attachment.name, attachment.kind, "");
        let most = self.options.get().max_file_bytes;
        if most == 0 {
            return Err(FetchError::Off { name });
        }
        if let Some(size) = attachment.size.filter(|size| *size > most) {
            return Err(FetchError::TooLarge { name, size: Some(size), most });
        }
        let (place, all) = self.places();
        let tag = FileTag::of(&self.account, &handle);
        let now = clock::now();
        // Before it is looked for: what is found then stays.
        self.with_leases(|leases| leases.take(tag.message(), now + lease::LONGEST, now));
        let find = move |_: &Place, tag: &FileTag| all.iter().find_map(|place| place.find(tag));
        if let Some(archived) = self.on_disk(&place, &tag, find).await? {
            return Ok(told(archived, attachment));
        }
        let _slot = self.slots.acquire().await; // nobody closes it
        let wanted = Wanted { name: &name, tag: &tag, handle: &handle, most };
        let arrived = download(&self.host, &self.api, &place, &wanted, Patience::USUAL).await?;
        if let Some(said) = attachment.size.filter(|said| *said != arrived.size) {
            tracing::warn!(said, arrived = arrived.size, "a file has another size than its message says");
        }
        let sniffed = sniff(&arrived.head, &attachment.name);
        let full_name = name::safe(&attachment.name, attachment.kind, sniffed.extension);
        let archive = move |place: &Place, tag: &FileTag| {
            place.archive(arrived, clock::today(), &tag.put_into(&full_name))
        };
        match self.on_disk(&place, &tag, archive).await? {
            Ok(archived) => Ok(told(archived, attachment)),
            Err(error) => Err(FetchError::of_disk(name, place.root().to_owned(), error)),
        }
    }

    /// An answer grows: the files of what it answers stay.
    pub(crate) fn answering(&self, update: &StreamUpdate) {
        let (messages, now) = (messages(update), clock::now());
        self.with_leases(|leases| {
            messages.into_iter().for_each(|message| leases.begun(message, &update.stream, now));
        });
    }

    /// An answer has ended: with the last one to a message its files are free.
    pub(crate) fn answered(&self, update: &StreamUpdate) {
        let messages = messages(update);
        self.with_leases(|leases| messages.iter().for_each(|message| leases.ended(message, &update.stream)));
        self.due.notify_one();
    }

    /// A whole message was sent. If it answers one, that one's turn may have ended.
    pub(crate) fn sent(&self, sent: &OutboundMessage) {
        if sent.notice.is_some() || sent.reply.is_empty() {
            return;
        }
        let Ok(reply) = ReplyHandle::decode(&sent.reply) else { return };
        let Extra { turn_ends } = sent.extra.parse().unwrap_or_default();
        let message = MessageTag::of(&reply.msg_id);
        self.with_leases(|leases| leases.spoken(&message, turn_ends, clock::now()));
        self.due.notify_one();
    }

    /// Removes what is to go, after each turn and each hour.
    pub(crate) async fn keep(&self) {
        self.inherit().await;
        loop {
            self.sweep().await;
            // Which of the two came does not matter.
            drop(timeout(LOOK, self.due.notified()).await);
        }
    }

    /// What an earlier process fetched within a day may be in use once more: the host runs its turn again.
    async fn inherit(&self) {
        let ((place, _), now) = (self.places(), clock::system());
        let Ok(recent) = self.host.blocking(move || place.recent(lease::LONGEST, now)).await else { return };
        let now = clock::now();
        self.with_leases(|leases| {
            for (message, left) in recent {
                leases.take(message, now + left, now);
            }
        });
    }

    async fn sweep(&self) {
        for place in self.places().1 {
            self.sweep_place(place).await;
        }
    }

    async fn sweep_place(&self, place: Arc<Place>) {
        let keep = Keep::of(self.options.get().inbound_media.keep);
        let (sweeping, account) = (place.clone(), self.account.clone());
        let begin = move || {
            let retention = Retention { account, keep, today: clock::today() };
            let mut sweep = Sweep::begin(&sweeping, retention);
            sweep.orphans(&sweeping, clock::system());
            sweep
        };
        let Ok(mut sweep) = self.host.blocking(begin).await else { return };
        loop {
            let (sweeping, leases) = (place.clone(), self.leases.clone());
            let step = move || {
                let is_more = sweep.step(&sweeping, || locked(&leases).held(clock::now()));
                (sweep, is_more)
            };
            let Ok((stepped, is_more)) = self.host.blocking(step).await else { return };
            sweep = stepped;
            if !is_more {
                return tell(&sweep, place.root().to_owned());
            }
        }
    }

    fn with_leases<T>(&self, work: impl FnOnce(&mut Leases) -> T) -> T {
        work(&mut locked(&self.leases))
    }

    async fn on_disk<T: Send + 'static>(
        &self,
        place: &Arc<Place>,
        tag: &FileTag,
        work: impl FnOnce(&Place, &FileTag) -> T + Send + 'static,
    ) -> Result<T, FetchError> {
        let (place, tag) = (place.clone(), tag.clone());
        self.host.blocking(move || work(&place, &tag)).await.map_err(ending)
    }
}

/// What a host can say of a message besides.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Extra {
    /// Whether its turn says no more.
    turn_ends: bool,
}

/// What a host can say of an answer besides.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AnswerExtra {
    /// Ids of messages that it answers, too.
    also_answers: Vec<String>,
}

/// The messages that an answer is for.
fn messages(update: &StreamUpdate) -> Vec<MessageTag> {
    let AnswerExtra { also_answers } = update.extra.parse().unwrap_or_default();
    let reply = ReplyHandle::decode(&update.reply).ok();
    let ids = reply.iter().map(|reply| &reply.msg_id).chain(&also_answers);
    ids.map(|id| MessageTag::of(id)).collect()
}

fn locked(leases: &Mutex<Leases>) -> MutexGuard<'_, Leases> {
    leases.lock().unwrap_or_else(PoisonError::into_inner)
}

fn ending(error: ChannelError) -> FetchError {
    FetchError::Ending(error)
}

/// A file as the host is told of it.
fn told(archived: Archived, attachment: &Attachment) -> LocalFile {
    let sniffed = sniff(&archived.head, &attachment.name);
    LocalFile {
        path: archived.path.to_string_lossy().into_owned(),
        mime: sniffed.mime.to_owned(),
        name: name::safe(&attachment.name, attachment.kind, sniffed.extension),
        size: archived.size,
        ..LocalFile::default()
    }
}

fn tell(sweep: &Sweep, root: PathBuf) {
    if sweep.removed > 0 {
        tracing::debug!(files = sweep.removed, "received files were removed, for their time was over");
    }
    if let Some(error) = &sweep.trouble {
        tracing::warn!(
            files = sweep.kept,
            "received files cannot be removed from {}: {error}; check the folder's permissions",
            root.display()
        );
    }
}
