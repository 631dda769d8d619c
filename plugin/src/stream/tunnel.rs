//! A tunnel through an HTTP proxy ([RFC 9110](https://www.rfc-editor.org/rfc/rfc9110), section 9.3.6).

use crate::{error::ProxyFault, route::Proxy};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The longest head of an answer that is read, in bytes.
const MAX_HEAD: usize = 8 * 1024;
const MAX_HEADERS: usize = 64;

/// Asks the proxy at the other end of `stream` to connect it to `host` and `port`. What is read and
/// written afterwards goes there.
///
/// # Errors
/// What is the matter with the proxy.
pub(super) async fn open<S>(stream: &mut S, proxy: &Proxy, host: &str, port: u16) -> Result<(), ProxyFault>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let request = request(proxy, host, port);
    stream.write_all(request.as_bytes()).await.map_err(|_| ProxyFault::BreaksOff)?;
    let mut head = Vec::new();
    let status = loop {
        let read = stream.read_buf(&mut head).await.map_err(|_| ProxyFault::BreaksOff)?;
        if read == 0 {
            return Err(ProxyFault::BreaksOff);
        }
        if let Some(status) = status(&head)? {
            break status;
        }
        if head.len() >= MAX_HEAD {
            return Err(ProxyFault::Nonsense);
        }
    };
    match status {
        200..=299 => Ok(()),
        407 => Err(ProxyFault::wants_credentials(proxy)),
        status => Err(ProxyFault::Refuses { status: Some(status) }),
    }
}

fn request(proxy: &Proxy, host: &str, port: u16) -> String {
    let authorization = proxy
        .authorization()
        .map(|secret| format!("Proxy-Authorization: {}\r\n", secret.reveal()))
        .unwrap_or_default();
    format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n{authorization}\r\n")
}

/// The status of an answer; `None` while its head is not complete.
fn status(head: &[u8]) -> Result<Option<u16>, ProxyFault> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut answer = httparse::Response::new(&mut headers);
    let parsed = answer.parse(head).map_err(|_| ProxyFault::Nonsense)?;
    let (httparse::Status::Complete(length), Some(status)) = (parsed, answer.code) else { return Ok(None) };
    // Nobody speaks before us in what follows, so this is no tunnel.
    if (200..300).contains(&status) && length < head.len() {
        return Err(ProxyFault::Nonsense);
    }
    Ok(Some(status))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::duplex;

    fn proxy(address: &str) -> Proxy {
        Proxy::parse(address).unwrap()
    }

    /// What comes of an answer that arrives in these parts, after which the proxy hangs up.
    async fn answered(proxy: &Proxy, parts: &[&str]) -> Result<(), ProxyFault> {
        let (mut ours, mut theirs) = duplex(64 * 1024);
        let answering = async {
            let mut asked = Vec::new();
            while !asked.ends_with(b"\r\n\r\n") {
                theirs.read_buf(&mut asked).await.unwrap();
            }
            for part in parts {
                theirs.write_all(part.as_bytes()).await.ok();
                theirs.flush().await.ok();
                tokio::task::yield_now().await;
            }
            drop(theirs);
        };
        tokio::join!(open(&mut ours, proxy, "api.dingtalk.com", 443), answering).0
    }

    #[test]
    fn the_request_names_the_destination_and_shows_the_credentials() {
        insta::assert_snapshot!(
            request(&proxy("http://lin:s3cret@p:1"), "[::1]", 443).replace('\r', ""),
            @r"
        CONNECT [::1]:443 HTTP/1.1
        Host: [::1]:443
        Proxy-Authorization: Basic bGluOnMzY3JldA==
        "
        );
        assert!(!request(&proxy("http://p:1"), "h", 1).contains("Authorization"));
    }

    #[tokio::test]
    async fn a_tunnel_is_open_when_the_whole_head_has_arrived_in_however_many_parts() {
        let parts = ["HTTP/1.1 200 Connection est", "ablished\r\nVia: x\r\n", "\r", "\n"];
        assert_eq!(answered(&proxy("p:1"), &parts).await, Ok(()));
        assert_eq!(answered(&proxy("p:1"), &["HTTP/1.0 200 OK\r\n\r\n"]).await, Ok(()));
    }

    #[tokio::test]
    async fn every_other_answer_is_told_by_what_can_be_done_about_it() {
        use ProxyFault::{BreaksOff, Nonsense, Refuses, RejectsCredentials, WantsCredentials};
        let (open, known) = (proxy("p:1"), proxy("http://lin:wrong@p:1"));
        let wants = ["HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 2\r\n\r\nno"];
        assert_eq!(answered(&open, &wants).await, Err(WantsCredentials));
        assert_eq!(answered(&known, &wants).await, Err(RejectsCredentials));
        let refusal = ["HTTP/1.1 403 Forbidden\r\n\r\n"];
        assert_eq!(answered(&open, &refusal).await, Err(Refuses { status: Some(403) }));
        assert_eq!(answered(&open, &["SSH-2.0-OpenSSH_9.9\r\n"]).await, Err(Nonsense));
        assert_eq!(answered(&open, &["HTTP/1.1 200 OK\r\n\r\nhello"]).await, Err(Nonsense));
        assert_eq!(answered(&open, &["HTTP/1.1 200 OK\r\nVia"]).await, Err(BreaksOff));
        assert_eq!(answered(&open, &[]).await, Err(BreaksOff));
    }

    #[tokio::test]
    async fn an_endless_head_is_not_read_to_its_end() {
        let line = format!("X: {}\r\n", "x".repeat(1_000));
        let mut parts = vec!["HTTP/1.1 200 OK\r\n"];
        parts.extend(std::iter::repeat_n(line.as_str(), 20));
        assert_eq!(answered(&proxy("p:1"), &parts).await, Err(ProxyFault::Nonsense));
    }
}
