//! A language model on 127.0.0.1 that says what it is told to: for agents that ask one over HTTP.
//!
//! It speaks the chat completions of OpenAI, streamed or whole. What somebody writes decides what it
//! answers, in the words of [`Line`], so that a test needs no other way to it:
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use host_mock::model::Model;
//!
//! let model = Model::start().await?;
//! // … an agent is told of model.base_url(), and a person writes "#pace 20 #words 40" …
//! # Ok(())
//! # }
//! ```

mod line;
mod wire;

pub use self::line::{Line, ToolCall};
pub use self::wire::Asked;

use self::line::Held;
use crate::host::{Delta, play};
use axum::{
    Json, Router,
    body::Body,
    extract::State,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use futures_util::{Stream, StreamExt, stream};
use serde_json::Value;
use std::{
    collections::{HashSet, VecDeque},
    convert::Infallible,
    io,
    net::{Ipv4Addr, SocketAddr},
    panic::Location,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle, time::timeout};

/// The id under which the model is asked for.
pub const ID: &str = "script";

/// How many requests are remembered; older ones are forgotten.
const REMEMBERED: usize = 1_000;

/// How long something is waited for, also on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(180);

/// A running model; it stops when dropped.
#[derive(Debug)]
pub struct Model {
    address: SocketAddr,
    heard: Arc<Heard>,
    server: JoinHandle<()>,
}

impl Model {
    /// Starts a model on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// If there is no free port.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let heard = Arc::<Heard>::default();
        let router = Router::new()
            .route("/v1/models", get(models))
            .route("/v1/chat/completions", post(complete))
            .with_state(Arc::clone(&heard));
        // It serves until it is aborted.
        let server = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        Ok(Self { address, heard, server })
    }

    /// What an agent's configuration calls the base URL, such as `http://127.0.0.1:4711/v1`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// What the model was asked so far, oldest first.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.heard.asked().iter().cloned().collect()
    }

    /// How often somebody went while it was still answering.
    #[must_use]
    pub fn left_alone(&self) -> usize {
        *self.heard.left_alone.borrow()
    }

    /// Waits until it has said to the end what it was asked, if `wanted` finds that.
    ///
    /// # Panics
    ///
    /// If it has not within three minutes.
    #[track_caller]
    pub fn has_said(&self, wanted: impl Fn(&Asked) -> bool) -> impl Future<Output = ()> {
        let mut said = self.heard.said.subscribe();
        // The sender lives as long as the model.
        let said = async move { drop(said.wait_for(|said| said.iter().any(&wanted)).await) };
        within_patience(said, "it has said what was waited for")
    }

    /// Lets everything be said, now and later, that `#hold` with this name holds back.
    pub fn lets_go(&self, name: &str) {
        self.heard.let_go.send_if_modified(|names| names.insert(name.to_owned()));
    }

    /// Waits until somebody has gone while it was still answering, for so many times in all.
    ///
    /// # Panics
    ///
    /// If nobody has within three minutes.
    #[track_caller]
    pub fn is_left_alone(&self, times: usize) -> impl Future<Output = ()> {
        let mut left_alone = self.heard.left_alone.subscribe();
        // The sender lives as long as the model.
        let left = async move { drop(left_alone.wait_for(|left| *left >= times).await) };
        within_patience(left, "somebody leaves it alone")
    }

    /// Waits until it was asked something that `wanted` finds.
    ///
    /// # Panics
    ///
    /// If it was not within three minutes.
    #[track_caller]
    pub fn is_asked(&self, wanted: impl Fn(&Asked) -> bool) -> impl Future<Output = Asked> {
        self.is_asked_times(1, wanted)
    }

    /// Waits until it was asked so many times something that `wanted` finds; the last of them.
    ///
    /// # Panics
    ///
    /// If it was not within three minutes.
    #[track_caller]
    pub fn is_asked_times(
        &self,
        times: usize,
        wanted: impl Fn(&Asked) -> bool,
    ) -> impl Future<Output = Asked> {
        let mut changes = self.heard.count.subscribe();
        let nth = times.saturating_sub(1);
        let asked = async move {
            loop {
                changes.borrow_and_update();
                let found = self.heard.asked().iter().filter(|asked| wanted(asked)).nth(nth).cloned();
                if let Some(found) = found {
                    return found;
                }
                // The sender lives as long as the model.
                drop(changes.changed().await);
            }
        };
        within_patience(asked, "it is asked what was waited for")
    }
}

