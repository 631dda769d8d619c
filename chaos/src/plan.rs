//! What happens in a run and in which order: decided by a seed, before anything runs.
//!
//! A plan is a sequence of rounds. Each pushes its share of the messages, lets one incident strike in the
//! middle of them, and ends when what it pushed is settled. A round's incidents come from a shuffled deck
//! with all of them, so that every kind strikes before any strikes again.

use crate::random::Random;
use std::time::Duration;

/// Rounds that a plan has about: with fewer messages each has fewer, down to [`LEAST`].
const ROUNDS: u32 = 66;
/// The fewest messages that a round has, so that something is under way when its incident strikes.
const LEAST: u32 = 50;
/// Plans with at least this many messages have also the incidents that take up to a minute each.
const LONG: u32 = 20_000;

/// A connection that is as old and has delivered a message is one of use to the plugin: what ends it is no
/// reason to seek the next one less often. Most are let get this old, some are not.
pub const RIPE: Duration = Duration::from_millis(1_100);
/// One in so many is not.
const UNRIPE: u32 = 4;

/// What the driver does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Pushes this many messages, as fast as the agent sees them.
    Push(u32),
    /// Pushes this many messages at once, wherever they end.
    Blind(u32),
    /// Whether what is not acknowledged is pushed again, from now on.
    Repush(bool),
    /// Waits until the newest connection is [`RIPE`].
    Ripen,
    /// Something happens to the live connections.
    Link(LinkTrouble),
    /// The next attempts to connect fail.
    Refuse(Refusal),
    /// Waits for a connection that is newer than the last trouble.
    AwaitLink,
    /// DingTalk notices which of its connections are dead, and gives them no more messages.
    Bury,
    /// The host changes its mood.
    Host(Mood),
    /// The mood lasts this many milliseconds longer.
    Last(u32),
    /// The host's process is killed with SIGKILL, and another is started.
    Kill,
    /// The host is stopped in order, and another is started.
    Restart,
    /// Waits until everything pushed so far is where it will end.
    Settle,
}

impl Step {
    /// The fault that it is, by its name in the simulator's list.
    #[must_use]
    pub fn fault(self) -> Option<&'static str> {
        match self {
            Self::Link(trouble) => Some(trouble.fault()),
            Self::Refuse(refusal) => Some(refusal.fault()),
            _ => None,
        }
    }
}

/// What happens to a connection (DingTalk protocol, §2.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkTrouble {
    /// F1: a `disconnect`, silence, the end.
    Disconnect,
    /// F2: as F1, and what is sent to the old connection meanwhile is lost.
    Deaf,
    /// F3: a TCP reset.
    Reset,
    /// F3: TCP ends without a close frame.
    Drop,
    /// F3: a close frame, code 1011.
    Close,
    /// F4, and F10 once the client has noticed: TCP stays, nothing passes.
    Stall,
    /// F5: pings are answered, messages swallowed.
    Zombie,
}

impl LinkTrouble {
    /// Its name in the simulator's list of faults.
    #[must_use]
    pub fn fault(self) -> &'static str {
        match self {
            Self::Disconnect => "f1-disconnect",
            Self::Deaf => "f2-deaf",
            Self::Reset => "f3-reset",
            Self::Drop => "f3-drop",
            Self::Close => "f3-close",
            Self::Stall => "f4-stall",
            Self::Zombie => "f5-zombie",
        }
    }
}

/// Why the next attempts to connect fail (DingTalk protocol, §2.10 F7 and F8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// F7: 401, once. The plugin tries again after a minute.
    Credentials,
    /// F7: 400 with JSON, once.
    BadRequest,
    /// F7: 400 with HTML, once.
    Html,
    /// F7: 503, twice.
    Unavailable,
    /// F7: no answer, once.
    Hang,
    /// F8: the handshake is refused, once.
    Handshake,
    /// F8: the handshake succeeds, and the connection closes at once.
    CloseAtOnce,
}

impl Refusal {
    /// Its name in the simulator's list of faults.
    #[must_use]
    pub fn fault(self) -> &'static str {
        match self {
            Self::Credentials => "f7-401",
            Self::BadRequest => "f7-400",
            Self::Html => "f7-html",
            Self::Unavailable => "f7-503",
            Self::Hang => "f7-hang",
            Self::Handshake => "f8-refused",
            Self::CloseAtOnce => "f8-close",
        }
    }
}

/// How willingly the host takes messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// At once.
    Prompt,
    /// After this many milliseconds.
    Slow(u32),
    /// Not at all.
    Refusing,
}

/// What a round is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Incident {
    Calm,
    Link(LinkTrouble),
    Refuse(Refusal),
    Slow,
    Refusing,
    Restart,
    Kill,
    KillWhile(Reluctant),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reluctant {
    Slow,
    Refusing,
}

