//! What becomes of a message whose session is busy: `messages.queue` of the configuration, as in OpenClaw.

use super::{HostError, shape::Shape};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

const EXPECTED: &str = "one of steer, followup, collect and interrupt";

/// What becomes of a message whose session is busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueMode {
    /// It joins the turn that runs, which answers it after what it is at.
    Steer,
    /// It waits for a turn of its own.
    Followup,
    /// It waits, and all that wait are answered in one turn.
    Collect,
    /// The turn that runs is stopped, what waits is given up, and it is answered instead.
    Interrupt,
}

/// What becomes of messages whose session is busy, by channel.
///
/// Where nothing is written OpenClaw steers. Here every conversation is then answered message by message, beside
/// all others of its session: most tests want to see each answer by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queueing {
    mode: Option<QueueMode>,
    by_channel: BTreeMap<String, QueueMode>,
}

/// What there is to do for a message that comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coming {
    /// Its turn begins.
    Begin,
    /// It joins the turn that runs, or waits if that is ending.
    Join,
    /// It waits until nothing runs.
    Wait,
    /// What runs is stopped and what waits given up; then its turn begins.
    Interrupt,
}

impl Queueing {
    /// Reads the section `messages`.
    pub(super) fn read(shape: &Shape<'_>, root: &Map<String, Value>) -> Result<Self, HostError> {
        let messages = shape.object(root.get("messages").cloned(), "messages")?;
        let queue = shape.object(messages.get("queue").cloned(), "messages.queue")?;
        let by_channel = shape.object(queue.get("byChannel").cloned(), "messages.queue.byChannel")?;
        let one = |(channel, mode): (&String, &Value)| {
            let at = format!("messages.queue.byChannel.{channel}");
            Ok((channel.clone(), QueueMode::read(shape, mode, &at)?))
        };
        Ok(Self {
            mode: queue
                .get("mode")
                .map(|mode| QueueMode::read(shape, mode, "messages.queue.mode"))
                .transpose()?,
            by_channel: by_channel.iter().map(one).collect::<Result<_, HostError>>()?,
        })
    }

    /// What holds for a channel; `None` where nothing is written.
    pub fn of(&self, channel: &str) -> Option<QueueMode> {
        self.by_channel.get(channel).copied().or(self.mode)
    }
}

impl QueueMode {
    fn read(shape: &Shape<'_>, written: &Value, at: &str) -> Result<Self, HostError> {
        Ok(match written.as_str() {
            Some("steer") => Self::Steer,
            Some("followup") => Self::Followup,
            Some("collect") => Self::Collect,
            Some("interrupt") => Self::Interrupt,
            _ => return Err(shape.wrong(written, at, EXPECTED)),
        })
    }
}

impl Coming {
    /// What there is to do in a session that `is_busy` or not. A command never joins what it may be about.
    pub(super) fn of(mode: Option<QueueMode>, is_busy: bool, is_command: bool) -> Self {
        match mode {
            _ if !is_busy => Self::Begin,
            Some(QueueMode::Interrupt) => Self::Interrupt,
            Some(QueueMode::Steer) if !is_command => Self::Join,
            _ => Self::Wait,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::path::Path;

    fn read(root: &Value) -> Result<Queueing, HostError> {
        Queueing::read(&Shape { file: Path::new("openclaw.json") }, root.as_object().unwrap())
    }

    #[test]
    fn a_channels_own_mode_goes_before_that_of_all() {
        let written = json!({"messages": {"queue": {"mode": "steer", "byChannel": {"mail": "collect"}}}});
        let queueing = read(&written).unwrap();
        assert_eq!(queueing.of("mail"), Some(QueueMode::Collect));
        assert_eq!(queueing.of("chat"), Some(QueueMode::Steer));
        assert_eq!(Queueing::default().of("chat"), None);
    }

    #[test]
    fn a_mode_that_there_is_not_names_its_place() {
        for (queue, at) in [
            (json!({"mode": "stear"}), "messages.queue.mode"),
            (json!({"byChannel": {"chat": 1}}), "messages.queue.byChannel.chat"),
            (json!([]), "messages.queue"),
        ] {
            let message = read(&json!({"messages": {"queue": queue}})).unwrap_err().to_string();
            assert!(message.contains(&format!("`{at}` is")), "{message}");
        }
    }

    #[test]
    fn each_mode_does_its_own_with_a_message_that_finds_the_session_busy() {
        let (steer, followup) = (Some(QueueMode::Steer), Some(QueueMode::Followup));
        let (collect, interrupt) = (Some(QueueMode::Collect), Some(QueueMode::Interrupt));
        for (mode, message, command) in [
            (None, Coming::Wait, Coming::Wait),
            (steer, Coming::Join, Coming::Wait),
            (followup, Coming::Wait, Coming::Wait),
            (collect, Coming::Wait, Coming::Wait),
            (interrupt, Coming::Interrupt, Coming::Interrupt),
        ] {
            assert_eq!(Coming::of(mode, true, false), message, "{mode:?}");
            assert_eq!(Coming::of(mode, true, true), command, "{mode:?}");
            assert_eq!(Coming::of(mode, false, false), Coming::Begin, "{mode:?}");
        }
    }
}
