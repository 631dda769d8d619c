//! How a running fake is made to misbehave, in the service's words.

use std::time::Duration;

use super::DingTalk;
use super::card::Template;
use super::endpoint::Endpoint;
use super::fault::{Fault, FaultRule};
use super::gateway::{ConnectionId, Connections};
use super::people::{App, Group, Person, Reach};
use super::record::Changed;
use super::serve::note_fault;
use super::settings::Quirks;
use super::world::Shared;

impl DingTalk {
    /// Says which calls a fault strikes: `dingtalk.on(Endpoint::Streaming).answer(Fault::Qps).times(3)`.
    pub fn on(&self, endpoint: Endpoint) -> On<'_> {
        On { shared: &self.shared, endpoint }
    }

    /// Takes back every fault that was set with [`on`](Self::on).
    pub fn clear_faults(&self) {
        self.shared.with(|world| {
            world.faults.clear(None);
            note_fault(world, "no more faults");
        });
    }

    /// Has the calls to these endpoints meet a fault that is taken back by its name: so many of them altogether, or
    /// all until then.
    pub fn meet(&self, name: &'static str, endpoints: Vec<Endpoint>, fault: Fault, times: Option<u32>) {
        self.shared.with(|world| {
            world.faults.clear_named(name);
            world.faults.add(FaultRule { endpoints, fault, name: Some(name), skip: 0, left: times });
            note_fault(world, format!("{name} is on"));
        });
    }

    /// Takes back what [`meet`](Self::meet) has set.
    pub fn spare(&self, name: &str) {
        self.shared.with(|world| {
            world.faults.clear_named(name);
            note_fault(world, format!("{name} is off"));
        });
    }

    /// How many calls a fault of [`meet`](Self::meet) strikes yet: `None` if none, `Some(None)` if all.
    #[must_use]
    pub fn strikes(&self, name: &str) -> Option<Option<u32>> {
        self.look(|view| view.0.faults.named(name).map(|rule| rule.left))
    }

    /// Sets whether connections from now on are greeted (DingTalk protocol, §2.5, §2.10 F9).
    pub fn set_greets(&self, greets: bool) {
        self.shared.with(|world| {
            world.settings.greets = greets;
            note_fault(world, if greets { "connections are greeted" } else { "nobody is greeted" });
        });
    }

    /// Sets whether the robot's messages are sent to an HTTP address: then none is pushed.
    pub fn set_http_mode(&self, is_on: bool) {
        self.shared.with(|world| {
            world.gateway.http_mode = is_on;
            note_fault(world, if is_on { "messages go to an HTTP address" } else { "messages are pushed" });
        });
    }

    /// Sets whether another client is connected with each Client ID, which takes its share of what is pushed
    /// (DingTalk protocol, §2.9).
    pub fn set_rival(&self, is_there: bool) {
        self.shared.with(|world| {
            world.gateway.has_rival = is_there;
            note_fault(
                world,
                if is_there { "another client takes pushes" } else { "no other client is there" },
            );
        });
    }

    /// Writes down that somebody changed something that only they know of.
    pub fn remark(&self, line: &str) {
        self.shared.with(|world| note_fault(world, line));
    }

    /// Takes a permission from every app (DingTalk protocol, §10.1).
    pub fn deny_scope(&self, scope: &str) {
        self.shared.with(|world| {
            for app in &mut world.directory.apps {
                app.scopes.remove(scope);
            }
            note_fault(world, format!("scope {scope} is denied"));
        });
    }

    /// Gives a permission to every app.
    pub fn grant_scope(&self, scope: &str) {
        self.shared.with(|world| {
            for app in &mut world.directory.apps {
                app.scopes.insert(scope.to_owned());
            }
            note_fault(world, format!("scope {scope} is granted"));
        });
    }

    /// Ends every access token at once (DingTalk protocol, §1.4).
    pub fn revoke_tokens(&self) {
        self.shared.with(|world| {
            world.tokens.revoke();
            note_fault(world, "tokens are revoked");
        });
    }

    /// Sets how long tokens live that are issued or renewed from now on (DingTalk protocol, §1.3).
    pub fn set_token_life(&self, life: Duration) {
        self.shared.with(|world| {
            world.settings.token_life = life;
            note_fault(world, format!("tokens live for {life:?}"));
        });
    }

    /// Sets how far the service's clock is ahead of this machine's, as the `Date` of its answers tells.
    pub fn set_clock_ahead(&self, seconds: i64) {
        self.shared.with(|world| {
            world.settings.clock_ahead_s = seconds;
            note_fault(world, format!("the clock is {seconds} s ahead"));
        });
    }

    /// Sets how long the `sessionWebhook` of messages from now on works (DingTalk protocol, §5.3).
    pub fn set_webhook_life(&self, life: Duration) {
        self.shared.with(|world| {
            world.settings.webhook_life = life;
            note_fault(world, format!("webhooks live for {life:?}"));
        });
    }

    /// Ends every `sessionWebhook` at once (DingTalk protocol, §5.2).
    pub fn expire_webhooks(&self) {
        self.shared.with(|world| {
            world.webhooks.expire();
            note_fault(world, "webhooks are expired");
        });
    }

    /// Sets how many calls a second an app may make to one API, `None` for no limit (DingTalk protocol, §10.3).
    pub fn limit_qps(&self, qps: Option<u32>) {
        self.shared.with(|world| {
            world.settings.qps = qps;
            note_fault(world, format!("calls per second and API: {qps:?}"));
        });
    }

    /// Sets which harmless oddities answers and messages have from now on (DingTalk protocol, §13.3).
    pub fn set_quirks(&self, quirks: Quirks) {
        self.shared.with(|world| {
            world.settings.quirks = quirks;
            note_fault(world, format!("{quirks:?}"));
        });
    }

    /// Sets how long a CALLBACK waits for its ACK before it is pushed again (DingTalk protocol, §2.6).
    pub fn repush_callbacks_after(&self, after: Option<Duration>) {
        self.shared.with(|world| {
            world.settings.callback_repush_after = after;
            note_fault(world, format!("callbacks without ACK are pushed again after {after:?}"));
        });
    }

    /// Makes the next deliveries of cards fail with HTTP 200 and `success: false` (DingTalk protocol, §8.2).
    pub fn fail_card_deliveries(&self, error: &str, times: u32) {
        self.shared.with(|world| {
            world.cards.failing_deliveries = (times > 0).then(|| (error.to_owned(), times));
            note_fault(world, format!("{times} card deliveries fail with {error:?}"));
        });
    }

    /// Sets whether a robot's direct messages reach a person (DingTalk protocol, §6.1).
    ///
    /// # Panics
    ///
    /// If there is no such person.
    #[track_caller]
    pub fn set_reach(&self, person: &str, reach: Reach) {
        let found = self.shared.with(|world| {
            let mut people = world.directory.people.iter_mut();
            let who = people.find(|it| it.staff_id == person || it.nick == person)?;
            who.reach = reach;
            note_fault(world, format!("{person} is {reach:?}"));
            Some(())
        });
        assert!(found.is_some(), "the fake DingTalk knows no {person:?}");
    }

    /// Adds an app, or replaces the one with its Client ID, as after a new secret.
    pub fn put_app(&self, app: App) {
        self.shared.with(|world| {
            let id = app.client_id.clone();
            match world.directory.app_mut(&id) {
                Some(old) => *old = app,
                None => world.directory.apps.push(app),
            }
            note_fault(world, format!("app {id} is as given"));
        });
    }

    /// Adds a person.
    pub fn add_person(&self, person: Person) {
        self.shared.with(|world| {
            note_fault(world, format!("{} joins", person.nick));
            world.directory.people.push(person);
        });
    }

    /// Adds a group.
    pub fn add_group(&self, group: Group) {
        self.shared.with(|world| {
            note_fault(world, format!("there is a group {}", group.title));
            world.directory.groups.push(group);
        });
    }

    /// Adds a card template (DingTalk protocol, §8.7).
    pub fn add_template(&self, template: Template) {
        self.shared.with(|world| world.cards.templates.push(template));
    }

    /// A hand on every open Stream connection.
    pub fn connections(&self) -> Connections<'_> {
        Connections::new(&self.shared, None)
    }

    /// A hand on one Stream connection.
    pub fn connection(&self, id: ConnectionId) -> Connections<'_> {
        Connections::new(&self.shared, Some(id))
    }
}

