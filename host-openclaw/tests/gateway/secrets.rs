//! What nobody may read in a log.

use host_mock::dingtalk::App;

/// The text without the apps' secrets and DingTalk's tokens.
pub(crate) fn redacted(text: &str, apps: &[App]) -> String {
    let secrets = apps.iter().map(|app| app.client_secret.as_str());
    let without = secrets.fold(text.to_owned(), |text, secret| text.replace(secret, "<secret>"));
    words(&without).map(|word| if is_token(word) { "<token>" } else { word }).collect()
}

/// A token of the fake DingTalk.
fn is_token(word: &str) -> bool {
    word.starts_with("fake0token")
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(|character: char| !character.is_ascii_alphanumeric())
}
