//! The language of the plugin's own sentences.

use crate::{
    bots::{ask, bots},
    row::{Level, Row, holds},
};
use serde_json::json;
use tests::scenarios;

pub(crate) const ROWS: &[Row] = &[Row {
    option: "locale",
    number: "",
    level: Level::Everywhere { standard: "", values: [("\"zh-CN\"", "\"zh-CN\""), ("\"en\"", "\"en\"")] },
    wrong: &[holds("\"tlh\"", "no such language", "\"tlh\""), holds("[]", "not a text", "")],
    plays: scenarios![sentences_are_in_the_hosts_language_unless_the_account_has_its_own],
    elsewhere: &[
        ("access/private.rs", &["a_denial_is_told_once_an_hour_to_each_in_the_language_of_the_account"]),
        ("media/archive.rs", &["whoever_sends_a_file_is_told_in_the_language_of_the_account"]),
    ],
}];

async fn sentences_are_in_the_hosts_language_unless_the_account_has_its_own() {
    let chinese = "任务还在处理中，请稍候，完成后会立即回复你。";
    let english = "Still working on it. I will reply as soon as it is done.";
    for (top, silent, speaking) in
        [(json!({}), chinese, english), (json!({"locale": "en-US"}), english, chinese)]
    {
        let mut top = top;
        top["enableAICard"] = json!(false);
        top["longTaskNoticeDelayMs"] = json!(1);
        let own = if speaking == english { "en" } else { "zh" };
        let world = bots(top, vec![("silent", json!({})), ("speaking", json!({"locale": own}))]).await;
        for (account, words) in [("silent", silent), ("speaking", speaking)] {
            let asked = ask(&world, account).await;
            assert_eq!(world.dingtalk().message_to(&asked.conversation).await.text(), words);
            asked.ended().await;
        }
        world.end().await;
    }
}
