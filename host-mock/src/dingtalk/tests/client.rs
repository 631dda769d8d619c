//! A client without any rules of its own: bytes for HTTP, tungstenite for the Stream connection.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::dingtalk::{DingTalk, Settings};

pub(super) const ROBOT_TOPIC: &str = "/v1.0/im/bot/messages/get";
pub(super) const CARD_TOPIC: &str = "/v1.0/card/instances/callback";
pub(super) const AI_TEMPLATE: &str = "02fcf2f4-5e02-4a85-b672-46d1f715543e.schema";

pub(super) async fn start() -> DingTalk {
    start_with(Settings::default()).await
}

pub(super) async fn start_with(settings: Settings) -> DingTalk {
    DingTalk::start(settings).await.unwrap()
}

/// An answer: status and body.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) text: String,
}

impl Answer {
    #[track_caller]
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }
}

/// Whoever calls the fake, with a token once it has one.
#[derive(Debug, Clone)]
pub(super) struct Client {
    address: SocketAddr,
    pub(super) token: String,
}

impl Client {
    /// A client with a token.
    pub(super) async fn of(dingtalk: &DingTalk) -> Self {
        let mut client = Self { address: dingtalk.address(), token: String::new() };
        client.refresh(dingtalk).await;
        client
    }

    pub(super) async fn refresh(&mut self, dingtalk: &DingTalk) {
        let app = dingtalk.app();
        let body = json!({"appKey": app.client_id, "appSecret": app.client_secret});
        let answer = self.post("/v1.0/oauth2/accessToken", body).await;
        self.token = answer.json()["accessToken"].as_str().unwrap().to_owned();
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call("POST", path, body).await
    }

    pub(super) async fn put(&self, path: &str, body: Value) -> Answer {
        self.call("PUT", path, body).await
    }

    pub(super) async fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        self.try_call(method, path, body).await.unwrap()
    }

    /// A call whose connection may end before the answer.
    pub(super) async fn try_call(&self, method: &str, path: &str, body: Value) -> std::io::Result<Answer> {
        let token = format!("x-acs-dingtalk-access-token: {}\r\n", self.token);
        let head = format!("{token}Content-Type: application/json\r\n");
        self.raw(method, path, &head, body.to_string().as_bytes()).await
    }

    /// A call with these header lines and this body.
    pub(super) async fn raw(
        &self,
        method: &str,
        path: &str,
        headers: &str,
        body: &[u8],
    ) -> std::io::Result<Answer> {
        let mut socket = TcpStream::connect(self.address).await?;
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: fake\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n"
        );
        socket.write_all(head.as_bytes()).await?;
        socket.write_all(body).await?;
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await?;
        let (head, text) = answer.split_once("\r\n\r\n").ok_or(std::io::ErrorKind::UnexpectedEof)?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
        Ok(Answer { status, text: text.to_owned() })
    }

    /// Creates and delivers a card to a person.
    pub(super) async fn create_card(&self, id: &str, staff_id: &str) -> Answer {
        self.post("/v1.0/card/instances/createAndDeliver", card(id, staff_id)).await
    }

    pub(super) async fn stream_card(&self, id: &str, guid: &str, content: &str, last: bool) -> Answer {
        self.put("/v1.0/card/streaming", part(id, guid, content, last)).await
    }
}

/// A card for a person's direct conversation.
pub(super) fn card(id: &str, staff_id: &str) -> Value {
    json!({
        "cardTemplateId": AI_TEMPLATE, "outTrackId": id, "callbackType": "STREAM",
        "cardData": {"cardParamMap": {"flowStatus": "1", "msgContent": "working on it…"}},
        "imRobotOpenSpaceModel": {"supportForward": true},
        "openSpaceId": format!("dtv1.card//IM_ROBOT.{staff_id}"),
        "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT", "robotCode": "dingfakeapp00000001"},
        "userIdType": 1,
    })
}

/// A streaming call.
pub(super) fn part(id: &str, guid: &str, content: &str, last: bool) -> Value {
    json!({
        "outTrackId": id, "guid": guid, "key": "msgContent", "content": content,
        "isFull": true, "isFinalize": last, "isError": false,
    })
}

/// A Stream connection that does nothing by itself.
pub(super) struct Stream {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Stream {
    /// A connection that subscribes to everything.
    pub(super) async fn open(dingtalk: &DingTalk) -> Self {
        Self::dial(&ticket_url(dingtalk).await).await.unwrap()
    }

    pub(super) async fn dial(url: &str) -> Result<Self, Error> {
        Ok(Self { socket: connect_async(url).await?.0 })
    }

    /// The next text frame; `None` when the connection ends.
    pub(super) async fn next(&mut self) -> Option<Value> {
        loop {
            match self.socket.next().await? {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// The next frame of any kind.
    pub(super) async fn next_message(&mut self) -> Option<Result<Message, Error>> {
        self.socket.next().await
    }

    pub(super) async fn send(&mut self, frame: Value) {
        self.send_text(&frame.to_string()).await;
    }

    pub(super) async fn send_text(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    pub(super) async fn send_message(&mut self, message: Message) {
        self.socket.send(message).await.unwrap();
    }

    /// Answers a frame with this data.
    pub(super) async fn ack(&mut self, frame: &Value, data: &Value) {
        let headers = json!({"contentType": "application/json", "messageId": frame["headers"]["messageId"]});
        self.send(json!({"code": 200, "headers": headers, "message": "OK", "data": data.to_string()})).await;
    }
}

/// The URL of a connection that subscribes to everything.
pub(super) async fn ticket_url(dingtalk: &DingTalk) -> String {
    let app = dingtalk.app();
    let body = json!({
        "clientId": app.client_id, "clientSecret": app.client_secret, "ua": "test/1",
        "subscriptions": [
            {"type": "EVENT", "topic": "*"},
            {"type": "CALLBACK", "topic": ROBOT_TOPIC},
            {"type": "CALLBACK", "topic": CARD_TOPIC},
        ],
    });
    let client = Client { address: dingtalk.address(), token: String::new() };
    let opened = client.post("/v1.0/gateway/connections/open", body).await.json();
    format!("{}?ticket={}", opened["endpoint"].as_str().unwrap(), opened["ticket"].as_str().unwrap())
}

/// The decoded `data` of a frame.
#[track_caller]
pub(super) fn data(frame: &Value) -> Value {
    serde_json::from_str(frame["data"].as_str().expect("data is a string")).unwrap()
}
