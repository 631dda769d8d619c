//! Who is answered when: one turn at a time per conversation, many conversations side by side.

use super::{
    Address,
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

/// How many turns run side by side at most.
const SIDE_BY_SIDE: usize = 256;
/// How long a host that stops waits for answers that are complete and on their way.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// What keeps the messages of a conversation in order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Lane {
    account: Address,
    conversation: String,
    thread: String,
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
        lanes: HashMap::new(),
        running: JoinSet::new(),
        lane_of: HashMap::new(),
        cap: Arc::new(Semaphore::new(SIDE_BY_SIDE)),
    };
    loop {
        tokio::select! {
            Some(ended) = turns.running.join_next_with_id() => {
                turns.next_in_lane(ended.map_or_else(|panic| panic.id(), |(id, ())| id));
            }
            Some(job) = jobs.recv() => turns.admit(job),
            () = stopping.cancelled() => return turns.part().await,
        }
    }
}

struct Turns {
    stage: Stage,
    /// Every conversation with a turn under way, and what waits behind it.
    lanes: HashMap<Lane, VecDeque<Job>>,
    running: JoinSet<()>,
    lane_of: HashMap<Id, Lane>,
    cap: Arc<Semaphore>,
}

impl Turns {
    fn admit(&mut self, job: Job) {
        let lane = Lane::of(&job);
        match self.lanes.get_mut(&lane) {
            Some(waiting) => waiting.push_back(job),
            None => {
                self.lanes.insert(lane.clone(), VecDeque::new());
                self.begin(lane, job);
            }
        }
    }

    fn begin(&mut self, lane: Lane, job: Job) {
        let (stage, cap) = (self.stage.clone(), self.cap.clone());
        let turn = self.running.spawn(async move {
            let Some(_place) = stage.stopping.run_until_cancelled(cap.acquire_owned()).await else { return };
            stage.play(job).await;
        });
        self.lane_of.insert(turn.id(), lane);
    }

    fn next_in_lane(&mut self, ended: Id) {
        let Some(lane) = self.lane_of.remove(&ended) else { return };
        match self.lanes.get_mut(&lane).and_then(VecDeque::pop_front) {
            Some(job) => self.begin(lane, job),
            None => drop(self.lanes.remove(&lane)),
        }
    }

    /// Begins nothing any more, and waits for what is on its way.
    async fn part(mut self) -> usize {
        let delivered = async { while self.running.join_next().await.is_some() {} };
        timeout(LAST_WORDS, delivered).await.ok();
        let late = self.running.len();
        self.running.shutdown().await;
        late
    }
}
