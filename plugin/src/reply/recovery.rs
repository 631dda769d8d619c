//! Cards that an earlier process left open.
//!
//! A host that comes back runs again the turns that were interrupted, and those go on with their own
//! cards. So every card waits for a moment; what nobody has taken on by then is ended here, with what it
//! shows and a sentence that says why it ends.

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
};
use futures_util::{StreamExt, stream};
use host_sdk::StatusPatch;
use std::time::Duration;
use tokio::time::sleep;
use uuid::Uuid;

/// How long a card waits to be adopted.
pub(crate) const GRACE: Duration = Duration::from_secs(10);
/// A last text that cannot be streamed is tried this often; the closing brings it too.
const STREAMING: u32 = 3;
/// A closing that fails for a passing reason is tried this often, which makes an hour: a machine may be
/// up long before its network is.
const CLOSING: u32 = 64;
/// How long between two attempts, at first and at most.
const APART: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));
/// Cards that are ended side by side.
const AT_ONCE: usize = 4;

/// What became of the cards that were left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Recovered {
    /// A turn went on with it, or ended it itself.
    pub(crate) adopted: usize,
    /// Ended here.
    pub(crate) sealed: usize,
    /// DingTalk did not let it be ended; the next start tries again.
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

/// Waits for [`GRACE`], then ends the cards that were left and that nobody has adopted. `owner` is whose
/// answers they are among those that grow. `None` if none was left.
pub(crate) async fn recover(surfaces: &Surfaces, growing: &Growing, owner: &str) -> Option<Recovered> {
    let ledger = surfaces.ledger();
    let left = ledger.left().len();
    if left == 0 {
        return None;
    }
    tracing::info!(cards = left, "an earlier process left cards open; who goes on with them has {GRACE:?}");
    sleep(GRACE).await;

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
        "the cards that an earlier process left open have an end"
    );
    Some(recovered)
}

/// Ends one card; whether that worked.
async fn end(surfaces: &Surfaces, answer: AnswerKey, card: Card) -> bool {
    let known = surfaces.ledger().known(&answer);
    let text = last_words(&card.shows, known.ended, surfaces.wording().interrupted());
    let may_be_final = known.ended || known.said.is_some_and(|said| said.bytes() > card.from);
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
            false
        }
    }
}

/// What a card says in the end. One whose answer was given to its end only lacks its last state.
fn last_words(shows: &str, is_whole: bool, interrupted: &str) -> String {
    match shows.trim_end() {
        "" => interrupted.to_owned(),
        shows if is_whole => shows.to_owned(),
        shows => format!("{shows}\n\n{interrupted}"),
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
    let (mut left, mut apart) = (request.tries(), APART.0);
    loop {
        let Err(error) = ask(surfaces.api(), &request).await else { return Ok(()) };
        left -= 1;
        match error.retry_after().filter(|_| left > 0) {
            Some(after) => sleep(after.clamp(apart, APART.1)).await,
            None => return Err(error),
        }
        apart = (apart * 2).min(APART.1);
    }
}

impl Request {
    fn tries(&self) -> u32 {
        match self {
            Self::Finalise(_) => STREAMING,
            Self::Close(_) => CLOSING,
        }
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

    #[test]
    fn a_card_keeps_what_it_showed_and_says_that_it_was_interrupted() {
        assert_eq!(last_words("Hello", false, "(interrupted)"), "Hello\n\n(interrupted)");
        assert_eq!(last_words("", false, "(interrupted)"), "(interrupted)");
        assert_eq!(last_words("", true, "(interrupted)"), "(interrupted)", "a card never ends empty");
    }

    #[test]
    fn a_card_with_the_whole_answer_is_not_said_to_be_interrupted() {
        assert_eq!(last_words("Hello", true, "(interrupted)"), "Hello");
    }
}
