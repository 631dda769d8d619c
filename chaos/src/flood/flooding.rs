//! How each flood comes.

use crate::{Error, Stage, stage::person};
use host_mock::dingtalk::{ConnectionId, DingTalk, Push};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{interval, timeout};

/// How it is shown that a person was told of their flood.
pub(super) const TOLD_TO_PEOPLE: &str = "to people: too many messages at once";

/// Messages that are pushed before it is seen whether the client has read them.
const BATCH: u32 = 500;
/// How often it is looked whether something has come.
const LOOK: Duration = Duration::from_millis(5);
/// For a batch to be read, whatever becomes of it.
const READ: Duration = Duration::from_secs(60);
/// For something to be felt that is not answered.
const FELT: Duration = Duration::from_secs(12);
/// Between two questions of somebody who is not answered.
const ASKED_AGAIN: Duration = Duration::from_secs(5);

/// Two accounts: the first meets the flood.
pub(super) struct Flooding<'a> {
    dingtalk: &'a DingTalk,
    apps: [String; 2],
    asked: u32,
}

impl<'a> Flooding<'a> {
    pub(super) fn of(stage: &'a Stage) -> Self {
        let dingtalk = stage.dingtalk();
        let app =
            |number: usize| dingtalk.apps().get(number).map(|app| app.client_id.clone()).unwrap_or_default();
        // A question is asked once, in whichever of the host's processes.
        Self { dingtalk, apps: [app(0), app(1)], asked: stage.life() * 1_000 }
    }

    /// Has somebody ask the account that meets no flood.
    pub(super) async fn other_answers(&mut self, patience: Duration) -> Result<(), Error> {
        self.answers(1, patience).await
    }

    /// Has somebody ask the account that meets the flood.
    pub(super) async fn flooded_answers(&mut self, patience: Duration) -> Result<(), Error> {
        self.answers(0, patience).await
    }

    /// Has somebody write to the account that meets the flood, and be heard. The answer has its turn behind those to
    /// all others: DingTalk takes only so many a second.
    pub(super) async fn flooded_takes(&mut self, patience: Duration) -> Result<(), Error> {
        let dingtalk = self.dingtalk;
        let is_taken = |id: &str, _: &str| {
            let is_acknowledged = |it: &Push| it.deliveries.iter().any(|it| it.ack.is_some());
            dingtalk.look(|view| view.push(id).is_some_and(is_acknowledged))
        };
        self.comes_of_a_question(0, patience, is_taken).await
    }

    async fn answers(&mut self, account: usize, patience: Duration) -> Result<(), Error> {
        let dingtalk = self.dingtalk;
        let is_answered = |_: &str, question: &str| {
            dingtalk.look(|view| view.messages().rev().take(500).any(|it| it.text().contains(question)))
        };
        self.comes_of_a_question(account, patience, is_answered).await
    }

    /// Asks again and again, until what is looked for has come of a question: its id, and its words.
    async fn comes_of_a_question(
        &mut self,
        account: usize,
        patience: Duration,
        has_come: impl Fn(&str, &str) -> bool,
    ) -> Result<(), Error> {
        let (dingtalk, app) = (self.dingtalk, self.apps[account].clone());
        let asking = async {
            loop {
                self.asked += 1;
                let question = format!("still there? {}", self.asked);
                let mut payload = dingtalk.payload_to(&app, &person(2), None);
                payload["text"] = json!({"content": question});
                let id = dingtalk.push(payload);
                if timeout(ASKED_AGAIN, until(|| has_come(&id, &question))).await.is_ok() {
                    return;
                }
            }
        };
        timeout(patience, asking).await.map_err(|_| Error::Silent)
    }

    /// So many messages from so many people, as fast as they are read.
    pub(super) async fn messages(&mut self, many: u32, people: u32) -> Result<String, Error> {
        let template = self.dingtalk.payload_to(&self.apps[0], &person(0), None);
        let mut pushed = 0;
        while pushed < many {
            let mut last = String::new();
            for number in pushed..many.min(pushed + BATCH) {
                last = self.dingtalk.push(said_by(&template, number, number % people.max(1)));
            }
            pushed = many.min(pushed + BATCH);
            let is_read = || {
                let written = |push: &Push| push.deliveries.iter().any(|it| it.written.is_some());
                self.dingtalk
                    .look(|view| view.pushes().next_back().is_none_or(|it| it.id != last || written(it)))
            };
            timeout(READ, until(is_read)).await.map_err(|_| Error::Silent)?;
        }
        Ok(format!("{many} messages from {people} people"))
    }

    /// So many frames that say nothing, most of them unreadable.
    pub(super) async fn tiny_frames(&mut self, many: u32) -> Result<String, Error> {
        let Some(connection) = self.connection() else { return Err(Error::Silent) };
        for number in 0..many {
            let tiny = ["{}", "[]", "", "{", "{\"type\":\"NEW\"}"][number as usize % 5];
            let reached = self.dingtalk.connection(connection).send(tiny);
            if reached == 0 {
                return Err(Error::Silent);
            }
        }
        Ok(format!("{many} frames of up to 14 bytes"))
    }

