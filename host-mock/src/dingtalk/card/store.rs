//! The cards of a fake and how their content and state change (DingTalk protocol, §8.5 to §8.7).

use std::collections::BTreeMap;

use super::rules::{NewCard, ParamMap, Streaming, Template};
use crate::dingtalk::answer::Refusal;
use crate::dingtalk::record::Moment;
use crate::dingtalk::settings::Strictness;
use crate::dingtalk::violation::Rule;

/// The state of an AI card, `flowStatus` on the wire (DingTalk protocol, §8.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CardState {
    /// `"1"`: shown, nothing streamed yet.
    Processing,
    /// `"2"`: text is streaming in.
    Inputting,
    /// `"3"`: finished.
    Finished,
    /// `"4"`: executing.
    Executing,
    /// `"5"`: failed.
    Failed,
}

impl CardState {
    fn of(flow_status: &str) -> Option<Self> {
        Some(match flow_status {
            "1" => Self::Processing,
            "2" => Self::Inputting,
            "3" => Self::Finished,
            "4" => Self::Executing,
            "5" => Self::Failed,
            _ => return None,
        })
    }

    fn is_end(self) -> bool {
        matches!(self, Self::Finished | Self::Failed)
    }
}

/// A card.
#[derive(Debug, Clone)]
pub struct Card {
    /// The client's own id.
    pub out_track_id: String,
    /// The Client ID of the app that made it.
    pub app: String,
    /// The template, without `.schema`.
    pub template_id: String,
    /// `STREAM` or `HTTP`; a card without it cannot be streamed.
    pub callback_type: Option<String>,
    /// When it was created.
    pub created: Moment,
    /// Its values.
    pub data: BTreeMap<String, String>,
    /// Its state.
    pub state: CardState,
    /// Where it can be seen.
    pub carriers: Vec<Carrier>,
    /// When `isFinalize: true` was accepted.
    pub finalized: Option<Moment>,
    /// When an update set `flowStatus` to finished or failed.
    pub closed: Option<Moment>,
    /// When the robot took it back: nobody sees it any more.
    pub recalled: Option<Moment>,
    /// Everything that changed it, oldest first; bounded by the test.
    pub history: Vec<CardStep>,
    pub(super) space_models: Vec<&'static str>,
    text_key: String,
    /// Whether nobody told which variable people read: then it is the one that is streamed to first.
    learns_text_key: bool,
    streamable: bool,
    guids: BTreeMap<String, Streaming>,
}

/// A conversation that shows a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carrier {
    /// `IM_GROUP` or `IM_ROBOT`.
    pub space_type: String,
    /// The id within the `openSpaceId`.
    pub space_id: String,
    /// The conversation, as messages name it.
    pub conversation: String,
    /// The id of the card as a message (DingTalk protocol, §1.2).
    pub carrier_id: String,
    /// When it appeared.
    pub delivered: Moment,
}

/// One change of a card.
#[derive(Debug, Clone)]
pub struct CardStep {
    /// When it was accepted.
    pub moment: Moment,
    /// What changed it.
    pub kind: StepKind,
    /// What people read afterwards.
    pub text: String,
    /// The state afterwards.
    pub state: CardState,
}

/// What changed a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// It was created.
    Created,
    /// It appeared in a conversation.
    Delivered,
    /// `PUT /v1.0/card/instances`.
    Updated,
    /// A streaming call.
    Streamed,
    /// A streaming call with `isFinalize: true`.
    Finalized,
    /// The answer to a card callback.
    Answered,
}

impl Card {
    fn new(app: &str, new: NewCard, template: &Template, created: Moment) -> Self {
        let state = new.data.get("flowStatus").and_then(|status| CardState::of(status));
        let mut card = Self {
            out_track_id: new.out_track_id,
            app: app.to_owned(),
            template_id: new.template_id,
            callback_type: new.callback_type,
            created,
            data: new.data,
            state: state.unwrap_or(CardState::Processing),
            carriers: Vec::new(),
            finalized: None,
            closed: None,
            recalled: None,
            history: Vec::new(),
            space_models: new.space_models,
            text_key: template.text_key.clone(),
            learns_text_key: false,
            streamable: template.streaming,
            guids: BTreeMap::new(),
        };
        card.step(created, StepKind::Created);
        card
    }

    /// What people read: the value of the template's text variable.
    #[must_use]
    pub fn text(&self) -> &str {
        self.data.get(&self.text_key).map(String::as_str).unwrap_or_default()
    }

    /// The texts that streaming calls put there, in order; the finalising one included.
    pub fn streamed(&self) -> impl Iterator<Item = &str> {
        let steps = self.history.iter();
        steps
            .filter(|it| matches!(it.kind, StepKind::Streamed | StepKind::Finalized))
            .map(|it| it.text.as_str())
    }

