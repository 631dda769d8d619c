//! A picture of a card that grows, drawn from what the fake DingTalk saw of a real answer.

use crate::{
    Error, Stage,
    model::{Model, Saying},
    stage::shown,
};
use host_mock::dingtalk::{Card, CardState};
use std::{fmt::Write, path::Path, time::Duration};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

const QUESTION: &str = "发布准备好了吗？";
const ANSWER: &str = "准备好了。412 个测试全部通过，文档也更新了。还有两件事要你决定：版本号用 1.4 还是 2.0，\
    今晚上线还是明早。我建议 1.4，明早九点上线，那时大家都在。";
/// How long a call takes: as from one province of China to another.
const LATENCY: Duration = Duration::from_millis(60);

/// How many states of the card stand side by side.
const FRAMES: usize = 4;
/// Columns of text on a card; a Chinese character has two.
const COLUMNS: usize = 26;
const CARD: f64 = 228.0;
const GAP: f64 = 16.0;
const LINE: f64 = 22.0;
const TOP: f64 = 66.0;

/// One state of the card.
#[derive(Clone, Debug)]
struct Frame {
    /// Since the question.
    at: Duration,
    text: String,
    state: CardState,
}

/// What is drawn.
#[derive(Clone, Debug)]
struct Film {
    frames: Vec<Frame>,
    /// When the first and the last word were said, since the question.
    said: [Duration; 2],
}

/// Plays one answer, and draws it as an SVG.
///
/// # Errors
/// When it cannot be played, or people did not see the answer whole and once.
pub async fn draw(plugins: &Path) -> Result<String, Error> {
    let saying = Saying {
        text: ANSWER.to_owned(),
        tokens_per_second: crate::model::PACE,
        thinks: crate::model::THINKS,
    };
    let mut stage = Stage::open(1, LATENCY).await?;
    let model = Model::new(&saying);
    stage.start_host(plugins, model.clone()).await?;
    // The first answer of a process also fetches a token.
    let first = stage.ask(0);
    stage.answered(&first).await?;
    let asked = stage.ask(0);
    stage.answered(&asked).await?;
    stage.close().await?;
    let wrong = |what: &str| Error::Wrong { who: asked.clone(), what: what.to_owned() };
    let timed = model.timed(&asked).ok_or_else(|| wrong("the agent was not asked"))?;
    stage.figures(&asked, ANSWER, &timed)?;
    let film = stage.dingtalk().look(|view| {
        let queued = view.push(&asked)?.queued;
        let card = view.cards().find(|card| card.created > queued)?;
        let said = [timed.tokens.first()?.0, timed.tokens.last()?.0].map(|at| stage.since(at) - queued.at);
        let words = shown(card, ANSWER, &timed);
        debug_assert!(words.last().is_some_and(|last| last.words == timed.tokens.len()));
        Some(Film { frames: frames(card, queued.at), said })
    });
    Ok(film.ok_or_else(|| wrong("there is no card"))?.svg())
}

/// The states of a card that differ in what they show.
fn frames(card: &Card, asked: Duration) -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    for step in &card.history {
        let frame =
            Frame { at: step.moment.at.saturating_sub(asked), text: step.text.clone(), state: step.state };
        match frames.last_mut() {
            // The same words once more: only the state is news.
            Some(last) if last.text == frame.text => last.state = frame.state,
            _ => frames.push(frame),
        }
    }
    frames
}

