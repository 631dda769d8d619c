//! A fake DingTalk on 127.0.0.1, written from the DingTalk protocol document alone.
//!
//! It speaks the open API, the older `oapi` and the Stream gateway on one port, keeps cards, messages
//! and pushes in a record with one order, lets a test act as the people of an organisation, and
//! misbehaves on demand. It is strict where the document is, and as lenient as the service where the
//! document says that the service is.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use host_mock::dingtalk::{DingTalk, Settings};
//!
//! let dingtalk = DingTalk::start(Settings::default()).await?;
//! // … a client connects to dingtalk.base_url() …
//! let asked = dingtalk.says("Lin", "hello");
//! dingtalk.acked(&asked).await;
//! let card = dingtalk.finished_card().await;
//! assert_eq!(card.text(), "hello, Lin");
//! assert!(dingtalk.violations().is_empty());
//! # Ok(())
//! # }
//! ```

mod answer;
mod card;
mod endpoint;
mod fault;
mod gateway;
mod media;
mod odd;
mod people;
mod quirk;
mod quote;
mod random;
mod record;
mod registration;
mod request;
mod robot;
mod say;
mod script;
mod secrecy;
mod serve;
mod settings;
#[cfg(test)]
mod tests;
mod throttle;
mod token;
mod view;
mod violation;
mod wait;
mod webhook;
mod wire;
mod world;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tokio::task::JoinHandle;

use self::wire::{Door, WireHandle, Wires};
use self::world::{FrontDoor, Shared, World};

pub use self::card::{Card, CardState, CardStep, Carrier, StepKind, Template};
pub use self::endpoint::Endpoint;
pub use self::fault::Fault;
pub use self::gateway::{Ack, Connection, ConnectionId, Connections, Delivery, Ending, Push, PushKind};
pub use self::media::Upload;
pub use self::people::{App, Group, Person, Reach, SCOPES};
pub use self::record::{Aside, Call, Change, Changed, Message, Moment, Reaction, Via};
pub use self::registration::{Registration, Said};
pub use self::script::{Answering, On};
pub use self::secrecy::given_away_by;
pub use self::settings::{Quirks, Settings, Strictness, Unsubscribed};
pub use self::view::View;
pub use self::violation::{Rule, Violation};
pub use self::wait::TimedOut;
pub(crate) use self::world::millis;

/// A running fake DingTalk; it stops when dropped.
#[derive(Debug)]
pub struct DingTalk {
    shared: Arc<Shared>,
    address: SocketAddr,
    patience: Duration,
    wires: Wires,
    server: JoinHandle<()>,
    postman: JoinHandle<()>,
}

impl DingTalk {
    /// Starts a fake on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// If the port of the settings is taken.
    ///
    /// # Panics
    ///
    /// If the settings name no app.
    pub async fn start(settings: Settings) -> io::Result<Self> {
        Self::start_beside(settings, Router::new()).await
    }

    /// [`start`](Self::start) with more to serve on the same port; what `beside` does not know is DingTalk's.
    ///
    /// # Errors
    ///
    /// If the port of the settings is taken.
    ///
    /// # Panics
    ///
    /// If the settings name no app, or `beside` has a fallback or a path of DingTalk's.
    pub async fn start_beside(settings: Settings, beside: Router) -> io::Result<Self> {
        assert!(!settings.apps.is_empty(), "a fake DingTalk needs at least one app");
        let listener = TcpListener::bind((settings.listen, settings.port)).await?;
        let address = listener.local_addr()?;
        let patience = settings.patience;
        let shared = Arc::new(Shared::new(World::new(settings, address.to_string())));
        let wires = Wires::default();
        let router = Router::new()
            .route(Endpoint::Connect.route().1, get(gateway::connect))
            .fallback(serve::serve)
            .with_state(Arc::clone(&shared))
            .merge(beside)
            .into_make_service_with_connect_info::<WireHandle>();
        let door = Door::new(listener, wires.clone());
        let server = tokio::spawn(async move {
            // It serves until it is aborted.
            drop(axum::serve(door, router).await);
        });
        let postman = tokio::spawn(gateway::repeat_pushes(Arc::clone(&shared)));
        Ok(Self { shared, address, patience, wires, server, postman })
    }

    /// The base URL of both the open API and `oapi`, such as `http://127.0.0.1:4711`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where the fake listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The time since the fake started, by the clock of every [`Moment`].
    #[must_use]
    pub fn now(&self) -> Duration {
        self.look(|view| view.0.clock.now())
    }

    /// From now on tells clients to come to `base_url`, where something stands that leads here: a
    /// proxy that knows the name, or what ends TLS.
    ///
    /// # Panics
    ///
    /// If it begins neither with `http://` nor with `https://`.
    pub fn is_reached_at(&self, base_url: &str) {
        let (scheme, authority) = base_url.split_once("://").unwrap_or_default();
        assert!(matches!(scheme, "http" | "https"), "{base_url} is no base URL");
        let authority = authority.trim_end_matches('/').to_owned();
        let door = FrontDoor { encrypted: scheme == "https", authority };
        self.shared.with(|world| world.door = door);
    }

    /// The first app, for a client's credentials.
    #[must_use]
    pub fn app(&self) -> App {
        self.look(|view| view.0.directory.first_app().clone())
    }

    /// Every app.
    #[must_use]
    pub fn apps(&self) -> Vec<App> {
        self.look(|view| view.0.directory.apps.clone())
    }

    /// The id of the private conversation of a person, by staff id, with an app's robot.
    #[must_use]
    pub fn direct_conversation(client_id: &str, staff_id: &str) -> String {
        people::direct_conversation(client_id, staff_id)
    }

    /// The id of a conversation that is named by a group's title or a person.
    ///
    /// # Panics
    ///
    /// If there is no such conversation.
    #[must_use]
    #[track_caller]
    pub fn conversation(&self, place: &str) -> String {
        self.look(|view| view.0.conversation(place))
    }

    /// The rules of the protocol that the client broke; empty at the end of a good test.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        self.look(|view| view.violations().to_vec())
    }

    /// A live feed of everything that happens, for a screen; a slow reader misses changes.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.shared.feed()
    }

    /// Ends every connection and gives the port back.
    pub async fn shutdown(mut self) {
        self.stop();
        // Both were aborted: there is nothing to learn from how they end.
        drop((&mut self.server).await);
        drop((&mut self.postman).await);
    }

    fn stop(&self) {
        self.server.abort();
        self.postman.abort();
        self.wires.cut_all();
    }
}

impl Drop for DingTalk {
    fn drop(&mut self) {
        self.stop();
    }
}