    /// One frame that is longer than any.
    pub(super) async fn large_frame(&mut self) -> Result<String, Error> {
        let Some(connection) = self.connection() else { return Err(Error::Silent) };
        let frame = json!({"type": "EVENT", "data": "x".repeat(10_000_000)}).to_string();
        let reached = self.dingtalk.connection(connection).send(&frame);
        let gone = || self.dingtalk.look(|view| view.live_connections().all(|it| it.id != connection));
        timeout(READ, until(gone)).await.map_err(|_| Error::Silent)?;
        Ok(format!("{reached} frame of 10 MB, which ended its connection"))
    }

    /// The server is slow from the start: some attempts are waited for.
    pub(super) async fn slow_server(&mut self) -> String {
        tokio::time::sleep(3 * FELT).await; // it is time that is tried
        "answers and a handshake that came a byte each half second".to_owned()
    }

    /// Messages that cannot be kept.
    pub(super) async fn full_disk(&mut self) -> Result<String, Error> {
        let template = self.dingtalk.payload_to(&self.apps[0], &person(0), None);
        for number in 0..100 {
            let mut payload = said_by(&template, number, number);
            payload["text"] = json!({"content": format!("disk{number}. {}", "x".repeat(4_000))});
            self.dingtalk.push(payload);
        }
        tokio::time::sleep(FELT).await; // nothing tells that something is not going to be answered
        let acknowledged = self.dingtalk.look(|view| {
            let is_acknowledged = |it: &&Push| it.deliveries.iter().any(|it| it.ack.is_some());
            view.pushes().rev().take(100).filter(is_acknowledged).count()
        });
        Ok(format!(
            "100 messages of 4 kB while no file grew beyond 48 KiB, {acknowledged} of them acknowledged"
        ))
    }

    /// Waits until there is an answer to every message that was acknowledged, in whichever of the host's processes:
    /// one with its first word.
    pub(super) async fn acknowledged_are_answered(&self, patience: Duration) -> Result<(), Error> {
        let are_answered = || {
            self.dingtalk.look(|view| {
                let answers: Vec<_> = view.messages().map(|it| it.text()).collect();
                let acknowledged = view.pushes().filter(|it| it.app == self.apps[0] && it.ack().is_some());
                let mut words =
                    acknowledged.filter_map(|it| it.data["text"]["content"].as_str()?.split(' ').next());
                words.all(|word| answers.iter().any(|answer| answer.contains(word)))
            })
        };
        timeout(patience, until(are_answered)).await.map_err(|_| Error::Silent)
    }

    /// Connections that cannot be made anew.
    pub(super) async fn no_descriptors(&mut self) -> Result<String, Error> {
        let ended = self.dingtalk.connections().reset();
        let template = self.dingtalk.payload_to(&self.apps[0], &person(0), None);
        (0..100).for_each(|number| drop(self.dingtalk.push(said_by(&template, number, number))));
        tokio::time::sleep(FELT).await; // it is time without any that is tried
        Ok(format!("{ended} connections reset, and no descriptor for another for {} s", FELT.as_secs()))
    }

    /// Lets threads end that wait for work.
    pub(super) async fn rest(&self) {
        tokio::time::sleep(FELT).await; // nothing tells of it
    }

    /// Work that wants threads, of a process whose own have ended; and whether all of it was done.
    pub(super) async fn no_threads(&mut self) -> (String, bool) {
        let before = self.dingtalk.look(|view| view.messages().count());
        let template = self.dingtalk.payload_to(&self.apps[0], &person(0), None);
        let asked = 100;
        (0..asked).for_each(|number| drop(self.dingtalk.push(said_by(&template, number, number))));
        tokio::time::sleep(FELT).await; // it is time without any that is tried
        let answered = self.dingtalk.look(|view| view.messages().count()) - before;
        let done = format!("{asked} messages, of which {answered} were answered with no memory for a stack");
        (done, answered >= asked as usize)
    }

    /// What people were told of a flood, and how often.
    pub(super) fn people_told(&self) -> Option<(String, usize)> {
        let told =
            self.dingtalk.look(|view| view.messages().filter(|it| it.text().contains("消息太多")).count());
        (told > 0).then(|| (TOLD_TO_PEOPLE.to_owned(), told))
    }

    /// The connection of the account that meets the flood.
    fn connection(&self) -> Option<ConnectionId> {
        self.dingtalk.look(|view| view.live_connections().find(|it| it.app == self.apps[0]).map(|it| it.id))
    }
}

/// A message of one of very many people.
fn said_by(template: &Value, number: u32, person: u32) -> Value {
    let mut payload = template.clone();
    payload["senderId"] = json!(format!("$:LWCP_v1:$flood{person}"));
    payload["senderStaffId"] = json!(format!("flood{person}"));
    payload["senderNick"] = json!(format!("Flood {person}"));
    payload["conversationId"] = json!(format!("cidFlood{person}=="));
    payload["msgId"] = json!(format!("msgFlood{number}=="));
    payload["text"] = json!({"content": format!("{number}")});
    payload
}

/// Looks again and again: to be woken by each change of a flood would be a flood of its own.
async fn until(mut look: impl FnMut() -> bool) {
    let mut pace = interval(LOOK);
    while !look() {
        pace.tick().await;
    }
}
