//! One answer, from the question to what the person saw in the end.

use crate::{
    verdict::Verdict,
    words::{read, words},
};
use host_mock::{
    dingtalk::{DingTalk, Settings},
    host::{Event, HostError, PuppetTurn, Recorded, TurnEnd},
};
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use tests::{Setup, World};

/// The one who asks, alone with the bot.
pub(crate) const LIN: &str = "Lin";
/// A group in which the bot is asked.
pub(crate) const GROUP: &str = "Release crew";
/// More than any answer takes under any fault.
const PATIENCE: Duration = Duration::from_secs(120);

/// An answer under way.
pub(crate) struct Play {
    world: World,
    place: &'static str,
    asked: String,
    turn: Option<PuppetTurn>,
    said: usize,
}

impl Play {
    /// A world in which Lin has asked and the agent begins to answer.
    pub(crate) async fn begin() -> Self {
        Self::configured(|_| {}).await
    }

    /// The same with a section `channels.dingtalk` that is changed first.
    pub(crate) async fn configured(configure: impl FnOnce(&mut Value) + 'static) -> Self {
        Self::after(configure, |_| {}).await
    }

    /// The same where something happens to DingTalk before Lin asks.
    pub(crate) async fn after(
        configure: impl FnOnce(&mut Value) + 'static,
        happens: impl FnOnce(&DingTalk),
    ) -> Self {
        let world = world(configure).await;
        happens(world.dingtalk());
        Self::asked(world, LIN, |dingtalk| dingtalk.says(LIN, "tell me")).await
    }

    /// The same without cards.
    pub(crate) async fn without_cards() -> Self {
        Self::configured(|section| section["enableAICard"] = false.into()).await
    }

    /// Mo asks in a group, after something happened to DingTalk.
    pub(crate) async fn in_group(
        configure: impl FnOnce(&mut Value) + 'static,
        happens: impl FnOnce(&DingTalk),
    ) -> Self {
        let world = world(configure).await;
        happens(world.dingtalk());
        Self::asked(world, GROUP, |dingtalk| dingtalk.says_in_group(GROUP, "Mo", "tell us")).await
    }

    async fn asked(world: World, place: &'static str, ask: impl FnOnce(&DingTalk) -> String) -> Self {
        let asked = ask(world.dingtalk());
        let turn = world.agent().next_turn().await;
        Self { world, place, asked, turn, said: 0 }
    }

    /// The fake DingTalk.
    pub(crate) fn dingtalk(&self) -> &DingTalk {
        self.world.dingtalk()
    }

    /// What host and plugin have logged.
    pub(crate) fn log(&self) -> String {
        self.world.log()
    }

    /// The agent says so many more words.
    #[track_caller]
    pub(crate) fn says(&mut self, count: usize) {
        let more = words(self.said + 1..=self.said + count);
        self.turn.as_ref().unwrap().say(more);
        self.said += count;
    }

    /// The agent says so many more words, one at a time, at the pace of a model.
    pub(crate) async fn says_slowly(&mut self, count: usize, per_second: u32) {
        // The pace is what is tried: each word has its time.
        let mut pace = tokio::time::interval(Duration::from_secs(1) / per_second);
        for _ in 0..count {
            pace.tick().await;
            self.says(1);
        }
    }

    /// Waits until what was said so far can be seen on a card.
    #[track_caller]
    pub(crate) fn seen(&self) -> impl Future<Output = ()> {
        let said = self.said;
        let shows = move |text: &str| read(text).words.last() == Some(&said);
        self.dingtalk().wait_for(move |view| view.cards().any(|card| shows(card.text())).then_some(()))
    }

    /// Waits until a call that was stuck on its way has taken effect.
    #[track_caller]
    pub(crate) fn landed(&self) -> impl Future<Output = ()> {
        self.dingtalk().wait_for(|view| view.calls().any(|call| call.landed.is_some()).then_some(()))
    }

    /// The agent is done; what the plugin says became of the answer.
    pub(crate) async fn ends(&mut self) -> Arc<TurnEnd> {
        self.turn = None;
        self.end().await
    }

