//! More answers at once than DingTalk takes calls for.

use crate::{
    verdict::{Place::Card, Verdict},
    words::words,
};
use host_mock::{
    dingtalk::{Call, Endpoint, Person, Settings},
    host::{Event, Recorded, Script, Step},
};
use serde_json::json;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tests::{Scenario, scenarios};
use tests::{Setup, World};
use tokio::time::Instant;

pub(crate) const CROWD: &[Scenario] = scenarios![
    fifty_cards_under_twenty_calls_a_second_all_end_on_time,
    two_hundred_cards_under_twenty_calls_a_second_all_end_on_time,
];

/// Words a second of each answer.
const PACE: f64 = 20.0;

/// Milliseconds between two updates of an answer that is alone.
const PACE_ALONE_MS: usize = 600;

/// Every card ends within this of its last word: much more than on a machine that does nothing else, where
/// calls do not arrive in heaps. How soon it is there, the simulation of the plugin's limiter says, whose
/// clock is moved by hand.
const TAIL: Duration = Duration::from_secs(60);

/// `people` ask, some each second, and are answered for `seconds` each. Every answer is whole, on a card.
async fn crowd(people: usize, per_second: u32, seconds: u32) {
    let said = seconds as usize * PACE as usize;
    let answer = Script::new(vec![vec![Step::say(words(1..=said))]]).tokens_per_second(PACE);
    let name = |number: usize| format!("person{number:03}");
    let dingtalk = Settings {
        people: (0..people).map(|number| Person::new(&name(number), &name(number))).collect(),
        ..Settings::default()
    };
    // At the pace that the plugin keeps unless it is told another.
    let setup = Setup::configured(|section| section["streaming"] = json!({}));
    let world = World::of(Setup { dingtalk, agent: Some(Arc::new(answer)), ..setup }).await;

    // The pace is what is tried: each question has its time.
    let mut pace = tokio::time::interval(Duration::from_secs(1) / per_second);
    let mut asked = Vec::new();
    for number in 0..people {
        pace.tick().await;
        asked.push(world.dingtalk().says(&name(number), "tell me"));
    }
    for message in &asked {
        let end = world.host().wait_answered(message).await.unwrap();
        assert!(end.arrived(), "{end:?}");
    }
    // By the fake's clock; an agent speaks from the begin of its turn on, in time.
    let epoch = Instant::now() - world.dingtalk().now();
    let begun = |recorded: &Recorded| match &recorded.event {
        Event::TurnStarted { turn, .. } => Some((turn.clone(), recorded.at - epoch)),
        _ => None,
    };
    let begun: HashMap<_, _> = world.host().record().iter().filter_map(begun).collect();
    let dingtalk = world.end_host().await;

    let speaking = Duration::from_secs(seconds.into());
    dingtalk.look(|view| {
        for (number, message) in asked.iter().enumerate() {
            let conversation = view.push(message).unwrap().conversation().unwrap();
            Verdict::of(view, conversation, said).whole_on(&[Card]);
            let card = view.cards().find(|card| card.is_in(conversation)).unwrap();
            let end = card.finalized.or(card.closed).unwrap().at;
            let late = end.saturating_sub(begun[message] + speaking);
            assert!(late < TAIL, "no. {number} ended {late:?} after its last word");
        }
        // Calls that leave evenly can arrive together, and then DingTalk refuses which it likes: one in a
        // hundred, unless the machine is busy. Those that lose by not being sent at all are partial texts.
        let (refused, calls) =
            (view.calls().filter(|call| call.status == Some(403)).count(), view.calls().count());
        assert!(refused * 4 < calls, "{refused} of {calls} calls were refused");
        let partials = view.calls().filter(|call| is_partial(call)).count();
        let alone = people * seconds as usize * 1_000 / PACE_ALONE_MS;
        assert!(partials < alone, "{partials} partial texts: as many as if each answer were alone");
    });
}

fn is_partial(call: &Call) -> bool {
    call.endpoint == Some(Endpoint::Streaming) && call.body["isFinalize"] != true
}

async fn fifty_cards_under_twenty_calls_a_second_all_end_on_time() {
    crowd(50, 12, 6).await;
}

async fn two_hundred_cards_under_twenty_calls_a_second_all_end_on_time() {
    crowd(200, 12, 17).await;
}
