//! The sender that most bots begin with: one call for each token, one after the other.

use crate::{
    Error, Stage,
    figures::Figures,
    model::{Saying, Timed},
    stage::person,
};
use futures_util::StreamExt;
use host_mock::{
    dingtalk::Endpoint,
    host::{Agent, Answer, Delta, Script},
};
use host_sdk::InboundMessage;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::{sync::mpsc, time::Instant};

/// The public template, and its variable for the text.
const TEMPLATE: &str = "02fcf2f4-5e02-4a85-b672-46d1f715543e.schema";
const KEY: &str = "msgContent";
/// What waits to be sent; a model is faster than an API, and nothing is left out here.
const QUEUE: usize = 100_000;

/// Plays one answer. A call that is refused for its haste is left out; only the last one is repeated.
///
/// # Errors
/// When the fake DingTalk cannot be called, or the answer is not seen in the end.
pub async fn play(stage: &Stage, saying: &Saying) -> Result<(Figures, Timed), Error> {
    let asked = stage.ask(0);
    let sender = Sender::new(stage, &asked).await?;
    let (say, mut said) = mpsc::channel(QUEUE);
    let script = Script::new(vec![saying.steps()]);
    let begun = Instant::now();
    let speaking = tokio::spawn(async move {
        let mut answer: Answer = script.answer(&InboundMessage::default());
        let (mut whole, mut tokens) = (String::new(), Vec::new());
        while let Some(delta) = answer.next().await {
            let Delta::Text(text) = delta else { continue };
            whole.push_str(&text);
            tokens.push((Instant::now(), whole.len()));
            // With room for every token of an answer it is never full.
            drop(say.try_send(whole.clone()));
        }
        tokens
    });
    sender.create().await?;
    let mut number = 0;
    while let Some(text) = said.recv().await {
        number += 1;
        sender.stream(number, &text, false).await?;
    }
    while !sender.stream(number + 1, &saying.text, true).await? {
        number += 1;
    }
    sender.close(&saying.text).await?;
    let timed = Timed { begun, tokens: speaking.await.unwrap_or_default() };
    Ok((stage.figures(&asked, &saying.text, &timed)?, timed))
}

/// What it takes to talk about one card.
struct Sender {
    client: Client,
    base: String,
    token: String,
    robot: String,
    id: String,
}

impl Sender {
    async fn new(stage: &Stage, asked: &str) -> Result<Self, Error> {
        // Only one process-wide provider can be installed; whoever did it first did the same.
        drop(rustls::crypto::ring::default_provider().install_default());
        let (client, app) = (Client::builder().no_proxy().build()?, stage.dingtalk().app());
        let base = stage.dingtalk().base_url();
        let credentials = json!({"appKey": app.client_id, "appSecret": app.client_secret});
        let path = Endpoint::AccessToken.route().1;
        let answer = client.post(format!("{base}{path}")).json(&credentials).send().await?;
        let granted: Value = answer.json().await?;
        let token = granted["accessToken"].as_str().unwrap_or_default().to_owned();
        Ok(Self { client, base, token, robot: app.client_id, id: format!("naive-{asked}") })
    }

    async fn create(&self) -> Result<(), Error> {
        let body = json!({
            "cardTemplateId": TEMPLATE,
            "outTrackId": self.id,
            "callbackType": "STREAM",
            "cardData": {"cardParamMap": {"flowStatus": "1", KEY: "…"}},
            "openSpaceId": format!("dtv1.card//IM_ROBOT.{}", person(0)),
            "imRobotOpenSpaceModel": {"supportForward": true},
            "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT", "robotCode": self.robot},
        });
        self.call(Endpoint::CreateAndDeliver, &body).await.map(drop)
    }

    /// Whether it was taken.
    async fn stream(&self, number: usize, text: &str, last: bool) -> Result<bool, Error> {
        let body = json!({
            "outTrackId": self.id,
            "guid": format!("{}-{number}", self.id),
            "key": KEY,
            "content": text,
            "isFull": true,
            "isFinalize": last,
            "isError": false,
        });
        self.call(Endpoint::Streaming, &body).await
    }

    async fn close(&self, text: &str) -> Result<(), Error> {
        let body = json!({
            "outTrackId": self.id,
            "cardData": {"cardParamMap": {"flowStatus": "3", KEY: text}},
            "cardUpdateOptions": {"updateCardDataByKey": true},
        });
        self.call(Endpoint::UpdateCard, &body).await.map(drop)
    }

    async fn call(&self, endpoint: Endpoint, body: &Value) -> Result<bool, Error> {
        let (method, path) = endpoint.route();
        let url = format!("{}{path}", self.base);
        let request = if method == "PUT" { self.client.put(url) } else { self.client.post(url) };
        let request = request.header("x-acs-dingtalk-access-token", &self.token).json(body);
        Ok(request.send().await?.status().is_success())
    }
}
