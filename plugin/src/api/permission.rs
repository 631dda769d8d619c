//! Missing permissions: the link to apply for one, and when to speak of it.

use reqwest::Url;
use std::collections::HashMap;

/// More apps and scopes than one host will ever have; past it the oldest day is forgotten.
const MEMORY: usize = 1024;

/// DingTalk's ready-made page to apply for `scope` on behalf of the app `client_id`.
pub(crate) fn apply_url(client_id: &str, scope: &str) -> String {
    let content = format!("{client_id}#{scope}");
    Url::parse_with_params("https://open-dev.dingtalk.com/appscope/apply", [("content", content)])
        .map_or_else(|_| "https://open-dev.dingtalk.com".into(), String::from)
}

/// Remembers which missing permission was told on which day, so that each is told once a day.
#[derive(Debug, Default)]
pub(super) struct PermissionLog(HashMap<(String, String), i64>);

impl PermissionLog {
    /// Whether to tell that `app` lacks `scope` on `day` (days since some fixed day); remembers
    /// that it was told.
    pub(super) fn tells(&mut self, app: &str, scope: &str, day: i64) -> bool {
        if self.0.len() >= MEMORY {
            self.0.retain(|_, told| *told == day);
        }
        if self.0.len() >= MEMORY {
            self.0.clear(); // all of today: telling one twice is better than growing
        }
        self.0.insert((app.to_owned(), scope.to_owned()), day) != Some(day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_names_app_and_scope() {
        assert_eq!(
            apply_url("dingabc", "Card.Streaming.Write"),
            "https://open-dev.dingtalk.com/appscope/apply?content=dingabc%23Card.Streaming.Write"
        );
        assert!(apply_url("a&b", "c d").ends_with("content=a%26b%23c+d"));
    }

    #[test]
    fn each_scope_of_each_app_is_told_once_a_day() {
        let mut log = PermissionLog::default();
        assert!(log.tells("a", "Card.Streaming.Write", 1));
        assert!(!log.tells("a", "Card.Streaming.Write", 1));
        assert!(log.tells("a", "Card.Instance.Write", 1));
        assert!(log.tells("b", "Card.Streaming.Write", 1));
        assert!(log.tells("a", "Card.Streaming.Write", 2));
    }

    #[test]
    fn the_memory_is_bounded() {
        let mut log = PermissionLog::default();
        for n in 0..3 * MEMORY {
            log.tells("a", &n.to_string(), 1);
        }
        assert!(log.0.len() <= MEMORY);
    }
}