/// What is waited for; panics for the caller's caller, who knows what that would have been.
#[track_caller]
fn within_patience<T>(waiting: impl Future<Output = T>, what: &'static str) -> impl Future<Output = T> {
    let caller = Location::caller();
    async move {
        match timeout(PATIENCE, waiting).await {
            Ok(found) => found,
            Err(_) => panic!("{caller}: the model waits in vain, for {PATIENCE:?}, until {what}"),
        }
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// What was asked.
#[derive(Debug, Default)]
struct Heard {
    asked: Mutex<VecDeque<Asked>>,
    count: watch::Sender<usize>,
    /// What it has answered to the end; as many as are remembered of what it was asked.
    said: watch::Sender<VecDeque<Asked>>,
    left_alone: watch::Sender<usize>,
    let_go: watch::Sender<HashSet<String>>,
}

impl Heard {
    /// Waits until what is held by this name may be said.
    async fn is_let_go(&self, name: &str) {
        // The sender is its own.
        drop(self.let_go.subscribe().wait_for(|names| names.contains(name)).await);
    }

    fn asked(&self) -> std::sync::MutexGuard<'_, VecDeque<Asked>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hears(&self, asked: Asked) {
        remember(&mut self.asked(), asked);
        self.count.send_modify(|count| *count += 1);
    }
}

fn remember(all: &mut VecDeque<Asked>, asked: Asked) {
    if all.len() == REMEMBERED {
        all.pop_front();
    }
    all.push_back(asked);
}

/// Notes that nobody listens any more, or that the answer came to its end.
struct Listened {
    heard: Arc<Heard>,
    /// Whose end is not there yet.
    asked: Option<Asked>,
}

impl Listened {
    fn heard_out(mut self) {
        if let Some(asked) = self.asked.take() {
            self.heard.said.send_modify(|said| remember(said, asked));
        }
    }
}

impl Drop for Listened {
    fn drop(&mut self) {
        if self.asked.is_some() {
            self.heard.left_alone.send_modify(|times| *times += 1);
        }
    }
}

async fn models() -> Json<Value> {
    Json(wire::models(ID))
}

async fn complete(State(heard): State<Arc<Heard>>, Json(body): Json<Value>) -> Response {
    let asked = Asked::read(&body);
    let line = Line::parse(&asked.text, asked.tool_results);
    let streamed = asked.streamed;
    heard.hears(asked.clone());
    let listened = Listened { heard, asked: Some(asked) };
    if let Some(status) = line.refuses {
        listened.heard_out();
        return (status, Json(wire::refusal(status.as_u16()))).into_response();
    }
    let call = line.call;
    let deltas = play(line.steps, line.tokens_per_second).chain(held(line.held, listened.heard.clone()));
    if !streamed {
        let deltas = deltas.collect::<Vec<_>>().await;
        listened.heard_out();
        return Json(wire::whole(&deltas, call.as_ref())).into_response();
    }
    let words =
        stream::once(async { wire::begin() }).chain(deltas.filter_map(async |delta| wire::delta(&delta)));
    let end = stream::iter(wire::end(call.as_ref()));
    let over = stream::once(async move { listened.heard_out() }).filter_map(async |()| None);
    let body = words.chain(end).chain(over).map(Ok::<_, Infallible>);
    ([(CONTENT_TYPE, "text/event-stream")], Body::from_stream(body)).into_response()
}

/// What is said once it is let go.
fn held(held: Option<Held>, heard: Arc<Heard>) -> impl Stream<Item = Delta> + Send {
    let waiting = stream::iter(held).then(move |held| {
        let heard = heard.clone();
        async move {
            heard.is_let_go(&held.name).await;
            held.steps
        }
    });
    waiting.flat_map(|steps| play(steps, 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
    };

    async fn ask(model: &Model, body: &Value) -> String {
        let body = body.to_string();
        let mut stream = TcpStream::connect(model.address).await.unwrap();
        let head = format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: model\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn what_a_person_writes_decides_what_is_streamed() {
        let model = Model::start().await.unwrap();
        let body = serde_json::json!({
            "stream": true,
            "messages": [{"role": "user", "content": "[Lin] #say one two"}],
        });

        let answer = ask(&model, &body).await;

        assert!(answer.contains(r#""content":"one""#) && answer.contains(r#""content":" two""#), "{answer}");
        assert!(answer.contains(r#""finish_reason":"stop""#) && answer.contains("[DONE]"), "{answer}");
        assert_eq!(model.is_asked(|_| true).await.text, "[Lin] #say one two");
        model.has_said(|asked| asked.text == "[Lin] #say one two").await;
    }

    #[tokio::test]
    async fn what_is_held_back_is_said_once_it_is_let_go() {
        let model = Model::start().await.unwrap();
        let text = "#say one #hold door #say , two";
        let body = serde_json::json!({"stream": true, "messages": [{"role": "user", "content": text}]});
        let letting_go = async {
            model.is_asked(|_| true).await;
            model.lets_go("another");
            model.lets_go("door");
        };

        let (answer, ()) = tokio::join!(ask(&model, &body), letting_go);

        assert!(answer.contains(r#""content":" two""#) && answer.contains("[DONE]"), "{answer}");
    }

    #[tokio::test]
    async fn who_goes_before_the_end_is_noticed_and_who_stays_is_not() {
        let model = Model::start().await.unwrap();
        let asked =
            |text: &str| serde_json::json!({"stream": true, "messages": [{"role": "user", "content": text}]});
        ask(&model, &asked("#say one two")).await;
        assert_eq!(model.left_alone(), 0);

        let body = asked("#say one #hang").to_string();
        let mut stream = TcpStream::connect(model.address).await.unwrap();
        let head = "POST /v1/chat/completions HTTP/1.1\r\nhost: model\r\ncontent-type: application/json\r\n";
        let request = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
        stream.write_all(request.as_bytes()).await.unwrap();
        model.is_asked(|asked| asked.text.contains("#hang")).await;
        drop(stream);

        model.is_left_alone(1).await;
    }

    #[tokio::test]
    async fn a_whole_answer_and_a_refusal_are_answers_of_the_same_api() {
        let model = Model::start().await.unwrap();
        let whole = serde_json::json!({"messages": [{"role": "user", "content": "#say one two"}]});
        let refused = serde_json::json!({"messages": [{"role": "user", "content": "#refuse 429"}]});

        assert!(ask(&model, &whole).await.contains(r#""content":"one two""#));
        assert!(ask(&model, &refused).await.starts_with("HTTP/1.1 429"));
        assert_eq!(model.asked().len(), 2);
    }
}
