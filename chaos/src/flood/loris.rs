//! A server that is never done: it says where to connect, and all else comes a byte at a time.

use crate::Error;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::interval,
};

/// Between two bytes: sooner than anybody takes a connection for dead.
const PACE: Duration = Duration::from_millis(500);

/// The running server; it ends when it is dropped.
#[derive(Debug)]
pub(super) struct Loris {
    base: String,
    _server: JoinSet<()>,
}

impl Loris {
    pub(super) fn base(&self) -> &str {
        &self.base
    }
}

pub(super) async fn start() -> Result<Loris, Error> {
    let failed = Error::system("open a port on 127.0.0.1");
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
    let address = listener.local_addr().map_err(Error::system("see which port it is"))?;
    let mut server = JoinSet::new();
    server.spawn(async move {
        let mut clients = JoinSet::new();
        let mut opened = 0_u32;
        while let Ok((client, _)) = listener.accept().await {
            opened += 1;
            let invitation = format!(r#"{{"endpoint":"ws://{address}/connect","ticket":"t"}}"#);
            // Every other attempt gets as far as the handshake.
            clients.spawn(serve(client, (opened % 3 != 1).then_some(invitation)));
            while clients.try_join_next().is_some() {}
        }
    });
    Ok(Loris { base: format!("http://{address}"), _server: server })
}

async fn serve(mut client: TcpStream, invitation: Option<String>) {
    let mut asked = vec![0; 4096];
    let length = client.read(&mut asked).await.unwrap_or_default();
    let is_opening = String::from_utf8_lossy(&asked[..length]).contains("/connections/open");
    if let Some(invitation) = invitation.filter(|_| is_opening) {
        let head =
            format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", invitation.len());
        // Who has heard enough hangs up.
        drop(client.write_all(format!("{head}{invitation}").as_bytes()).await);
        return;
    }
    let mut pace = interval(PACE);
    let mut sent = client.write_all(b"HTTP/1.1 101 Switching Protocols\r\nx: ").await;
    while sent.is_ok() {
        pace.tick().await;
        sent = client.write_all(b"x").await;
    }
}
