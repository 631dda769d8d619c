use super::*;
use crate::ledger::{
    book::Book,
    entry::{AnswerKey, Card, CardEnd, Fate, Sent, Upto},
};
use proptest::prelude::*;

fn entry() -> impl Strategy<Value = Entry> {
    let answer = || prop::sample::select(vec!["a", "b", "c"]).prop_map(|name| AnswerKey::new("msg==", name));
    let id = || prop::sample::select(vec!["card-1", "card-2", "card-3"]).prop_map(str::to_owned);
    let text = || prop::sample::select(vec!["", "好", "好的", "好的。\n", "another"]).prop_map(str::to_owned);
    let end = prop::sample::select(vec![CardEnd::Shown, CardEnd::Never, CardEnd::Withdrawn]);
    let fate = prop::sample::select(vec![Fate::Delivered, Fate::Unknown, Fate::Failed]);
    prop_oneof![
        (answer(), id()).prop_map(|(answer, id)| Entry::CardOpened {
            answer,
            card: Box::new(Card { id, template: "t".into(), ..Card::default() })
        }),
        (id(), text()).prop_map(|(card, carrier)| Entry::CardDelivered { card, carrier }),
        (id(), text()).prop_map(|(card, text)| Entry::CardShows { card, text }),
        (id(), end).prop_map(|(card, end)| Entry::CardOver { card, end }),
        (answer(), text(), any::<bool>()).prop_map(|(answer, text, last)| Entry::Sending {
            answer,
            upto: Upto::of(&text),
            last
        }),
        (answer(), text(), any::<bool>(), fate).prop_map(|(answer, text, last, fate)| Entry::Settled {
            answer,
            upto: Upto::of(&text),
            last,
            fate
        }),
        answer().prop_map(|answer| Entry::Ended { answer }),
        (text(), text()).prop_map(|(id, text)| Entry::Sent(Sent { ids: vec![id], text, ..Sent::default() })),
    ]
}

/// The file of these entries, and what was known after each of them, from none to all.
fn written(entries: Vec<Entry>) -> (Vec<u8>, Vec<(usize, Book)>) {
    let (mut file, mut book) = (header(), Book::default());
    let mut states = vec![(file.len(), book.clone())];
    for (at, entry) in (1_000..).zip(entries) {
        let entry = book.condensed(entry);
        write_entry(&mut file, at, &entry);
        book.apply(entry, at);
        states.push((file.len(), book.clone()));
    }
    (file, states)
}

fn known(entries: Vec<(i64, Entry)>) -> Book {
    let mut book = Book::default();
    entries.into_iter().for_each(|(at, entry)| book.apply(entry, at));
    book
}

fn everything(book: &Book) -> Vec<(i64, Entry)> {
    book.entries().collect()
}

proptest! {
    #[test]
    fn a_file_that_ends_anywhere_is_the_ledger_as_it_was_after_its_last_whole_entry(
        entries in prop::collection::vec(entry(), 0..12),
    ) {
        let (file, states) = written(entries);
        for end in 0..=file.len() {
            let reading = read(&file[..end]).unwrap();
            let (whole, book) = states.iter().rev().find(|(whole, _)| *whole <= end).unwrap_or(&states[0]);
            prop_assert_eq!(reading.damaged, 0);
            prop_assert_eq!(reading.whole, if end < states[0].0 { 0 } else { *whole });
            prop_assert_eq!(everything(&known(reading.entries)), everything(book));
        }
    }

    #[test]
    fn a_file_that_was_written_anew_says_the_same(entries in prop::collection::vec(entry(), 0..40)) {
        let (_, states) = written(entries);
        let (_, book) = states.last().unwrap();
        let mut anew = header();
        book.entries().for_each(|(at, entry)| write_entry(&mut anew, at, &entry));
        prop_assert_eq!(everything(&known(read(&anew).unwrap().entries)), everything(book));
    }

    #[test]
    fn any_byte_may_be_wrong_and_at_most_its_own_line_is_lost(
        entries in prop::collection::vec(entry(), 1..12),
        place in any::<prop::sample::Index>(),
        wrong in 1u8..,
    ) {
        let (mut file, states) = written(entries);
        let count = states.len() - 1;
        let at = states[0].0 + place.index(file.len() - states[0].0);
        file[at] ^= wrong;
        let reading = read(&file).unwrap();
        let lost = count - reading.entries.len();
        // A newline that is wrong joins two lines; one that is new parts one.
        prop_assert!(lost <= 2, "{lost} of {count} lost");
        drop(known(reading.entries));
    }

    #[test]
    fn whatever_a_file_holds_it_is_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        drop(read(&bytes));
        let mut begun = header();
        begun.extend(bytes);
        drop(read(&begun));
    }
}

#[test]
fn a_line_that_is_wrong_among_right_ones_is_damage_and_at_the_end_it_is_none() {
    let ended = |stream| Entry::Ended { answer: AnswerKey::new("m", stream) };
    let (file, states) = written(vec![ended("a"), ended("b"), ended("c")]);
    let mut damaged = file.clone();
    damaged[states[1].0 + 20] ^= 1;
    let reading = read(&damaged).unwrap();
    assert_eq!((reading.entries.len(), reading.damaged, reading.whole), (2, 1, file.len()));
    let mut torn = file.clone();
    torn[states[2].0 + 20] ^= 1;
    let reading = read(&torn).unwrap();
    assert_eq!((reading.entries.len(), reading.damaged, reading.whole), (2, 0, states[2].0));
}

#[test]
fn a_later_format_is_told_from_something_that_is_no_ledger() {
    let mut later = Vec::new();
    write(&mut later, &Header { format: 2 });
    assert_eq!(read(&later), Err(Unreadable::Newer(2)));
    assert_eq!(read(b"something else\n"), Err(Unreadable::NoLedger));
    assert_eq!(read(b"something else"), Err(Unreadable::NoLedger));
}

#[test]
fn its_form_is_stable() {
    let mut lines = header();
    let card = Card { id: "card-1".into(), conversation: "cidA==".into(), group: true, ..Card::default() };
    let answer = AnswerKey::new("msg1==", "default/msg1==");
    write_entry(
        &mut lines,
        1_790_000_000_000,
        &Entry::CardOpened { answer: answer.clone(), card: Box::new(card) },
    );
    write_entry(
        &mut lines,
        1_790_000_000_001,
        &Entry::CardGrows { card: "card-1".into(), keep: 0, more: "好".into() },
    );
    let upto = Upto::of("好");
    write_entry(
        &mut lines,
        1_790_000_000_002,
        &Entry::Settled { answer, upto, last: true, fate: Fate::Delivered },
    );
    insta::assert_snapshot!(String::from_utf8(lines).unwrap(), @r#"
    15cf0965 {"format":1}
    fdad786d [1790000000000,{"cardOpened":{"answer":{"msg":"msg1==","stream":"default/msg1=="},"card":{"id":"card-1","number":0,"from":0,"turn":"","template":"","key":"","robotCode":"","conversation":"cidA==","group":true,"carrier":"","shows":"","end":null}}}]
    9302f725 [1790000000001,{"cardGrows":{"card":"card-1","keep":0,"more":"好"}}]
    17e6489b [1790000000002,{"settled":{"answer":{"msg":"msg1==","stream":"default/msg1=="},"upto":{"bytes":3,"digest":"27e4fe4c3fe24958"},"last":true,"fate":"delivered"}}]
    "#);
}
