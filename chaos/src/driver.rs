//! Plays a plan, and brings what was recorded into a ledger.

mod harvest;

use crate::{
    Error, Process, Stage, StageOptions,
    ledger::{Ending, Ledger, Life},
    plan::{LinkTrouble, Mood, Plan, REPUSH_AFTER, RIPE, Refusal, Step},
    process::Patience,
    random::Random,
    stage::person,
    witness,
};
use host_mock::dingtalk::{ConnectionId, Endpoint, Fault};
use std::{
    collections::{BTreeSet, HashSet},
    time::Duration,
};
use tokio::sync::mpsc;

/// Messages under way at once while nothing is wrong.
const WINDOW: usize = 100;
/// How long nothing may happen before a step is given up: more than a probe of rejected credentials takes.
const PATIENCE: Duration = Duration::from_secs(90);
/// How long nothing may happen once everything has been pushed and no repetition is due.
const SETTLING: Duration = Duration::from_secs(20);
/// How often it is looked whether a host that says nothing still runs.
const GLANCE: Duration = Duration::from_millis(50);
/// One message in so many is pushed again although it was acknowledged (DingTalk protocol, §2.10 F6).
const DOUBLED: u32 = 50;
/// After so long; a minute would only make runs longer.
const DOUBLED_AFTER: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(300), Duration::from_secs(3), Duration::from_secs(16)];

/// Plays `plan`, and tells `progress` after each round how many messages have been pushed.
///
/// # Errors
/// When the run cannot be played to its end. What went wrong with messages is in the ledger.
pub async fn run(plan: &Plan, options: StageOptions, progress: impl FnMut(u32)) -> Result<Outcome, Error> {
    let (stage, bell) = Stage::open(options).await?;
    let mut driver = Driver::new(plan.seed, stage, bell, progress)?;
    for step in &plan.steps {
        driver.step(*step).await?;
    }
    driver.finish().await
}

/// What a run left.
#[derive(Debug)]
pub struct Outcome {
    /// Everything that was recorded.
    pub ledger: Ledger,
    /// The stage, with its files.
    pub stage: Stage,
}

struct Driver<P> {
    stage: Stage,
    random: Random,
    process: Process,
    bell: mpsc::UnboundedReceiver<String>,
    ledger: Ledger,
    /// The number of the round's messages.
    round: usize,
    /// Those of them that the agent has not seen.
    unseen: HashSet<String>,
    /// The texts of those that have no answer.
    unanswered: HashSet<String>,
    /// The place of the last answer in the fake DingTalk's order.
    answered: u64,
    /// Whether the host has been prompt all round.
    prompt: bool,
    repush: bool,
    /// The last trouble of a connection that no new one has followed, and how it is to be counted.
    trouble: Option<(Duration, Gap)>,
    /// When each process that has ended was gone for good.
    gone: Vec<Duration>,
    /// Connections that carry nothing, and of which DingTalk does not know it.
    dead: BTreeSet<ConnectionId>,
    /// Where people are in the middle of writing.
    writing: u32,
    pushed: u32,
    progress: P,
}

/// What the time to the next connection says.
#[derive(Clone, Copy, Debug)]
enum Gap {
    Reconnect,
    Refused,
    Noticed,
}

impl<P: FnMut(u32)> Driver<P> {
    fn new(
        seed: u64,
        mut stage: Stage,
        bell: mpsc::UnboundedReceiver<String>,
        progress: P,
    ) -> Result<Self, Error> {
        let process = stage.start_host()?;
        Ok(Self {
            stage,
            random: Random::new(!seed),
            process,
            bell,
            ledger: Ledger::default(),
            round: 0,
            unseen: HashSet::new(),
            unanswered: HashSet::new(),
            answered: 0,
            prompt: true,
            repush: false,
            trouble: None,
            gone: Vec::new(),
            dead: BTreeSet::new(),
            writing: 0,
            pushed: 0,
            progress,
        })
    }

