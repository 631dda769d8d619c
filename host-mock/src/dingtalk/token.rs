//! Access tokens (DingTalk protocol, §1.3, §1.4).

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::answer::Refusal;
use super::request::{Fields, Request};
use super::secrecy::TOKEN;
use super::world::World;

/// The one valid token of each app.
#[derive(Debug, Default)]
pub(super) struct TokenBook {
    by_app: BTreeMap<String, Token>,
    made: u64,
}

#[derive(Debug)]
struct Token {
    text: String,
    until: Duration,
}

impl TokenBook {
    /// Asking inside the validity gives the same token and renews it; later a new one is made
    /// (DingTalk protocol, §1.3).
    pub(super) fn issue(&mut self, app: &str, life: Duration, now: Duration) -> String {
        match self.by_app.get_mut(app) {
            Some(token) if now < token.until => {
                token.until = now + life;
                token.text.clone()
            }
            _ => {
                self.made += 1;
                let text = format!("{TOKEN}{:022}", self.made);
                self.by_app.insert(app.to_owned(), Token { text: text.clone(), until: now + life });
                text
            }
        }
    }

    /// The app that a valid token belongs to.
    pub(super) fn owner(&self, token: &str, now: Duration) -> Option<&str> {
        let mut tokens = self.by_app.iter();
        tokens.find(|(_, it)| it.text == token && now < it.until).map(|(app, _)| app.as_str())
    }

    /// Ends every token at once.
    pub(super) fn revoke(&mut self) {
        self.by_app.clear();
    }
}

/// `POST /v1.0/oauth2/accessToken`.
pub(super) fn access_token(world: &mut World, request: &Request) -> Result<Value, Refusal> {
    let fields = request.fields();
    let wrong = || Refusal::api(400, "invalidClientIdOrSecret", "无效的clientId或者clientSecret");
    let (app, secret) = credentials(fields, "appKey", "appSecret").ok_or_else(wrong)?;
    let token = grant(world, app, secret).ok_or_else(wrong)?;
    Ok(json!({"accessToken": token, "expireIn": world.settings.token_life.as_secs()}))
}

/// `GET /gettoken`, whose failure is HTTP 200 (DingTalk protocol, §1.3).
pub(super) fn gettoken(world: &mut World, request: &Request) -> Result<Value, Refusal> {
    let wrong = || Refusal::oapi(40089, "不合法的corpid或corpsecret");
    let (app, secret) = request.query.get("appkey").zip(request.query.get("appsecret")).ok_or_else(wrong)?;
    let token = grant(world, app, secret).ok_or_else(wrong)?;
    let life = world.settings.token_life.as_secs();
    Ok(json!({"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": life}))
}

/// Two filled strings of a body.
pub(super) fn credentials<'a>(fields: Fields<'a>, id: &str, secret: &str) -> Option<(&'a str, &'a str)> {
    fields.filled(id).zip(fields.filled(secret))
}

fn grant(world: &mut World, client_id: &str, secret: &str) -> Option<String> {
    let app = world.directory.app(client_id).filter(|app| app.client_secret == secret)?;
    Some(world.tokens.issue(&app.client_id, world.settings.token_life, world.clock.now()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFE: Duration = Duration::from_secs(7200);

    #[test]
    fn asking_again_gives_the_same_token_and_renews_it() {
        let mut book = TokenBook::default();
        let first = book.issue("app", LIFE, Duration::ZERO);
        let again = book.issue("app", LIFE, LIFE / 2);

        assert_eq!(first, again);
        assert_eq!(book.owner(&first, LIFE + LIFE / 4), Some("app"));
    }

    #[test]
    fn an_expired_token_is_replaced() {
        let mut book = TokenBook::default();
        let first = book.issue("app", LIFE, Duration::ZERO);

        assert_eq!(book.owner(&first, LIFE), None);
        assert_ne!(book.issue("app", LIFE, LIFE), first);
    }

    #[test]
    fn a_revoked_token_has_no_owner() {
        let mut book = TokenBook::default();
        let token = book.issue("app", LIFE, Duration::ZERO);
        book.revoke();

        assert_eq!(book.owner(&token, Duration::ZERO), None);
        assert_ne!(book.issue("app", LIFE, Duration::ZERO), token);
    }

    #[test]
    fn each_app_has_its_own_token() {
        let mut book = TokenBook::default();
        let (one, two) = (book.issue("one", LIFE, Duration::ZERO), book.issue("two", LIFE, Duration::ZERO));

        assert_ne!(one, two);
        assert_eq!(book.owner(&two, Duration::ZERO), Some("two"));
    }
}