/// How often each incident is in the deck.
const DECK: [(Incident, u32); 19] = [
    (Incident::Calm, 1),
    (Incident::Link(LinkTrouble::Disconnect), 3),
    (Incident::Link(LinkTrouble::Deaf), 2),
    (Incident::Link(LinkTrouble::Reset), 3),
    (Incident::Link(LinkTrouble::Drop), 2),
    (Incident::Link(LinkTrouble::Close), 2),
    (Incident::Link(LinkTrouble::Stall), 1),
    (Incident::Link(LinkTrouble::Zombie), 1),
    (Incident::Refuse(Refusal::BadRequest), 1),
    (Incident::Refuse(Refusal::Html), 1),
    (Incident::Refuse(Refusal::Unavailable), 1),
    (Incident::Refuse(Refusal::Handshake), 1),
    (Incident::Refuse(Refusal::CloseAtOnce), 1),
    (Incident::Slow, 2),
    (Incident::Refusing, 2),
    (Incident::Restart, 2),
    (Incident::Kill, 4),
    (Incident::KillWhile(Reluctant::Slow), 3),
    (Incident::KillWhile(Reluctant::Refusing), 1),
];
/// Each once in a long plan.
const MINUTES: [Incident; 2] = [Incident::Refuse(Refusal::Credentials), Incident::Refuse(Refusal::Hang)];

/// Everything that happens in a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What decided it.
    pub seed: u64,
    /// In order.
    pub steps: Vec<Step>,
}

impl Plan {
    /// The plan of `seed` for so many messages.
    #[must_use]
    pub fn new(seed: u64, messages: u32) -> Self {
        let mut writer = Writer { random: Random::new(seed), steps: Vec::new() };
        let share = (messages / ROUNDS).max(LEAST);
        let mut deck = Vec::new();
        let mut left = messages;
        let mut rare = if messages >= LONG { MINUTES.to_vec() } else { Vec::new() };
        while left > 0 {
            if deck.is_empty() {
                deck = writer.shuffled(std::mem::take(&mut rare));
            }
            // What is left over is part of the last round.
            let size = if left < share + LEAST { left } else { share };
            left -= size;
            writer.round(deck.pop().unwrap_or(Incident::Calm), size);
        }
        Self { seed, steps: writer.steps }
    }

    /// The messages that it pushes.
    #[must_use]
    pub fn messages(&self) -> u32 {
        let pushed = self.steps.iter().map(|step| match step {
            Step::Push(count) | Step::Blind(count) => *count,
            _ => 0,
        });
        pushed.sum()
    }
}

struct Writer {
    random: Random,
    steps: Vec<Step>,
}

impl Writer {
    fn shuffled(&mut self, rare: Vec<Incident>) -> Vec<Incident> {
        let often = DECK.iter().flat_map(|(incident, times)| (0..*times).map(|_| *incident));
        let mut deck: Vec<_> = often.chain(rare).collect();
        self.random.shuffle(&mut deck);
        deck
    }

    /// `size` messages, the incident among them.
    fn round(&mut self, incident: Incident, size: u32) {
        let repush = Step::Repush(self.random.one_in(2));
        let before = size.min(1 + self.random.below(size / 2 + 1));
        let blind = (size - before).min(5 + self.random.below(25));
        let mut rest = size - before - blind;
        self.steps.extend([repush, Step::Push(before)]);
        if matches!(incident, Incident::Link(_) | Incident::Refuse(_)) && !self.random.one_in(UNRIPE) {
            self.steps.push(Step::Ripen);
        }
        match incident {
            Incident::Calm => self.steps.push(Step::Push(blind)),
            Incident::Link(trouble) => rest -= self.link(trouble, blind, rest),
            Incident::Refuse(refusal) => {
                let reset = Step::Link(LinkTrouble::Reset);
                self.steps.extend([Step::Refuse(refusal), reset, Step::Blind(blind), Step::AwaitLink]);
            }
            Incident::Slow => {
                let mood = Step::Host(Mood::Slow(self.slowness()));
                self.steps.extend([mood, Step::Push(blind), Step::Host(Mood::Prompt)]);
            }
            Incident::Refusing => {
                let last = Step::Last(200 + self.random.below(1500));
                let mood = Step::Host(Mood::Refusing);
                self.steps.extend([mood, Step::Blind(blind), last, Step::Host(Mood::Prompt)]);
            }
            Incident::Restart => self.steps.extend([Step::Blind(blind), Step::Restart]),
            Incident::Kill => self.steps.extend([Step::Blind(blind), Step::Kill]),
            Incident::KillWhile(reluctant) => {
                let slow = self.slowness();
                let mood = match reluctant {
                    Reluctant::Slow => Mood::Slow(slow),
                    Reluctant::Refusing => Mood::Refusing,
                };
                let last = Step::Last(self.random.below(slow));
                self.steps.extend([Step::Host(mood), Step::Blind(blind), last, Step::Kill]);
            }
        }
        self.steps.extend([Step::Push(rest), Step::Settle]);
    }

