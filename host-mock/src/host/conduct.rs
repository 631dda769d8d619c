//! What the configuration says of answering: who answers, in which session, and when.

use super::{HostError, queueing::Queueing, routing::Routing, shape::Shape};
use serde_json::{Map, Value};

/// What the configuration says of answering.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Conduct {
    pub(super) routing: Routing,
    pub(super) queueing: Queueing,
}

impl Conduct {
    pub(super) fn read(shape: &Shape<'_>, root: &Map<String, Value>) -> Result<Self, HostError> {
        Ok(Self { routing: Routing::read(shape, root)?, queueing: Queueing::read(shape, root)? })
    }
}
