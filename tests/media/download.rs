//! What goes wrong on the way.

use super::{calls, content, file, incoming, refused, turn, usual_archive, world};
use host_mock::{
    dingtalk::{Endpoint, Fault},
    proxy::Proxy,
};
use serde_json::json;
use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::Arc,
    thread,
    time::Duration,
};
use tests::{Setup, World};

const BYTES: [u8; 8] = *b"%PDF-1.7";

/// A file arrives in spite of a fault that strikes once, at a fresh address.
async fn survives(fault: Fault) {
    let world = world(json!({})).await;
    world.dingtalk().on(Endpoint::File).answer(fault).once();
    world.dingtalk().sends_file("Lin", "a.pdf", BYTES);
    let turn = turn(&world).await;
    assert_eq!(content(&file(&turn)), BYTES);
    let addresses = world.dingtalk().look(|view| {
        let paths = view.calls_to(Endpoint::File).map(|call| call.path.clone());
        paths.collect::<std::collections::BTreeSet<_>>().len()
    });
    assert_eq!((calls(&world, Endpoint::MessageFile), addresses), (2, 2));
    assert_eq!(incoming(&usual_archive(&world)), 0);
    turn.done();
    world.end().await;
}

/// A fault that does not pass: agent and person are told, after `tries`.
async fn is_told(fault: Fault, tries: usize) -> String {
    let world = world(json!({})).await;
    world.dingtalk().on(Endpoint::File).answer(fault).always();
    let (told, notice) = refused(&world, "a.pdf", BYTES).await;
    assert!(notice.text().contains("「a.pdf」没有收到"), "{notice:?}");
    assert_eq!(calls(&world, Endpoint::File), tries);
    assert_eq!(incoming(&usual_archive(&world)), 0);
    assert!(!told.contains("Signature"), "an address opens the file: {told}");
    world.end().await;
    told
}

#[tokio::test]
async fn a_404_passes() {
    survives(Fault::Html(404)).await;
}

#[tokio::test]
async fn a_502_passes() {
    survives(Fault::Html(502)).await;
}

#[tokio::test]
async fn a_server_that_hangs_is_given_up_and_asked_again() {
    survives(Fault::Hang).await;
}

#[tokio::test]
async fn a_body_that_stands_still_is_given_up_and_asked_again() {
    survives(Fault::Drips(Duration::from_secs(60))).await;
}

#[tokio::test]
async fn a_connection_that_breaks_off_is_made_again() {
    survives(Fault::TornAnswer).await;
}

#[tokio::test]
async fn a_body_shorter_than_it_was_said_to_be_is_not_taken_for_the_file() {
    survives(Fault::WrongLength(10_000)).await;
}

#[tokio::test]
async fn nothing_is_not_taken_for_the_file() {
    survives(Fault::Empty(200)).await;
}

#[tokio::test]
async fn a_slow_body_that_comes_is_waited_for() {
    let world = world(json!({})).await;
    world.dingtalk().on(Endpoint::File).answer(Fault::Drips(Duration::from_millis(50))).once();
    world.dingtalk().sends_file("Lin", "a.pdf", BYTES);
    let turn = turn(&world).await;
    assert_eq!(content(&file(&turn)), BYTES);
    assert_eq!(calls(&world, Endpoint::File), 1);
    turn.done();
    world.end().await;
}

#[tokio::test]
async fn a_404_that_stays_is_told_after_three_tries() {
    let told = is_told(Fault::Html(404), 3).await;
    assert!(told.contains("a.pdf was not downloaded") && told.contains("404"), "{told}");
}

#[tokio::test]
async fn a_file_without_content_is_told_after_three_tries() {
    let told = is_told(Fault::Empty(200), 3).await;
    assert!(told.contains("a.pdf arrived without content"), "{told}");
}

#[tokio::test]
async fn a_redirect_to_a_private_address_is_not_followed() {
    for private in [
        "http://192.0.2.1/f",
        "http://169.254.169.254/latest",
        "http://[fd00::1]/f",
        "//192.0.2.1/f",
        "http://3221225985/f", // the first one, as one number
        "http://[::ffff:192.0.2.1]/f",
    ] {
        let told = is_told(Fault::Redirect(private.into()), 1).await;
        assert!(told.contains("not where DingTalk keeps files"), "{told}");
    }
}

/// Whoever answers for names may give a private address. What is there gets no request: a name of DingTalk's is
/// spoken to in TLS alone, and only DingTalk has the certificate.
#[tokio::test]
async fn a_name_of_dingtalks_that_leads_to_a_private_address_opens_nothing_there() {
    let proxy = Arc::new(Proxy::start().await.unwrap());
    let (leading, address) = (proxy.clone(), proxy.url());
    let world = World::of(Setup {
        reached_at: Some("http://ding.corp.example".to_owned()),
        introduce: Box::new(move |address| leading.leads_to(address)),
        ..Setup::configured(move |section| {
            section["enableAICard"] = json!(false);
            section["endpoints"]["allowPlain"] = json!(true);
            section["proxy"] = json!(address);
        })
    })
    .await;
    let bucket = "http://bucket.oss-cn-hangzhou.aliyuncs.com/res/private";
    world.dingtalk().on(Endpoint::File).answer(Fault::Redirect(bucket.into())).always();
    let (told, _) = refused(&world, "a.pdf", BYTES).await;
    assert!(told.contains("a.pdf was not downloaded"), "{told}");
    let asked = proxy.asked();
    let asked: Vec<_> = asked.iter().filter(|asked| asked.destination.contains("aliyuncs")).collect();
    assert!(!asked.is_empty() && asked.iter().all(|asked| asked.method == "CONNECT"), "{asked:?}");
    let arrived = world
        .dingtalk()
        .look(|view| view.calls_to(Endpoint::File).filter(|call| call.path.contains("private")).count());
    assert_eq!(arrived, 0);
    world.end().await;
}

