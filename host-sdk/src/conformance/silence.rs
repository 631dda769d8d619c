//! What a stop promises: every answer, and then nothing.

use super::{
    Claim, Holds, Subject,
    stage::{Mood, Stage, all_answered, reply, state},
};
use crate::value::Phase;

pub(super) const EVERYTHING_IS_ANSWERED: Claim = Claim {
    name: "a stop with answers growing and messages leaving answers all that was asked",
    holds: everything_is_answered,
};

fn everything_is_answered(subject: &dyn Subject) -> Holds {
    let stage = Stage::start(subject)?;
    let message = stage.receives("hello")?;
    let open = |number: u32| state(&message, &format!("s{number}"), 1, Phase::Open, "growing");
    let updates = (0..50).map(|number| stage.channel.stream_update(open(number))).collect();
    let sends = (0..20).map(|_| stage.channel.send(reply(&message, "message"))).collect();
    let probes = (0..5).map(|_| stage.channel.probe()).collect();
    stage.stops()?;
    all_answered("updates", updates)?;
    all_answered("messages", sends)?;
    all_answered("probes", probes)?;
    stage.ends()
}

pub(super) const NOTHING_AFTER_A_STOP: Claim =
    Claim { name: "nothing is heard once a stop is answered", holds: nothing_after_a_stop };

fn nothing_after_a_stop(subject: &dyn Subject) -> Holds {
    for round in 0..20 {
        let stage = Stage::start(subject)?;
        let message = stage.receives(&format!("round {round}"))?;
        // Nobody waits for these.
        drop(stage.channel.stream_update(state(&message, "s", round + 1, Phase::Open, "growing")));
        drop(stage.channel.send(reply(&message, "message")));
        subject.write("still on its way");
        stage.stops()?;
        stage.mood(Mood::ExpectsSilence);
        subject.write("too late");
        stage.ends()?;
    }
    Ok(())
}

pub(super) const SURVIVES_THE_HOST: Claim = Claim {
    name: "a host that panics does it no harm, and hears what comes after",
    holds: survives_the_host,
};

fn survives_the_host(subject: &dyn Subject) -> Holds {
    let stage = Stage::open(subject)?;
    stage.mood(Mood::Panics);
    stage.starts()?;
    stage.mood(Mood::Listens);
    let message = stage.receives("hello")?;
    stage.mood(Mood::Panics);
    stage.panics_over("heard by nobody")?;
    stage.answer("a message", stage.channel.send(reply(&message, "answer")))?;
    stage.mood(Mood::Listens);
    stage.receives("heard again")?;
    stage.stops()?;
    stage.ends()
}
