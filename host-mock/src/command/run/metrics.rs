//! `/metrics`, for Prometheus.

use super::super::{Exit, Failure, tell::say};
use crate::host::Host;
use axum::{Router, http::header, routing::get};
use host_sdk::host::PROMETHEUS;
use std::{
    net::SocketAddr,
    sync::{Arc, Weak},
};
use tokio::{net::TcpListener, task::JoinHandle};

/// A port, taken before there is a host.
pub(super) struct Listening(TcpListener, SocketAddr);

impl Listening {
    pub(super) async fn at(address: SocketAddr) -> Result<Self, Failure> {
        let taken = |error: std::io::Error| {
            let what = match error.kind() {
                std::io::ErrorKind::AddrInUse => "is in use: end who uses it, or name another".to_owned(),
                _ => format!("cannot be used: {error}"),
            };
            Failure::new(Exit::Wrong, format!("--metrics {address}: the port {what}"))
        };
        let listener = TcpListener::bind(address).await.map_err(taken)?;
        let address = listener.local_addr().map_err(taken)?;
        Ok(Self(listener, address))
    }

    /// Serves it for as long as the host is there.
    pub(super) fn serve(self, host: &Arc<Host>) -> Serving {
        let host: Weak<Host> = Arc::downgrade(host);
        let text = async move || {
            let text = host.upgrade().map(|host| host.prometheus()).unwrap_or_default();
            ([(header::CONTENT_TYPE, PROMETHEUS)], text)
        };
        say(format_args!("metrics at http://{}/metrics", self.1));
        let router = Router::new().route("/metrics", get(text));
        // It serves until it is aborted.
        Serving(tokio::spawn(async move { drop(axum::serve(self.0, router).await) }))
    }
}

/// The server.
pub(super) struct Serving(JoinHandle<()>);

impl Serving {
    pub(super) async fn close(self) {
        self.0.abort();
        // It was aborted: there is nothing to learn from how it ends.
        drop(self.0.await);
    }
}
