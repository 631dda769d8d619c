//! One WebSocket: packets in and out of it, until it ends or is not wanted any more.

use super::{action::Loss, driver::Event, link::LinkId};
use crate::error::{Error, ErrorKind, Result};
use futures_util::{Sink, SinkExt, Stream, StreamExt, future};
use std::{pin::Pin, time::Duration};
use tokio::{sync::mpsc, time::timeout};
use tokio_tungstenite::tungstenite::{
    self, Message,
    protocol::{CloseFrame, frame::coding::CloseCode},
};

/// A frame that the socket does not take within this long never leaves.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(1);
/// Packets that wait to leave, past which nothing more is read: whoever asks without taking answers
/// must not fill the memory. What waits is bounded by this and by the pushes that were read and not
/// yet answered, so that answers are never refused a place.
const BACKLOG: usize = 256;
/// Packets that leave together.
const BATCH: usize = 64;

/// What arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Incoming {
    /// A frame with text in it.
    Text(String),
    /// The answer to a question for a sign of life.
    Pong,
    /// A ping, or something that is not text.
    Alive,
    /// The other side says goodbye.
    Closed(Loss),
}

/// What leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outgoing {
    /// A frame with text in it.
    Text(String),
    /// A question for a sign of life.
    Ping,
    /// Goodbye, with code 1000.
    Close,
}

/// A connected WebSocket, or what a test has instead.
pub(crate) struct Socket {
    /// What arrives.
    pub(crate) incoming: Pin<Box<dyn Stream<Item = Result<Incoming>> + Send>>,
    /// What leaves.
    pub(crate) outgoing: Pin<Box<dyn Sink<Outgoing, Error = Error> + Send>>,
}

impl Socket {
    /// Reads and writes until the connection ends, or until nobody wants it any more: its outbox
    /// or the receiver of its events is dropped.
    pub(super) async fn serve(
        mut self,
        link: LinkId,
        mut outbox: mpsc::UnboundedReceiver<Outgoing>,
        events: mpsc::Sender<Event>,
    ) {
        let loss = loop {
            tokio::select! {
                packet = self.incoming.next(), if outbox.len() < BACKLOG => match packet {
                    Some(Ok(Incoming::Closed(loss))) => break loss,
                    Some(Ok(packet)) => {
                        if events.send(Event::Arrived { link, packet }).await.is_err() {
                            return self.say_goodbye(link, &events).await;
                        }
                    }
                    Some(Err(error)) => break Loss::new(cause(&error)),
                    None => break Loss::new("closed without goodbye"),
                },
                packet = outbox.recv() => {
                    let Some(packet) = packet else { return self.say_goodbye(link, &events).await };
                    match timeout(WRITE_TIMEOUT, self.write(packet, &mut outbox)).await {
                        Ok(Ok(())) => {}
                        Ok(Err(error)) => break Loss::new(cause(&error)),
                        Err(_) => break Loss::new("the socket takes nothing any more"),
                    }
                }
            }
        };
        events.send(Event::Lost { link, loss }).await.ok();
        timeout(GOODBYE, self.outgoing.close()).await.ok(); // answers a goodbye with a goodbye
    }

    /// Sends a packet, and those that wait behind it.
    async fn write(&mut self, first: Outgoing, outbox: &mut mpsc::UnboundedReceiver<Outgoing>) -> Result<()> {
        self.outgoing.feed(first).await?;
        for _ in 1..BATCH {
            let Ok(next) = outbox.try_recv() else { break };
            self.outgoing.feed(next).await?;
        }
        self.outgoing.flush().await
    }

    /// Says goodbye and waits a moment for the other side to have heard it: a connection that
    /// just ends would keep its share of the messages until DingTalk notices. What it had sent before
    /// it heard is still told.
    async fn say_goodbye(mut self, link: LinkId, events: &mpsc::Sender<Event>) {
        let goodbye = async {
            self.outgoing.send(Outgoing::Close).await.ok();
            while let Some(Ok(packet)) = self.incoming.next().await {
                if matches!(packet, Incoming::Text(_)) {
                    events.send(Event::Arrived { link, packet }).await.ok(); // nobody may listen any more
                }
            }
        };
        timeout(GOODBYE, goodbye).await.ok();
    }

    /// Frames as packets.
    pub(super) fn over<S>(socket: S) -> Self
    where
        S: Stream<Item = tungstenite::Result<Message>>
            + Sink<Message, Error = tungstenite::Error>
            + Send
            + 'static,
    {
        let (outgoing, incoming) = socket.split();
        Self {
            incoming: Box::pin(incoming.map(|message| message.map(arrived).map_err(broken))),
            outgoing: Box::pin(outgoing.sink_map_err(broken).with(|packet| future::ok(leaving(packet)))),
        }
    }
}

fn arrived(message: Message) -> Incoming {
    match message {
        Message::Text(text) => Incoming::Text(text.as_str().to_owned()),
        // Not known to happen, but one official client reads such frames as text.
        Message::Binary(bytes) => String::from_utf8(bytes.into()).map_or(Incoming::Alive, Incoming::Text),
        Message::Close(Some(frame)) => {
            let code = u16::from(frame.code);
            Incoming::Closed(Loss { why: format!("closed with {code}"), code: Some(code) })
        }
        Message::Close(None) => Incoming::Closed(Loss::new("closed without a reason")),
        Message::Pong(_) => Incoming::Pong,
        Message::Ping(_) | Message::Frame(_) => Incoming::Alive,
    }
}

fn leaving(packet: Outgoing) -> Message {
    match packet {
        Outgoing::Text(text) => Message::text(text),
        Outgoing::Ping => Message::Ping(Default::default()),
        Outgoing::Close => {
            Message::Close(Some(CloseFrame { code: CloseCode::Normal, reason: Default::default() }))
        }
    }
}

/// A connection that broke off.
fn broken(error: tungstenite::Error) -> Error {
    let kind = ErrorKind::Network { host: "DingTalk's Stream gateway".into(), ambiguous: true };
    Error::new(kind, "on the Stream WebSocket").because(error)
}

fn cause(error: &Error) -> String {
    let causes = error.causes();
    if causes.is_empty() { error.to_string() } else { causes }
}

#[cfg(test)]
mod tests;
