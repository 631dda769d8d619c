//! Where answers are played: a fake DingTalk whose calls take their time, and a host with the real plugin.

use crate::{
    Error,
    figures::{Figures, Shown},
    model::{Model, Timed},
};
use host_mock::{
    dingtalk::{Call, Card, DingTalk, Endpoint, Fault, Person, Settings, View},
    host::{ConfigSource, Host, Options, PluginSource},
};
use serde_json::json;
use std::{path::Path, time::Duration};
use tempfile::TempDir;
use tokio::time::Instant;

/// The calls that answers are made of.
pub(crate) const CALLS: [Endpoint; 5] = [
    Endpoint::CreateAndDeliver,
    Endpoint::Streaming,
    Endpoint::UpdateCard,
    Endpoint::SendBySession,
    Endpoint::BatchSend,
];

/// More than any answer takes after its last word.
const PATIENCE: Duration = Duration::from_secs(120);

/// A fake DingTalk, and perhaps a host.
pub struct Stage {
    dingtalk: DingTalk,
    /// When the fake's clock stood at zero.
    epoch: Instant,
    host: Option<Host>,
    _state: TempDir,
}

impl Stage {
    /// A fake DingTalk in which so many people write, and whose calls take so long: half of it before they
    /// take effect.
    ///
    /// # Errors
    /// When there is no port or no directory to be had.
    pub async fn open(people: usize, latency: Duration) -> Result<Self, Error> {
        let settings = Settings {
            people: (0..people).map(|number| Person::new(&person(number), &person(number))).collect(),
            patience: PATIENCE,
            ..Settings::default()
        };
        let dingtalk = DingTalk::start(settings).await.map_err(Error::system("open a port on 127.0.0.1"))?;
        let epoch = Instant::now() - dingtalk.now();
        for endpoint in CALLS {
            dingtalk.on(endpoint).answer(Fault::Late(latency / 2)).always();
            dingtalk.on(endpoint).answer(Fault::SlowAnswer(latency / 2)).always();
        }
        let state = tempfile::Builder::new().prefix("openclaw-replies-").tempdir();
        let _state = state.map_err(Error::system("make a temporary directory"))?;
        Ok(Self { dingtalk, epoch, host: None, _state })
    }

    /// Starts a host with the plugin of a plugins directory, in which `model` answers.
    ///
    /// # Errors
    /// When it does not start, or the plugin does not connect.
    pub async fn start_host(&mut self, plugins: &Path, model: Model) -> Result<(), Error> {
        let (app, base) = (self.dingtalk.app(), self.dingtalk.base_url());
        let section = json!({
            "enabled": true,
            "clientId": app.client_id,
            "clientSecret": app.client_secret,
            "endpoints": {"api": base, "oapi": base},
        });
        let config = ConfigSource::Value(json!({"channels": {"dingtalk": section}}));
        let plugins = PluginSource::Directory(plugins.to_owned());
        let mut options = Options::new(config, plugins, self._state.path()).agent(model);
        options.patience = PATIENCE;
        let host = Host::start(options).await?;
        self.dingtalk.connected().await;
        self.host = Some(host);
        Ok(())
    }

    /// The fake DingTalk.
    #[must_use]
    pub fn dingtalk(&self) -> &DingTalk {
        &self.dingtalk
    }

    /// Somebody asks; the message's id.
    #[must_use]
    pub fn ask(&self, number: usize) -> String {
        self.dingtalk.says(&person(number), "tell me")
    }

    /// Waits until the answer to a message is delivered.
    ///
    /// # Errors
    /// When it is not in time.
    pub async fn answered(&self, message: &str) -> Result<(), Error> {
        if let Some(host) = &self.host {
            host.wait_answered(message).await?;
        }
        Ok(())
    }

    /// Ends the host in order.
    ///
    /// # Errors
    /// When it does not end in time.
    pub async fn close(&mut self) -> Result<(), Error> {
        match self.host.take() {
            Some(host) => Ok(host.stop().await?),
            None => Ok(()),
        }
    }

    /// The figures of the answer to a message, on its card.
    ///
    /// # Errors
    /// When people did not see all of it, once, on one card that has ended.
    pub fn figures(&self, message: &str, text: &str, timed: &Timed) -> Result<Figures, Error> {
        let wrong = |what: String| Error::Wrong { who: message.to_owned(), what };
        self.dingtalk.look(|view| {
            let card = self.card_of(view, message).ok_or_else(|| wrong("it has no card".into()))?;
            if !card.has_ended() {
                return Err(wrong(format!("its card is left {:?}", card.state)));
            }
            if seen_bytes(card.text(), text) < text.len() {
                return Err(wrong(format!("its card says {:?}", card.text())));
            }
            let conversation = view.push(message).and_then(|push| push.conversation());
            let beside = view.messages().filter(|it| Some(it.conversation.as_str()) == conversation).count();
            if beside > 0 {
                return Err(wrong(format!("{beside} messages say it beside the card")));
            }
            let said: Vec<_> = timed.tokens.iter().map(|(at, _)| self.since(*at)).collect();
            let shown = shown(card, text, timed);
            let calls: Vec<_> = calls_of(view, &card.out_track_id).collect();
            let refused = calls.iter().filter(|call| !call.succeeded()).count();
            let figures = Figures::of(&said, &shown).ok_or_else(|| wrong("it was never whole".into()))?;
            Ok(figures.costing(calls.len(), refused))
        })
    }

    /// A time by the fake's clock.
    pub(crate) fn since(&self, at: Instant) -> Duration {
        at.saturating_duration_since(self.epoch)
    }

    fn card_of<'a>(&self, view: View<'a>, message: &str) -> Option<&'a Card> {
        let push = view.push(message)?;
        let conversation = push.conversation()?;
        view.cards().find(|card| card.created > push.queued && card.is_in(conversation))
    }
}

/// How many tokens of the answer each change of a card showed.
pub(crate) fn shown(card: &Card, text: &str, timed: &Timed) -> Vec<Shown> {
    let tokens = |bytes: usize| timed.tokens.iter().take_while(|(_, end)| *end <= bytes).count();
    let step = |step: &host_mock::dingtalk::CardStep| Shown {
        at: step.moment.at,
        words: tokens(seen_bytes(&step.text, text)),
    };
    card.history.iter().map(step).collect()
}

/// How much of an answer a text shows: all of what it begins with, for a placeholder is nothing of it.
pub(crate) fn seen_bytes(shown: &str, answer: &str) -> usize {
    let same = |(shown, said): &(char, char)| shown == said;
    let begins = shown.chars().zip(answer.chars()).take_while(same);
    begins.map(|(character, _)| character.len_utf8()).sum()
}

/// The calls that were made for a card.
pub(crate) fn calls_of<'a>(view: View<'a>, out_track_id: &'a str) -> impl Iterator<Item = &'a Call> {
    view.calls().filter(move |call| call.body["outTrackId"] == out_track_id)
}

/// The name of one of the people.
pub(crate) fn person(number: usize) -> String {
    format!("person{number:04}")
}
