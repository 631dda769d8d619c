//! What nobody may read in a log.

use host_mock::dingtalk::App;

/// The text without the apps' secrets and DingTalk's tokens.
pub(crate) fn redacted(text: &str, apps: &[App]) -> String {
    let secrets = apps.iter().map(|app| app.client_secret.as_str());
    let without = secrets.fold(text.to_owned(), |text, secret| text.replace(secret, "<secret>"));
    words(&without).map(|word| if is_token(word) { "<token>" } else { word }).collect()
}

/// The secrets that `text` has, named and not repeated.
pub(crate) fn found_in(text: &str, apps: &[App]) -> Vec<String> {
    let mut found = Vec::new();
    for app in apps {
        if text.contains(&app.client_secret) {
            found.push(format!("the secret of {}", app.client_id));
        }
    }
    found.extend(words(text).any(is_token).then(|| "an access token".to_owned()));
    found.extend(text.contains("sendBySession?session=").then(|| "the address of a webhook".to_owned()));
    found.extend(text.contains("ticket=").then(|| "the ticket of a connection".to_owned()));
    found
}

/// A token of the fake DingTalk.
fn is_token(word: &str) -> bool {
    word.starts_with("fake0token")
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(|character: char| !character.is_ascii_alphanumeric())
}
