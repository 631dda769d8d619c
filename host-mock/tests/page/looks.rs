//! How the page looks: its language, and its colours.

use serde_json::Value;

use crate::browser::Browser;
use crate::{card_is, opened, write};

/// Where the page speaks for itself, and nobody else does.
const OWN_WORDS: &str = ".brand strong, .left h2, .left .new, [role=tab], .panel .chip, .faults h3, .faults .bar, \
                         .fault span[title], .tail small, .pill, .top p, .composer .quoting";

/// The page's own words, those of fields and of buttons among them.
async fn words(browser: &Browser) -> String {
    let script = format!(
        "[...document.querySelectorAll('{OWN_WORDS}')].map(it => it.textContent).concat( \
         [...document.querySelectorAll('.tail [title], .tools [title], .panel-button')].map(it => it.title), \
         [...document.querySelectorAll('textarea, .panel [type=search]')].map(it => it.placeholder)).join('|')"
    );
    browser.text(&script).await
}

fn is_chinese(letter: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&letter)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_language_button_changes_every_word_of_the_page_and_it_stays_so() {
    let (demo, browser) = opened().await;
    browser.until("document.querySelector('.fault')").await;
    let chinese = words(&browser).await;
    assert!(chinese.contains("钉钉模拟器") && chinese.contains("发消息"), "{chinese}");
    let button = ".tail button:not(.round)";
    assert_eq!(browser.text(&format!("document.querySelector('{button}').textContent")).await, "English");

    browser.click(button).await;

    browser.until("document.documentElement.lang === 'en'").await;
    let english = words(&browser).await;
    assert!(english.contains("DingTalk simulator") && english.contains("Enter sends"), "{english}");
    assert!(!english.contains(is_chinese), "{english}");
    assert_eq!(english.matches('|').count(), chinese.matches('|').count(), "{english}\n{chinese}");

    browser.open(&demo.page).await;
    browser.until("document.querySelector('.fault') && document.querySelector('.pill.good')").await;
    assert_eq!(browser.text("document.documentElement.lang").await, "en");
    browser.click(button).await;
    browser.until("document.documentElement.lang === 'zh-CN'").await;
    assert_eq!(words(&browser).await, chinese);
}

/// What is to be read, on what is behind it: the selector, and both colours as `[red, green, blue]`. What fades is
/// measured at its end.
const COLOURS: &str = "(() => { \
    for (const it of document.getAnimations()) if (it instanceof CSSTransition) it.finish(); \
    const numbers = text => text.match(/[\\d.]+/g).map(Number); \
    const behind = it => { for (; it; it = it.parentElement) { const [r, g, b, a = 1] = numbers(getComputedStyle(it).backgroundColor); \
      if (a === 1) return [r, g, b] } return [255, 255, 255] }; \
    const seen = ['.brand strong', '.brand small', '.left h2', '.chat-title', '.chat-gist', '.title h1', '.title p', '.pill', \
      '.entry time', '.entry.mine .plain', '.card .markdown p', '.card .markdown code', '.card .state', '.card .steps', \
      '.delivery', '.composer .send', '.chip[aria-pressed=true]', '.line.frame .lane', '.composer textarea', '[role=tab]', '.line .label', '.line .status', '.line .ms', '.line .lane', '.tail small']; \
    return JSON.stringify(seen.map(name => { const it = document.querySelector(name); \
      \
      const [ground, own] = [behind(it), numbers(getComputedStyle(it).color)]; const opacity = Number(getComputedStyle(it).opacity); \
      return [name, ground.map((part, at) => own[at] * opacity + part * (1 - opacity)), ground] })) })()";

/// As WCAG has it.
fn luminance(colour: &Value) -> f64 {
    let part = |index: usize| {
        let part = colour[index].as_f64().expect("a number") / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(0) + 0.7152 * part(1) + 0.0722 * part(2)
}

/// The background's luminance, and what is too faint for WCAG's AA.
async fn look(browser: &Browser) -> (f64, Vec<String>) {
    let seen: Value = serde_json::from_str(&browser.text(COLOURS).await).expect("it is JSON");
    let contrast = |it: &Value| {
        let (one, other) = (luminance(&it[1]), luminance(&it[2]));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    };
    let all = seen.as_array().expect("a list");
    let faint = all.iter().filter(|it| contrast(it) < 4.5);
    let faint = faint.map(|it| format!("{it}: {:.2}", contrast(it))).collect();
    (luminance(&all[0][2]), faint)
}

#[tokio::test(flavor = "multi_thread")]
async fn light_and_dark_are_as_the_system_wants_it_and_readable_both() {
    let (_demo, browser) = opened().await;
    write(&browser, "你好").await;
    browser.until(&card_is("finished")).await;
    browser
        .until("document.querySelector('.delivery.acked') && document.querySelector('.line.api.ok .ms')")
        .await;

    browser.prefers("light").await;
    let (light, faint) = look(&browser).await;
    assert!(light > 0.7 && faint.is_empty(), "{light}, {faint:#?}");
    browser.prefers("dark").await;
    let (dark, faint) = look(&browser).await;
    assert!(dark < 0.1 && faint.is_empty(), "{dark}, {faint:#?}");

    // The button is stronger than the system.
    browser.click(".tail [aria-label=明暗]").await;
    browser.until("document.documentElement.dataset.theme === 'light'").await;
    assert!(look(&browser).await.0 > 0.7);
}
