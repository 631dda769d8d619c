//! One round: a short answer, and one that takes three seconds.

use super::{candidate::Running, figures::Round};
use host_mock::dingtalk::{Moment, View};
use std::time::Duration;
use tokio::time::sleep;

/// Tokens a second, and tokens: an answer of three seconds.
const PACE: usize = 20;
const TOKENS: usize = 60;
/// What no plugin says by itself.
const FIRST: &str = "mangosteen";
const LAST: &str = "papaya";
/// What comes after an answer has been seen: calls that close its card.
const AFTERMATH: Duration = Duration::from_millis(700);
const PERSON: &str = "Lin";

/// Plays it, and says how it went.
pub(super) async fn play(candidate: &Running) -> Round {
    let short = ask(candidate, &format!("#say {FIRST} {LAST}")).await;
    let words = (2..TOKENS).map(|number| number.to_string()).collect::<Vec<_>>().join(" ");
    let long = ask(candidate, &format!("#pace {PACE} #say {FIRST} {words} {LAST}")).await;
    Round {
        ack: [short.ack, long.ack],
        short: short.whole,
        first: long.first,
        whole: long.whole,
        calls: long.calls,
    }
}

/// What became of one message, since it was pushed.
struct Answered {
    ack: Duration,
    first: Duration,
    whole: Duration,
    calls: usize,
}

async fn ask(candidate: &Running, text: &str) -> Answered {
    let dingtalk = &candidate.world.dingtalk;
    let id = dingtalk.says(PERSON, text);
    let ack = dingtalk.acked(&id).await.latency;
    let answered = dingtalk.try_wait_for(PATIENCE, |view| {
        let queued = view.push(&id)?.queued;
        let first = seen(view, queued, FIRST)?;
        let whole = seen(view, queued, LAST)?;
        Some((queued, first.at.saturating_sub(queued.at), whole.at.saturating_sub(queued.at)))
    });
    let (queued, first, whole) = match answered.await {
        Ok(answered) => answered,
        Err(error) => panic!("{} did not answer: {error}\n{}", candidate.name, candidate.world.report()),
    };
    sleep(AFTERMATH).await;
    let calls = dingtalk.look(|view| view.calls().filter(|call| call.arrived > queued).count());
    Answered { ack, first, whole, calls }
}

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// When a text was first to be read that has `word` in it, on a card or in a message.
fn seen(view: View<'_>, since: Moment, word: &str) -> Option<Moment> {
    let cards = view.cards().filter(|card| card.created > since);
    let on_cards = cards
        .filter_map(|card| card.history.iter().find(|step| step.text.contains(word)))
        .map(|step| step.moment);
    let messages = view.messages().filter(|message| message.sent > since && message.text().contains(word));
    on_cards.chain(messages.map(|message| message.sent)).min()
}
