//! Files that were uploaded not long ago, so that a picture sent to ten groups is uploaded once.

use crate::api::media::MediaType;
use std::{
    collections::HashMap,
    path::PathBuf,
    time::{Duration, Instant, SystemTime},
};

/// Files remembered.
const MOST: usize = 256;
/// How long. DingTalk says of no end, but allows an organisation ten thousand uploads a year.
const LIFE: Duration = Duration::from_hours(24);

/// A file as it was when it was uploaded, and what as.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) path: PathBuf,
    pub(super) modified: Option<SystemTime>,
    pub(super) size: u64,
    pub(super) kind: MediaType,
}

/// The ids of what was uploaded.
#[derive(Debug, Default)]
pub(super) struct Known(HashMap<Key, (String, Instant)>);

impl Known {
    pub(super) fn get(&self, key: &Key, now: Instant) -> Option<String> {
        // When a file was changed is not known on every system.
        let _changed_at = key.modified?;
        let (id, since) = self.0.get(key)?;
        (now.saturating_duration_since(*since) < LIFE).then(|| id.clone())
    }

    pub(super) fn put(&mut self, key: Key, id: String, now: Instant) {
        if self.0.len() >= MOST && !self.0.contains_key(&key) {
            let oldest = self.0.iter().min_by_key(|(_, (_, since))| *since).map(|(key, _)| key.clone());
            oldest.map(|key| self.0.remove(&key));
        }
        self.0.insert(key, (id, now));
    }

    pub(super) fn forget(&mut self, key: &Key) {
        self.0.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str, size: u64) -> Key {
        let modified = Some(SystemTime::UNIX_EPOCH);
        Key { path: name.into(), modified, size, kind: MediaType::Image }
    }

    fn start() -> Instant {
        crate::clock::now()
    }

    #[test]
    fn a_file_is_known_until_it_changes_or_a_day_has_passed() {
        let (mut known, now) = (Known::default(), start());
        known.put(key("a", 1), "@1".into(), now);
        assert_eq!(known.get(&key("a", 1), now), Some("@1".into()));
        assert_eq!(known.get(&key("a", 2), now), None);
        assert_eq!(known.get(&Key { kind: MediaType::File, ..key("a", 1) }, now), None);
        assert_eq!(known.get(&Key { modified: None, ..key("a", 1) }, now), None);
        assert_eq!(known.get(&key("a", 1), now + LIFE), None);
        known.forget(&key("a", 1));
        assert_eq!(known.get(&key("a", 1), now), None);
    }

    #[test]
    fn the_memory_is_bounded_and_forgets_the_oldest() {
        let (mut known, now) = (Known::default(), start());
        for number in 0..=MOST {
            known.put(key(&number.to_string(), 1), "@".into(), now + Duration::from_secs(number as u64));
        }
        assert_eq!(known.0.len(), MOST);
        assert_eq!(known.get(&key("0", 1), now), None);
        assert!(known.get(&key("1", 1), now).is_some());
    }
}
