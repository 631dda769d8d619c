//! Did you mean?

use super::sentences;
use crate::bilingual::{Said, both};

/// The question whether `name` was meant.
pub(super) fn meant(name: &str) -> Said {
    Said::new(sentences::DID_YOU_MEAN, &[both(name)])
}

/// The candidate that `written` was most likely meant to be, if it is near enough to one.
pub(super) fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let written: Vec<char> = plain(written);
    if written.is_empty() || written.len() > 64 {
        return None;
    }
    candidates
        .into_iter()
        .map(|candidate| (distance(&written, &plain(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.chars().count().min(written.len()).div_ceil(4))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many letters have to be added, removed, changed or swapped with their neighbour.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut best = (above[j] + usize::from(x != y)).min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [&str; 4] = ["clientId", "clientSecret", "dmPolicy", "enableAICard"];

    #[test]
    fn slips_of_the_pen_are_recognised() {
        assert_eq!(nearest("clientID", KEYS), Some("clientId"));
        assert_eq!(nearest("client_secret", KEYS), Some("clientSecret"));
        assert_eq!(nearest("dmPolciy", KEYS), Some("dmPolicy"));
        assert_eq!(nearest("enableAiCrd", KEYS), Some("enableAICard"));
    }

    #[test]
    fn other_words_are_not() {
        assert_eq!(nearest("gatewayToken", KEYS), None);
        assert_eq!(nearest("", KEYS), None);
        assert_eq!(nearest(&"x".repeat(1_000), KEYS), None);
    }
}
