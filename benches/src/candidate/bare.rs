//! The least that acknowledges: it reads the envelope of a frame, and answers.

use super::dismissed;
use crate::{Error, frame::Envelope};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::json;
use tokio::task::JoinSet;
use tokio_tungstenite::{connect_async_with_config, tungstenite::Message};

#[derive(Deserialize)]
struct Opened {
    endpoint: String,
    ticket: String,
}

/// Acknowledges on so many connections until it is dismissed.
///
/// # Errors
/// When a connection cannot be made.
pub async fn run(api: &str, connections: usize) -> Result<(), Error> {
    // Another one that is there already is as good.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().build()?;
    let mut loops = JoinSet::new();
    for _ in 0..connections {
        let request = http.post(format!("{api}/v1.0/gateway/connections/open"));
        let opened: Opened = request.send().await?.json().await?;
        let door = format!("{}?ticket={}", opened.endpoint, opened.ticket);
        // An answer leaves at once, and does not wait for more to say.
        let (socket, _) = connect_async_with_config(door, None, true).await?;
        loops.spawn(async move {
            let (mut sink, mut incoming) = socket.split();
            while let Some(Ok(message)) = incoming.next().await {
                let Message::Text(text) = message else { continue };
                let Ok(envelope) = serde_json::from_str::<Envelope>(&text) else { continue };
                let headers = json!({"contentType": "application/json", "messageId": envelope.headers.message_id});
                let answer = json!({"code": 200, "headers": headers, "message": "OK", "data": "{\"response\":\"OK\"}"});
                if sink.send(Message::text(answer.to_string())).await.is_err() {
                    return;
                }
            }
        });
    }
    dismissed().await
}
