//! Chats as a file: written out from what happened, and played again.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::body::{File, Flip, NewGroup, NewPerson, Press, Say, Voice, in_our_words};
use super::refusal::Refusal;
use super::{Desk, Simulator, act, entry, faults, organisation};
use crate::dingtalk::{Card, DingTalk, Group, Message, Person, Push, View, millis};

/// The version of the form.
const FORMAT: u32 = 1;

/// The longest pause that is written out, in milliseconds: nobody wants to wait for another's thinking.
const LONGEST_PAUSE: u64 = 2_000;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// People, groups, and what happens in what order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, expecting = "a scenario, as {\"format\", \"steps\"}")]
pub struct Scenario {
    format: u32,
    #[serde(default)]
    people: Vec<NewPerson>,
    #[serde(default)]
    groups: Vec<NewGroup>,
    steps: Vec<Step>,
}

/// One thing that happens, in the words of the interface, or an answer that has to come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, expecting = "a step, as {\"say\"}")]
struct Step {
    /// Milliseconds after the step before.
    #[serde(default, skip_serializing_if = "is_zero")]
    after: u64,
    /// What later steps call what this one makes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    say: Option<Say>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    press: Option<Press>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fault: Option<Flip>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<Expected>,
}

/// A robot's answer: the text of a message, or of a card that has ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, expecting = "an answer, as {\"chat\", \"text\"}")]
struct Expected {
    chat: String,
    /// The whole text; any, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Why a scenario cannot be read or did not go as it should.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScenarioError {
    /// The file cannot be read.
    #[error("cannot read the scenario {}: {source}", file.display())]
    Unreadable {
        /// Which file.
        file: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is damaged, or no scenario.
    #[error("{} is no scenario: {why}", file.display())]
    Damaged {
        /// Which file.
        file: PathBuf,
        /// Where, and what was wanted there.
        why: String,
    },
    /// A step could not be done.
    #[error("step {step} of the scenario cannot be done: {why}")]
    Refused {
        /// Its number, from 1.
        step: usize,
        /// Why.
        why: Refusal,
    },
    /// An answer did not come, or was another one.
    #[error("step {step} of the scenario: {why}")]
    Unanswered {
        /// Its number, from 1.
        step: usize,
        /// What was wanted and what came.
        why: String,
    },
}

impl Scenario {
    /// Reads a file that was exported, or written by hand.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or is no scenario; the error says where.
    pub fn read(file: &Path) -> Result<Self, ScenarioError> {
        let unreadable = |source| ScenarioError::Unreadable { file: file.to_owned(), source };
        let text = std::fs::read_to_string(file).map_err(unreadable)?;
        Self::parse(&text).map_err(|why| ScenarioError::Damaged { file: file.to_owned(), why })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let scenario: Self = serde_json::from_str(text).map_err(|error| in_our_words(&error))?;
        if scenario.format != FORMAT {
            return Err(format!("its format is {}, and this program reads {FORMAT}", scenario.format));
        }
        for (index, step) in scenario.steps.iter().enumerate() {
            let doing =
                [step.say.is_some(), step.press.is_some(), step.fault.is_some(), step.answer.is_some()];
            if doing.into_iter().filter(|is_there| *is_there).count() != 1 {
                let number = index + 1;
                return Err(format!("step {number} has to have one of `say`, `press`, `fault` and `answer`"));
            }
        }
        Ok(scenario)
    }

    /// Makes its people and groups, does what its steps say, and waits for the answers that they name; tells
    /// `progress` of each step.
    ///
    /// # Errors
    ///
    /// If a step cannot be done, or an answer is not as it should be.
    pub async fn play(
        &self,
        simulator: &Simulator,
        mut progress: impl FnMut(usize, usize),
    ) -> Result<(), ScenarioError> {
        let dingtalk = simulator.dingtalk();
        self.people_come(dingtalk).map_err(|why| ScenarioError::Refused { step: 0, why })?;
        let mut played = Played { ids: BTreeMap::new(), heard: BTreeSet::new() };
        for (index, step) in self.steps.iter().enumerate() {
            let number = index + 1;
            progress(number, self.steps.len());
            if step.after > 0 {
                tokio::time::sleep(Duration::from_millis(step.after)).await;
            }
            let id = match &step.answer {
                Some(expected) => played.wait(dingtalk, number, expected).await?,
                None => {
                    let done = played.act(&simulator.desk, dingtalk, step);
                    done.map_err(|why| ScenarioError::Refused { step: number, why })?
                }
            };
            if let (Some(old), Some(new)) = (&step.id, id) {
                played.ids.insert(old.clone(), new);
            }
        }
        Ok(())
    }

