use super::*;

fn key(stream: &str) -> AnswerKey {
    AnswerKey::new("msg1==", stream)
}

fn opened(stream: &str, id: &str) -> Entry {
    Entry::CardOpened { answer: key(stream), card: Box::new(Card { id: id.into(), ..Card::default() }) }
}

fn book(entries: impl IntoIterator<Item = Entry>) -> Book {
    let mut book = Book::default();
    entries.into_iter().for_each(|entry| book.apply(entry, 1_000));
    book
}

fn sending(text: &str, last: bool) -> Entry {
    Entry::Sending { answer: key("a"), upto: Upto::of(text), last }
}

fn settled(text: &str, last: bool, fate: Fate) -> Entry {
    Entry::Settled { answer: key("a"), upto: Upto::of(text), last, fate }
}

#[test]
fn what_was_said_is_not_missing() {
    let book = book([sending("One.", false), settled("One.", false, Fate::Delivered)]);
    let known = book.known(&key("a"));
    assert_eq!(known.missing("One. Two."), " Two.");
    assert!(!known.ended);
}

#[test]
fn of_a_text_in_other_words_all_is_missing() {
    let book = book([settled("One.", false, Fate::Delivered)]);
    let known = book.known(&key("a"));
    assert_eq!(known.missing("Eins. Zwei."), "Eins. Zwei.");
    assert_eq!(known.missing("One"), "One", "nor is it said that a shorter text was");
}

#[test]
fn a_part_that_failed_is_missing() {
    let book = book([
        settled("One.", false, Fate::Delivered),
        sending("One. Two.", true),
        settled("One. Two.", true, Fate::Failed),
    ]);
    let known = book.known(&key("a"));
    assert_eq!(known.missing("One. Two."), " Two.");
    assert!(!known.ended);
}

#[test]
fn a_part_that_was_under_way_when_the_process_died_may_have_arrived_and_is_not_repeated() {
    let mut book = book([sending("One. Two.", true)]);
    assert!(!book.known(&key("a")).ended, "while the process lives, it knows better");
    book.inherit();
    let known = book.known(&key("a"));
    assert!(known.ended);
    assert_eq!(known.missing("One. Two."), "");
}

#[test]
fn a_part_whose_arrival_is_unknown_is_not_repeated() {
    let book = book([settled("One.", true, Fate::Unknown)]);
    assert!(book.known(&key("a")).ended);
}

#[test]
fn a_card_that_was_left_is_adopted_once() {
    let mut book = book([opened("a", "card-1"), opened("b", "card-2")]);
    assert_eq!(book.adopt(&key("a")), None, "it is its own process's");
    book.inherit();
    assert_eq!(book.left().len(), 2);
    assert_eq!(book.adopt(&key("a")).map(|card| card.id).as_deref(), Some("card-1"));
    assert_eq!(book.adopt(&key("a")), None);
    assert_eq!(book.left().len(), 1);
}

#[test]
fn a_card_that_is_over_does_not_change_any_more() {
    let mut book =
        book([opened("a", "card-1"), Entry::CardOver { card: "card-1".into(), end: CardEnd::Never }]);
    book.inherit();
    assert!(book.left().is_empty());
    book.apply(Entry::CardShows { card: "card-1".into(), text: "late".into() }, 1_000);
    assert_eq!(book.card("card-1").unwrap().shows, "");
    assert_eq!(book.sent(["card-1"]), None, "nobody saw anything on it");
}

#[test]
fn answers_are_forgotten_after_thirty_days() {
    let mut book = book([Entry::Ended { answer: key("a") }, opened("b", "card-1")]);
    book.apply(Entry::Ended { answer: key("c") }, 1_000 + 30 * DAY_MS);
    assert!(book.known(&key("a")).ended);
    book.apply(Entry::Ended { answer: key("d") }, 1_001 + 30 * DAY_MS);
    assert!(!book.known(&key("a")).ended && book.known(&key("c")).ended);
    assert_eq!(book.card("card-1"), None);
    assert_eq!(book.figures().forgotten_open_cards, 1, "and it is counted");
}

#[test]
fn of_too_many_answers_the_oldest_is_forgotten() {
    let mut book = Book::default();
    for number in 0..=ANSWERS.count {
        book.apply(Entry::Ended { answer: key(&number.to_string()) }, 1_000);
    }
    assert!(!book.known(&key("0")).ended && book.known(&key("1")).ended);
    assert_eq!(book.figures().answers, ANSWERS.count);
}

#[test]
fn what_is_kept_of_texts_is_bounded() {
    let mut book = Book::default();
    let text = "好".repeat(2_000);
    for number in 0..10_000 {
        let sent = Sent { ids: vec![number.to_string()], text: text.clone(), ..Sent::default() };
        book.apply(Entry::Sent(sent), 1_000);
    }
    assert!(book.figures().bytes <= 9 << 20, "{}", book.figures().bytes);
    let last = book.sent(["9999"]).unwrap();
    assert!(last.cut && last.text.len() <= 4096 && text.starts_with(&last.text));
    assert_eq!(book.sent(["0"]), None);
}
