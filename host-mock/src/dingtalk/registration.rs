//! Applications that a person lets register by scanning a code (DingTalk protocol, §9.5).

use std::time::Duration;

use serde_json::{Value, json};

use super::DingTalk;
use super::answer::Refusal;
use super::people::App;
use super::request::Fields;
use super::serve::note_fault;
use super::world::World;

/// How many are remembered; older ones count as unknown.
const MOST: usize = 100;

/// Registrations, oldest first.
#[derive(Debug, Default)]
pub(super) struct Registrations {
    nonces: Vec<String>,
    begun: Vec<Registration>,
}

/// An application that wants to be.
#[derive(Debug, Clone)]
pub struct Registration {
    /// What stands on the page that is scanned.
    pub user_code: String,
    device_code: String,
    until: Duration,
    /// What the person said; nothing yet where it waits.
    pub said: Option<Said>,
}

/// What a person said to a registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// It may be; this is its Client ID.
    Yes(String),
    /// It may not.
    No,
}

impl Registrations {
    fn of(&self, device_code: &str) -> Option<&Registration> {
        self.begun.iter().find(|it| it.device_code == device_code)
    }

    fn open(&mut self, user_code: &str, now: Duration) -> Option<&mut Registration> {
        self.begun.iter_mut().find(|it| it.user_code == user_code && it.said.is_none() && now < it.until)
    }

    /// Those that wait for somebody.
    pub(super) fn waiting(&self, now: Duration) -> impl Iterator<Item = &Registration> {
        self.begun.iter().filter(move |it| it.said.is_none() && now < it.until)
    }

    /// Ends those that wait; how many.
    fn expire(&mut self, now: Duration) -> usize {
        let waiting = self.begun.iter_mut().filter(|it| it.said.is_none() && now < it.until);
        waiting.map(|it| it.until = now).count()
    }
}

/// `POST /app/registration/init`.
pub(super) fn init(world: &mut World, fields: Fields<'_>) -> Result<Value, Refusal> {
    fields.filled("source").ok_or_else(|| Refusal::oapi(400_002, "invalid source"))?;
    let nonce = world.random.letters(24);
    push(&mut world.registrations.nonces, nonce.clone());
    Ok(json!({"errcode": 0, "errmsg": "ok", "nonce": nonce, "expires_in": 300}))
}

/// `POST /app/registration/begin`.
pub(super) fn begin(world: &mut World, fields: Fields<'_>) -> Result<Value, Refusal> {
    let nonce = fields.filled("nonce");
    let known = world.registrations.nonces.iter().position(|it| Some(it.as_str()) == nonce);
    let known = known.ok_or_else(|| Refusal::oapi(400_002, "invalid nonce"))?;
    world.registrations.nonces.remove(known);
    let (device_code, user_code) = (world.random.letters(32), world.random.letters(8).to_uppercase());
    let life = world.settings.registration_life;
    let until = world.clock.now() + life;
    let page = world.door.url("http", "/");
    let answer = json!({
        "errcode": 0, "errmsg": "ok", "device_code": device_code, "user_code": user_code,
        "verification_uri": page, "verification_uri_complete": format!("{page}?scan={user_code}"),
        "expires_in": life.as_secs(), "interval": world.settings.registration_interval.as_secs(),
    });
    note_fault(world, format!("{user_code} waits to be scanned"));
    push(&mut world.registrations.begun, Registration { user_code, device_code, until, said: None });
    Ok(answer)
}

/// `POST /app/registration/poll`.
pub(super) fn poll(world: &mut World, fields: Fields<'_>) -> Result<Value, Refusal> {
    let asked = fields.filled("device_code").and_then(|code| world.registrations.of(code));
    let asked = asked.ok_or_else(|| Refusal::oapi(400_002, "invalid device_code"))?;
    let mut answer = json!({"errcode": 0, "errmsg": "ok"});
    answer["status"] = json!(match &asked.said {
        Some(Said::Yes(client_id)) => {
            let app = world.directory.app(client_id);
            let secret = app.map(|app| app.client_secret.clone()).unwrap_or_default();
            (answer["client_id"], answer["client_secret"]) = (json!(client_id), json!(secret));
            "SUCCESS"
        }
        Some(Said::No) => {
            answer["fail_reason"] = json!("the user refused");
            "FAIL"
        }
        None if world.clock.now() >= asked.until => "EXPIRED",
        None => "WAITING",
    });
    Ok(answer)
}

fn push<T>(list: &mut Vec<T>, new: T) {
    if list.len() == MOST {
        list.remove(0);
    }
    list.push(new);
}

impl DingTalk {
    /// A person scans the code and lets the application be; `None` where none of this code waits.
    pub fn scan(&self, user_code: &str) -> Option<App> {
        self.shared.with(|world| {
            let now = world.clock.now();
            let app = App::new(&format!("dingfakescan{}", world.random.letters(8).to_lowercase()));
            world.registrations.open(user_code, now)?.said = Some(Said::Yes(app.client_id.clone()));
            world.directory.apps.push(app.clone());
            note_fault(world, format!("{user_code} was scanned: {} is registered", app.client_id));
            Some(app)
        })
    }

    /// A person scans the code and refuses; whether one of this code waits.
    pub fn refuse_scan(&self, user_code: &str) -> bool {
        self.shared.with(|world| {
            let now = world.clock.now();
            let Some(waiting) = world.registrations.open(user_code, now) else { return false };
            waiting.said = Some(Said::No);
            note_fault(world, format!("{user_code} was refused"));
            true
        })
    }

    /// Ends every registration that nobody has scanned yet; how many there were.
    pub fn expire_scans(&self) -> usize {
        self.shared.with(|world| {
            let ended = world.registrations.expire(world.clock.now());
            note_fault(world, format!("{ended} codes have expired"));
            ended
        })
    }
}