/// Says that what follows has so many bytes, to everybody who comes; answers where.
fn says_so_many_bytes(length: u64) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for client in listener.incoming() {
            let (mut client, mut asked) = (client.unwrap(), [0; 4096]);
            assert!(client.read(&mut asked).unwrap() > 0);
            // Who has heard enough hangs up.
            drop(write!(client, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n%PDF-1.7"));
            drop(client.read(&mut asked));
        }
    });
    format!("http://{address}/f")
}

#[tokio::test]
async fn a_length_beyond_the_limit_is_believed_and_nothing_of_the_body_is_read() {
    let world = world(json!({"maxFileSizeMB": 1})).await;
    let address = says_so_many_bytes(3 << 20);
    world.dingtalk().on(Endpoint::File).answer(Fault::Redirect(address)).always();
    let (told, _) = refused(&world, "a.pdf", BYTES).await;
    assert!(told.contains("a.pdf has 3 MB, and `maxFileSizeMB` allows 1 MB"), "{told}");
    assert_eq!(calls(&world, Endpoint::File), 1);
    world.end().await;
}

#[tokio::test]
async fn a_body_that_is_longer_than_it_was_said_to_be_ends_there_and_spoils_nothing_that_follows() {
    let world = world(json!({})).await;
    let address = says_so_many_bytes(4);
    world.dingtalk().on(Endpoint::File).answer(Fault::Redirect(address)).times(2);
    for expected in [&BYTES[..4], &BYTES[..4], &BYTES] {
        world.dingtalk().sends_file("Lin", "a.pdf", BYTES);
        let turn = turn(&world).await;
        assert_eq!(content(&file(&turn)), expected);
        turn.done();
    }
    world.end().await;
}

#[tokio::test]
async fn a_file_of_a_group_that_comes_without_a_code_is_told_as_that_to_agent_and_group() {
    let world = world(json!({})).await;
    let mut payload = world.dingtalk().payload("Lin", Some("Release crew"));
    let quoted = json!({"msgType": "file", "msgId": "msgEarlier==", "content":
        {"spaceId": "900000001", "fileId": "800000001", "fileName": "季度 报告.pdf"}});
    payload["text"] = json!({"content": "and this?", "isReplyMsg": true, "repliedMsg": quoted});
    world.dingtalk().push(payload);
    let turn = turn(&world).await;
    let quote = turn.message().quote.clone().unwrap();
    let told = super::not_fetched(&quote.attachments[0]);
    assert!(told.starts_with("季度 报告.pdf cannot be downloaded, for DingTalk gave no code"), "{told}");
    assert!(told.contains("private chat") && told.contains("verified organisation"), "{told}");
    let notice = world.dingtalk().message_to("Release crew").await;
    assert!(notice.text().contains("「季度 报告.pdf」") && notice.text().contains("单聊"), "{notice:?}");
    assert_eq!(calls(&world, Endpoint::MessageFile), 0);
    turn.done();
    world.end().await;
}

#[tokio::test]
async fn a_redirect_in_circles_ends() {
    let told = is_told(Fault::Redirect("/res/again".into()), 3 * 4).await;
    assert!(told.contains("leads in circles"), "{told}");
}

#[tokio::test]
async fn a_code_that_has_expired_is_told_and_not_tried_again() {
    let world = world(json!({})).await;
    let wrong = Fault::refused(400, "invalidParameter.robotCode.downloadCode");
    world.dingtalk().on(Endpoint::MessageFile).answer(wrong).always();
    let (told, _) = refused(&world, "a.pdf", BYTES).await;
    assert!(told.contains("invalidParameter.robotCode.downloadCode"), "{told}");
    assert_eq!(calls(&world, Endpoint::MessageFile), 1);
    world.end().await;
}

#[tokio::test]
async fn of_two_codes_the_second_is_tried() {
    let world = world(json!({})).await;
    let code = world.dingtalk().offer_file(BYTES);
    let mut payload = world.dingtalk().payload("Lin", None);
    payload["msgtype"] = json!("picture");
    payload["content"] = json!({"downloadCode": "expired", "pictureDownloadCode": code});
    world.dingtalk().push(payload);
    let turn = turn(&world).await;
    assert_eq!(content(&file(&turn)), BYTES);
    turn.done();
    world.end().await;
}

#[tokio::test]
async fn an_old_kind_of_picture_is_fetched_only_from_where_dingtalk_keeps_files() {
    let world = World::start().await;
    let mut payload = world.dingtalk().payload("Lin", None);
    payload["msgtype"] = json!("picture");
    payload["content"] = json!({"pictureUrl": "http://192.0.2.1/secret"});
    world.dingtalk().push(payload);
    let turn = turn(&world).await;
    assert!(super::not_fetched(&file(&turn)).contains("not where DingTalk keeps files"));
    turn.done();
    world.end().await;
}
