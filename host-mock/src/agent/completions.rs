//! An agent that asks a model, by the interface that most of them speak: OpenAI's chat completions, streamed.

use super::memory::{Exchange, Memory};
use crate::host::{Agent, Answer, Delta};
use futures_util::stream;
use host_sdk::InboundMessage;
use serde_json::{Value, json};
use std::{collections::VecDeque, fmt, time::Duration};

/// How long a model may take to take a connection, and to say its next word.
const CONNECT: Duration = Duration::from_secs(10);
const SILENCE: Duration = Duration::from_secs(120);
/// Bytes of a line of an answer.
const LONGEST_LINE: usize = 1024 * 1024;

/// A model, and how it is reached.
#[derive(Clone)]
pub struct Completions {
    http: reqwest::Client,
    url: reqwest::Url,
    key: Option<String>,
    model: String,
    instructions: Option<String>,
    memory: Memory,
}

/// Why a model cannot be asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unusable {
    /// The address is none.
    #[error("{0:?} is no address of a model: write it like https://api.example.com/v1")]
    Address(String),
    /// This program cannot speak HTTP here.
    #[error("cannot ask a model: {0}")]
    Http(String),
}

impl Completions {
    /// The model `model` at `base`, such as `https://api.example.com/v1`; `key` is what it wants as a bearer token.
    ///
    /// # Errors
    /// When `base` is no address, or there is no TLS.
    pub fn new(
        base: &str,
        model: &str,
        key: Option<String>,
        instructions: Option<String>,
    ) -> Result<Self, Unusable> {
        let wrong = || Unusable::Address(base.to_owned());
        let url = reqwest::Url::parse(&format!("{}/chat/completions", base.trim_end_matches('/')));
        let url = url.ok().filter(|url| matches!(url.scheme(), "http" | "https")).ok_or_else(wrong)?;
        // Whoever was first has installed the same.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().connect_timeout(CONNECT).read_timeout(SILENCE);
        let http = http.build().map_err(|error| Unusable::Http(error.to_string()))?;
        let (model, memory) = (model.to_owned(), Memory::default());
        Ok(Self { http, url, key, model, instructions, memory })
    }

    fn messages(&self, message: &InboundMessage) -> Vec<Value> {
        let said = |role: &str, text: &str| json!({"role": role, "content": text});
        let before = self.memory.of(&message.conversation.id);
        let told = self.instructions.iter().map(|text| said("system", text));
        let past = before
            .iter()
            .flat_map(|exchange| [said("user", &exchange.asked), said("assistant", &exchange.answered)]);
        told.chain(past).chain([said("user", &message.text)]).collect()
    }
}

impl Agent for Completions {
    fn answer(&self, message: &InboundMessage) -> Answer {
        let body = json!({"model": self.model, "stream": true, "messages": self.messages(message)});
        let mut request = self.http.post(self.url.clone()).json(&body);
        if let Some(key) = &self.key {
            request = request.bearer_auth(key);
        }
        let begun = Asking {
            request: Some(request),
            response: None,
            lines: Lines::default(),
            ready: VecDeque::new(),
            said: String::new(),
            asked: message.text.clone(),
            conversation: message.conversation.id.clone(),
            memory: self.memory.clone(),
            over: false,
        };
        Answer::new(stream::unfold(begun, |mut asking| async move { Some((asking.next().await?, asking)) }))
    }
}

impl fmt::Debug for Completions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Completions").field("model", &self.model).finish_non_exhaustive()
    }
}

/// One answer under way.
struct Asking {
    request: Option<reqwest::RequestBuilder>,
    response: Option<reqwest::Response>,
    lines: Lines,
    ready: VecDeque<Delta>,
    said: String,
    asked: String,
    conversation: String,
    memory: Memory,
    over: bool,
}

impl Asking {
    async fn next(&mut self) -> Option<Delta> {
        loop {
            if let Some(delta) = self.ready.pop_front() {
                return Some(delta);
            }
            if self.over {
                return None;
            }
            if let Err(why) = self.hear().await {
                self.over = true;
                return Some(Delta::Failed(why));
            }
        }
    }

    /// Takes the next piece of the answer in.
    async fn hear(&mut self) -> Result<(), String> {
        let broken = |error: reqwest::Error| {
            format!("the model cannot be reached, or broke off: {}", error.without_url())
        };
        if let Some(request) = self.request.take() {
            let response = request.send().await.map_err(broken)?;
            if !response.status().is_success() {
                return Err(format!("the model refuses, with HTTP status {}", response.status().as_u16()));
            }
            self.response = Some(response);
        }
        let Some(response) = &mut self.response else { return Err("the model was asked twice".into()) };
        match response.chunk().await.map_err(broken)? {
            None => self.end(),
            Some(piece) => {
                for line in self.lines.take(&piece)? {
                    self.line(&line);
                }
            }
        }
        Ok(())
    }

