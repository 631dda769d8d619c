//! What the page's own buttons send: it is pushed as DingTalk pushes it, and the bot acknowledges it.

use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::browser::Browser;
use crate::{card_is, opened, write};

/// One dot.
const PICTURE: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// What was pushed last, as the timeline shows it.
async fn pushed(browser: &Browser) -> Value {
    let newest = "(async () => { const api = '/simulator/api/timeline'; const { lines } = await (await fetch(api)).json(); \
                  const push = lines.findLast(it => it.lane === 'frame' && it.label === '/v1.0/im/bot/messages/get'); \
                  return (await fetch(`${api}?id=${push.id}`)).text() })()";
    let detail: Value = serde_json::from_str(&browser.text(newest).await).expect("it is JSON");
    detail["data"].clone()
}

/// Something of this kind stands there, written by the person, and the bot has it.
fn arrived(kind: &str) -> String {
    format!("document.querySelector('.entry.mine[data-kind={kind}] .delivery.acked')")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_is_chosen_is_shown_and_arrives() {
    let (_demo, browser) = opened().await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("dot.png");
    std::fs::write(&file, STANDARD.decode(PICTURE).expect("it is Base64")).expect("it can be written");

    browser.choose(".tools [aria-label=图片]", &file).await;

    browser.until(&arrived("picture")).await;
    browser.until("document.querySelector('.entry.mine .bubble.picture img').naturalWidth === 1").await;
    let data = pushed(&browser).await;
    assert_eq!(data["msgtype"], "picture");
    let code = data["content"]["downloadCode"].as_str().expect("a code");
    let bytes = format!(
        "fetch('/simulator/api/files?code=' + encodeURIComponent('{code}')).then(it => it.arrayBuffer()) \
         .then(it => btoa(String.fromCharCode(...new Uint8Array(it))))"
    );
    assert_eq!(browser.text(&bytes).await, PICTURE);
    browser.until(&card_is("finished")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voice_message_arrives_with_what_was_understood_of_it() {
    let (_demo, browser) = opened().await;
    browser.click(".tools [aria-label=语音]").await;
    browser.until("document.activeElement.matches('.quoting input')").await;
    browser.type_text("明天上午十点开会").await;

    browser.click(".quoting .primary").await;

    browser.until(&arrived("voice")).await;
    browser
        .until(
            "document.querySelector('.entry.mine .bubble.voice .plain').textContent === '明天上午十点开会'",
        )
        .await;
    let data = pushed(&browser).await;
    let told = [&data["msgtype"], &data["content"]["recognition"], &data["content"]["duration"]];
    assert_eq!(told, [&"audio".into(), &"明天上午十点开会".into(), &Value::from(3_000)]);
    browser.until(&card_is("finished")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quote_arrives_with_what_it_quotes() {
    let (_demo, browser) = opened().await;
    write(&browser, "你好").await;
    browser.until(&card_is("finished")).await;
    let key = browser.text("document.querySelector('.entry.mine').dataset.key").await;

    browser.click(&format!("[data-key=\"{key}\"] .quote-it")).await;
    browser.until("document.querySelector('.above .quoting').textContent.includes('你好')").await;
    browser.type_text("这句话再说一遍").await;
    browser.key("Enter").await;

    browser
        .until(
            "[...document.querySelectorAll('.entry.mine')].some(it => it.querySelector('.quoted')?.textContent === '你好' \
             && it.querySelector('.plain').textContent === '这句话再说一遍' && it.querySelector('.delivery.acked'))",
        )
        .await;
    assert_eq!(browser.number("document.querySelectorAll('.above .quoting').length").await, 0);
    let data = pushed(&browser).await;
    let text = &data["text"];
    assert_eq!((&text["content"], &text["isReplyMsg"]), (&"这句话再说一遍".into(), &true.into()));
    assert_eq!(text["repliedMsg"]["content"]["text"], "你好", "{text:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_says_why_and_stays_in_the_field() {
    let (_demo, browser) = opened().await;
    browser.click("[data-tab=faults]").await;
    browser.until("document.querySelector('[data-fault=unpublished]')").await;
    browser.click("[data-fault=unpublished]").await;
    browser
        .until("document.querySelector('[data-fault=unpublished]').getAttribute('aria-checked') === 'true'")
        .await;

    write(&browser, "有人吗？").await;

    browser.until("document.querySelector('.toast.error').textContent.includes('没有已发布的版本')").await;
    browser.until("document.querySelector('.composer textarea').value === '有人吗？'").await;
    assert_eq!(browser.number("document.querySelectorAll('.entry').length").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_saved_is_a_scenario_that_the_gateway_plays() {
    let (_demo, browser) = opened().await;
    write(&browser, "你好").await;
    browser.until(&card_is("finished")).await;
    let folder = tempfile::tempdir().expect("a folder");

    browser.save(".tail [aria-label=导出为测试场景]", folder.path()).await;

    let file = folder.path().join("scenario.json");
    let text = std::fs::read_to_string(&file).expect("it is there");
    let scenario: Value = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!(scenario["steps"][0]["say"]["text"], "你好", "{text}");
    assert!(scenario["steps"][1]["answer"]["text"].as_str().is_some_and(|it| it.contains("祝你玩得开心")));
    let mut gateway = Command::new(env!("CARGO_BIN_EXE_host-mock"))
        .args(["gateway", "--port", "0", "--once", "--scenario"])
        .arg(&file)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the gateway can be started");
    let mut lines = BufReader::new(gateway.stderr.take().expect("its words are ours")).lines();
    let first = lines.next_line().await.expect("its words are text").expect("it says something");
    assert_eq!(first, "waiting for a client to play the scenario to");
}
