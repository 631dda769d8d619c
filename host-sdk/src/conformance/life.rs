//! Starting, stopping, and everything in between.

use super::{
    Claim, Holds, SOON, Subject, demand,
    stage::{Stage, answer, reply},
};
use crate::value::{ErrorCode, OutboundMessage, StopReason};

pub(super) const PROBES_BEFORE_THE_START: Claim = Claim {
    name: "before the start a probe is answered, and sending is refused as a matter of state",
    holds: probes_before_the_start,
};

fn probes_before_the_start(subject: &dyn Subject) -> Holds {
    let stage = Stage::open(subject)?;
    if let Err(error) = stage.channel.probe().wait(SOON) {
        let reasons = [ErrorCode::State, ErrorCode::Cancelled, ErrorCode::Panicked, ErrorCode::Timeout];
        demand(!reasons.contains(&error.code), || format!("the probe is answered with {:?}", error.code))?;
    }
    let sent = stage.channel.send(OutboundMessage { text: "x".into(), ..Default::default() }).wait(SOON);
    let code = sent.err().map(|error| error.code);
    demand(code == Some(ErrorCode::State), || format!("sending is answered with {code:?}"))
}

pub(super) const STARTS_AGAIN: Claim =
    Claim { name: "it starts, stops and starts again, and works each time", holds: starts_again };

fn starts_again(subject: &dyn Subject) -> Holds {
    let stage = Stage::open(subject)?;
    for text in ["first", "second", "third"] {
        answer("the start", stage.channel.start())?;
        let message = stage.receives(text)?;
        answer("a message", stage.channel.send(reply(&message, &format!("{text} answer"))))?;
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
    answer("the start", stage.channel.start())?;
    let first = stage.channel.stop(StopReason::Reload, SOON);
    let second = stage.channel.stop(StopReason::Shutdown, SOON).wait(SOON);
    answer("the first stop", first)?;
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
        super::stage::all_answered("starts", vec![start])?;
    }
    answer("the start", stage.channel.start())?;
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
    starts.into_iter().try_for_each(|start| answer("a start", start))?;
    let stop = |stage: &Stage<'_>| stage.channel.stop(StopReason::Shutdown, SOON);
    let stops: Vec<_> = stages.iter().map(stop).collect();
    stops.into_iter().try_for_each(|stop| answer("a stop", stop))?;
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
    super::stage::all_answered("messages", asked)
}
