use super::*;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_tungstenite::{WebSocketStream, accept_async, client_async};

/// A real WebSocket between two tasks.
async fn connected() -> (WebSocketStream<TcpStream>, Socket) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let accept = async { accept_async(listener.accept().await.unwrap().0).await.unwrap() };
    let connect = async {
        let stream = TcpStream::connect(address).await.unwrap();
        client_async(format!("ws://{address}/connect"), stream).await.unwrap().0
    };
    let (server, client) = tokio::join!(accept, connect);
    (server, Socket::over(client))
}

#[tokio::test]
async fn frames_pings_and_goodbyes_cross_a_real_websocket() {
    let (mut server, socket) = connected().await;
    let (events, mut happened) = mpsc::channel(8);
    let (outbox, outgoing) = mpsc::unbounded_channel();
    let mut serving = JoinSet::new();
    serving.spawn(socket.serve(LinkId(1), outgoing, events));

    server.send(Message::text("{}")).await.unwrap();
    let Some(Event::Arrived { packet, .. }) = happened.recv().await else { panic!() };
    assert_eq!(packet, Incoming::Text("{}".into()));

    outbox.send(Outgoing::Ping).unwrap();
    assert!(server.next().await.unwrap().unwrap().is_ping());
    server.flush().await.unwrap();
    let Some(Event::Arrived { packet, .. }) = happened.recv().await else { panic!() };
    assert_eq!(packet, Incoming::Pong);

    drop(outbox);
    let Some(Ok(Message::Close(Some(frame)))) = server.next().await else { panic!() };
    assert_eq!(frame.code, CloseCode::Normal);
    drop(server);
    serving.join_next().await.unwrap().unwrap();
    assert!(happened.recv().await.is_none(), "what we end ourselves is not lost");
}

#[tokio::test]
async fn what_crosses_our_goodbye_is_still_read() {
    let (mut server, socket) = connected().await;
    let (events, mut happened) = mpsc::channel(8);
    let (outbox, outgoing) = mpsc::unbounded_channel();
    let mut serving = JoinSet::new();
    serving.spawn(socket.serve(LinkId(1), outgoing, events));
    drop(outbox);
    server.get_mut().readable().await.unwrap(); // our goodbye is there, and not read yet
    server.send(Message::text("{}")).await.unwrap();
    server.send(Message::Ping(Default::default())).await.unwrap();
    while server.next().await.is_some_and(|read| read.is_ok()) {}

    let Some(Event::Arrived { packet, .. }) = happened.recv().await else { panic!() };
    assert_eq!(packet, Incoming::Text("{}".into()));
    assert!(happened.recv().await.is_none());
    serving.join_next().await.unwrap().unwrap();
}

#[tokio::test]
async fn a_server_that_goes_is_noticed_with_its_reason() {
    let (mut server, socket) = connected().await;
    let (events, mut happened) = mpsc::channel(8);
    let (_outbox, outgoing) = mpsc::unbounded_channel();
    let mut serving = JoinSet::new();
    serving.spawn(socket.serve(LinkId(1), outgoing, events));
    let goodbye = CloseFrame { code: CloseCode::Error, reason: Default::default() };
    server.close(Some(goodbye)).await.unwrap();
    let Some(Event::Lost { loss, .. }) = happened.recv().await else { panic!() };
    assert_eq!((loss.why.as_str(), loss.code), ("closed with 1011", Some(1011)));
}

#[test]
fn a_binary_frame_of_text_is_read_as_text() {
    assert_eq!(arrived(Message::binary(b"{}".to_vec())), Incoming::Text("{}".into()));
    assert_eq!(arrived(Message::binary(vec![0xff])), Incoming::Alive);
}

#[test]
fn a_goodbye_carries_code_1000() {
    assert!(
        matches!(leaving(Outgoing::Close), Message::Close(Some(frame)) if frame.code == CloseCode::Normal)
    );
}
