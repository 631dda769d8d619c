//! Starting, stopping, and everything in between.

use super::{
    Claim, Holds, Subject, demand,
    stage::{Stage, all_answered, reply},
};
use crate::value::{ErrorCode, OutboundMessage, StopReason};

pub(super) const PROBES_BEFORE_THE_START: Claim = Claim {
    name: "before the start a probe is answered, and sending is refused as a matter of state",
    holds: probes_before_the_start,
};

fn probes_before_the_start(subject: &dyn Subject) -> Holds {
    let stage = Stage::open(subject)?;
    stage.reasoned("the probe", stage.channel.probe())?;
    let sent = stage.wait(stage.channel.send(OutboundMessage { text: "x".into(), ..Default::default() }));
    let code = sent.err().map(|error| error.code);
    demand(code == Some(ErrorCode::State), || format!("sending is answered with {code:?}"))
}

pub(super) const STARTS_AGAIN: Claim =
    Claim { name: "it starts, stops and starts again, and works each time", holds: starts_again };

fn starts_again(subject: &dyn Subject) -> Holds {
    let stage = Stage::open(subject)?;
    for text in ["first", "second", "third"] {
        stage.starts()?;
        let message = stage.receives(text)?;
        stage.answer("a message", stage.channel.send(reply(&message, &format!("{text} answer"))))?;
        let shown = subject.shown();
        demand(shown.last().is_some_and(|last| last.contains(text)), || format!("people see {shown:?}"))?;
        stage.stops()?;
    }
    stage.ends()
}

pub(super) const STOPS_TWICE: Claim = Claim {
    name: "a second stop is told of the first, and one after it has nothing to do",
    holds: stops_twice,
};

fn stops_twice(subject: &dyn Subject) -> Holds {
    let stage = Stage::open(subject)?;
    stage.stops()?; // it was never started
    stage.starts()?;
    let first = stage.stop(StopReason::Reload);
    let second = stage.wait(stage.stop(StopReason::Shutdown));
    stage.answer("the first stop", first)?;
    let code = second.err().map(|error| error.code);
    // It may also have come after the first one was over.
    demand(matches!(code, None | Some(ErrorCode::State)), || format!("the second is told {code:?}"))?;
    stage.stops()?;
    stage.ends()
}

pub(super) const STOPS_WHILE_IT_STARTS: Claim =
    Claim { name: "it stops while it starts, and starts again", holds: stops_while_it_starts };

fn stops_while_it_starts(subject: &dyn Subject) -> Holds {
    let stage = Stage::open(subject)?;
    for _ in 0..10 {
        let start = stage.channel.start();
        stage.stops()?;
        all_answered("starts", vec![start])?;
    }
    stage.starts()?;
    stage.receives("after all")?;
    stage.stops()?;
    stage.ends()
}

pub(super) const ACCOUNTS_STOP_TOGETHER: Claim =
    Claim { name: "all accounts run at once and stop at once", holds: accounts_stop_together };

fn accounts_stop_together(subject: &dyn Subject) -> Holds {
    let stages = subject.contexts().into_iter().map(|context| Stage::of(subject, context));
    let stages = stages.collect::<Result<Vec<_>, _>>()?;
    let starts: Vec<_> = stages.iter().map(|stage| stage.channel.start()).collect();
    stages.iter().zip(starts).try_for_each(|(stage, start)| stage.answer("a start", start))?;
    let stops: Vec<_> = stages.iter().map(|stage| stage.stop(StopReason::Shutdown)).collect();
    stages.iter().zip(stops).try_for_each(|(stage, stop)| stage.answer("a stop", stop))?;
    stages.into_iter().try_for_each(Stage::ends)
}

pub(super) const ENDS_WHEN_DROPPED: Claim = Claim {
    name: "dropped without a stop, it answers what is asked and lets go of the host",
    holds: ends_when_dropped,
};

fn ends_when_dropped(subject: &dyn Subject) -> Holds {
    let stage = Stage::start(subject)?;
    let message = stage.receives("hello")?;
    let asked = (0..20).map(|_| stage.channel.send(reply(&message, "answer"))).collect();
    stage.ends()?;
    all_answered("messages", asked)
}