    async fn step(&mut self, step: Step) -> Result<(), Error> {
        match step {
            Step::Push(count) => return self.push(count).await,
            Step::Blind(count) => (0..count).for_each(|_| drop(self.say())),
            Step::Repush(on) => {
                self.repush = on;
                self.stage.dingtalk().repush_callbacks_after(on.then_some(REPUSH_AFTER));
            }
            Step::Ripen => self.ripen().await,
            Step::Link(trouble) => self.link(trouble),
            Step::Refuse(refusal) => self.refuse(refusal),
            Step::AwaitLink => return self.await_link().await,
            Step::Bury => self.bury(),
            Step::Host(mood) => return self.host(mood).await,
            // The fault itself lasts that long; nothing is waited for.
            Step::Last(ms) => tokio::time::sleep(Duration::from_millis(ms.into())).await,
            Step::Kill => return self.next_life(Ending::Killed).await,
            Step::Restart => return self.next_life(Ending::Stopped).await,
            Step::Settle => return self.settle().await,
        }
        Ok(())
    }

    /// Somebody writes.
    fn say(&mut self) -> String {
        // People write several messages in a row, so that there is an order to keep.
        if self.random.one_in(2) {
            self.writing = self.random.below(self.stage.people());
        }
        let dingtalk = self.stage.dingtalk();
        let text = self.pushed.to_string();
        let id = dingtalk.says(&person(self.writing), &text);
        if self.random.one_in(DOUBLED) {
            dingtalk.push_again_after(&id, self.random.pick(&DOUBLED_AFTER));
        }
        self.pushed += 1;
        self.round += 1;
        self.unseen.insert(id.clone());
        self.unanswered.insert(text);
        id
    }

