//! The page in a real browser, with the real plugin behind it: `cargo xtask page-test` brings both.
//!
//! Every test has a browser and a demo of its own; what a person does is done by keys and the mouse.

mod browser;
mod crowd;
mod demo;
mod looks;
mod sending;

use browser::Browser;
use demo::Demo;

/// A demo, and its page in a browser, ready to be written to.
async fn opened() -> (Demo, Browser) {
    opened_on(Demo::start().await).await
}

async fn opened_on(demo: Demo) -> (Demo, Browser) {
    let browser = Browser::start().await;
    browser.size(1440, 900).await;
    browser.open(&demo.page).await;
    browser.run("localStorage.setItem('simulator.language', 'zh')").await;
    browser.open(&demo.page).await;
    browser
        .until("document.querySelector('.pill.good') && document.querySelector('.chat[aria-current]')")
        .await;
    (demo, browser)
}

/// Writes as a person does: into the field, with Enter.
async fn write(browser: &Browser, text: &str) {
    browser.run("document.querySelector('.composer textarea').focus()").await;
    browser.type_text(text).await;
    browser.key("Enter").await;
}

/// The newest card is in this state.
fn card_is(state: &str) -> String {
    format!("[...document.querySelectorAll('.card')].pop()?.dataset.state === '{state}'")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_grows_on_the_page_and_ends_whole() {
    let (_demo, browser) = opened().await;

    // Written down on the page itself, which misses none: how long its text was while it grew.
    browser
        .run(
            "window.lengths = new Set(); new MutationObserver(() => { const text = document.querySelector('.card.inputting \
             .markdown'); if (text) window.lengths.add(text.textContent.length) }).observe(document.querySelector('.stream'), \
             {childList: true, subtree: true, attributes: true})",
        )
        .await;

    write(&browser, "你好").await;

    browser.until(&card_is("finished")).await;
    let lengths = browser.number("window.lengths.size").await;
    assert!(lengths >= 3, "{lengths}");
    let shown = browser.text("document.querySelector('.card .markdown').textContent").await;
    assert!(shown.contains("clientSecret") && shown.contains("祝你玩得开心"), "{shown}");
    assert_eq!(browser.number("document.querySelectorAll('.card .markdown ol li').length").await, 3);
    assert_eq!(browser.number("document.querySelectorAll('.card .markdown pre code').length").await, 1);
    browser.until("document.querySelector('.delivery.acked')").await;
    browser.until("document.querySelector('.line.frame.ok') && document.querySelector('.line.api.ok')").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_of_stop_ends_the_answer_where_it_is() {
    let (_demo, browser) = opened().await;
    write(&browser, "你好").await;
    // A card without any text would be taken back.
    browser.until("document.querySelector('.card.inputting .markdown')?.textContent.length > 20").await;

    browser.click("[data-button=stop]").await;

    browser.until(&card_is("finished")).await;
    let shown = browser.text("document.querySelector('.card .markdown').textContent").await;
    assert!(!shown.contains("祝你玩得开心"), "{shown}");
    assert_eq!(browser.number("document.querySelectorAll('[data-button=stop]').length").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_broken_by_a_click_comes_back() {
    let (_demo, browser) = opened().await;
    browser.click("[data-tab=faults]").await;
    browser.until("document.querySelector('[data-fault=f7-503]')").await;
    browser.click("[data-fault=f7-503]").await;
    browser
        .until("document.querySelector('[data-fault=f7-503]').getAttribute('aria-checked') === 'true'")
        .await;

    browser.click("[data-fault=f3-reset]").await;
    browser.until("document.querySelector('.pill.bad')").await;
    write(&browser, "你还在吗？").await;
    browser.until("document.querySelector('.delivery.waiting')").await;
    browser.click(".faults .bar button").await;

    browser.until("document.querySelector('.pill.good')").await;
    browser.until(&card_is("finished")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_holds_although_what_is_pressed_is_drawn_anew() {
    let (_demo, browser) = opened().await;
    let meanwhile = async {
        browser.post("faults", &serde_json::json!({"name": "qpm", "on": true})).await;
        browser.until("document.querySelector('[data-tab=faults] .count')").await;
    };
    browser.click_while("[data-tab=faults]", meanwhile).await;
    browser
        .until("document.querySelector('[data-tab=faults]').getAttribute('aria-selected') === 'true'")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_way_goes_by_keyboard() {
    let (_demo, browser) = opened().await;
    let before = browser.text("document.querySelector('.chat[aria-current]').dataset.chat").await;

    browser.run("document.body.focus()").await;
    browser.alt_key("ArrowDown").await;
    browser
        .until(&format!("document.querySelector('.chat[aria-current]').dataset.chat !== '{before}'"))
        .await;
    browser.key("/").await;
    browser.until("document.activeElement.tagName === 'TEXTAREA'").await;
    browser.type_text("hello").await;
    browser.key("Enter").await;

    browser.until("document.querySelector('.entry.mine .plain')?.textContent === 'hello'").await;
    browser.run("document.querySelector('[role=tab][aria-selected=true]').focus()").await;
    browser.key("ArrowRight").await;
    browser
        .until("document.activeElement.dataset.tab === 'faults' && document.querySelector('.switch')")
        .await;
    browser.run("document.querySelector('.switch').focus()").await;
    browser.key(" ").await;
    browser.until("document.querySelector('.switch').getAttribute('aria-checked') === 'true'").await;
    browser.until("document.activeElement.classList.contains('switch')").await;
}

/// What somebody would write who wants to be more than a text.
const HOSTILE: [&str; 9] = [
    "<img src=x onerror=window.owned=1>",
    "<script>window.owned=1</script>",
    "[press](javascript:window.owned=1)",
    "![x](javascript:window.owned=1)",
    "![x\" onerror=\"window.owned=1](https://192.0.2.1/x.png)",
    "<font color=\"red;background:url(https://192.0.2.1/)\">x</font>",
    "<a atId=\"><img src=x onerror=window.owned=1>\">x</a>",
    "**<svg onload=window.owned=1>**\n\n> `</code><script>window.owned=1</script>`",
    "| <b>a</b> | b |\n|---|---|\n| [x](data:text/html,<script>window.owned=1</script>) | ![](//192.0.2.1/x) |",
];

#[tokio::test(flavor = "multi_thread")]
async fn whatever_people_write_or_are_called_is_text() {
    let (_demo, browser) = opened().await;
    let name = "<img src=x onerror=window.owned=1>";
    browser.post("people", &serde_json::json!({"staffId": "evil\"><script>", "nick": name})).await;
    browser.post("groups", &serde_json::json!({"title": "<script>window.owned=1</script>"})).await;
    browser
        .until("[...document.querySelectorAll('.chat-title')].some(it => it.textContent.startsWith('<img'))")
        .await;

    // The agent says again what it is told: as a person's text, and as a card's markdown.
    for (index, text) in HOSTILE.iter().enumerate() {
        write(&browser, text).await;
        let count = index + 1;
        browser
            .until(&format!("document.querySelectorAll('.card[data-state=finished]').length >= {count}"))
            .await;
    }

    assert_eq!(browser.text("String(window.owned)").await, "undefined");
    let markup = ".stream script, .stream svg:not(.icon), .stream [onerror], .stream [onload], .left img, .stream b:not(header b)";
    assert_eq!(browser.number(&format!("document.querySelectorAll('{markup}').length")).await, 0);
    let links = "[...document.querySelectorAll('.stream a[href]')].filter(it => !/^(https?|dingtalk):/.test(it.href)).length";
    assert_eq!(browser.number(links).await, 0);
    let fetched =
        "performance.getEntriesByType('resource').filter(it => !it.name.startsWith(location.origin)).length";
    assert_eq!(browser.number(fetched).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_page_can_do_nothing_here() {
    let (demo, browser) = opened().await;
    // Another origin on this machine: the same program, on another port.
    let other = Demo::start().await;
    browser.open(&other.page).await;
    let address = format!("{}simulator/api/", demo.page);

    let read = format!("fetch('{address}state').then(() => 'read', () => 'refused')");
    assert_eq!(browser.text(&read).await, "refused");
    let written = format!(
        "fetch('{address}people', {{method: 'POST', mode: 'no-cors', headers: {{'content-type': 'text/plain'}}, \
         body: JSON.stringify({{staffId: 'x', nick: 'Intruder'}})}}).then(() => 'sent', () => 'refused')"
    );
    browser.text(&written).await;
    browser.open(&demo.page).await;
    browser.until("document.querySelector('.chat')").await;
    let intruders = "[...document.querySelectorAll('.chat-title')].filter(it => it.textContent.includes('Intruder')).length";
    assert_eq!(browser.number(intruders).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "draws pictures, which `cargo xtask screenshots` asks for"]
async fn pictures() {
    let folder = std::path::PathBuf::from(std::env::var_os("PAGE_PICTURES").expect("where the pictures go"));
    let (_demo, browser) = opened().await;
    browser.size(1440, 860).await;
    write(&browser, "你好，你能做什么？").await;
    browser.until("document.querySelector('.card .markdown ol li:nth-child(3)')").await;
    browser.click(".line.api").await;
    browser.until("document.querySelector('.detail pre')").await;
    browser.picture(&folder.join("page.png")).await;
    browser.until(&card_is("finished")).await;

    browser.run("document.documentElement.dataset.theme = 'dark'").await;
    browser.click("[data-tab=faults]").await;
    browser.until("document.querySelector('[data-fault=latency]')").await;
    browser.click("[data-fault=f7-503]").await;
    browser.click("[data-fault=f3-reset]").await;
    browser.until("document.querySelector('.pill.bad') && document.querySelector('.fault.on')").await;
    write(&browser, "还在吗？").await;
    browser.until("document.querySelector('.delivery.waiting')").await;
    browser.picture(&folder.join("faults.png")).await;
}
