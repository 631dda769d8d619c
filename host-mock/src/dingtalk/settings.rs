//! What a fake DingTalk is told before it starts.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use super::people::{App, Group, Person};

/// Everything a fake DingTalk can be told before it starts; [`Default`] needs no further setup.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address to listen at, 127.0.0.1 by default.
    pub listen: IpAddr,
    /// The TCP port; 0 lets the system choose.
    pub port: u16,
    /// Where ids and the choice of connections start from; equal seeds and events give equal worlds.
    pub seed: u64,
    /// The apps, each with one robot; the first one is meant where no app is named.
    pub apps: Vec<App>,
    /// The organisation's people.
    pub people: Vec<Person>,
    /// The groups that the robots are members of.
    pub groups: Vec<Group>,
    /// How long an access token lives, 7200 s by default (DingTalk protocol, §1.3).
    pub token_life: Duration,
    /// How long a connection ticket can be redeemed, 90 s by default (DingTalk protocol, §2.1).
    pub ticket_life: Duration,
    /// How long a `sessionWebhook` works, 90 min by default (DingTalk protocol, §5.3).
    pub webhook_life: Duration,
    /// How long a `downloadUrl` works; the service does not say (DingTalk protocol, §7.1).
    pub download_url_life: Duration,
    /// How long a code may be scanned, 7200 s by default (DingTalk protocol, §9.5).
    pub registration_life: Duration,
    /// How often a registration may be asked for, 5 s by default (DingTalk protocol, §9.5); whole seconds.
    pub registration_interval: Duration,
    /// Calls per second that one app may make to one API, `None` for no limit (DingTalk protocol, §10.3).
    pub qps: Option<u32>,
    /// How often the gateway sends its own `ping`; the interval is undocumented (DingTalk protocol, §0.1).
    pub ping_every: Option<Duration>,
    /// Whether a new connection is greeted with `CONNECTED` and `REGISTERED` frames; `false` by default, as
    /// most never come (DingTalk protocol, §2.5, §2.10 F9).
    pub greets: bool,
    /// The silence between a `disconnect` frame and the end of TCP, 10 s by default (DingTalk protocol, §2.5).
    pub disconnect_grace: Duration,
    /// How long a client may think about a card action, 2 s by default (DingTalk protocol, §8.8).
    pub card_callback_time: Duration,
    /// How long an EVENT waits for its ACK before it is pushed again, 3 s by default (DingTalk protocol, §2.6).
    pub event_repush_after: Duration,
    /// How long a CALLBACK waits for its ACK before it is pushed again, `None` for never (DingTalk
    /// protocol, §2.6: the documents say never, users report 16 to 60 s).
    pub callback_repush_after: Option<Duration>,
    /// How many times one push is repeated at most; the service does not say (DingTalk protocol, §12).
    pub repush_times: u32,
    /// What becomes of a push that no live connection subscribes to.
    pub unsubscribed: Unsubscribed,
    /// Where the sources leave a choice, the stricter or the more lenient service.
    pub strictness: Strictness,
    /// Harmless oddities of live answers.
    pub quirks: Quirks,
    /// How far the service's clock is ahead of this machine's, in seconds, as its answers' `Date` tells.
    pub clock_ahead_s: i64,
    /// How long [`wait_for`](super::DingTalk::wait_for) waits before it panics with what did happen; a minute
    /// by default.
    pub patience: Duration,
    /// How many calls, pushes and messages are remembered each; older ones are forgotten.
    pub remember: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 0,
            seed: 0x0D16_7A1C,
            apps: vec![App::default()],
            people: Person::default_pair(),
            groups: vec![Group::default()],
            token_life: Duration::from_secs(7200),
            ticket_life: Duration::from_secs(90),
            webhook_life: Duration::from_secs(90 * 60),
            download_url_life: Duration::from_secs(3600),
            registration_life: Duration::from_secs(7200),
            registration_interval: Duration::from_secs(5),
            qps: Some(20),
            ping_every: Some(Duration::from_secs(25)),
            greets: false,
            disconnect_grace: Duration::from_secs(10),
            card_callback_time: Duration::from_secs(2),
            event_repush_after: Duration::from_secs(3),
            callback_repush_after: None,
            repush_times: 3,
            unsubscribed: Unsubscribed::Keep,
            strictness: Strictness::default(),
            quirks: Quirks::default(),
            clock_ahead_s: 0,
            patience: Duration::from_secs(60),
            remember: 100_000,
        }
    }
}

/// What becomes of a push that no live connection subscribes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsubscribed {
    /// It waits for a connection, so that a test need not race the client.
    Keep,
    /// It is lost, as the service does with robot messages (DingTalk protocol, §2.6).
    Lose,
}

/// Choices between a stricter and a more lenient service where the sources disagree.
#[derive(Debug, Clone)]
pub struct Strictness {
    /// Refuses `cardParamMap` values that are no strings (DingTalk protocol, §0.1).
    pub string_card_values: bool,
    /// Refuses `content: ""` in a streaming call, as one of two documents says (DingTalk protocol, §0.1).
    pub nonempty_content: bool,
    /// Reports a `ping` whose `data` does not come back byte for byte (DingTalk protocol, §12 no. 16).
    pub ping_echo: bool,
    /// Refuses to create a card under a used `outTrackId`; otherwise the old card stays as it is
    /// (DingTalk protocol, §8.2).
    pub unique_cards: bool,
    /// Answers a streaming call for a closed card with 500; otherwise accepts it without effect
    /// (DingTalk protocol, §8.6).
    pub closed_cards_fail: bool,
    /// Accepts templates that the fake was never told of. What people read of such a card is the variable that
    /// it is streamed to first, `content` until then.
    pub any_template: bool,
    /// The largest `content` of one streaming call in bytes; the documented 1 K is exceeded in
    /// production (DingTalk protocol, §8.6).
    pub max_stream_content: usize,
    /// The largest `cardParamMap` in bytes, 100 KB by default (DingTalk protocol, §8.2).
    pub max_card_data: usize,
}

impl Default for Strictness {
    fn default() -> Self {
        Self {
            string_card_values: true,
            nonempty_content: false,
            ping_echo: true,
            unique_cards: true,
            closed_cards_fail: true,
            any_template: false,
            max_stream_content: 100_000,
            max_card_data: 100_000,
        }
    }
}

/// Harmless oddities of live answers and payloads, all off by default (DingTalk protocol, §13.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quirks {
    /// `errcode` comes as a string (DingTalk protocol, §5.2).
    pub errcode_as_string: bool,
    /// The keys of error bodies begin with a capital (DingTalk protocol, §10.1).
    pub capital_error_keys: bool,
    /// Answers, frames and robot messages carry keys that nobody knows (DingTalk protocol, §2.3).
    pub extra_keys: bool,
    /// The `content` of robot messages is a string of JSON (DingTalk protocol, §4.1).
    pub content_as_string: bool,
}
