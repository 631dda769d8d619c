//! Who is answered when. Messages of one conversation are looked at one after the other, as they come; then one
//! turn at a time runs in each session, and many sessions side by side.

use super::{
    Address, Command,
    admission::Admitted,
    command,
    course::Course,
    queueing::{Coming, QueueMode},
    record::Event,
    turn::{Job, Stage},
};
use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::{Semaphore, mpsc},
    task::{Id, JoinSet},
    time::timeout,
};

/// How many turns of an account run side by side at most: one account's do not take another's place.
const SIDE_BY_SIDE: usize = 256;
/// How many messages of an account are looked at side by side at most.
const LOOKED_AT: usize = 64;
/// How long a host that stops waits for answers that are complete and on their way.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// What keeps the messages of a conversation in order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Lane {
    account: Address,
    conversation: String,
    thread: String,
}

/// Where one turn runs at a time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Line {
    /// A conversation, where nothing is said about queueing.
    Conversation(Lane),
    /// A session, by its key.
    Session(String),
}

impl Lane {
    fn of(job: &Job) -> Self {
        Self {
            account: job.account.clone(),
            conversation: job.waiting.conversation.clone(),
            thread: job.waiting.thread.clone(),
        }
    }
}

/// Answers what comes in through `jobs` until the host stops. Then only those answers that are complete
/// are still delivered; says how many of them were not in time. Dropping it stops every turn where it
/// stands.
pub(super) async fn run(stage: Stage, mut jobs: mpsc::UnboundedReceiver<Job>) -> usize {
    let stopping = stage.stopping.clone();
    let mut turns = Turns {
        stage,
        doors: HashMap::new(),
        lines: HashMap::new(),
        working: JoinSet::new(),
        work: HashMap::new(),
        caps: HashMap::new(),
    };
    loop {
        tokio::select! {
            Some(ended) = turns.working.join_next_with_id() => match ended {
                Ok((id, admitted)) => turns.ended(id, admitted),
                Err(panic) => turns.ended(panic.id(), None),
            },
            Some(job) = jobs.recv() => turns.comes(job),
            () = stopping.cancelled() => return turns.part().await,
        }
    }
}

struct Turns {
    stage: Stage,
    /// Every conversation of which a message is being looked at, and what waits behind it.
    doors: HashMap<Lane, VecDeque<Job>>,
    /// Every line with a turn under way, and what waits behind it.
    lines: HashMap<Line, UnderWay>,
    working: JoinSet<Option<Admitted>>,
    work: HashMap<Id, Work>,
    /// As many as there have been accounts.
    caps: HashMap<Address, Caps>,
}

/// How much of an account goes on side by side.
#[derive(Clone)]
struct Caps {
    looks: Arc<Semaphore>,
    turns: Arc<Semaphore>,
}

impl Default for Caps {
    fn default() -> Self {
        Self { looks: Arc::new(Semaphore::new(LOOKED_AT)), turns: Arc::new(Semaphore::new(SIDE_BY_SIDE)) }
    }
}

/// What a task is at.
enum Work {
    Looking(Lane),
    Playing(Line),
}

struct UnderWay {
    turn: String,
    lane: Lane,
    course: Course,
    waiting: VecDeque<Admitted>,
}

impl Turns {
    fn comes(&mut self, job: Job) {
        let lane = Lane::of(&job);
        match self.doors.get_mut(&lane) {
            Some(waiting) => waiting.push_back(job),
            None => {
                self.doors.insert(lane.clone(), VecDeque::new());
                self.look_at(lane, job);
            }
        }
    }

    fn look_at(&mut self, lane: Lane, job: Job) {
        let (stage, cap) = (self.stage.clone(), self.caps(&job.account).looks);
        let looking = self.working.spawn(async move {
            let looking = async {
                let _place = cap.acquire_owned().await;
                stage.look_at(job).await
            };
            stage.stopping.run_until_cancelled(looking).await.flatten()
        });
        self.work.insert(looking.id(), Work::Looking(lane));
    }

    fn ended(&mut self, id: Id, admitted: Option<Admitted>) {
        match self.work.remove(&id) {
            Some(Work::Looking(lane)) => {
                match self.doors.get_mut(&lane).and_then(VecDeque::pop_front) {
                    Some(job) => self.look_at(lane, job),
                    None => drop(self.doors.remove(&lane)),
                }
                if let Some(admitted) = admitted {
                    self.takes(admitted);
                }
            }
            Some(Work::Playing(line)) => self.next_in(line),
            None => {}
        }
    }

    /// A message that is to be answered has its turn, or finds its place.
    fn takes(&mut self, admitted: Admitted) {
        let mode = self.mode(&admitted);
        let line = match mode {
            None => Line::Conversation(Lane::of(&admitted.job)),
            Some(_) => Line::Session(admitted.route.session.clone()),
        };
        match admitted.command {
            Some(Command::Stop) => return self.stop(&line, admitted),
            Some(Command::Status) => return self.tell_status(&line, admitted),
            _ => {}
        }
        let Some(under_way) = self.lines.get_mut(&line) else { return self.begin(line, admitted) };
        match Coming::of(mode, true, admitted.command.is_some()) {
            Coming::Join => under_way.join(admitted, &self.stage),
            Coming::Interrupt => {
                under_way.stop(&self.stage);
                under_way.waiting.push_back(admitted);
            }
            Coming::Begin | Coming::Wait => under_way.waiting.push_back(admitted),
        }
    }

