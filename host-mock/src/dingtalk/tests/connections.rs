//! How connections end, and look alive without being it.

use std::io::ErrorKind;
use std::time::Duration;

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::client::{Stream, data, start, start_with, ticket_url};
use crate::dingtalk::{Ending, Endpoint, Fault, Settings};

#[tokio::test]
async fn after_a_disconnect_the_old_connection_gets_nothing_more() {
    let settings = Settings { disconnect_grace: Duration::from_millis(50), ..Settings::default() };
    let dingtalk = start_with(settings).await;
    let mut old = Stream::open(&dingtalk).await;
    let old_id = dingtalk.connected().await;
    dingtalk.connection(old_id).disconnect();
    let asked = dingtalk.says("Lin", "between two connections");
    let mut new = Stream::open(&dingtalk).await;

    assert_eq!(old.next().await.unwrap()["headers"]["topic"], "disconnect");
    assert_eq!(old.next().await, None::<Value>);
    assert_eq!(data(&new.next().await.unwrap())["msgId"], asked.as_str());

    let ending = dingtalk.wait_for(|view| view.connections().next()?.closed.map(|(_, ending)| ending)).await;
    assert_eq!(ending, Ending::ClosedByServer);
}

#[tokio::test]
async fn a_deaf_connection_keeps_its_share_while_it_drains_and_swallows_it() {
    let settings = Settings { disconnect_grace: Duration::from_millis(50), ..Settings::default() };
    let dingtalk = start_with(settings).await;
    let mut old = Stream::open(&dingtalk).await;
    let old_id = dingtalk.connected().await;
    dingtalk.connection(old_id).disconnect_deaf();

    let asked = dingtalk.says("Lin", "to the old one");

    let delivery = dingtalk.delivered(&asked).await;
    assert_eq!((delivery.connection, delivery.swallowed), (old_id, true));
    assert_eq!(old.next().await.unwrap()["headers"]["topic"], "disconnect");
    assert_eq!(old.next().await, None::<Value>);
    dingtalk.disconnected().await;
    let late = dingtalk.says("Lin", "to nobody");
    assert!(dingtalk.look(|view| view.push(&late).unwrap().deliveries.is_empty()));
}

#[tokio::test]
async fn what_was_pushed_before_a_close_frame_can_be_read_and_answered_after_it() {
    let dingtalk = start().await;
    let mut stream = Stream::open(&dingtalk).await;
    let ids: Vec<_> = (0..100).map(|n| dingtalk.says("Lin", &n.to_string())).collect();
    dingtalk.connections().close(1011);

    for id in &ids {
        let frame = stream.next().await.unwrap();
        assert_eq!(data(&frame)["msgId"], id.as_str());
        stream.ack(&frame, &json!({"response": null})).await;
    }

    dingtalk.acked(&ids[99]).await;
    assert!(
        dingtalk.look(|view| ids.iter().all(|id| view.push(id).unwrap().deliveries[0].written.is_some()))
    );
}

#[tokio::test]
async fn a_push_to_a_stalled_connection_is_sent_and_never_written() {
    let dingtalk = start().await;
    let _stream = Stream::open(&dingtalk).await;
    let id = dingtalk.connected().await;
    dingtalk.connection(id).stall();

    let asked = dingtalk.says("Lin", "into the void");
    dingtalk.connection(id).drop_abruptly();
    dingtalk.disconnected().await;

    assert!(dingtalk.delivered(&asked).await.written.is_none());
}

#[tokio::test]
async fn an_answer_to_a_disconnect_does_no_harm() {
    let dingtalk = start().await;
    let mut stream = Stream::open(&dingtalk).await;
    dingtalk.connected().await;
    dingtalk.connections().disconnect();
    let frame = stream.next().await.unwrap();
    stream.ack(&frame, &data(&frame)).await;
    stream.send_message(Message::Close(None)).await;
    dingtalk.disconnected().await;

    assert!(dingtalk.violations().is_empty());
}

#[tokio::test]
async fn a_reset_connection_ends_with_an_error_of_tcp() {
    let dingtalk = start().await;
    let mut stream = Stream::open(&dingtalk).await;
    dingtalk.connected().await;

    dingtalk.connections().reset();

    let end = stream.next_message().await;
    let reset = matches!(&end, Some(Err(Error::Io(error))) if error.kind() == ErrorKind::ConnectionReset);
    assert!(reset, "{end:?}");
    dingtalk.disconnected().await;
}

#[tokio::test]
async fn a_dropped_connection_ends_without_a_close_frame() {
    let dingtalk = start().await;
    let mut stream = Stream::open(&dingtalk).await;
    dingtalk.connected().await;

    dingtalk.connections().drop_abruptly();

    let end = stream.next_message().await;
    let unclosed = matches!(end, Some(Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake))));
    assert!(unclosed, "{end:?}");
    dingtalk.disconnected().await;
}

#[tokio::test]
async fn a_close_frame_carries_its_code() {
    let dingtalk = start().await;
    let mut stream = Stream::open(&dingtalk).await;
    dingtalk.connected().await;

    dingtalk.connections().close(1011);

    let Some(Ok(Message::Close(Some(close)))) = stream.next_message().await else { panic!("no close frame") };
    assert_eq!(u16::from(close.code), 1011);
}

#[tokio::test]
async fn a_stalled_connection_keeps_its_share_of_pushes() {
    let dingtalk = start().await;
    let mut stream = Stream::open(&dingtalk).await;
    let id = dingtalk.connected().await;
    dingtalk.connection(id).stall();

    let asked = dingtalk.says("Lin", "hello");
    assert_eq!(dingtalk.delivered(&asked).await.connection, id);

    dingtalk.connection(id).resume();
    assert_eq!(data(&stream.next().await.unwrap())["msgId"], asked.as_str());
}

#[tokio::test]
async fn a_zombie_answers_pings_and_swallows_pushes() {
    let dingtalk = start().await;
    let mut stream = Stream::open(&dingtalk).await;
    dingtalk.connected().await;
    dingtalk.connections().make_zombie();

    let asked = dingtalk.says("Lin", "hello");
    stream.send_message(Message::Ping("x".into())).await;

    assert_eq!(stream.next_message().await.unwrap().unwrap(), Message::Pong("x".into()));
    assert!(dingtalk.delivered(&asked).await.swallowed);
}

#[tokio::test]
async fn a_clients_close_is_told_from_a_loss() {
    let dingtalk = start().await;
    let mut polite = Stream::open(&dingtalk).await;
    dingtalk.connected_times(1).await;
    let rude = Stream::open(&dingtalk).await;
    dingtalk.connected_times(2).await;

    polite.send_message(Message::Close(None)).await;
    drop(rude);
    dingtalk.disconnected().await;

    let endings = dingtalk.look(|view| view.connections().map(|it| it.closed.unwrap().1).collect::<Vec<_>>());
    assert_eq!(endings, [Ending::ClosedByClient(1005), Ending::Lost]);
}

#[tokio::test]
async fn handshakes_can_be_refused_or_end_at_once() {
    let dingtalk = start().await;
    dingtalk.on(Endpoint::Connect).answer(Fault::refused(503, "ServiceUnavailable")).once();
    dingtalk.on(Endpoint::Connect).answer(Fault::CloseAtOnce).once();

    let refused = Stream::dial(&ticket_url(&dingtalk).await).await;
    assert!(matches!(refused, Err(Error::Http(answer)) if answer.status() == 503));

    let mut closed = Stream::open(&dingtalk).await;
    assert_eq!(closed.next().await, None);
    assert_eq!(dingtalk.look(|view| view.connections().count()), 0);
}
