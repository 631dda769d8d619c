//! One answer at a time: the plugin, the optimum and the naive sender, at several latencies.

use crate::{
    Error, Stage,
    figures::Figures,
    model::{Model, Saying, Timed},
    naive,
    optimum::{self, Terms},
};
use std::{fmt, path::Path, time::Duration};

/// The pace that the plugin keeps unless it is told another.
const PACE: Duration = Duration::from_millis(600);

/// What is compared.
#[derive(Clone, Copy, Debug)]
pub struct Round {
    /// How many words the answer has.
    pub words: usize,
    /// How long a call takes.
    pub latency: Duration,
    /// How often it is played; of each figure the one in the middle counts.
    pub times: usize,
}

/// How one sender fared.
#[derive(Clone, Debug)]
pub struct Row {
    round: Round,
    sender: &'static str,
    figures: Figures,
}

/// Plays a round with every sender.
///
/// # Errors
/// When it cannot be played, or people did not see an answer whole and once.
pub async fn play(plugins: &Path, round: Round) -> Result<Vec<Row>, Error> {
    let saying = Saying::words(round.words, crate::model::PACE, crate::model::THINKS);
    let (ours, theirs) = tokio::try_join!(with_plugin(plugins, round, &saying), without(round, &saying))?;
    let (ours, timed) = ours;
    let best = |pace| {
        let terms = Terms { latency: round.latency, pace };
        let figures = timed.iter().filter_map(|(begun, said)| optimum::figures(*begun, said, terms));
        Figures::median(&figures.collect::<Vec<_>>())
    };
    let row = |sender, figures| Row { round, sender, figures };
    Ok(vec![
        row("this plugin", Figures::median(&ours)),
        row("optimum at its pace", best(PACE)),
        row("optimum without a pace", best(Duration::ZERO)),
        row("a call for each token", Figures::median(&theirs)),
    ])
}

/// When a turn began, and when its words were said.
type Spoken = (Duration, Vec<Duration>);

async fn with_plugin(
    plugins: &Path,
    round: Round,
    saying: &Saying,
) -> Result<(Vec<Figures>, Vec<Spoken>), Error> {
    let mut stage = Stage::open(1, round.latency).await?;
    let model = Model::new(saying);
    stage.start_host(plugins, model.clone()).await?;
    let (mut figures, mut spoken) = (Vec::new(), Vec::new());
    for _ in 0..round.times {
        let asked = stage.ask(0);
        stage.answered(&asked).await?;
        let Some(timed) = model.timed(&asked) else { continue };
        figures.push(stage.figures(&asked, &saying.text, &timed)?);
        spoken.push(spoken_of(&stage, &timed));
    }
    stage.close().await?;
    let broken = stage.dingtalk().violations();
    match broken.first() {
        None => Ok((figures, spoken)),
        Some(first) => Err(Error::Wrong { who: "the plugin".into(), what: first.to_string() }),
    }
}

async fn without(round: Round, saying: &Saying) -> Result<Vec<Figures>, Error> {
    let mut figures = Vec::new();
    // It gets no better by repetition, and takes by far the longest.
    let stage = Stage::open(1, round.latency).await?;
    figures.push(naive::play(&stage, saying).await?.0);
    Ok(figures)
}

fn spoken_of(stage: &Stage, timed: &Timed) -> Spoken {
    (stage.since(timed.begun), timed.tokens.iter().map(|(at, _)| stage.since(*at)).collect())
}

/// The head of the table that [`Row`]s are lines of.
pub const HEAD: &str = "\
| words | a call takes | sender | first words | staleness, mean | worst | last word to all | calls | refused |
|---|---|---|---|---|---|---|---|---|";

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { round, sender, figures } = self;
        let ms = |time: Duration| format!("{:.0} ms", time.as_secs_f64() * 1_000.0);
        write!(f, "| {} | {} | {sender} | ", round.words, ms(round.latency))?;
        write!(f, "{} | {} | ", ms(figures.first_words), ms(figures.mean_staleness))?;
        write!(f, "{} | {} | ", ms(figures.worst_staleness), ms(figures.tail))?;
        write!(f, "{} | {} |", figures.calls, figures.refused)
    }
}
