//! Whatever is told, it is told in Chinese and in English.

use super::{super::sentences, *};

/// Whether there is a Chinese sign in it.
fn is_chinese(text: &str) -> bool {
    text.chars().any(|sign| ('\u{4e00}'..='\u{9fff}').contains(&sign))
}

#[test]
fn every_sentence_stands_in_both_languages_with_the_same_gaps_once_in_the_table() {
    let mut known = Vec::new();
    for (name, [chinese, english]) in sentences::ALL {
        // An id is an id in either.
        assert!(is_chinese(chinese) || *name == "ID", "{name}: {chinese}");
        assert!(!english.is_empty() && !is_chinese(english) && !english.contains("  "), "{name}: {english}");
        for gap in 0..10 {
            let gap = format!("{{{gap}}}");
            assert_eq!(chinese.contains(&gap), english.contains(&gap), "{name}");
        }
        // What is told prints the English in parentheses behind the Chinese.
        assert!(!chinese.contains(" (") && !chinese.ends_with('。') && !english.ends_with('.'), "{name}");
        assert!(!known.contains(english), "{name} is another's, too");
        known.push(*english);
    }
}

#[test]
fn why_a_proxy_cannot_be_used_is_said_in_both_languages() {
    for address in ["socks5://127.0.0.1:1", "https://proxy.corp.example", "a b"] {
        let found = the_only(diagnostics(json!({ "proxy": address })));
        for said in [&found.message, &found.suggestion] {
            let (chinese, english) = told(said);
            assert!(is_chinese(chinese) && !is_chinese(english), "{said}");
        }
    }
}

/// What is told of `section`: its diagnostics, why accounts do not run, and why one cannot be opened.
fn all_that_is_told(section: &Value) -> Vec<String> {
    let resolved = resolve(section);
    let of_diagnostics =
        resolved.diagnostics.iter().flat_map(|found| [found.message.clone(), found.suggestion.clone()]);
    let of_accounts = resolved.accounts.iter().flat_map(|found| {
        let refused = account(section, &found.id, "").err();
        let refused = refused.map(|error| [error.message.to_string(), error.suggestion.to_string()]);
        let reason = (!found.reason.is_empty()).then(|| found.reason.clone());
        reason.into_iter().chain(refused.into_iter().flatten())
    });
    of_diagnostics.chain(of_accounts).collect()
}

proptest! {
    #[test]
    fn whatever_is_written_is_told_and_what_to_do_in_both_languages(section in any_json()) {
        for said in all_that_is_told(&section) {
            let (chinese, english) = told(&said);
            prop_assert!(is_chinese(chinese) && english.contains(|letter: char| letter.is_ascii_lowercase()), "{said}");
        }
    }
}