    /// A trouble of the connection; how many of the round's `rest` it pushes itself.
    fn link(&mut self, trouble: LinkTrouble, blind: u32, rest: u32) -> u32 {
        let share = rest.min(10);
        self.steps.extend([Step::Link(trouble), Step::Blind(blind)]);
        match trouble {
            // The old one goes on getting its share beside the new one.
            LinkTrouble::Deaf | LinkTrouble::Stall => {
                self.steps.extend([Step::AwaitLink, Step::Blind(share), Step::Bury]);
                share
            }
            // Nobody can tell it from a quiet night before it is rotated: here DingTalk ends it.
            LinkTrouble::Zombie => {
                self.steps.extend([Step::Link(LinkTrouble::Disconnect), Step::AwaitLink]);
                0
            }
            LinkTrouble::Disconnect | LinkTrouble::Reset | LinkTrouble::Drop | LinkTrouble::Close => {
                self.steps.push(Step::AwaitLink);
                0
            }
        }
    }

    /// Shorter and longer than what DingTalk waits before it pushes again.
    fn slowness(&mut self) -> u32 {
        50 + self.random.below(3_000)
    }
}

/// How long DingTalk waits for an ACK before it pushes again, where it does; users report 16 to 60 s
/// (DingTalk protocol, §2.6), which would only make runs longer.
pub const REPUSH_AFTER: Duration = Duration::from_secs(2);
/// How often it does.
pub const REPUSH_TIMES: u32 = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_seeds_make_equal_plans_and_others_do_not() {
        assert_eq!(Plan::new(7, 5_000), Plan::new(7, 5_000));
        assert_ne!(Plan::new(7, 5_000).steps, Plan::new(8, 5_000).steps);
    }

    #[test]
    fn a_plan_pushes_as_many_messages_as_it_was_told() {
        for messages in [1, 49, 50, 3_000, 3_299, 99_999, 100_000] {
            for seed in 0..20 {
                assert_eq!(Plan::new(seed, messages).messages(), messages, "seed {seed}");
            }
        }
    }

    #[test]
    fn a_plan_of_a_few_thousand_messages_has_every_incident_in_it_but_those_of_minutes() {
        let plan = Plan::new(3, 3_000);
        let links = [
            LinkTrouble::Disconnect,
            LinkTrouble::Deaf,
            LinkTrouble::Reset,
            LinkTrouble::Drop,
            LinkTrouble::Close,
            LinkTrouble::Stall,
            LinkTrouble::Zombie,
        ];
        let refusals = [
            Refusal::BadRequest,
            Refusal::Html,
            Refusal::Unavailable,
            Refusal::Handshake,
            Refusal::CloseAtOnce,
        ];
        let steps = links.map(Step::Link).into_iter().chain(refusals.map(Step::Refuse));
        let steps = steps.chain([true, false].map(Step::Repush));
        for step in steps.chain([Step::Kill, Step::Restart, Step::Host(Mood::Refusing)]) {
            assert!(plan.steps.contains(&step), "{step:?}");
        }
        assert!(!plan.steps.contains(&Step::Refuse(Refusal::Credentials)));
        assert!(Plan::new(3, LONG).steps.contains(&Step::Refuse(Refusal::Credentials)));
    }

    #[test]
    fn what_strikes_a_connection_is_in_the_simulators_list_of_faults() {
        let known: Vec<_> = host_mock::simulator::fault_names().collect();
        let often = DECK.iter().map(|(incident, _)| *incident).chain(MINUTES);
        let struck = often.filter_map(|incident| match incident {
            Incident::Link(trouble) => Some(trouble.fault()),
            Incident::Refuse(refusal) => Some(refusal.fault()),
            _ => None,
        });
        let struck: Vec<_> = struck.collect();
        assert!(struck.len() == 14 && struck.iter().all(|fault| known.contains(fault)), "{struck:?}");
    }

    #[test]
    fn every_reluctance_ends_with_its_round() {
        for seed in 0..50 {
            let mut mood = Mood::Prompt;
            for step in Plan::new(seed, 3_000).steps {
                match step {
                    Step::Host(next) => mood = next,
                    // The next process is prompt.
                    Step::Kill | Step::Restart => mood = Mood::Prompt,
                    Step::Settle => assert_eq!(mood, Mood::Prompt, "seed {seed}"),
                    _ => {}
                }
            }
        }
    }
}
