//! Much at once: the page stays what it is with one message.

use std::time::Instant;

use serde_json::json;

use crate::browser::Browser;
use crate::demo::Demo;
use crate::{opened_on, write};

const CARDS: u64 = 20;
const MESSAGES: usize = 5_000;

/// How many cards grow, and how many words they have had so far.
async fn growing(browser: &Browser) -> (u64, u64) {
    let ask = "fetch('/simulator/api/state').then(it => it.json()).then(it => it.chats.map(it => it.last) \
               .filter(it => it?.kind === 'card' && it.state === 'inputting'))";
    browser.run(&format!("window.growing = null; {ask}.then(it => {{ window.growing = it }})")).await;
    browser.until("window.growing").await;
    let letters = "window.growing.reduce((sum, it) => sum + it.text.length, 0)";
    (browser.number("window.growing.length").await, browser.number(letters).await)
}

/// Twenty people more, each with a question whose answer takes minutes.
async fn ask_all(browser: &Browser) {
    for number in 0..CARDS {
        let person = json!({"staffId": format!("s{number}"), "nick": format!("同事{number}")});
        browser.post("people", &person).await;
    }
    browser
        .until(
            "[...document.querySelectorAll('.chat-title')].some(it => it.textContent.startsWith('同事19'))",
        )
        .await;
    let chats = format!(
        "state.chats.filter(it => it.kind === 'direct' && it.title.startsWith('同事')).slice(-{CARDS})"
    );
    let question = json!("this grows slowly ".repeat(100));
    browser
        .run(&format!(
            "fetch('/simulator/api/state').then(it => it.json()).then(state => Promise.all({chats}.map(it => \
             fetch('/simulator/api/messages', {{method: 'POST', headers: {{'content-type': 'application/json'}}, \
             body: JSON.stringify({{chat: it.id, text: {question}}})}})))).then(() => null)"
        ))
        .await;
    let all_grow = format!(
        "(fetch('/simulator/api/state').then(it => it.json()).then(it => {{ window.count = it.chats.filter(it => \
         it.last?.kind === 'card' && it.last.state === 'inputting').length }}), window.count === {CARDS})"
    );
    browser.until(&all_grow).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_messages_and_twenty_growing_cards_leave_the_page_fluid_and_writable() {
    let (demo, browser) = opened_on(Demo::paced(3).await).await;
    let group = "document.querySelectorAll('.left section')[1].querySelector('.chat').dataset.chat";
    let group = browser.text(group).await;
    browser.run(&format!("document.querySelector(`[data-chat=\"{group}\"]`).click()")).await;
    ask_all(&browser).await;
    let (cards, letters_before) = growing(&browser).await;
    assert_eq!(cards, CARDS);
    // Counted: the tasks that keep the page from answering a key, 50 ms or longer.
    browser
        .run(
            "window.long = []; window.frames = 0; new PerformanceObserver(list => { for (const it of list.getEntries()) \
             window.long.push(it.duration) }).observe({type: 'longtask'}); \
             (function tick() { window.frames += 1; requestAnimationFrame(tick) })()",
        )
        .await;

    let begun = Instant::now();
    let message = |number: usize| {
        json!({"chat": group, "person": "user0001", "mention": false,
            "text": format!("message {number} **bold**")})
    };
    // Somebody writes meanwhile: what is typed stands there, and is gone when it has been sent.
    let flood = demo.post_all("messages", (0..MESSAGES).map(message));
    let typing = async {
        browser.run("document.querySelector('.composer textarea').focus()").await;
        browser.type_text("can I still write?").await;
        browser.until("document.querySelector('.composer textarea').value === 'can I still write?'").await;
        browser.key("Enter").await;
        browser.until("document.querySelector('.composer textarea').value === ''").await;
        begun.elapsed()
    };
    let ((), wrote) = tokio::join!(flood, typing);
    browser
        .until("[...document.querySelectorAll('.stream .plain')].some(it => it.textContent.startsWith('message 4999'))")
        .await;
    let took = begun.elapsed();

    let (cards, letters) = growing(&browser).await;
    let shown = browser.number("document.querySelectorAll('.entry').length").await;
    let long = browser.number("window.long.length").await;
    let longest = browser.number("Math.max(0, ...window.long)").await;
    let frames = browser.number("window.frames").await;
    println!(
        "{MESSAGES} messages in {took:.1?}, one written meanwhile after {wrote:.1?}; {cards} cards with {letters} letters: \
         {shown} elements, {frames} frames, {long} long tasks, {longest} ms at most"
    );
    assert!(cards >= CARDS, "all of them grow until the end: {cards}");
    assert!(letters > letters_before, "{letters} letters, and {letters_before} before");
    assert!(shown <= 400, "{shown}");
    write(&browser, "and after all of it?").await;
    browser
        .until("[...document.querySelectorAll('.entry.mine .plain')].some(it => it.textContent.includes('and after all of it?'))")
        .await;

    // Back to the beginning, by scrolling.
    browser.run("window.top0 = document.querySelector('.entry').dataset.key; document.querySelector('.stream').scrollTop = 0").await;
    browser.until("document.querySelector('.entry').dataset.key !== window.top0").await;
}