    /// Whether the card is finished or failed, or was taken back.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.state.is_end() || self.recalled.is_some()
    }

    /// Whether the card can be seen in a conversation.
    #[must_use]
    pub fn is_in(&self, conversation: &str) -> bool {
        self.carriers.iter().any(|carrier| carrier.conversation == conversation)
    }

    pub(super) fn step(&mut self, moment: Moment, kind: StepKind) {
        self.history.push(CardStep { moment, kind, text: self.text().to_owned(), state: self.state });
    }

    /// Puts values in: by key, or in place of all others, which then disappear (DingTalk protocol, §8.5).
    fn put(&mut self, values: ParamMap, by_key: bool, moment: Moment) -> Option<Breach> {
        let status = values.get("flowStatus").and_then(|status| CardState::of(status));
        if by_key {
            self.data.extend(values);
        } else {
            self.data = values;
        }
        let state = status?;
        let back = self.state.is_end() && !state.is_end();
        let breach = back.then(|| {
            (Rule::NoWayBack, format!("{} went from {:?} to {state:?}", self.out_track_id, self.state))
        });
        self.state = state;
        if state.is_end() {
            self.closed.get_or_insert(moment);
        }
        breach
    }
}

/// A rule that a client broke, and how.
pub(super) type Breach = (Rule, String);

/// What became of a streaming call.
#[derive(Debug, PartialEq)]
pub(super) struct Streamed {
    pub(super) answer: Result<(), Refusal>,
    pub(super) breach: Option<Breach>,
    /// Whether people see something new.
    pub(super) changed: bool,
}

impl Streamed {
    fn refused(refusal: Refusal) -> Self {
        Self { answer: Err(refusal), breach: None, changed: false }
    }

    fn ignored(breach: Option<Breach>) -> Self {
        Self { answer: Ok(()), breach, changed: false }
    }
}

/// The way of a streaming call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flight {
    /// Its place in the one order when it was sent.
    pub(super) sent: u64,
    /// When it takes effect.
    pub(super) landed: Moment,
}

/// The cards of one fake by `outTrackId`; bounded by the test.
#[derive(Debug)]
pub(in crate::dingtalk) struct CardStore {
    pub(super) cards: BTreeMap<String, Card>,
    /// The ids in the order of creation.
    order: Vec<String>,
    pub(in crate::dingtalk) templates: Vec<Template>,
    /// What deliveries fail with, and how many of them still do.
    pub(in crate::dingtalk) failing_deliveries: Option<(String, u32)>,
}

impl Default for CardStore {
    fn default() -> Self {
        Self {
            cards: BTreeMap::new(),
            order: Vec::new(),
            templates: Template::public(),
            failing_deliveries: None,
        }
    }
}

impl CardStore {
    /// The cards in the order of their creation.
    pub(in crate::dingtalk) fn in_order(&self) -> impl DoubleEndedIterator<Item = &Card> {
        self.order.iter().filter_map(|id| self.cards.get(id))
    }

    pub(in crate::dingtalk) fn card(&self, out_track_id: &str) -> Option<&Card> {
        self.cards.get(out_track_id)
    }

    /// A card of this app; those of others do not exist for it.
    pub(super) fn own(&mut self, app: &str, out_track_id: &str) -> Option<&mut Card> {
        self.cards.get_mut(out_track_id).filter(|card| card.app == app)
    }

    fn template(&self, id: &str, any: bool) -> Result<Template, Refusal> {
        let known = self.templates.iter().find(|template| template.id == id).cloned();
        match known {
            Some(template) if template.published => Ok(template),
            Some(_) => Err(Refusal::bad("param.templateUnpublished")),
            None if any => Ok(Template::new(id, "content")),
            None => Err(Refusal::bad("param.templateNotExist")),
        }
    }

    /// Creates a card; an `outTrackId` stands for one card for ever (DingTalk protocol, §8.2).
    pub(super) fn create(
        &mut self,
        app: &str,
        new: NewCard,
        rules: &Strictness,
        created: Moment,
    ) -> Result<(), Refusal> {
        let template = self.template(&new.template_id, rules.any_template)?;
        if self.cards.contains_key(&new.out_track_id) {
            return if rules.unique_cards { Err(Refusal::bad("param.cardAlreadyExist")) } else { Ok(()) };
        }
        let mut card = Card::new(app, new, &template, created);
        card.learns_text_key = !self.templates.iter().any(|known| known.id == card.template_id);
        self.order.push(card.out_track_id.clone());
        self.cards.insert(card.out_track_id.clone(), card);
        Ok(())
    }

