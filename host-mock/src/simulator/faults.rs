//! Which faults are on, and turning them.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Desk;
use super::refusal::Refusal;
use super::switches::{self, Kind, Number, Switch};
use crate::dingtalk::{DingTalk, Quirks, Settings};

/// How many turns are remembered for a scenario.
const TURNS: usize = 1_000;

/// What DingTalk is like as a rule, though clients have to be ready for either.
const UNGREETED: &str = "f9-no-greeting";

/// What is on, with its number.
#[derive(Debug, Default)]
pub(super) struct Switchboard {
    on: BTreeMap<&'static str, u64>,
    turns: VecDeque<Turn>,
}

/// A fault that went on or off, or happened.
#[derive(Debug, Clone)]
pub(super) struct Turn {
    /// Since the fake started.
    pub(super) at: Duration,
    pub(super) name: &'static str,
    pub(super) on: bool,
    pub(super) value: Option<u64>,
}

impl Switchboard {
    /// As the settings of a fake have it.
    pub(super) fn of(settings: &Settings) -> Self {
        let unasked = if settings.greets { None } else { Some((UNGREETED, 0)) };
        Self { on: unasked.into_iter().collect(), turns: VecDeque::new() }
    }

    pub(super) fn is_on(&self, name: &str) -> bool {
        self.on.contains_key(name)
    }

    pub(super) fn turns(&self) -> impl Iterator<Item = &Turn> {
        self.turns.iter()
    }

    fn note(&mut self, turn: Turn) {
        self.turns.push_back(turn);
        if self.turns.len() > TURNS {
            self.turns.pop_front();
        }
    }

    fn active(&self) -> impl Iterator<Item = (&'static Switch, u64)> {
        self.on.iter().filter_map(|(name, value)| Some((switches::named(name)?, *value)))
    }
}

/// All faults with their words, and which are on.
pub(super) fn list(desk: &Desk) -> Value {
    let board = desk.switchboard();
    let shown = switches::ALL.iter().map(|switch| {
        let on = board.on.get(switch.name);
        let number = switch.number.as_ref().map(|number| {
            json!({"unit": number.unit, "usual": number.usual, "most": number.most,
                "value": on.unwrap_or(&number.usual)})
        });
        json!({
            "name": switch.name, "group": switch.group, "zh": switch.zh, "en": switch.en,
            "once": matches!(switch.kind, Kind::Once(_)), "on": on.is_some(), "usual": switch.name == UNGREETED,
            "number": number,
        })
    });
    json!({"faults": shown.collect::<Vec<_>>()})
}

/// Turns one on or off, or has it happen.
pub(super) fn turn(
    desk: &Desk,
    dingtalk: &DingTalk,
    name: &str,
    on: bool,
    value: Option<u64>,
) -> Result<(), Refusal> {
    let switch = switches::named(name).ok_or_else(|| unknown(name))?;
    let number = number(switch, value)?;
    let at = dingtalk.now();
    let mut board = desk.switchboard();
    match &switch.kind {
        Kind::Once(act) if on => {
            if act(dingtalk) == 0 {
                let message = "there is nothing open that it could happen to: is a client connected?";
                return Err(Refusal::conflict("nothing_to_meet", message));
            }
        }
        Kind::Once(_) => {
            return Err(Refusal::bad("only_once", format!("`{name}` happens once; it is never off")));
        }
        _ => {
            if on {
                board.on.insert(switch.name, number);
            } else {
                board.on.remove(switch.name);
            }
            apply(&board, dingtalk, switch, on.then_some(number));
        }
    }
    board.note(Turn { at, name: switch.name, on, value: switch.number.as_ref().map(|_| number) });
    Ok(())
}

/// Turns everything off.
pub(super) fn all_off(desk: &Desk, dingtalk: &DingTalk) -> Result<(), Refusal> {
    let on: Vec<_> = desk.switchboard().on.keys().copied().filter(|name| *name != UNGREETED).collect();
    on.into_iter().try_for_each(|name| turn(desk, dingtalk, name, false, None))
}

fn number(switch: &Switch, value: Option<u64>) -> Result<u64, Refusal> {
    match (&switch.number, value) {
        (None, None) => Ok(0),
        (None, Some(_)) => Err(Refusal::bad("no_number", format!("`{}` takes no number", switch.name))),
        (Some(Number { usual, .. }), None) => Ok(*usual),
        (Some(Number { most, .. }), Some(value)) if (1..=*most).contains(&value) => Ok(value),
        (Some(Number { most, unit, .. }), Some(_)) => {
            Err(Refusal::bad("bad_number", format!("`{}` takes 1 to {most} {unit}", switch.name)))
        }
    }
}

/// Makes the fake be as the board says.
fn apply(board: &Switchboard, dingtalk: &DingTalk, switch: &Switch, number: Option<u64>) {
    let line = format!("{} is {}", switch.name, if number.is_some() { "on" } else { "off" });
    match &switch.kind {
        Kind::Calls(..) => {
            let met = board.active().filter_map(|(switch, number)| match &switch.kind {
                Kind::Calls(whom, fault) => Some((whom(), fault(number))),
                _ => None,
            });
            let met = met.flat_map(|(whom, fault)| whom.into_iter().map(move |it| (it, fault.clone())));
            dingtalk.replace_faults(met, &line);
        }
        Kind::Quirk(_) => {
            let mut quirks = Quirks::default();
            for (switch, _) in board.active() {
                if let Kind::Quirk(set) = &switch.kind {
                    set(&mut quirks);
                }
            }
            dingtalk.set_quirks(quirks);
        }
        Kind::Setting(tell) => tell(dingtalk, number),
        Kind::Asked => dingtalk.remark(&line),
        Kind::Once(_) => {}
    }
}

fn unknown(name: &str) -> Refusal {
    let near = switches::ALL.iter().find(|switch| !name.is_empty() && switch.name.contains(name));
    let hint = match near {
        Some(switch) => format!("did you mean `{}`?", switch.name),
        None => {
            let names: Vec<_> = switches::ALL.iter().map(|switch| switch.name).collect();
            format!("there are {}", names.join(", "))
        }
    };
    Refusal::new(StatusCode::NOT_FOUND, "unknown_fault", format!("there is no fault `{name}`: {hint}"))
}
