//! What a person sees of the answer to their message, while it comes.

use super::{
    bubble::Bubble,
    paint::Tone,
    stage::{BOT, Stage},
};
use crate::{
    dingtalk::{Card, CardState, CardStep, Change, Push, StepKind, View},
    host::{HostError, TurnEnd},
};
use std::{pin::Pin, sync::Arc, time::Duration};
use tokio::sync::broadcast::{self, error::RecvError};

/// One message of a person.
#[derive(Clone, Debug)]
pub(super) struct Question {
    /// Who writes.
    pub(super) person: String,
    /// In which group; `None` is in private.
    pub(super) group: Option<String>,
    /// What.
    pub(super) text: String,
}

impl Question {
    /// Writes it; the message's id.
    pub(super) fn ask(&self, stage: &Stage) -> String {
        match &self.group {
            Some(group) => stage.dingtalk.says_in_group(group, &self.person, &self.text),
            None => stage.dingtalk.says(&self.person, &self.text),
        }
    }
}

/// What there is to see of an answer at one moment.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// How long the plugin took to acknowledge the question.
    pub(super) ack: Option<Duration>,
    /// The card, if there is one.
    pub(super) card: Option<SeenCard>,
    /// Plain messages.
    pub(super) messages: Vec<String>,
}

/// A card at one moment, and how it came to be.
#[derive(Clone, Debug)]
pub(super) struct SeenCard {
    /// What it says.
    pub(super) text: String,
    /// Where it stands.
    pub(super) state: CardState,
    /// Every text it has shown, with the time since the question.
    pub(super) stages: Vec<(Duration, String)>,
    /// The time from the question to the first words of the answer.
    pub(super) first_words: Option<Duration>,
}

impl Seen {
    /// Everything that came after the message `id`.
    fn look(view: View<'_>, id: &str) -> Self {
        let Some(push) = view.push(id) else { return Self::default() };
        let Some(conversation) = push.conversation() else { return Self::default() };
        let card = view.cards().find(|card| card.created > push.queued && card.is_in(conversation));
        let messages = view.messages().filter(|message| {
            message.sent > push.queued && message.conversation == conversation && message.recalled.is_none()
        });
        Self {
            ack: push.ack().map(|ack| ack.latency),
            card: card.map(|card| SeenCard::of(card, push)),
            messages: messages.map(|message| message.text().to_owned()).collect(),
        }
    }

    /// How far it has come, as a number that changes with everything that can be seen.
    fn progress(&self) -> (bool, usize, Option<CardState>, usize) {
        let card = self.card.as_ref();
        (
            self.ack.is_some(),
            card.map_or(0, |card| card.stages.len()),
            card.map(|card| card.state),
            self.messages.len(),
        )
    }

    /// As a person sees it: the card, then the messages.
    pub(super) fn bubbles(&self) -> Vec<Bubble> {
        let card = self.card.as_ref().map(SeenCard::bubble);
        let messages = self.messages.iter().map(|text| Bubble {
            title: BOT.into(),
            state: "消息 message".into(),
            tone: Tone::Plain,
            text: text.clone(),
        });
        card.into_iter().chain(messages).collect()
    }
}

impl SeenCard {
    fn of(card: &Card, push: &Push) -> Self {
        let since = |step: &CardStep| step.moment.at.saturating_sub(push.queued.at);
        let mut stages: Vec<(Duration, String)> = Vec::new();
        for step in &card.history {
            if stages.last().is_none_or(|(_, text)| *text != step.text) {
                stages.push((since(step), step.text.clone()));
            }
        }
        let streamed = |step: &&CardStep| {
            matches!(step.kind, StepKind::Streamed | StepKind::Finalized) && !step.text.is_empty()
        };
        Self {
            text: card.text().to_owned(),
            state: card.state,
            stages,
            first_words: card.history.iter().find(streamed).map(since),
        }
    }

    fn bubble(&self) -> Bubble {
        let (state, tone) = match self.state {
            CardState::Processing => ("思考中 thinking", Tone::Busy),
            CardState::Inputting => ("输入中 streaming", Tone::Busy),
            CardState::Executing => ("执行中 working", Tone::Busy),
            CardState::Finished => ("完成 finished", Tone::Good),
            CardState::Failed => ("失败 failed", Tone::Bad),
        };
        Bubble {
            title: format!("{BOT} · AI 卡片 card"), state: state.into(), tone, text: self.text.clone()
        }
    }
}

type TurnEnding<'a> = Pin<Box<dyn Future<Output = Result<Arc<TurnEnd>, HostError>> + 'a>>;

/// Follows the answer to one message.
pub(super) struct Following<'a> {
    stage: &'a Stage,
    id: String,
    changes: broadcast::Receiver<Change>,
    ending: TurnEnding<'a>,
    /// What was seen last.
    pub(super) seen: Seen,
    /// How the host's turn ended, once it has.
    pub(super) end: Option<Result<Arc<TurnEnd>, HostError>>,
}

impl<'a> Following<'a> {
    /// Asks, and follows the answer.
    pub(super) fn ask(stage: &'a Stage, question: &Question) -> Self {
        let changes = stage.dingtalk.changes(); // before anything can change
        let id = question.ask(stage);
        let message = id.clone();
        let ending = Box::pin(async move { stage.host.wait_answered(&message).await });
        Self { stage, id, changes, ending, seen: Seen::default(), end: None }
    }

    /// Waits until there is something new to see; `false` once the turn has ended and all of it has
    /// been seen. May be dropped and called again.
    pub(super) async fn changed(&mut self) -> bool {
        if self.end.is_some() {
            return false;
        }
        let before = self.seen.progress();
        loop {
            tokio::select! {
                change = self.changes.recv() => {
                    if matches!(change, Err(RecvError::Closed)) {
                        self.end = Some((&mut self.ending).await);
                    }
                }
                end = &mut self.ending => self.end = Some(end),
            }
            self.seen = self.stage.dingtalk.look(|view| Seen::look(view, &self.id));
            if self.end.is_some() || self.seen.progress() != before {
                return true;
            }
        }
    }
}