    /// The agent is done; what becomes of the answer is not waited for.
    pub(crate) fn stops_speaking(&mut self) {
        self.turn = None;
    }

    /// The turn fails with a sentence; what the plugin says became of the answer.
    pub(crate) async fn fails(&mut self, sentence: &str) -> Arc<TurnEnd> {
        self.turn.take().unwrap().fail(sentence);
        self.end().await
    }

    /// Waits for the end of the turn, for longer than a host waits for anything else.
    async fn end(&self) -> Arc<TurnEnd> {
        let begun = tokio::time::Instant::now();
        loop {
            match self.world.host().wait_answered(&self.asked).await {
                Ok(end) => return end,
                Err(HostError::WaitedInVain { .. }) if begun.elapsed() < PATIENCE => {}
                Err(error) => panic!("{error}\n{}", self.dingtalk().look(|view| view.report())),
            }
        }
    }

    /// The host is gone without a goodbye and comes again on the same state. If it has the message
    /// answered once more, the agent begins anew.
    pub(crate) async fn crashes(self) -> Self {
        let Self { world, place, asked, turn, .. } = self;
        let world = world.crash_and_start_anew(|_| {}).await;
        drop(turn);
        Self { world, place, asked, turn: None, said: 0 }
    }

    /// The agent is asked once more, after a crash.
    pub(crate) async fn is_asked_again(&mut self) {
        let turn = self.world.agent().next_turn().await.unwrap();
        assert_eq!(turn.message().id, self.asked);
        self.turn = Some(turn);
    }

    /// What can be seen of an answer of `said` words after a crash, whether or not the host has it said once
    /// more; ends the world.
    pub(crate) async fn verdict_after_anything(mut self, said: usize) -> Verdict {
        if self.is_replayed().await {
            self.is_asked_again().await;
            self.says(said);
            self.ends().await;
        }
        self.verdict_of(said).await
    }

    /// Whether the agent is asked once more: not where the host knows that all was said, or is told so.
    async fn is_replayed(&self) -> bool {
        let host = self.world.host();
        let is_begun = |entries: &[Recorded]| {
            entries.iter().find_map(|recorded| match &recorded.event {
                Event::TurnStarted { turn, .. } if *turn == self.asked => Some(true),
                Event::AnsweredBefore { turn, .. } if *turn == self.asked => Some(false),
                _ => None,
            })
        };
        let nothing_left = || host.inbox("default").unwrap().unfinished == 0;
        !nothing_left() && host.wait_for("what becomes of the message", is_begun).await.unwrap()
    }

    /// What can be seen of `said` words once nothing grows any more; ends the world.
    pub(crate) async fn verdict_of(self, said: usize) -> Verdict {
        let conversation = self.dingtalk().conversation(self.place);
        // Before the host stops, for a stop would end what had been left open.
        let ended = self.dingtalk().try_wait_for(PATIENCE, |view| {
            let mut open = view.open_cards().filter(|card| card.is_in(&conversation));
            open.next().is_none().then_some(())
        });
        let left = ended.await.is_err();
        let before = self.dingtalk().look(|view| Verdict::of(view, &conversation, said));
        let log = self.log();
        let dingtalk = self.world.end_host().await;
        let mut verdict = dingtalk.look(|view| Verdict::of(view, &conversation, said));
        if left {
            verdict.open = before.open;
        }
        if !verdict.is_whole() {
            eprintln!("{}\n{log}", dingtalk.look(|view| view.report()));
        }
        verdict
    }

    /// What can be seen in the end of all that was said; ends the world.
    pub(crate) async fn verdict(self) -> Verdict {
        let said = self.said;
        self.verdict_of(said).await
    }
}

async fn world(configure: impl FnOnce(&mut Value) + 'static) -> World {
    let dingtalk = Settings { patience: PATIENCE, ..Settings::default() };
    World::of(Setup { dingtalk, ..Setup::configured(configure) }).await
}