    fn mode(&self, admitted: &Admitted) -> Option<QueueMode> {
        self.stage.conduct.borrow().queueing.of(&admitted.job.account.channel)
    }

    fn stop(&mut self, line: &Line, command: Admitted) {
        let under_way = self.lines.get_mut(line);
        let count = usize::from(under_way.is_some());
        if let Some(under_way) = under_way {
            under_way.stop(&self.stage);
        }
        self.say(command, command::stopped(&self.stage.locale, count));
    }

    fn tell_status(&mut self, line: &Line, asked: Admitted) {
        let (locale, route) = (&self.stage.locale, &asked.route);
        let text = command::status(locale, &route.agent, &route.session, self.lines.contains_key(line));
        self.say(asked, text);
    }

    /// Answers in the host's own words, beside whatever runs.
    fn say(&mut self, admitted: Admitted, text: String) {
        let stage = self.stage.clone();
        self.working.spawn(async move {
            stage.say(admitted, text).await;
            None
        });
    }

    fn begin(&mut self, line: Line, admitted: Admitted) {
        let (turn, lane) = (admitted.job.waiting.id.clone(), Lane::of(&admitted.job));
        for job in &admitted.with {
            let message = job.waiting.id.clone();
            self.stage.record.note(&job.account, Event::Joined { message, turn: turn.clone() });
        }
        let (course, waiting) = (Course::new(), VecDeque::new());
        let (stage, own) = (self.stage.clone(), course.clone());
        let cap = self.caps(&admitted.job.account).turns;
        let playing = self.working.spawn(async move {
            if let Some(_place) = stage.stopping.run_until_cancelled(cap.acquire_owned()).await {
                stage.play(admitted, &own).await;
            }
            None
        });
        self.work.insert(playing.id(), Work::Playing(line.clone()));
        self.lines.insert(line, UnderWay { turn, lane, course, waiting });
    }

    /// The turn of a line has ended: the next one begins.
    fn next_in(&mut self, line: Line) {
        let Some(UnderWay { course, mut waiting, .. }) = self.lines.remove(&line) else { return };
        let joined = course.close();
        if course.stop.is_cancelled() {
            joined.iter().for_each(|admitted| give_up(&self.stage, admitted));
        } else {
            // It failed, or ended too soon for them.
            joined.into_iter().rev().for_each(|admitted| waiting.push_front(admitted));
        }
        let Some(mut next) = waiting.pop_front() else { return };
        if self.mode(&next) == Some(QueueMode::Collect) {
            next = together(next, &mut waiting);
        }
        self.begin(line.clone(), next);
        if let Some(under_way) = self.lines.get_mut(&line) {
            under_way.waiting = waiting;
        }
    }

    fn caps(&mut self, account: &Address) -> Caps {
        self.caps.entry(account.clone()).or_default().clone()
    }

    /// Begins nothing any more, and waits for what is on its way.
    async fn part(mut self) -> usize {
        let delivered = async { while self.working.join_next().await.is_some() {} };
        timeout(LAST_WORDS, delivered).await.ok();
        let late = self.working.len();
        self.working.shutdown().await;
        late
    }
}

impl UnderWay {
    /// A message joins the turn; else it waits. None overtakes another, and nobody's answer is shown elsewhere.
    fn join(&mut self, admitted: Admitted, stage: &Stage) {
        let (account, message) = (admitted.job.account.clone(), admitted.job.waiting.id.clone());
        let may = self.waiting.is_empty() && Lane::of(&admitted.job) == self.lane;
        match if may { self.course.join(admitted) } else { Some(admitted) } {
            None => stage.record.note(&account, Event::Joined { message, turn: self.turn.clone() }),
            Some(admitted) => self.waiting.push_back(admitted),
        }
    }

    /// Stops the turn, and gives up what waits behind it.
    fn stop(&mut self, stage: &Stage) {
        self.course.stop.cancel();
        self.waiting.drain(..).for_each(|admitted| give_up(stage, &admitted));
    }
}

fn give_up(stage: &Stage, admitted: &Admitted) {
    for job in admitted.with.iter().chain([&admitted.job]) {
        stage.finished(job);
        stage.record.note(&job.account, Event::GivenUp { message: job.waiting.id.clone() });
    }
}

/// `first` and all that follow it in its conversation, up to a command, as one: the turn is the last one's.
fn together(first: Admitted, waiting: &mut VecDeque<Admitted>) -> Admitted {
    let lane = Lane::of(&first.job);
    let joins = |next: &Admitted| next.command.is_none() && Lane::of(&next.job) == lane;
    let mut all = first;
    while all.command.is_none() && waiting.front().is_some_and(joins) {
        let Some(next) = waiting.pop_front() else { break };
        let mut with = std::mem::take(&mut all.with);
        with.push(all.job);
        all = Admitted { with, ..next };
    }
    all
}
