//! Cards that were left open: by an earlier process, or by an answer that DingTalk did not let end its card.
//!
//! A host that comes back runs again the turns that were interrupted, and those go on with their own
//! cards. So every card waits for a moment; what nobody has taken on by then is ended here, with what it
//! shows and a sentence that says why it ends. What cannot be ended is tried again, ever more rarely.

use super::{Growing, Surfaces};
use crate::{
    api::{
        Api, Priority,
        card::{Streaming, Update},
    },
    card::{content::Template, request::Ending},
    error::{Error, Result},
    ledger::{AnswerKey, Card, CardEnd, Entry},
    markdown::{self, Surface},
    wording::Wording,
};
use futures_util::{StreamExt, stream};
use host_sdk::{StatusPatch, channel::Host};
use std::time::Duration;
use tokio::time::sleep;
use uuid::Uuid;

/// How long a card waits to be adopted.
pub(crate) const GRACE: Duration = Duration::from_secs(10);
/// A card that cannot be ended is tried this often, after twice as long each time: for 42 minutes, in which a
/// permission may be granted. Then the next start does, for calls cost.
const ATTEMPTS: u32 = 8;
/// A request that fails for a passing reason is tried this often.
const TRIES: u32 = 3;
/// The longest between two of them.
const APART: Duration = Duration::from_secs(10);
/// Cards that are ended side by side.
const AT_ONCE: usize = 4;

/// What became of the cards that were left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Recovered {
    /// A turn went on with it, or ended it itself.
    pub(crate) adopted: usize,
    /// Ended here.
    pub(crate) sealed: usize,
    /// DingTalk does not let it be ended.
    pub(crate) failed: usize,
}

impl Recovered {
    /// As the host is told of it.
    pub(crate) fn status(self) -> StatusPatch {
        let counts = serde_json::json!({
            "adopted": self.adopted, "sealed": self.sealed, "failed": self.failed,
        });
        StatusPatch::new().with("recoveredCards", counts)
    }
}

/// Ends the cards that were left and that nobody adopts within [`GRACE`], and has `host` told. `owner` is whose
/// answers they are among those that grow.
pub(crate) async fn recover(surfaces: &Surfaces, growing: &Growing, owner: &str, host: &Host) {
    for attempt in 0..ATTEMPTS {
        let Some(recovered) = attend(surfaces, growing, owner, GRACE * 2_u32.pow(attempt)).await else {
            return;
        };
        host.status(recovered.status());
    }
}

/// Waits, then ends the cards that were left. `None` if none was.
async fn attend(surfaces: &Surfaces, growing: &Growing, owner: &str, grace: Duration) -> Option<Recovered> {
    let ledger = surfaces.ledger();
    let left = ledger.left().len();
    if left == 0 {
        return None;
    }
    tracing::info!(cards = left, "cards were left open; who goes on with them has {grace:?}");
    sleep(grace).await;

    let nobodys = ledger.left().into_iter().filter(|(answer, _)| !growing.knows(owner, answer.stream()));
    let nobodys: Vec<_> = nobodys.filter_map(|(answer, _)| Some((ledger.adopt(&answer)?, answer))).collect();
    let adopted = left.saturating_sub(nobodys.len());
    let ending = stream::iter(nobodys).map(|(card, answer)| end(surfaces, answer, card));
    let ended: Vec<bool> = ending.buffer_unordered(AT_ONCE).collect().await;
    let sealed = ended.iter().filter(|ended| **ended).count();
    let recovered = Recovered { adopted, sealed, failed: ended.len() - sealed };
    tracing::info!(
        adopted = recovered.adopted,
        sealed = recovered.sealed,
        failed = recovered.failed,
        "the cards that were left open were seen to"
    );
    Some(recovered)
}

/// Ends one card; whether that worked.
async fn end(surfaces: &Surfaces, answer: AnswerKey, card: Card) -> bool {
    let known = surfaces.ledger().known(&answer);
    let said = known.said.map_or(0, |said| said.bytes());
    let fate = match known.ended {
        false => Fate::Interrupted,
        true if said > card.from + card.shows.trim_end().len() as u64 => Fate::GoesOnBelow,
        true => Fate::Whole,
    };
    let text = last_words(&card.shows, fate, surfaces.wording());
    let may_be_final = known.ended || said > card.from;
    match seal(surfaces, &card, &text, may_be_final).await {
        Ok(()) => {
            let shows = Entry::CardShows { card: card.id.clone(), text };
            surfaces.ledger().jot(shows);
            surfaces.ledger().note(Entry::CardOver { card: card.id.clone(), end: CardEnd::Shown }).await;
            true
        }
        Err(error) if is_missing(&error) => {
            surfaces.ledger().note(Entry::CardOver { card: card.id.clone(), end: CardEnd::Never }).await;
            true
        }
        Err(error) => {
            tracing::warn!(
                card = card.id,
                causes = error.causes(),
                "a card that was left open cannot be ended: {}",
                error.sentence()
            );
            surfaces.ledger().give_back(&card.id);
            false
        }
    }
}

