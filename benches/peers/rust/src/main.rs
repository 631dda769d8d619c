//! The least bot that the crate `dingtalk-stream` makes: it acknowledges.

use async_trait::async_trait;
use dingtalk_stream::{
    AckMessage, CallbackHandler, ChatbotMessage, Credential, DingTalkStreamClient, messages::frames::MessageBody,
};

struct Quiet;

#[async_trait]
impl CallbackHandler for Quiet {
    async fn process(&self, _message: &MessageBody) -> (u16, String) {
        (AckMessage::STATUS_OK, "OK".to_owned())
    }
}

#[tokio::main]
async fn main() {
    let connections: usize = std::env::var("BENCH_CONNECTIONS").unwrap().parse().unwrap();
    let bots: Vec<_> = (0..connections)
        .map(|number| {
            let secret = "a secret for the bench alone".to_owned();
            let credential = Credential::new(format!("dingbench{number:012}"), secret);
            let mut client = DingTalkStreamClient::builder(credential)
                .register_callback_handler(ChatbotMessage::TOPIC, Quiet)
                .build();
            tokio::spawn(async move { client.start().await })
        })
        .collect();
    for bot in bots {
        bot.await.unwrap().unwrap();
    }
}
