//! The fake's whole state behind one lock, and the ways in.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::{Notify, broadcast, watch};
use tokio::time::Instant;

use super::card::{CardStore, Overlaps};
use super::fault::Faults;
use super::gateway::Gateway;
use super::media::MediaStore;
use super::people::Directory;
use super::random::Random;
use super::record::{Change, Changed, Moment, Record};
use super::registration::Registrations;
use super::settings::Settings;
use super::throttle::Throttle;
use super::token::TokenBook;
use super::violation::Rule;
use super::webhook::WebhookBook;

/// The time since the fake started, by tokio's clock, and the wall clock that goes with it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    start: Instant,
    epoch_ms: u64,
}

impl Clock {
    fn start() -> Self {
        let epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { start: Instant::now(), epoch_ms: millis(epoch) }
    }

    pub(super) fn now(self) -> Duration {
        self.start.elapsed()
    }

    /// A time since the start, as the instant that tokio's timers want.
    pub(super) fn instant(self, at: Duration) -> Instant {
        self.start + at
    }

    /// A time since the start, in DingTalk's milliseconds since 1970.
    pub(super) fn epoch_ms(self, at: Duration) -> u64 {
        self.epoch_ms + millis(at)
    }
}

pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Where clients are told that the fake is.
#[derive(Debug)]
pub(super) struct FrontDoor {
    /// Whether TLS is spoken there.
    pub(super) encrypted: bool,
    /// Such as `127.0.0.1:4711`.
    pub(super) authority: String,
}

impl FrontDoor {
    /// The address of `path` for the protocol `plain`, or for its encrypted sister.
    pub(super) fn url(&self, plain: &str, path: &str) -> String {
        let s = if self.encrypted { "s" } else { "" };
        format!("{plain}{s}://{}{path}", self.authority)
    }
}

/// Everything that the fake knows.
#[derive(Debug)]
pub(super) struct World {
    pub(super) settings: Settings,
    /// Where clients are told that the fake is.
    pub(super) door: FrontDoor,
    pub(super) clock: Clock,
    pub(super) random: Random,
    pub(super) directory: Directory,
    pub(super) tokens: TokenBook,
    pub(super) throttle: Throttle,
    pub(super) faults: Faults,
    pub(super) gateway: Gateway,
    pub(super) webhooks: WebhookBook,
    pub(super) media: MediaStore,
    pub(super) registrations: Registrations,
    pub(super) cards: CardStore,
    pub(super) overlaps: Overlaps,
    pub(super) record: Record,
    answers: u64,
}

impl World {
    pub(super) fn new(settings: Settings, authority: String) -> Self {
        let directory = Directory {
            apps: settings.apps.clone(),
            people: settings.people.clone(),
            groups: settings.groups.clone(),
        };
        Self {
            door: FrontDoor { encrypted: false, authority },
            clock: Clock::start(),
            random: Random::new(settings.seed),
            directory,
            tokens: TokenBook::default(),
            throttle: Throttle::default(),
            faults: Faults::default(),
            gateway: Gateway::new(settings.remember),
            webhooks: WebhookBook::default(),
            media: MediaStore::default(),
            registrations: Registrations::default(),
            cards: CardStore::default(),
            overlaps: Overlaps::default(),
            record: Record::new(settings.remember),
            answers: 0,
            settings,
        }
    }

    /// A new moment in the one order, now.
    pub(super) fn moment(&mut self) -> Moment {
        self.record.moment(self.clock.now())
    }

    /// Writes down what happened, now.
    pub(super) fn note(&mut self, what: Changed, line: impl Into<String>) -> Moment {
        let moment = self.moment();
        self.record.note(moment, what, line);
        moment
    }

    /// Writes down a rule that the client broke.
    pub(super) fn violation(&mut self, rule: Rule, detail: impl Into<String>) {
        self.record.violation(self.clock.now(), rule, detail);
    }

    /// The id of the next answer (DingTalk protocol, §10.1).
    pub(super) fn request_id(&mut self) -> String {
        self.answers += 1;
        format!("A1B2C3D4-FAKE-7000-8000-{:012}", self.answers)
    }

    /// An id of a message that a robot sent, which is also a card's carrier (DingTalk protocol, §1.2).
    pub(super) fn process_query_key(&mut self) -> String {
        format!("pqk{}==", self.random.letters(22))
    }

    /// The conversation that a test calls `place`.
    ///
    /// # Panics
    ///
    /// If there is none: the test has a typing error.
    #[track_caller]
    pub(super) fn conversation(&self, place: &str) -> String {
        self.directory.conversation(place).unwrap_or_else(|| {
            let people = self.directory.people.iter().map(|person| person.nick.as_str());
            let groups = self.directory.groups.iter().map(|group| group.title.as_str());
            let known: Vec<_> = people.chain(groups).collect();
            panic!("the fake DingTalk knows no conversation {place:?}; it has {known:?}")
        })
    }
}

/// The lock around the world, and the bells that ring when it changes.
#[derive(Debug)]
pub(super) struct Shared {
    world: Mutex<World>,
    version: watch::Sender<u64>,
    feed: broadcast::Sender<Change>,
    /// Wakes the task that repeats pushes.
    pub(super) postman: Notify,
}

/// How far a reader of the feed may fall behind before it misses changes.
const FEED: usize = 4096;

impl Shared {
    pub(super) fn new(world: World) -> Self {
        Self {
            world: Mutex::new(world),
            version: watch::Sender::new(0),
            feed: broadcast::Sender::new(FEED),
            postman: Notify::new(),
        }
    }

    /// Runs `act` on the world and tells everyone who waits what it changed.
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        let mut world = self.lock();
        let result = act(&mut world);
        let fresh = world.record.take_fresh();
        if !fresh.is_empty() {
            for change in fresh {
                // Nobody may be listening.
                drop(self.feed.send(change));
            }
            self.version.send_modify(|version| *version += 1);
            self.postman.notify_one();
        }
        result
    }

    /// Looks at the world without changing it.
    pub(super) fn look<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        look(&self.lock())
    }

    pub(super) fn versions(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    pub(super) fn feed(&self) -> broadcast::Receiver<Change> {
        self.feed.subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, World> {
        // A test's own closure may have panicked under the lock: the records are still worth reading.
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