/// What became of the answer on a card that was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// The card shows it to its end, and only lacks its last state.
    Whole,
    /// A message has what the card does not show.
    GoesOnBelow,
    /// It was not given to its end.
    Interrupted,
}

/// What a card says in the end.
fn last_words(shows: &str, fate: Fate, wording: Wording) -> String {
    let sentence = match (fate, shows.trim_end()) {
        (Fate::Whole, "") | (Fate::Interrupted, _) => wording.interrupted(),
        (Fate::Whole, shows) => return shows.to_owned(),
        (Fate::GoesOnBelow, "") => wording.answered_below(),
        (Fate::GoesOnBelow, _) => wording.continued_below(),
    };
    match shows.trim_end() {
        "" => sentence.to_owned(),
        shows => format!("{shows}\n\n{sentence}"),
    }
}

/// Finalises a card and closes it. One that may not be streamed to is closed all the same, and one whose
/// last text may have been streamed is only closed.
async fn seal(surfaces: &Surfaces, card: &Card, text: &str, may_be_final: bool) -> Result<()> {
    let content = markdown::whole(text, Surface::CARD);
    let template = Template { id: card.template.clone(), key: card.key.clone() };
    let closing = Update::by_key(&card.id, template.ended(&content, Ending::Cancelled));
    let last = Streaming {
        out_track_id: card.id.clone(),
        guid: Uuid::new_v4().to_string(),
        key: card.key.clone(),
        content,
        is_full: true,
        is_finalize: true,
        is_error: false,
    };
    if may_be_final {
        return patiently(surfaces, Request::Close(closing)).await;
    }
    match patiently(surfaces, Request::Finalise(last)).await {
        Err(error) if is_missing(&error) => Err(error),
        _ => patiently(surfaces, Request::Close(closing)).await,
    }
}

/// What ends a card.
enum Request {
    Finalise(Streaming),
    Close(Update),
}

/// Asks again for what fails for a passing reason.
async fn patiently(surfaces: &Surfaces, request: Request) -> Result<()> {
    let mut tries = 1;
    loop {
        let Err(error) = ask(surfaces.api(), &request).await else { return Ok(()) };
        match error.retry_after().filter(|_| tries < TRIES) {
            Some(after) => sleep(after.min(APART)).await,
            None => return Err(error),
        }
        tries += 1;
    }
}

async fn ask(api: &Api, request: &Request) -> Result<()> {
    match request {
        Request::Finalise(last) => {
            let permit = api.permit(Streaming::FAMILY, Priority::Final).await;
            api.stream_card(permit, last).await
        }
        Request::Close(closing) => {
            let permit = api.permit(Update::FAMILY, Priority::Final).await;
            api.update_card(permit, closing).await
        }
    }
}

/// Whether there is no such card: it was never created.
fn is_missing(error: &Error) -> bool {
    ["param.stream.outTrackId", "param.cardNotExist"].iter().any(|code| error.has_code(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHINESE: Wording = Wording::Chinese;

    #[test]
    fn a_card_keeps_what_it_showed_and_says_why_that_is_all() {
        let (interrupted, below) = (CHINESE.interrupted(), CHINESE.continued_below());
        assert_eq!(last_words("Hello\n", Fate::Interrupted, CHINESE), format!("Hello\n\n{interrupted}"));
        assert_eq!(last_words("Hello", Fate::GoesOnBelow, CHINESE), format!("Hello\n\n{below}"));
        assert_eq!(last_words("Hello", Fate::Whole, CHINESE), "Hello");
    }

    #[test]
    fn a_card_never_ends_empty() {
        assert_eq!(last_words("", Fate::Interrupted, CHINESE), CHINESE.interrupted());
        assert_eq!(last_words("", Fate::Whole, CHINESE), CHINESE.interrupted());
        assert_eq!(last_words("", Fate::GoesOnBelow, CHINESE), CHINESE.answered_below());
    }
}
