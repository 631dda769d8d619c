//! The head of what a proxy is asked.

use std::io;
use tokio::io::{AsyncRead, AsyncReadExt};

/// The longest head that is read, in bytes.
const MAX_HEAD: usize = 64 * 1024;

/// What a client asks, up to the end of its head and whatever of the body came with it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) method: String,
    /// Host and port.
    pub(super) destination: String,
    /// The value of `Proxy-Authorization`.
    pub(super) authorization: Option<String>,
    /// The path asked for; empty for a tunnel.
    path: String,
    /// All headers that are not between the client and the proxy.
    headers: Vec<String>,
    body: Vec<u8>,
}

impl Request {
    pub(super) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Self> {
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break end;
            }
            if bytes.len() > MAX_HEAD || stream.read_buf(&mut bytes).await? == 0 {
                return Err(io::ErrorKind::InvalidData.into());
            }
        };
        let head = String::from_utf8_lossy(&bytes[..end]);
        Self::parse(&head, bytes[end + 4..].to_vec()).ok_or(io::ErrorKind::InvalidData.into())
    }

    fn parse(head: &str, body: Vec<u8>) -> Option<Self> {
        let mut lines = head.split("\r\n");
        let mut words = lines.next()?.split(' ');
        let (method, target) = (words.next()?.to_owned(), words.next()?);
        let (destination, path) = if method == "CONNECT" {
            (target.to_owned(), String::new())
        } else {
            let rest = target.strip_prefix("http://")?;
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
            (if has_port { authority.to_owned() } else { format!("{authority}:80") }, path.to_owned())
        };
        let mut authorization = None;
        let mut headers = Vec::new();
        for line in lines {
            let (name, value) = line.split_once(':')?;
            match name.to_ascii_lowercase().as_str() {
                "proxy-authorization" => authorization = Some(value.trim().to_owned()),
                "connection" | "proxy-connection" => {}
                _ => headers.push(line.to_owned()),
            }
        }
        Some(Self { method, destination, authorization, path, headers, body })
    }

    pub(super) fn is_tunnel(&self) -> bool {
        self.path.is_empty() && self.method == "CONNECT"
    }

    /// The request as the server is to see it, the last on its connection.
    pub(super) fn forwarded(&self) -> Vec<u8> {
        let path = if self.path.is_empty() { "/" } else { &self.path };
        let headers: String = self.headers.iter().map(|header| format!("{header}\r\n")).collect();
        let head = format!("{} {path} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n", self.method);
        [head.as_bytes(), &self.body].concat()
    }
}
