//! One round: some short answers, and one that takes three seconds.

use super::{candidate::Running, figures::Answered};
use host_mock::dingtalk::{Moment, View};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// How many short answers a round has: they show best what a turn costs.
const SHORT: usize = 4;
/// Tokens a second, and tokens: with what OpenClaw takes to end it, an answer of three seconds from its first
/// words to its last.
const PACE: usize = 20;
const TOKENS: usize = 58;
/// What comes after an answer has ended: calls that close its card.
const AFTER_SHORT: Duration = Duration::from_millis(300);
const AFTER_LONG: Duration = Duration::from_millis(700);
/// How long an answer's end may take that is there already.
const END: Duration = Duration::from_secs(10);
/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(120);
const PERSON: &str = "Lin";

/// What one round gave.
pub(super) struct Round {
    pub(super) short: Vec<Answered>,
    pub(super) long: Answered,
}

/// Plays it.
pub(super) async fn play(candidate: &mut Running) -> Round {
    let mut short = Vec::new();
    for _ in 0..SHORT {
        short.push(ask(candidate, "", "", AFTER_SHORT).await);
    }
    let words = (2..TOKENS).map(|number| format!("{number} ")).collect::<String>();
    let long = ask(candidate, &format!("#pace {PACE} "), &words, AFTER_LONG).await;
    Round { short, long }
}

/// Has an answer given that begins and ends with words that were never said before.
async fn ask(candidate: &mut Running, before: &str, words: &str, aftermath: Duration) -> Answered {
    candidate.asked += 1;
    let [first, last] = ["first", "last"].map(|word| format!("{word}{}th", candidate.asked));
    let candidate = &*candidate;
    let (dingtalk, model) = (&candidate.world.dingtalk, &candidate.world.model);

    let id = dingtalk.says(PERSON, &format!("{before}#say {first} {words}{last}"));
    let ack = dingtalk.acked(&id).await.latency;
    let asked = timeout(PATIENCE, model.is_asked(|asked| asked.text.contains(&first))).await;
    let asked = asked.map(|_| dingtalk.now());
    let seen = |view: View<'_>| Some((view.push(&id)?.queued, seen(view, &first)?, seen(view, &last)?));
    let said = async {
        let said = timeout(PATIENCE, model.has_said(|asked| asked.text.contains(&last))).await;
        said.map(|()| dingtalk.now())
    };
    let (said, seen) = tokio::join!(said, dingtalk.try_wait_for(PATIENCE, seen));
    let (Ok(asked), Ok(said), Ok((queued, first, whole))) = (asked, said, seen) else {
        panic!("{} did not answer\n{}", candidate.name, candidate.world.report());
    };
    let ended = dingtalk.try_wait_for(END, |view| ended(view, &last)).await.ok();
    sleep(aftermath).await;
    let calls = dingtalk.look(|view| view.calls().filter(|call| call.arrived > queued).count());
    let since = |at: Duration| at.saturating_sub(queued.at);
    let ended = ended.map(|ended| since(ended.at));
    Answered {
        ack,
        asked: since(asked),
        first: since(first.at),
        said: since(said),
        whole: since(whole.at),
        ended,
        calls,
    }
}

/// When a text was first to be read that has `word` in it, on a card or in a message.
fn seen(view: View<'_>, word: &str) -> Option<Moment> {
    let on_cards = view.cards().filter_map(|card| card.history.iter().find(|step| step.text.contains(word)));
    let messages = view.messages().filter(|message| message.text().contains(word));
    on_cards.map(|step| step.moment).chain(messages.map(|message| message.sent)).min()
}

/// When nothing was to follow any more on a card that shows `word`, or when a message was there that does.
fn ended(view: View<'_>, word: &str) -> Option<Moment> {
    let cards = view.cards().filter(|card| card.text().contains(word));
    let ends = cards.filter_map(|card| [card.finalized, card.closed].into_iter().flatten().min());
    let messages = view.messages().filter(|message| message.text().contains(word));
    ends.chain(messages.map(|message| message.sent)).min()
}
