use super::*;
use crate::ledger::entry::{AnswerKey, Card, CardEnd, Sent};
use std::fs;

fn answer(stream: &str) -> AnswerKey {
    AnswerKey::new("msg1==", stream)
}

fn ended(stream: &str) -> Entry {
    Entry::Ended { answer: answer(stream) }
}

fn is_ended(desk: &Desk, stream: &str) -> bool {
    desk.ask(|book| book.known(&answer(stream)).ended)
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn what_was_written_is_known_to_the_next_process() {
    let folder = folder();
    let desk = Desk::open(folder.path());
    assert_eq!(desk.standing(), Standing::Disk);
    desk.note(ended("a"), 1_000);
    let card = Card { id: "card-1".into(), ..Card::default() };
    desk.note(Entry::CardOpened { answer: answer("b"), card: Box::new(card) }, 1_000);
    desk.note(Entry::CardShows { card: "card-1".into(), text: "Hello".into() }, 1_000);
    desk.note(Entry::CardShows { card: "card-1".into(), text: "Hello, Lin.".into() }, 1_000);
    desk.write();
    drop(desk);

    let next = Desk::open(folder.path());
    assert!(is_ended(&next, "a") && !is_ended(&next, "b"));
    let left = next.ask(|book| book.left());
    assert_eq!(left.len(), 1);
    assert_eq!((left[0].1.id.as_str(), left[0].1.shows.as_str()), ("card-1", "Hello, Lin."));
}

#[tokio::test]
async fn a_note_is_written_before_whoever_waits_for_it_goes_on() {
    let folder = folder();
    let desk = Desk::open(folder.path());
    let number = desk.note(ended("a"), 1_000).unwrap();
    tokio::join!(desk.written(number), async { desk.write() });
    let file = fs::read_to_string(folder.path().join("ledger.journal")).unwrap();
    assert!(file.ends_with("{\"ended\":{\"answer\":{\"msg\":\"msg1==\",\"stream\":\"a\"}}}]\n"), "{file}");
}

#[test]
fn one_process_has_the_file_and_another_goes_without_until_it_ends() {
    let folder = folder();
    let first = Desk::open(folder.path());
    first.note(ended("a"), 1_000);
    first.write();
    let second = Desk::open(folder.path());
    let Standing::Elsewhere(why) = second.standing() else { panic!("both have it") };
    assert!(why.contains("another process"), "{why}");
    assert_eq!(second.note(ended("b"), 1_000), None, "nobody waits for what is not written");
    assert!(is_ended(&second, "b"));

    drop(first);
    second.mend();
    assert_eq!(second.standing(), Standing::Disk);
    second.write();
    drop(second);
    let third = Desk::open(folder.path());
    assert!(is_ended(&third, "a") && is_ended(&third, "b"));
}

#[test]
fn a_file_of_a_later_version_is_left_alone() {
    let folder = folder();
    let file = folder.path().join("ledger.journal");
    drop(Desk::open(folder.path()));
    // The checksum of this very line.
    let later = "19ce1a0f {\"format\":2}\n";
    fs::write(&file, later).unwrap();
    let desk = Desk::open(folder.path());
    let Standing::Troubled(why) = desk.standing() else { panic!("it was read") };
    assert!(why.contains("format 2") && why.contains("update the plugin"), "{why}");
    desk.note(ended("a"), 1_000);
    desk.write();
    assert_eq!(fs::read_to_string(&file).unwrap(), later);
}

#[test]
fn a_damaged_file_is_set_aside_and_what_can_be_read_of_it_is_kept() {
    let folder = folder();
    let desk = Desk::open(folder.path());
    for stream in ["a", "b", "c"] {
        desk.note(ended(stream), 1_000);
    }
    desk.write();
    drop(desk);
    let (file, aside) = (folder.path().join("ledger.journal"), folder.path().join("ledger.damaged"));
    let damaged = fs::read_to_string(&file).unwrap().replace("\"stream\":\"b\"", "\"stream\":\"?\"");
    fs::write(&file, &damaged).unwrap();

    let desk = Desk::open(folder.path());
    assert_eq!(desk.standing(), Standing::Disk);
    assert!(is_ended(&desk, "a") && !is_ended(&desk, "b") && is_ended(&desk, "c"));
    assert_eq!(fs::read_to_string(&aside).unwrap(), damaged);
    drop(desk);
    assert_eq!(journal::read(&fs::read(&file).unwrap()).unwrap().damaged, 0, "it was written anew");
}

#[test]
fn what_is_no_ledger_is_set_aside() {
    let folder = folder();
    fs::write(folder.path().join("ledger.journal"), "something else entirely\n").unwrap();
    let desk = Desk::open(folder.path());
    assert_eq!(desk.standing(), Standing::Disk);
    assert_eq!(
        fs::read_to_string(folder.path().join("ledger.damaged")).unwrap(),
        "something else entirely\n"
    );
}

#[test]
fn a_folder_that_cannot_be_written_costs_the_memory_of_the_next_process_and_nothing_else() {
    let folder = folder();
    let file = folder.path().join("no-folder");
    fs::write(&file, "").unwrap();
    let desk = Desk::open(&file);
    let Standing::Troubled(why) = desk.standing() else { panic!("it was written") };
    assert!(why.contains("memory only"), "{why}");
    assert_eq!(desk.note(ended("a"), 1_000), None);
    assert!(is_ended(&desk, "a"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_survived_and_once_there_is_room_everything_is_written() {
    let folder = folder();
    let desk = Desk::open(folder.path());
    desk.note(ended("before"), 1_000);
    desk.write();
    desk.disk().journal = Some(Journal::full().unwrap());
    let number = desk.note(ended("meanwhile"), 1_000);
    desk.write();
    assert!(matches!(desk.standing(), Standing::Troubled(_)));
    assert_eq!(Some(*desk.written.borrow()), number, "nobody waits for it any more");
    desk.note(ended("later"), 1_000);

    // There is no room for a new file either.
    fs::create_dir(folder.path().join("ledger.new")).unwrap();
    desk.mend();
    assert!(matches!(desk.standing(), Standing::Troubled(_)));
    fs::remove_dir(folder.path().join("ledger.new")).unwrap();
    desk.mend();
    assert_eq!(desk.standing(), Standing::Disk);
    drop(desk);
    let next = Desk::open(folder.path());
    assert!(["before", "meanwhile", "later"].into_iter().all(|stream| is_ended(&next, stream)));
}

#[test]
fn a_file_that_has_grown_long_is_written_anew_and_says_the_same() {
    let folder = folder();
    let desk = Desk::open(folder.path());
    let card = Card { id: "card-1".into(), ..Card::default() };
    desk.note(Entry::CardOpened { answer: answer("a"), card: Box::new(card) }, 1_000);
    let file = folder.path().join("ledger.journal");
    for round in 0..200 {
        let text = format!("{round} {}", "word ".repeat(2_000));
        desk.note(Entry::CardShows { card: "card-1".into(), text }, 1_000);
        desk.write();
        assert!(fs::metadata(&file).unwrap().len() <= SHORT + 20_000);
    }
    drop(desk);
    let next = Desk::open(folder.path());
    assert!(next.ask(|book| book.card("card-1").unwrap().shows.starts_with("199 word")));
}

#[test]
fn a_disk_that_lets_everything_wait_is_not_waited_for() {
    let folder = folder();
    let desk = Desk::open(folder.path());
    let text = "x".repeat(WAITING / 4);
    let sent = |id: &str| Sent { ids: vec![id.into()], text: text.clone(), ..Sent::default() };
    let taken: Vec<bool> =
        ["a", "b", "c", "d"].map(|id| desk.note(Entry::Sent(sent(id)), 1_000).is_some()).into();
    assert_eq!(taken, [true, true, true, false]);
    assert!(desk.state().waiting.is_empty());
    desk.mend();
    assert_eq!(desk.standing(), Standing::Disk);
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let file = folder.path().join("ledger.journal");
    fs::write(&file, "").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let desk = Desk::open(folder.path());
    desk.ask(|book| book.apply(ended("a"), 1_000));
    let mode = || fs::metadata(&file).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    desk.state().standing = Standing::Troubled(String::new());
    desk.mend();
    assert_eq!(mode(), 0o600, "also when it was written anew");
}

#[test]
fn a_card_that_is_over_leaves_its_words_in_the_index() {
    let desk = Desk::default();
    let card = Card { id: "card-1".into(), conversation: "cidA==".into(), ..Card::default() };
    desk.note(Entry::CardOpened { answer: answer("a"), card: Box::new(card) }, 1_000);
    desk.note(Entry::CardDelivered { card: "card-1".into(), carrier: "pqk1".into() }, 1_000);
    desk.note(Entry::CardShows { card: "card-1".into(), text: "Hello".into() }, 1_000);
    let said = |id: &str| desk.ask(|book| book.sent([id])).map(|sent| sent.text);
    assert_eq!(said("pqk1").as_deref(), Some("Hello"), "while it grows");
    desk.note(Entry::CardOver { card: "card-1".into(), end: CardEnd::Shown }, 1_000);
    assert_eq!(said("pqk1").as_deref(), Some("Hello"));
    assert_eq!(said("card-1").as_deref(), Some("Hello"));
    assert_eq!(desk.figures().0.open_cards, 0);
}