impl Film {
    fn svg(&self) -> String {
        let picked = self.picked();
        let lines = picked.iter().map(|frame| wrapped(&frame.text).len()).max().unwrap_or(1);
        let height = 58.0 + lines as f64 * LINE;
        let width = FRAMES as f64 * (CARD + GAP) + GAP;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{total}\" \
             viewBox=\"0 0 {width} {total}\" font-family=\"-apple-system, 'Segoe UI', 'PingFang SC', \
             'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif\" font-size=\"15\">\n\
             <rect width=\"100%\" height=\"100%\" rx=\"12\" fill=\"#eef1f5\"/>\n\
             <text x=\"{GAP}\" y=\"38\" fill=\"#171a1d\"><tspan font-weight=\"600\">Lin</tspan> · {QUESTION}</text>\n",
            total = TOP + height + 92.0,
        );
        for (number, frame) in picked.iter().enumerate() {
            frame.draw(GAP + number as f64 * (CARD + GAP), height, &mut svg);
        }
        self.timeline(TOP + height + 50.0, width, &mut svg);
        svg.push_str("</svg>");
        svg
    }

    /// The first state, the last one, and some in between.
    fn picked(&self) -> Vec<&Frame> {
        let last = self.frames.len().saturating_sub(1);
        let mut indices: Vec<_> = (0..FRAMES).map(|number| number * last / (FRAMES - 1).max(1)).collect();
        indices.dedup();
        indices.into_iter().filter_map(|index| self.frames.get(index)).collect()
    }

    /// When something new could be seen, and while what words were said.
    fn timeline(&self, y: f64, width: f64, svg: &mut String) {
        let end = self.frames.last().map_or(1.0, |frame| frame.at.as_secs_f64()).max(0.001);
        let x = |at: Duration| GAP + (width - 2.0 * GAP) * (at.as_secs_f64() / end).min(1.0);
        let [first, last] = self.said.map(x);
        // Writing to a string cannot fail.
        let _ = writeln!(
            svg,
            "<line x1=\"{GAP}\" y1=\"{y}\" x2=\"{}\" y2=\"{y}\" stroke=\"#c3c9d1\" stroke-width=\"2\"/>\n\
             <line x1=\"{first:.1}\" y1=\"{y}\" x2=\"{last:.1}\" y2=\"{y}\" stroke=\"#1677ff\" stroke-width=\"6\" \
             stroke-linecap=\"round\" opacity=\"0.35\"/>",
            width - GAP
        );
        for frame in &self.frames {
            let x = x(frame.at);
            let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y}\" r=\"5\" fill=\"#1677ff\"/>");
        }
        let _ = writeln!(
            svg,
            "<text x=\"{GAP}\" y=\"{}\" fill=\"#5f6975\" font-size=\"13\">提问 asked</text>\n\
             <text x=\"{first:.1}\" y=\"{}\" fill=\"#5f6975\" font-size=\"13\">模型在说 the model speaks</text>\n\
             <text x=\"{}\" y=\"{}\" fill=\"#5f6975\" font-size=\"13\" text-anchor=\"end\">{end:.2} s</text>",
            y + 26.0,
            y + 26.0,
            width - GAP,
            y + 26.0
        );
    }
}

impl Frame {
    fn draw(&self, x: f64, height: f64, svg: &mut String) {
        let (state, colour) = match self.state {
            CardState::Processing => ("思考中", "#8a94a0"),
            CardState::Finished => ("完成", "#12a150"),
            CardState::Failed => ("失败", "#d93026"),
            _ => ("输入中", "#1677ff"),
        };
        let _ = writeln!(
            svg,
            "<rect x=\"{x}\" y=\"{TOP}\" width=\"{CARD}\" height=\"{height}\" rx=\"10\" fill=\"#ffffff\" \
             stroke=\"#d9dee5\"/>\n\
             <text x=\"{}\" y=\"{}\" font-weight=\"600\" fill=\"#171a1d\">OpenClaw</text>\n\
             <text x=\"{}\" y=\"{}\" text-anchor=\"end\" font-size=\"13\" fill=\"{colour}\">{state} · {:.2} s</text>",
            x + 14.0,
            TOP + 28.0,
            x + CARD - 14.0,
            TOP + 28.0,
            self.at.as_secs_f64()
        );
        for (number, line) in wrapped(&self.text).iter().enumerate() {
            let y = TOP + 58.0 + number as f64 * LINE;
            let _ = writeln!(
                svg,
                "<text x=\"{}\" y=\"{y}\" fill=\"#171a1d\" xml:space=\"preserve\">{}</text>",
                x + 14.0,
                escaped(line)
            );
        }
    }
}

/// The lines of a text that is broken wherever a line is full.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for character in text.chars() {
        let width = character.width().unwrap_or_default();
        let full = lines.last().is_some_and(|line| line.width() + width > COLUMNS);
        if full {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut()
            && !(full && character == ' ')
        {
            line.push(character);
        }
    }
    lines
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_broken_by_its_width() {
        assert_eq!(wrapped("短"), ["短"]);
        assert_eq!(wrapped(&"字".repeat(14)), ["字".repeat(13), "字".to_owned()]);
    }

    #[test]
    fn the_first_and_the_last_state_are_always_picked() {
        let frame =
            |n: u64| Frame { at: Duration::from_secs(n), text: n.to_string(), state: CardState::Inputting };
        let film = Film { frames: (0..7).map(frame).collect(), said: [Duration::ZERO; 2] };
        let picked: Vec<_> = film.picked().iter().map(|frame| frame.text.clone()).collect();
        assert_eq!(picked, ["0", "2", "4", "6"]);
    }
}
