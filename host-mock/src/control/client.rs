//! The side of the command.

use super::{
    file,
    wire::{Card, Health, Refusal, Sending},
};
use host_sdk::Receipt;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// How long a host that runs may take to take a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// How long it may take to answer: sending a large file takes its time.
const ANSWER: Duration = Duration::from_secs(180);

/// The way to a host that runs.
pub struct Client {
    http: reqwest::Client,
    card: Card,
    state: PathBuf,
}

/// Why a host was not reached, or did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Trouble {
    /// No host runs in this state directory.
    #[error("no host runs with the state directory {}: start one with `host-mock run`, or name its --state", .0.display())]
    NoHost(PathBuf),
    /// The host refused.
    #[error("{0}")]
    Refused(String),
    /// The host tried, and failed.
    #[error("{0}")]
    Failed(String),
    /// Something between us and the host failed.
    #[error("the host does not answer as it should: {0}")]
    Broken(String),
}

impl Client {
    /// Finds the host that runs in a state directory.
    ///
    /// # Errors
    /// When none does.
    pub fn of(state: &Path) -> Result<Self, Trouble> {
        let text = std::fs::read_to_string(file(state)).map_err(|_| Trouble::NoHost(state.to_owned()))?;
        let card = serde_json::from_str(&text).map_err(|error| Trouble::Broken(error.to_string()))?;
        let http = reqwest::Client::builder().no_proxy().connect_timeout(CONNECT).timeout(ANSWER);
        let http =
            http.pool_max_idle_per_host(0).build().map_err(|error| Trouble::Broken(error.to_string()))?;
        Ok(Self { http, card, state: state.to_owned() })
    }

    /// How all accounts are; with `probe` they examine themselves first.
    ///
    /// # Errors
    /// When the host is not reached.
    pub async fn status(&self, probe: bool) -> Result<Health, Trouble> {
        self.json(self.http.get(self.url(&format!("/status?probe={probe}")))).await
    }

    /// Sends a message.
    ///
    /// # Errors
    /// When the host is not reached, or nothing of it could be sent.
    pub async fn send(&self, sending: &Sending) -> Result<Receipt, Trouble> {
        self.json(self.http.post(self.url("/send")).json(sending)).await
    }

    /// The metrics of all accounts as JSON.
    ///
    /// # Errors
    /// When the host is not reached.
    pub async fn metrics(&self) -> Result<Value, Trouble> {
        self.json(self.http.get(self.url("/metrics.json"))).await
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.card.address)
    }

    async fn json<T: DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> Result<T, Trouble> {
        let broken = |error: reqwest::Error| Trouble::Broken(error.without_url().to_string());
        let response = request.bearer_auth(&self.card.word).send().await.map_err(|error| {
            // What a host that was killed leaves behind leads nowhere.
            if error.is_connect() { Trouble::NoHost(self.state.clone()) } else { broken(error) }
        })?;
        let status = response.status();
        if status == reqwest::StatusCode::UNAUTHORIZED {
            // Somebody else has the port by now.
            return Err(Trouble::NoHost(self.state.clone()));
        }
        if status.is_success() {
            return response.json().await.map_err(broken);
        }
        let refusal = response.json::<Refusal>().await.map_err(broken)?.error;
        Err(if status.is_client_error() { Trouble::Refused(refusal) } else { Trouble::Failed(refusal) })
    }
}