/// Calls to one endpoint, waiting for what they are to meet.
#[derive(Debug)]
#[must_use = "say what the calls meet"]
pub struct On<'a> {
    shared: &'a Shared,
    endpoint: Endpoint,
}

impl<'a> On<'a> {
    /// The calls meet this fault.
    pub fn answer(self, fault: Fault) -> Answering<'a> {
        let Self { shared, endpoint } = self;
        Answering {
            shared,
            rule: FaultRule { endpoints: vec![endpoint], fault, name: None, skip: 0, left: None },
        }
    }

    /// Takes back every fault of this endpoint.
    pub fn recover(self) {
        self.shared.with(|world| {
            world.faults.clear(Some(self.endpoint));
            note_fault(world, format!("{} works again", self.endpoint));
        });
    }
}

/// A fault that waits to be told how often it strikes.
#[derive(Debug)]
#[must_use = "say how often: once(), times(n) or always()"]
pub struct Answering<'a> {
    shared: &'a Shared,
    rule: FaultRule,
}

impl Answering<'_> {
    /// Lets this many calls pass first.
    pub fn after(mut self, calls: u32) -> Self {
        self.rule.skip = calls;
        self
    }

    /// The fault strikes the next call.
    pub fn once(self) {
        self.times(1);
    }

    /// The fault strikes this many calls.
    pub fn times(mut self, count: u32) {
        self.rule.left = Some(count);
        if count > 0 {
            self.set();
        }
    }

    /// The fault strikes every call until it is taken back.
    pub fn always(self) {
        self.set();
    }

    fn set(self) {
        let Self { shared, rule } = self;
        shared.with(|world| {
            let endpoints = rule.endpoints.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let line = format!("{endpoints} meets {:?} ({:?} times)", rule.fault, rule.left);
            world.note(Changed::Fault, line);
            world.faults.add(rule);
        });
    }
}
