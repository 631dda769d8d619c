use super::*;
use tokio::io::AsyncReadExt;

/// A server that answers one request with its own text.
async fn echo() -> (SocketAddr, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut heard = [0; 1024];
        let length = socket.read(&mut heard).await.unwrap();
        socket.write_all(b"done").await.unwrap();
        String::from_utf8_lossy(&heard[..length]).into_owned()
    });
    (address, serving)
}

async fn ask(proxy: &Proxy, request: &str) -> TcpStream {
    let mut client = TcpStream::connect(proxy.address).await.unwrap();
    client.write_all(request.as_bytes()).await.unwrap();
    client
}

#[tokio::test]
async fn a_whole_address_is_forwarded_as_a_path_without_what_was_for_the_proxy() {
    let (server, heard) = echo().await;
    let proxy = Proxy::start().await.unwrap();
    proxy.behave(Manner::wants("lin", "pass"));
    let request = format!(
        "GET http://{server}/x?y HTTP/1.1\r\nHost: h\r\nProxy-Authorization: Basic bGluOnBhc3M=\r\n\r\nbody"
    );
    let mut answer = String::new();
    ask(&proxy, &request).await.read_to_string(&mut answer).await.unwrap();
    assert_eq!(answer, "done");
    assert_eq!(heard.await.unwrap(), "GET /x?y HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\nbody");
    let asked = Asked { method: "GET".into(), destination: server.to_string(), passed: true };
    assert_eq!(proxy.asked(), [asked]);
}

#[tokio::test]
async fn a_tunnel_leads_where_the_proxy_was_told_that_everything_is() {
    let (server, heard) = echo().await;
    let proxy = Proxy::start().await.unwrap();
    proxy.leads_to(server);
    let mut client = ask(&proxy, "CONNECT nowhere.example:443 HTTP/1.1\r\n\r\n").await;
    let mut answer = [0; 39];
    client.read_exact(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200 "));
    client.write_all(b"hello").await.unwrap();
    assert_eq!(heard.await.unwrap(), "hello");
}

#[tokio::test]
async fn who_shows_no_credentials_or_other_ones_does_not_pass() {
    let proxy = Proxy::start().await.unwrap();
    proxy.behave(Manner::wants("lin", "pass"));
    for header in ["", "Proxy-Authorization: Basic eA==\r\n"] {
        let mut answer = String::new();
        let mut client = ask(&proxy, &format!("CONNECT h:1 HTTP/1.1\r\n{header}\r\n")).await;
        client.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 407 "), "{answer}");
    }
    assert!(proxy.asked().iter().all(|asked| !asked.passed));
}
