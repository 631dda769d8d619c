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

/// How many calls a fault may be told to strike.
const MOST_TIMES: u32 = 10_000;

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
    pub(super) times: Option<u32>,
}

/// What is asked of a fault.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wish {
    pub(super) on: bool,
    /// Its number, where it takes one.
    pub(super) value: Option<u64>,
    /// How many calls it strikes, where it strikes calls; all until it goes off, unless told.
    pub(super) times: Option<u32>,
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
    let dingtalk = desk.dingtalk().ok();
    let mut board = desk.switchboard();
    // What has struck as often as it should is off.
    let left = |name| dingtalk.as_ref().and_then(|dingtalk| dingtalk.strikes(name));
    board.on.retain(|name, _| {
        !switches::named(name).is_some_and(|it| matches!(it.kind, Kind::Calls(..))) || left(name).is_some()
    });
    let shown = switches::ALL.iter().map(|switch| {
        let on = board.on.get(switch.name);
        let number = switch.number.as_ref().map(|number| {
            json!({"unit": number.unit, "usual": number.usual, "most": number.most,
                "value": on.unwrap_or(&number.usual)})
        });
        json!({
            "name": switch.name, "group": switch.group, "zh": switch.zh, "en": switch.en,
            "once": matches!(switch.kind, Kind::Once(_)), "on": on.is_some(), "usual": switch.name == UNGREETED,
            "calls": matches!(switch.kind, Kind::Calls(..)), "left": left(switch.name).flatten(), "number": number,
        })
    });
    json!({"faults": shown.collect::<Vec<_>>()})
}

/// Turns one on or off, or has it happen.
pub(super) fn turn(desk: &Desk, dingtalk: &DingTalk, name: &str, wish: Wish) -> Result<(), Refusal> {
    let (switch, number) = known(name, wish)?;
    let Wish { on, times, .. } = wish;
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
            apply(&board, dingtalk, switch, on.then_some(number), times);
        }
    }
    board.note(Turn { at, name: switch.name, on, value: switch.number.as_ref().map(|_| number), times });
    Ok(())
}

/// The fault of this name, and the number that it gets.
pub(super) fn known(name: &str, wish: Wish) -> Result<(&'static Switch, u64), Refusal> {
    let switch = switches::named(name).ok_or_else(|| unknown(name))?;
    let number = number(switch, wish.value)?;
    check_times(switch, wish)?;
    Ok((switch, number))
}

/// Turns everything off.
pub(super) fn all_off(desk: &Desk, dingtalk: &DingTalk) -> Result<(), Refusal> {
    let on: Vec<_> = desk.switchboard().on.keys().copied().filter(|name| *name != UNGREETED).collect();
    on.into_iter().try_for_each(|name| turn(desk, dingtalk, name, Wish::default()))
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

fn check_times(switch: &Switch, wish: Wish) -> Result<(), Refusal> {
    let Some(times) = wish.times else { return Ok(()) };
    if !wish.on || !matches!(switch.kind, Kind::Calls(..)) {
        let message =
            format!("`{}` cannot be told `times`: that is for what calls meet, going on", switch.name);
        return Err(Refusal::bad("no_times", message));
    }
    if times == 0 || times > MOST_TIMES {
        return Err(Refusal::bad("bad_times", format!("`times` is 1 to {MOST_TIMES}")));
    }
    Ok(())
}

/// Makes the fake be as the board says.
fn apply(board: &Switchboard, dingtalk: &DingTalk, switch: &Switch, number: Option<u64>, times: Option<u32>) {
    match (&switch.kind, number) {
        (Kind::Calls(whom, fault), Some(number)) => dingtalk.meet(switch.name, whom(), fault(number), times),
        (Kind::Calls(..), None) => dingtalk.spare(switch.name),
        (Kind::Quirk(_), _) => {
            let mut quirks = Quirks::default();
            for (switch, _) in board.active() {
                if let Kind::Quirk(set) = &switch.kind {
                    set(&mut quirks);
                }
            }
            dingtalk.set_quirks(quirks);
        }
        (Kind::Setting(tell), number) => tell(dingtalk, number),
        (Kind::Asked, number) => {
            dingtalk.remark(&format!("{} is {}", switch.name, if number.is_some() { "on" } else { "off" }));
        }
        (Kind::Once(_), _) => {}
    }
}

fn unknown(name: &str) -> Refusal {
    let names = switches::ALL.iter().map(|switch| switch.name);
    let near = names.clone().find(|it| !name.is_empty() && it.contains(name));
    let hint = match near
        .or_else(|| names.min_by_key(|it| distance(it, name)).filter(|it| distance(it, name) <= 2))
    {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let names: Vec<_> = switches::ALL.iter().map(|switch| switch.name).collect();
            format!("there are {}", names.join(", "))
        }
    };
    Refusal::new(StatusCode::NOT_FOUND, "unknown_fault", format!("there is no fault `{name}`: {hint}"))
}

/// How many letters have to be changed, added or taken away to make one word of the other.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.bytes().enumerate() {
        let mut corner = row[0];
        row[0] = at + 1;
        for (place, its) in other.bytes().enumerate() {
            let changed = corner + usize::from(letter != its);
            corner = row[place + 1];
            row[place + 1] = changed.min(corner + 1).min(row[place] + 1);
        }
    }
    row[other.len()]
}
