//! Many answers at once, more than DingTalk takes calls for.

use crate::{
    Error, Stage,
    figures::Figures,
    model::{Model, Saying},
    stage::CALLS,
};
use host_mock::dingtalk::Call;
use std::{fmt, path::Path, time::Duration};

/// How long a call takes here.
const LATENCY: Duration = Duration::from_millis(60);

/// Who asks when.
#[derive(Clone, Copy, Debug)]
pub struct Crowd {
    /// How many people ask, each in a conversation of their own.
    pub people: usize,
    /// How many of them a second.
    pub per_second: u32,
    /// How many words each is answered.
    pub words: usize,
}

/// How they fared.
#[derive(Clone, Debug)]
pub struct Report {
    crowd: Crowd,
    figures: Vec<Figures>,
    /// Answers that grew at the same time, at most.
    most_at_once: usize,
    /// Calls that were refused, and those among them that were no partial text.
    refused: [usize; 2],
}

/// Plays it.
///
/// # Errors
/// When it cannot be played, or people did not see an answer whole and once.
pub async fn play(plugins: &Path, crowd: Crowd) -> Result<Report, Error> {
    let saying = Saying::words(crowd.words, crate::model::PACE, crate::model::THINKS);
    let mut stage = Stage::open(crowd.people, LATENCY).await?;
    let model = Model::new(&saying);
    stage.start_host(plugins, model.clone()).await?;
    let mut asked = Vec::with_capacity(crowd.people);
    // The pace is what is tried: each question has its time.
    let mut pace = tokio::time::interval(Duration::from_secs(1) / crowd.per_second.max(1));
    for number in 0..crowd.people {
        pace.tick().await;
        asked.push(stage.ask(number));
    }
    for message in &asked {
        stage.answered(message).await?;
    }
    let mut figures = Vec::with_capacity(asked.len());
    let mut spans = Vec::with_capacity(asked.len());
    for message in &asked {
        let Some(timed) = model.timed(message) else { continue };
        let of = stage.figures(message, &saying.text, &timed)?;
        let last = timed.tokens.last().map_or(timed.begun, |(at, _)| *at);
        spans.push((timed.begun, last + of.tail));
        figures.push(of);
    }
    let at_once = |at| spans.iter().filter(|(begun, ended)| *begun <= at && at < *ended).count();
    let most_at_once = spans.iter().map(|(begun, _)| at_once(*begun)).max().unwrap_or_default();
    stage.close().await?;
    let refused = stage.dingtalk().look(|view| {
        let refused: Vec<_> = view.calls().filter(|call| is_refused(call)).collect();
        [refused.len(), refused.iter().filter(|call| !is_partial(call)).count()]
    });
    Ok(Report { crowd, figures, most_at_once, refused })
}

fn is_refused(call: &Call) -> bool {
    call.endpoint.is_some_and(|endpoint| CALLS.contains(&endpoint)) && call.status == Some(403)
}

fn is_partial(call: &Call) -> bool {
    call.endpoint == Some(host_mock::dingtalk::Endpoint::Streaming) && call.body["isFinalize"] != true
}

/// The head of the table that [`Report`]s are lines of.
pub const HEAD: &str = "\
| answers | asked per second | at once | first words | staleness, mean | last word to all, middle | 99 of 100 | worst | calls per answer | refused | of them no partial text |
|---|---|---|---|---|---|---|---|---|---|---|";

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { crowd, figures, most_at_once, refused } = self;
        let middle = Figures::median(figures);
        let mut tails: Vec<_> = figures.iter().map(|it| it.tail).collect();
        tails.sort_unstable();
        let rank = (tails.len() * 99).div_ceil(100).saturating_sub(1);
        let worst = tails.last().copied().unwrap_or_default();
        let p99 = tails.get(rank).copied().unwrap_or_default();
        let calls: usize = figures.iter().map(|it| it.calls).sum();
        let s = |time: Duration| format!("{:.2} s", time.as_secs_f64());
        write!(f, "| {} of {} words | {} | {most_at_once} | ", crowd.people, crowd.words, crowd.per_second)?;
        write!(f, "{} | {} | ", s(middle.first_words), s(middle.mean_staleness))?;
        write!(f, "{} | {} | {} | ", s(middle.tail), s(p99), s(worst))?;
        let per_answer = calls as f64 / figures.len().max(1) as f64;
        write!(f, "{per_answer:.1} | {} | {} |", refused[0], refused[1])
    }
}