    async fn push(&mut self, count: u32) -> Result<(), Error> {
        let mut under_way = HashSet::new();
        for _ in 0..count {
            let mut patience = Patience::new(PATIENCE);
            while under_way.len() >= WINDOW {
                match self.hear().await? {
                    Some(id) => drop(under_way.remove(&id)),
                    // The ledger will tell what became of them.
                    None if patience.is_over() => under_way.clear(),
                    None => continue,
                }
                patience.put_off();
            }
            under_way.insert(self.say());
            while let Ok(id) = self.bell.try_recv() {
                under_way.remove(&id);
                self.unseen.remove(&id);
            }
            // The fake DingTalk lives on the same threads.
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// Waits a little for the agent to begin with a message.
    async fn hear(&mut self) -> Result<Option<String>, Error> {
        match tokio::time::timeout(GLANCE, self.bell.recv()).await {
            Ok(Some(id)) => {
                self.unseen.remove(&id);
                Ok(Some(id))
            }
            Ok(None) => Err(Error::HostEnded),
            Err(_nothing) => self.process.still_runs().map(|()| None),
        }
    }

    async fn ripen(&self) {
        let dingtalk = self.stage.dingtalk();
        let newest = dingtalk.look(|view| view.live_connections().next_back().map(|it| it.opened.at));
        if let Some(opened) = newest {
            tokio::time::sleep((opened + RIPE).saturating_sub(dingtalk.now())).await;
        }
    }

    fn link(&mut self, trouble: LinkTrouble) {
        let dingtalk = self.stage.dingtalk();
        let now = dingtalk.now();
        let live: Vec<_> = dingtalk.look(|view| view.live_connections().map(|it| it.id).collect());
        let gap = if trouble == LinkTrouble::Stall { Gap::Noticed } else { Gap::Reconnect };
        // A zombie is no trouble yet: nobody can notice.
        if trouble != LinkTrouble::Zombie && !live.is_empty() {
            let refused = self.trouble.filter(|(_, gap)| matches!(gap, Gap::Refused));
            self.trouble = refused.or(Some((now, gap)));
        }
        for id in live {
            let connection = dingtalk.connection(id);
            let _reached = match trouble {
                LinkTrouble::Disconnect => connection.disconnect(),
                LinkTrouble::Deaf => connection.disconnect_deaf(),
                LinkTrouble::Reset => connection.reset(),
                LinkTrouble::Drop => connection.drop_abruptly(),
                LinkTrouble::Close => connection.close(1011),
                LinkTrouble::Stall => connection.stall(),
                LinkTrouble::Zombie => connection.make_zombie(),
            };
            let link = self.ledger.links.entry(id.0).or_default();
            match trouble {
                LinkTrouble::Reset | LinkTrouble::Drop => link.severed = Some(dingtalk.now()),
                LinkTrouble::Deaf | LinkTrouble::Stall | LinkTrouble::Zombie => {
                    link.dead = Some(now);
                    self.dead.insert(id);
                }
                LinkTrouble::Disconnect | LinkTrouble::Close => {}
            }
        }
    }

    fn refuse(&mut self, refusal: Refusal) {
        let dingtalk = self.stage.dingtalk();
        let (endpoint, fault, times) = match refusal {
            Refusal::Credentials => (Endpoint::OpenConnection, Fault::refused(401, "authFailed"), 1),
            Refusal::BadRequest => (Endpoint::OpenConnection, Fault::refused(400, "invalidParameter"), 1),
            Refusal::Html => (Endpoint::OpenConnection, Fault::Html(400), 1),
            Refusal::Unavailable => (Endpoint::OpenConnection, Fault::refused(503, "ServiceUnavailable"), 2),
            Refusal::Hang => (Endpoint::OpenConnection, Fault::Hang, 1),
            Refusal::Handshake => (Endpoint::Connect, Fault::refused(400, "invalidParameter"), 1),
            Refusal::CloseAtOnce => (Endpoint::Connect, Fault::CloseAtOnce, 1),
        };
        dingtalk.on(endpoint).answer(fault).times(times);
        self.trouble = Some((dingtalk.now(), Gap::Refused));
    }

    async fn await_link(&mut self) -> Result<(), Error> {
        let Some((since, gap)) = self.trouble else { return Ok(()) };
        let opened = self.stage.dingtalk().try_wait_for(PATIENCE, |view| {
            let newest = view.live_connections().next_back()?;
            (newest.opened.at > since).then_some(newest.opened.at)
        });
        // Without one, everything from here on is lost, and told so.
        if let Ok(opened) = opened.await {
            let gap_of = match gap {
                Gap::Reconnect => &mut self.ledger.gaps,
                Gap::Refused => &mut self.ledger.refused_gaps,
                Gap::Noticed => &mut self.ledger.noticed,
            };
            gap_of.push(opened.saturating_sub(since));
        }
        self.trouble = None;
        self.process.still_runs()
    }

    /// DingTalk ends what it finds dead.
    fn bury(&mut self) {
        for id in std::mem::take(&mut self.dead) {
            let _reached = self.stage.dingtalk().connection(id).drop_abruptly();
        }
    }

    async fn host(&mut self, mood: Mood) -> Result<(), Error> {
        self.prompt = false;
        let order = match mood {
            Mood::Prompt => "prompt".to_owned(),
            Mood::Slow(ms) => format!("slow {ms}"),
            Mood::Refusing => "refusing".to_owned(),
        };
        self.process.tell(&order).await
    }

    async fn next_life(&mut self, ending: Ending) -> Result<(), Error> {
        // Replayed turns are in the way of what comes now.
        self.prompt = false;
        let life = self.stage.life();
        let told = Life { end: self.stage.dingtalk().now(), end_epoch: witness::now(), ending };
        match ending {
            Ending::Killed => self.process.kill().await?,
            Ending::Stopped => self.process.stop().await?,
        }
        self.gone.push(self.stage.dingtalk().now());
        self.ledger.lives.insert(life, told);
        self.process = self.stage.start_host()?;
        Ok(())
    }
}
