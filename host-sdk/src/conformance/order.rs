//! What comes before what, and what takes whose place.

use super::{
    Claim, Holds, Subject, demand,
    stage::{Stage, reply, state},
};
use crate::value::Phase;

pub(super) const CALL_ORDER: Claim = Claim {
    name: "messages and last states of answers in one conversation come in call order",
    holds: call_order,
};

fn call_order(subject: &dyn Subject) -> Holds {
    let stage = Stage::start(subject)?;
    let message = stage.receives("hello")?;
    let before = subject.shown().len();
    let texts: Vec<String> = (0..8).map(|number| format!("number {number}")).collect();
    let mut asked = Vec::new();
    for (number, text) in texts.iter().enumerate() {
        asked.push(match number % 2 {
            0 => stage.channel.send(reply(&message, text)),
            _ => stage.channel.stream_update(state(&message, text, 1, Phase::Done, text)),
        });
    }
    for asked in asked {
        stage.answer("one of them", asked)?;
    }
    let shown = subject.shown();
    demand(shown[before..] == texts, || format!("people see {:?}", &shown[before..]))?;
    stage.stops()
}

pub(super) const NEWEST_WINS: Claim = Claim {
    name: "of many states of an answer the newest is shown, and the last one always",
    holds: newest_wins,
};

fn newest_wins(subject: &dyn Subject) -> Holds {
    const STATES: u64 = 200;
    let stage = Stage::start(subject)?;
    let message = stage.receives("hello")?;
    let grown = |seq: u64| state(&message, "s", seq, Phase::Open, &"word ".repeat(seq as usize));
    let partial: Vec<_> = (1..STATES).map(|seq| stage.channel.stream_update(grown(seq))).collect();
    let whole = state(&message, "s", STATES, Phase::Done, "the whole answer");
    let last = stage.answer("the last state", stage.channel.stream_update(whole))?;
    demand(!last.overtaken, || "the last state was overtaken".to_owned())?;
    for partial in partial {
        stage.answer("a state", partial)?;
    }
    let shown = subject.shown();
    let last = shown.last().map(String::as_str);
    demand(last == Some("the whole answer"), || format!("people see {shown:?}"))?;
    stage.stops()
}

pub(super) const NOTHING_AFTER_THE_LAST: Claim =
    Claim { name: "nothing comes after the last state of an answer", holds: nothing_after_the_last };

fn nothing_after_the_last(subject: &dyn Subject) -> Holds {
    let stage = Stage::start(subject)?;
    let message = stage.receives("hello")?;
    let update = |seq, phase, text| stage.channel.stream_update(state(&message, "s", seq, phase, text));
    stage.answer("the last state", update(1, Phase::Done, "whole"))?;
    for (seq, phase) in [(2, Phase::Open), (3, Phase::Done)] {
        let late = stage.answer("a late state", update(seq, phase, "late"))?;
        demand(late.overtaken, || "a late state was shown".to_owned())?;
    }
    let shown = subject.shown();
    demand(shown.last().is_some_and(|last| last == "whole"), || format!("people see {shown:?}"))?;
    stage.stops()
}
