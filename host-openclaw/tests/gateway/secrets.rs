//! What nobody may read in a log.

use host_mock::dingtalk::{App, given_away_by};

/// The text without the apps' secrets, and without the words that DingTalk made to be secret.
pub(crate) fn redacted(text: &str, apps: &[App]) -> String {
    let secrets = apps.iter().map(|app| app.client_secret.as_str());
    let without = secrets.fold(text.to_owned(), |text, secret| text.replace(secret, "<secret>"));
    let words = without.split_inclusive(|character: char| !character.is_ascii_alphanumeric());
    words.map(|word| if given_away_by(word, apps).is_empty() { word } else { "<secret>" }).collect()
}
