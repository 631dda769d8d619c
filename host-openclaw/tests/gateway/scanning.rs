//! What is new beside a bot that runs: another one that DingTalk makes, and the numbers of both.

use crate::world::World;
use serde_json::json;
use std::net::Ipv4Addr;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// `openclaw dingtalk setup`, by the way on which a code is scanned.
pub(crate) async fn who_scans_a_code_gets_another_bot_that_connects(world: &mut World) {
    let scanning = async {
        let code =
            world.dingtalk.wait_for(|view| view.scannable().next().map(|it| it.user_code.clone())).await;
        world.dingtalk.scan(&code).unwrap()
    };
    let arguments = ["dingtalk", "setup", "--account", "scanned"];
    let (said, app) = tokio::join!(world.home.answers(&arguments, "4\n"), scanning);

    assert!(said.succeeded() && said.everything().contains("?scan="), "{said}");
    assert!(!said.everything().contains(&app.client_secret), "the secret is shown");
    let account = &world.home.section()["accounts"]["scanned"];
    assert_eq!(account["clientId"], json!(app.client_id), "{account:#}");
    let connected = world
        .dingtalk
        .wait_for(|view| view.live_connections().find(|it| it.app == app.client_id).map(|_| ()));
    connected.await;
}

/// The route is the gateway's, and so is its lock.
pub(crate) async fn prometheus_reads_what_was_counted_with_the_gateways_token(world: &mut World) {
    let refused = scraped(world, "").await;
    assert!(refused.starts_with("HTTP/1.1 401"), "{refused}");

    let told = scraped(world, "authorization: Bearer a-token-of-this-test\r\n").await;

    assert!(told.starts_with("HTTP/1.1 200") && told.contains("text/plain; version=0.0.4"), "{told}");
    let counted = told.lines().find(|line| line.starts_with("dingtalk_messages_total{")).unwrap_or_default();
    assert!(counted.contains("account=\"default\"") && !counted.ends_with(" 0"), "{told}");
}

async fn scraped(world: &World, header: &str) -> String {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, world.home.port)).await.unwrap();
    let request = format!(
        "GET /plugins/dingtalk/metrics HTTP/1.1\r\nhost: 127.0.0.1\r\n{header}connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}