    /// Whoever is not there yet.
    fn people_come(&self, dingtalk: &DingTalk) -> Result<(), Refusal> {
        let (people, groups): (Vec<Person>, Vec<Group>) =
            dingtalk.look(|view| (view.people().to_vec(), view.groups().to_vec()));
        for person in &self.people {
            if !people.iter().any(|there| there.staff_id == person.staff_id) {
                organisation::add_person(dingtalk, person)?;
            }
        }
        for group in &self.groups {
            let id = group.id.as_deref();
            if !groups.iter().any(|there| Some(&*there.conversation_id) == id || there.title == group.title) {
                organisation::add_group(dingtalk, group)?;
            }
        }
        Ok(())
    }
}

/// What a scenario has made so far.
struct Played {
    /// Ids of the file, and what they are now.
    ids: BTreeMap<String, String>,
    /// The answers that were waited for, by chat and id.
    heard: BTreeSet<(String, String)>,
}

impl Played {
    fn act(&self, desk: &Desk, dingtalk: &DingTalk, step: &Step) -> Result<Option<String>, Refusal> {
        if let Some(say) = &step.say {
            let quote = say.quote.as_ref().map(|id| self.ids.get(id).unwrap_or(id).clone());
            let said = act::say(desk, dingtalk, &Say { quote, ..say.clone() })?;
            return Ok(said["id"].as_str().map(str::to_owned));
        }
        if let Some(press) = &step.press {
            // A card that still grows has no name yet: then the newest one with this button is meant.
            let newest = || dingtalk.look(|view| newest_with(view, &press.button));
            let card = self.ids.get(&press.card).cloned().or_else(newest);
            let card = card.unwrap_or_else(|| press.card.clone());
            act::press(dingtalk, &Press { card, ..press.clone() })?;
        }
        if let Some(flip) = &step.fault {
            faults::turn(desk, dingtalk, &flip.name, flip.wish())?;
        }
        Ok(None)
    }

    /// The next answer in a chat.
    async fn wait(
        &mut self,
        dingtalk: &DingTalk,
        step: usize,
        expected: &Expected,
    ) -> Result<Option<String>, ScenarioError> {
        let next = |view: View<'_>| {
            let fresh = answers(view).filter(|it| it.chat == expected.chat);
            // In the order in which they were whole, as they were written out.
            fresh.filter(|it| !self.heard.contains(&(it.chat.clone(), it.id.clone()))).min_by_key(|it| it.at)
        };
        let unanswered = |why| ScenarioError::Unanswered { step, why };
        let found = dingtalk.try_wait_for(PATIENCE, next).await;
        let found = found.map_err(|error| unanswered(format!("no answer came; {error}")))?;
        if let Some(text) = expected.text.as_ref().filter(|text| **text != found.text) {
            return Err(unanswered(format!("the answer is {:?}, and should be {text:?}", found.text)));
        }
        self.heard.insert((found.chat, found.id.clone()));
        Ok(Some(found.id))
    }
}

fn newest_with(view: View<'_>, button: &str) -> Option<String> {
    let has = |card: &&Card| entry::buttons(card).iter().any(|it| it["id"] == button);
    view.cards().rev().find(has).map(|card| card.out_track_id.clone())
}

/// An answer that is whole.
#[derive(Debug)]
struct Heard {
    id: String,
    chat: String,
    /// Since the start: when it was whole.
    at: Duration,
    text: String,
}

/// Every whole answer, in no order.
fn answers(view: View<'_>) -> impl Iterator<Item = Heard> {
    let messages = view.messages().map(|message: &Message| Heard {
        id: message.process_query_key.clone(),
        chat: message.conversation.clone(),
        at: message.sent.at,
        text: message.text().to_owned(),
    });
    let cards = view.cards().filter(|card| card.has_ended()).flat_map(|card| {
        card.carriers.iter().map(|carrier| Heard {
            id: card.out_track_id.clone(),
            chat: carrier.conversation.clone(),
            at: card.history.last().map_or(carrier.delivered.at, |step| step.moment.at),
            text: card.text().to_owned(),
        })
    });
    messages.chain(cards)
}

