//! More answers at once than DingTalk takes calls for.

use crate::scenario::{Scenario, scenarios};
use crate::{
    verdict::{Place::Card, Verdict},
    words::words,
};
use host_mock::{
    dingtalk::{Call, Endpoint, Person, Settings},
    host::{Script, Step},
};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use tests::{Setup, World};

pub(crate) const CROWD: &[Scenario] = scenarios![
    fifty_cards_under_twenty_calls_a_second_all_end_on_time,
    two_hundred_cards_under_twenty_calls_a_second_all_end_on_time,
];

/// Words a second of each answer.
const PACE: f64 = 20.0;

/// Milliseconds between two updates of an answer that is alone.
const PACE_ALONE_MS: usize = 600;

/// `people` ask, some each second, and are answered for `seconds` each. Every answer is whole, on a card
/// that ends within `tail` of its last word.
async fn crowd(people: usize, per_second: u32, seconds: u32, tail: Duration) {
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
        asked.push((world.dingtalk().now(), world.dingtalk().says(&name(number), "tell me")));
    }
    for (_, message) in &asked {
        let end = world.host().wait_answered(message).await.unwrap();
        assert!(end.arrived(), "{end:?}");
    }
    let dingtalk = world.end_host().await;

    let speaking = Duration::from_secs(seconds.into());
    dingtalk.look(|view| {
        for (number, (at, message)) in asked.iter().enumerate() {
            let conversation = view.push(message).unwrap().conversation().unwrap();
            Verdict::of(view, conversation, said).whole_on(&[Card]);
            let card = view.cards().find(|card| card.is_in(conversation)).unwrap();
            let end = card.finalized.or(card.closed).unwrap().at;
            let late = end.saturating_sub(*at + speaking);
            assert!(late < tail, "no. {number} ended {late:?} after its last word");
        }
        // Calls that leave evenly can arrive together, and then DingTalk refuses which it likes. Those that
        // lose on purpose, by not being sent at all, are partial texts.
        let refused = view.calls().filter(|call| call.status == Some(403) && !is_partial(call)).count();
        assert!(refused * 10 <= people, "{refused} refused calls were no partial texts");
        let partials = view.calls().filter(|call| is_partial(call)).count();
        let alone = people * seconds as usize * 1_000 / PACE_ALONE_MS;
        assert!(partials < alone, "{partials} partial texts: as many as if each answer were alone");
    });
}

fn is_partial(call: &Call) -> bool {
    call.endpoint == Some(Endpoint::Streaming) && call.body["isFinalize"] != true
}

async fn fifty_cards_under_twenty_calls_a_second_all_end_on_time() {
    crowd(50, 16, 6, Duration::from_secs(6)).await;
}

async fn two_hundred_cards_under_twenty_calls_a_second_all_end_on_time() {
    crowd(200, 16, 13, Duration::from_secs(8)).await;
}