    fn line(&mut self, line: &str) {
        let Some(data) = line.strip_prefix("data:").map(str::trim) else { return };
        if data == "[DONE]" {
            return self.end();
        }
        let chunk: Value = serde_json::from_str(data).unwrap_or_default();
        if let Some(text) = chunk["choices"][0]["delta"]["content"].as_str().filter(|text| !text.is_empty()) {
            self.said.push_str(text);
            self.ready.push_back(Delta::Text(text.to_owned()));
        }
    }

    fn end(&mut self) {
        if !std::mem::replace(&mut self.over, true) {
            let exchange =
                Exchange { asked: std::mem::take(&mut self.asked), answered: std::mem::take(&mut self.said) };
            self.memory.keep(&self.conversation, exchange);
        }
    }
}

/// Bytes that become lines.
#[derive(Debug, Default)]
struct Lines(Vec<u8>);

impl Lines {
    /// The lines that are whole with this piece.
    fn take(&mut self, piece: &[u8]) -> Result<Vec<String>, String> {
        self.0.extend_from_slice(piece);
        let whole = self.0.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let rest = self.0.split_off(whole);
        let lines = std::mem::replace(&mut self.0, rest);
        if self.0.len() > LONGEST_LINE {
            return Err("the model's answer is none: a line has no end".into());
        }
        Ok(String::from_utf8_lossy(&lines).lines().map(str::to_owned).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, routing::post};
    use futures_util::StreamExt;
    use std::sync::{Arc, Mutex};

    /// A model that answers so, and what it was asked.
    async fn model(status: u16, answer: &'static str) -> (String, Arc<Mutex<Vec<Value>>>) {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let notes = asked.clone();
        let handler = move |axum::Json(body): axum::Json<Value>| async move {
            notes.lock().unwrap().push(body);
            (axum::http::StatusCode::from_u16(status).unwrap(), answer)
        };
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let base = format!("http://{}/v1", listener.local_addr().unwrap());
        let router = Router::new().route("/v1/chat/completions", post(handler));
        tokio::spawn(async move { axum::serve(listener, router).await });
        (base, asked)
    }

    fn message(text: &str) -> InboundMessage {
        InboundMessage { text: text.into(), ..InboundMessage::default() }
    }

    async fn answer(model: &Completions, text: &str) -> Vec<Delta> {
        model.answer(&message(text)).collect().await
    }

    #[tokio::test]
    async fn words_come_as_the_model_says_them_and_are_remembered() {
        let said = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n\
                    data: {\"choices\":[{\"delta\":{\"content\":\"你\"}}]}\n\ndata: \
                    {\"choices\":[{\"delta\":{\"content\":\"好\"}}]}\n\ndata: [DONE]\n\n";
        let (base, asked) = model(200, said).await;
        let agent = Completions::new(&base, "m", Some("key".into()), Some("Be brief.".into())).unwrap();
        let words = [Delta::Text("你".into()), Delta::Text("好".into())];
        assert_eq!(answer(&agent, "hello").await, words);
        assert_eq!(answer(&agent, "again").await, words);
        let second = asked.lock().unwrap()[1]["messages"].clone();
        let roles: Vec<_> =
            second.as_array().unwrap().iter().map(|said| said["role"].as_str().unwrap()).collect();
        assert_eq!(roles, ["system", "user", "assistant", "user"]);
        assert_eq!(second[2]["content"], "你好");
    }

    #[tokio::test]
    async fn a_refusal_is_told_without_the_key_or_the_address() {
        let (base, _) = model(401, "wrong key s3cret").await;
        let agent = Completions::new(&base, "m", Some("s3cret".into()), None).unwrap();
        let told = answer(&agent, "hello").await;
        assert_eq!(told, [Delta::Failed("the model refuses, with HTTP status 401".into())]);
    }

    #[tokio::test]
    async fn a_model_that_is_not_there_is_told() {
        let agent = Completions::new("http://127.0.0.1:1/v1", "m", None, None).unwrap();
        let told = answer(&agent, "hello").await;
        assert!(matches!(&told[..], [Delta::Failed(why)] if why.contains("cannot be reached")), "{told:?}");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for base in ["", "api.example.com/v1", "ftp://x/v1"] {
            assert!(Completions::new(base, "m", None, None).is_err(), "{base}");
        }
    }

    #[test]
    fn a_letter_that_is_torn_arrives_whole() {
        let mut lines = Lines::default();
        let text = "data: 好\n".as_bytes();
        assert_eq!(lines.take(&text[..7]).unwrap(), Vec::<String>::new());
        assert_eq!(lines.take(&text[7..]).unwrap(), ["data: 好"]);
    }
}
