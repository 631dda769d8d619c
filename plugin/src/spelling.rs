//! How people write ids: with something before them, in whatever case.

/// What may stand before an id and names the channel.
pub(crate) const CHANNELS: [&str; 3] = ["dingtalk:", "dd:", "ding:"];

/// What follows `prefix`, if `text` begins with it.
pub(crate) fn after<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then(|| rest.trim_start())
}

/// `text` without any of `prefixes`, however many there are.
pub(crate) fn without<'a>(text: &'a str, prefixes: &[&str]) -> &'a str {
    let mut bare = text.trim();
    while let Some(rest) = prefixes.iter().find_map(|prefix| after(bare, prefix)) {
        bare = rest;
    }
    bare
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_prefix_goes_and_the_id_keeps_its_case() {
        assert_eq!(without(" DingTalk:dd: AbC:d", &CHANNELS), "AbC:d");
        assert_eq!(without("钉钉", &CHANNELS), "钉钉");
    }
}
