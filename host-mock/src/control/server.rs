//! The side of the host that runs.

use super::{
    file,
    wire::{AccountProbe, Card, Health, Refusal, Sending},
};
use crate::{
    host::{Examination, Host},
    private_file::write_private,
};
use axum::{
    Json, Router,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use host_sdk::{Attachment, ErrorCode, OutboundMessage};
use serde::Deserialize;
use std::{
    io,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// What a running host offers to commands. Dropped, it takes its file away.
#[derive(Debug)]
pub struct Control {
    file: PathBuf,
    closing: CancellationToken,
    server: JoinHandle<()>,
}

impl Control {
    /// Offers `host` to whoever can read its `state` directory.
    ///
    /// # Errors
    /// When no port is free, or the file cannot be written.
    pub async fn open(state: &Path, host: Arc<Host>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let word = format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
        let card = Card { address: listener.local_addr()?, word: word.clone(), pid: std::process::id() };
        let file = file(state);
        write_private(&file, &serde_json::to_string(&card).unwrap_or_default())?;
        let closing = CancellationToken::new();
        let closed = closing.clone().cancelled_owned();
        let serving =
            axum::serve(listener, router(host, &word, closing.clone())).with_graceful_shutdown(closed);
        // It serves until it is told to close.
        let server = tokio::spawn(async move { drop(serving.await) });
        Ok(Self { file, closing, server })
    }

    /// Ends every request that is still answered, and lets go of the host.
    pub async fn close(mut self) {
        self.closing.cancel();
        // There is nothing to learn from how it ends.
        drop((&mut self.server).await);
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        self.closing.cancel();
        // Where it is gone already, nobody is misled.
        let _gone = std::fs::remove_file(&self.file);
    }
}

fn router(host: Arc<Host>, word: &str, closing: CancellationToken) -> Router {
    let expected = Arc::new(format!("Bearer {word}"));
    let admit = move |headers: HeaderMap, request: axum::extract::Request, next: Next| {
        let (expected, closing) = (expected.clone(), closing.clone());
        async move {
            let told =
                headers.get(header::AUTHORIZATION).is_some_and(|told| told.as_bytes() == expected.as_bytes());
            if !told {
                return refused(StatusCode::UNAUTHORIZED, "the word is missing or wrong");
            }
            tokio::select! {
                response = next.run(request) => response,
                () = closing.cancelled() => refused(StatusCode::SERVICE_UNAVAILABLE, "the host is stopping"),
            }
        }
    };
    Router::new()
        .route("/status", get(status))
        .route("/send", post(send))
        .route("/metrics", get(async |State(host): State<Arc<Host>>| host.prometheus()))
        .route("/metrics.json", get(async |State(host): State<Arc<Host>>| Json(host.metrics())))
        .layer(middleware::from_fn(admit))
        .with_state(host)
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    probe: bool,
}

async fn status(State(host): State<Arc<Host>>, Query(asked): Query<Asked>) -> Json<Health> {
    let mut probes = Vec::new();
    if asked.probe {
        let examined = Examination::of_running(&host).await.accounts.into_iter();
        probes.extend(examined.map(|it| AccountProbe { account: it.account, report: it.report }));
    }
    Json(Health { accounts: host.snapshot(), probes })
}

async fn send(State(host): State<Arc<Host>>, Json(sending): Json<Sending>) -> Response {
    let attachments = sending.files.iter().map(|file| Attachment {
        path: file.display().to_string(),
        name: file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        ..Attachment::default()
    });
    let message = OutboundMessage {
        target: sending.target,
        text: sending.text,
        as_voice: sending.as_voice,
        attachments: attachments.collect(),
        ..OutboundMessage::default()
    };
    match host.send(&sending.account, message).await {
        Ok(receipt) => Json(receipt).into_response(),
        Err(error) if error.code == ErrorCode::Rejected => {
            refused(StatusCode::UNPROCESSABLE_ENTITY, &error.to_string())
        }
        Err(error) => refused(StatusCode::BAD_GATEWAY, &error.to_string()),
    }
}

fn refused(status: StatusCode, error: &str) -> Response {
    (status, Json(Refusal { error: error.to_owned() })).into_response()
}
