//! What nobody may read but the two ends of a connection.

use super::people::App;

/// What the access tokens of every fake begin with.
pub(super) const TOKEN: &str = "fake0token";
/// What the sessions of every fake's webhooks begin with.
pub(super) const SESSION: &str = "fakesession";
/// What is in the tickets of every fake, and nowhere else.
pub(super) const TICKET: &str = "11f0-8899-fake";
/// What is in the addresses at which a file can be fetched by whoever knows them.
pub(super) const SIGNATURE: &str = "Signature=fake";

/// Which kinds of secrets of a fake with these `apps` a text gives away; the secrets themselves are not repeated.
#[must_use]
pub fn given_away_by(text: &str, apps: &[App]) -> Vec<&'static str> {
    let kinds = [
        (TOKEN, "an access token"),
        (SESSION, "the address of a webhook"),
        (TICKET, "the ticket of a connection"),
        (SIGNATURE, "the address of a file"),
    ];
    let marked = kinds.into_iter().filter(|(mark, _)| text.contains(mark)).map(|(_, kind)| kind);
    let is_told = apps.iter().any(|app| text.contains(&app.client_secret));
    marked.chain(is_told.then_some("an application's secret")).collect()
}