    /// `PUT /v1.0/card/instances`; normal even after the end (DingTalk protocol, §0.1).
    pub(super) fn update(
        &mut self,
        app: &str,
        out_track_id: &str,
        values: Option<ParamMap>,
        by_key: bool,
        moment: Moment,
    ) -> Result<Option<Breach>, Refusal> {
        let card = self.own(app, out_track_id).ok_or_else(|| Refusal::bad("param.cardNotExist"))?;
        let breach = values.and_then(|values| card.put(values, by_key, moment));
        card.step(moment, StepKind::Updated);
        Ok(breach)
    }

    /// Takes back the card that is known as a message by `carrier_id` (DingTalk protocol, §1.2: that is a
    /// `processQueryKey`), if it is where the caller looks; the conversation that showed it. That DingTalk
    /// recalls cards so is not documented: clients have to live with a refusal.
    pub(in crate::dingtalk) fn recall(
        &mut self,
        app: &str,
        carrier_id: &str,
        is_there: impl Fn(&str) -> bool,
        moment: Moment,
    ) -> Option<String> {
        let mut own = self.cards.values_mut().filter(|card| card.app == app);
        let (card, conversation) = own.find_map(|card| {
            let known =
                |carrier: &&Carrier| carrier.carrier_id == carrier_id && is_there(&carrier.conversation);
            let conversation = card.carriers.iter().find(known)?.conversation.clone();
            Some((card, conversation))
        })?;
        card.recalled = Some(moment);
        Some(conversation)
    }

    /// What a card callback's answer changes (DingTalk protocol, §8.8).
    pub(in crate::dingtalk) fn answered(
        &mut self,
        out_track_id: &str,
        values: ParamMap,
        by_key: bool,
        moment: Moment,
    ) {
        if let Some(card) = self.cards.get_mut(out_track_id) {
            card.put(values, by_key, moment);
            card.step(moment, StepKind::Answered);
        }
    }

    /// `PUT /v1.0/card/streaming` (DingTalk protocol, §8.6).
    pub(super) fn stream(
        &mut self,
        app: &str,
        call: Streaming,
        rules: &Strictness,
        flight: Flight,
    ) -> Streamed {
        let Some(card) = self.own(app, &call.out_track_id) else {
            return Streamed::refused(Refusal::api(400, "param.stream.outTrackId", "card is not exist"));
        };
        if let Some(before) = card.guids.get(&call.guid) {
            // The same update again has no further effect; another one under its guid is lost.
            let reused = (*before != call)
                .then(|| (Rule::GuidPerUpdate, format!("{} on {}", call.guid, call.out_track_id)));
            return Streamed::ignored(reused);
        }
        if card.has_ended() {
            let second_end = call.finalize && card.finalized.is_some();
            let rule = if second_end { Rule::FinalizedOnce } else { Rule::NothingStreamedAfterTheEnd };
            let answer = if rules.closed_cards_fail { Err(Refusal::unknown_error()) } else { Ok(()) };
            // What was sent before the end and has been stuck since is nobody's fault.
            let breach = (!card.ended_after(flight.sent))
                .then(|| (rule, format!("{} is {:?}", call.out_track_id, card.state)));
            return Streamed { answer, breach, changed: false };
        }
        if std::mem::take(&mut card.learns_text_key) {
            card.text_key.clone_from(&call.key);
        }
        if card.callback_type.is_none() || !card.streamable || call.key != card.text_key {
            return Streamed::refused(Refusal::unknown_error());
        }
        if !call.full {
            // The text variables of all templates here are markdown.
            return Streamed::refused(Refusal::bad("param.stream.isFull"));
        }
        card.accept(call, flight.landed);
        Streamed { answer: Ok(()), breach: None, changed: true }
    }
}

impl Card {
    /// Whether it had not ended yet at a place in the one order.
    fn ended_after(&self, seq: u64) -> bool {
        let end = self.history.iter().find(|step| step.state.is_end());
        end.is_some_and(|end| end.moment.seq > seq)
    }

    fn accept(&mut self, call: Streaming, moment: Moment) {
        self.data.insert(self.text_key.clone(), call.content.clone());
        (self.state, self.finalized) = match (call.error, call.finalize) {
            (true, finalize) => (CardState::Failed, finalize.then_some(moment)),
            (false, true) => (CardState::Finished, Some(moment)),
            (false, false) => (CardState::Inputting, None),
        };
        self.step(moment, if call.finalize { StepKind::Finalized } else { StepKind::Streamed });
        self.guids.insert(call.guid.clone(), call);
    }
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
