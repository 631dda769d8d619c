//! The invitation to a Stream connection.

use super::{
    client::{Api, Credentials},
    exchange::foreign,
};
use crate::{
    error::{Error, ErrorKind, Result},
    secret::Secret,
};
use reqwest::Url;
use serde::{Deserialize, Serialize};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(10);
const DURING: &str = "opening the Stream connection";
const REFUSED: &str = "check that the app is published, that its robot receives messages in Stream mode, \
    that this machine's address is on its allow list if there is one, and clientId and clientSecret";
const USER_AGENT: &str = concat!("openclaw-dingtalk-rust/", env!("CARGO_PKG_VERSION"));

/// Topic of messages to the robot.
pub(crate) const ROBOT: &str = "/v1.0/im/bot/messages/get";
/// Topic of what people do to a card.
pub(crate) const CARD: &str = "/v1.0/card/instances/callback";

/// Body of [`POST /v1.0/gateway/connections/open`](https://open.dingtalk.com/document/direction/stream-mode-protocol-access-description).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Open<'a> {
    client_id: &'a str,
    client_secret: &'a str,
    subscriptions: [Subscription; 3],
    ua: &'static str,
}

#[derive(Serialize)]
struct Subscription {
    #[serde(rename = "type")]
    kind: &'static str,
    topic: &'static str,
}

/// Its answer.
#[derive(Deserialize)]
struct Opened {
    endpoint: String,
    ticket: String,
}

impl<'a> Open<'a> {
    fn new(credentials: &'a Credentials) -> Self {
        let topic = |kind, topic| Subscription { kind, topic };
        Self {
            client_id: &credentials.client_id,
            client_secret: credentials.client_secret.reveal(),
            subscriptions: [topic("EVENT", "*"), topic("CALLBACK", ROBOT), topic("CALLBACK", CARD)],
            ua: USER_AGENT,
        }
    }
}

/// Where to connect, once: it opens exactly one connection, and within 90 seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Invitation(Secret);

impl Invitation {
    /// An invitation to a URL that already holds its ticket.
    pub(crate) fn new(url: impl Into<String>) -> Self {
        Self(Secret::new(url))
    }

    /// The WebSocket URL, ticket included.
    pub(crate) fn url(&self) -> &str {
        self.0.reveal()
    }
}

impl Api {
    /// Asks for an invitation to a Stream connection.
    ///
    /// # Errors
    /// `Auth` for wrong credentials; `Rejected` for an app that is not published, not in Stream
    /// mode or not reachable from this address; else what may pass.
    pub(crate) async fn open_stream(&self) -> Result<Invitation> {
        let opened: Opened = self
            .identified(|identity| async move {
                let body = Open::new(&identity.credentials);
                self.call_openly(DURING, "/v1.0/gateway/connections/open", TIMEOUT, &body).await
            })
            .await
            .map_err(|error| if error.is_rejected() { error.advising(REFUSED) } else { error })?;
        let url = ticketed(&opened)?;
        if !self.endpoints().permits(&url) {
            return Err(foreign(DURING));
        }
        Ok(Invitation::new(url))
    }
}

fn ticketed(opened: &Opened) -> Result<Url> {
    let mut url = Url::parse(&opened.endpoint)
        .map_err(|error| Error::new(ErrorKind::Protocol, DURING).because(error))?;
    if !matches!(url.scheme(), "ws" | "wss") {
        return Err(Error::new(ErrorKind::Protocol, DURING)); // another transport, which we did not ask for
    }
    url.query_pairs_mut().append_pair("ticket", &opened.ticket);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn url(endpoint: &str, ticket: &str) -> Result<String> {
        ticketed(&Opened { endpoint: endpoint.into(), ticket: ticket.into() }).map(String::from)
    }

    #[test]
    fn the_request_subscribes_events_messages_and_card_callbacks() {
        let credentials = Credentials { client_id: "dingabc".into(), client_secret: Secret::new("s") };
        assert_eq!(
            serde_json::to_value(Open::new(&credentials)).unwrap(),
            json!({
                "clientId": "dingabc",
                "clientSecret": "s",
                "subscriptions": [
                    {"type": "EVENT", "topic": "*"},
                    {"type": "CALLBACK", "topic": "/v1.0/im/bot/messages/get"},
                    {"type": "CALLBACK", "topic": "/v1.0/card/instances/callback"},
                ],
                "ua": USER_AGENT,
            })
        );
    }

    #[test]
    fn the_ticket_is_encoded_and_joins_an_existing_query() {
        assert_eq!(
            url("wss://h.dingtalk.com:443/connect", "a+b/c=").unwrap(),
            "wss://h.dingtalk.com/connect?ticket=a%2Bb%2Fc%3D"
        );
        assert_eq!(url("ws://127.0.0.1:1/c?x=1", "t").unwrap(), "ws://127.0.0.1:1/c?x=1&ticket=t");
    }

    #[test]
    fn another_transport_is_refused() {
        assert!(url("rsocket://h.dingtalk.com/connect", "t").is_err());
    }

    #[test]
    fn an_invitation_never_prints() {
        assert!(!format!("{:?}", Invitation::new("wss://h/?ticket=t")).contains("ticket"));
    }
}