/// What happened so far, as a scenario.
pub(super) fn export(desk: &Desk, dingtalk: &DingTalk) -> Scenario {
    let mut happened = dingtalk.look(|view| {
        let said = view.pushes().filter_map(|push| Some((push.queued.at, said(view, push)?)));
        let asides = view.asides().map(|aside| {
            let say = Say {
                chat: aside.conversation.clone(),
                person: Some(aside.staff_id.clone()),
                mention: Some(false),
                text: Some(aside.text.clone()),
                ..Say::default()
            };
            (aside.said.at, Step { say: Some(say), ..Step::default() })
        });
        let heard = answers(view).map(|it| {
            let answer = Some(Expected { chat: it.chat, text: Some(it.text) });
            (it.at, Step { id: Some(it.id), answer, ..Step::default() })
        });
        said.chain(asides).chain(heard).collect::<Vec<_>>()
    });
    happened.extend(desk.switchboard().turns().map(|turn| {
        let value = turn.value.filter(|_| turn.on);
        let flip = Flip { name: turn.name.to_owned(), on: turn.on, value, times: turn.times };
        (turn.at, Step { fault: Some(flip), ..Step::default() })
    }));
    happened.sort_by_key(|(at, _)| *at);
    let mut before = happened.first().map_or(Duration::ZERO, |(at, _)| *at);
    let steps = happened.into_iter().map(|(at, mut step)| {
        // An answer is waited for, however long it takes.
        if step.answer.is_none() {
            step.after = millis(at.saturating_sub(before)).min(LONGEST_PAUSE);
        }
        before = at;
        step
    });
    let steps = steps.collect();
    let (people, groups) = dingtalk.look(|view| (view.people().to_vec(), view.groups().to_vec()));
    let people =
        people.into_iter().map(|it| NewPerson { staff_id: it.staff_id, nick: it.nick, admin: it.admin });
    let groups = groups.into_iter().map(|it| NewGroup { title: it.title, id: Some(it.conversation_id) });
    Scenario { format: FORMAT, people: people.collect(), groups: groups.collect(), steps }
}

/// What a person did that was pushed; `None` for what is no message and no button.
fn said(view: View<'_>, push: &Push) -> Option<Step> {
    let data = &push.data;
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    if push.topic.starts_with("/v1.0/card/") {
        let content: Value = serde_json::from_str(data["content"].as_str()?).ok()?;
        let button = word(&content["cardPrivateData"]["params"]["action"]);
        let press = Press { person: word(&data["userId"]), card: word(&data["outTrackId"]), button };
        return Some(Step { press: Some(press), ..Step::default() });
    }
    let chat = push.conversation()?.to_owned();
    let is_group = data["conversationType"] == "2";
    let mut say = Say { chat, person: Some(word(&data["senderStaffId"])), ..Say::default() };
    if is_group {
        say.to = Some(push.app.clone());
    }
    let content = &data["content"];
    let file = |code: &Value, name: &str| {
        let bytes = view.offered(code.as_str()?)?;
        Some(File { name: name.to_owned(), base64: STANDARD.encode(bytes) })
    };
    match data["msgtype"].as_str()? {
        "text" => say.text = Some(word(&data["text"]["content"]).trim_start().to_owned()),
        "picture" => say.picture = file(&content["downloadCode"], "picture"),
        "richText" => {
            let items = content["richText"].as_array()?;
            let text: String = items.iter().filter_map(|item| item["text"].as_str()).collect();
            say.text = Some(text.trim_start().to_owned()).filter(|text| !text.is_empty());
            say.picture = items.iter().find_map(|item| file(&item["downloadCode"], "picture"));
        }
        "file" => say.file = file(&content["downloadCode"], &word(&content["fileName"])),
        "audio" => {
            let base64 = file(&content["downloadCode"], "voice").map(|file| file.base64);
            let duration_ms = content["duration"].as_u64()?;
            say.voice = Some(Voice { transcript: word(&content["recognition"]), duration_ms, base64 });
        }
        _ => return None,
    }
    say.quote = data["text"]["repliedMsg"].as_object().and_then(|_| quoted(data));
    Some(Step { id: Some(push.id.clone()), say: Some(say), ..Step::default() })
}

/// The id under which the interface knows what a message quotes.
fn quoted(data: &Value) -> Option<String> {
    let key = data.get("originalProcessQueryKey").or_else(|| data.get("originalMsgId"));
    key.and_then(Value::as_str).map(str::to_owned)
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string_pretty(self).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_scenario_is_told_with_its_place() {
        let why = |text| Scenario::parse(text).unwrap_err();
        assert!(why("{\"format\": 1,\n \"steps\": [").contains("line 2"));
        assert!(why("{\"format\": 9, \"steps\": []}").contains("its format is 9"));
        let both = r#"{"format": 1, "steps": [{"say": {"chat": "c", "text": "t"}}, {"after": 1}]}"#;
        assert!(why(both).contains("step 2"));
        assert!(why(r#"{"format": 1, "steps": [{"sayy": 1}]}"#).contains("`sayy`"));
        let no_step = why(r#"{"format": 1, "steps": [1]}"#);
        assert!(no_step.contains(r#"expected a step, as {"say"}"#), "{no_step}");
    }
}
