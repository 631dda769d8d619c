//! The store: what is remembered for how long, older formats, and a power cut at any point.

use super::*;
use crate::inbox::breaking::{Act, Disk};
use redb::backends::{FileBackend, InMemoryBackend};
use std::io;

const MEMORY: Memory = Memory { at_most: 3, age: Duration::from_millis(100) };

fn store() -> Store {
    Store::open(InMemoryBackend::new()).unwrap()
}

impl Store {
    fn finish(&self, number: u64, id: &str, now_ms: i64) {
        let finish = |tables: &mut Tables<'_>| {
            tables.finish(number, id, now_ms).and_then(|()| tables.forget(now_ms, MEMORY))
        };
        self.change(finish).unwrap();
    }

    fn remembers(&self, ids: &[&str]) -> Vec<bool> {
        self.change(|tables| ids.iter().map(|id| tables.is_finished(id)).collect()).unwrap()
    }
}

#[test]
fn what_is_finished_is_remembered_and_its_content_is_not() {
    let store = store();
    store.change(|tables| tables.put(1, b"{}")).unwrap();
    store.finish(1, "a", 0);
    assert_eq!(store.remembers(&["a", "b"]), [true, false]);
    assert_eq!(store.shelf().body(1).unwrap(), None);
}

#[test]
fn the_oldest_are_forgotten_when_there_are_too_many() {
    let store = store();
    for (number, id) in ["a", "b", "c", "d", "a"].iter().enumerate() {
        store.finish(number as u64, id, 0);
    }
    // The second `a` came when the first was forgotten.
    assert_eq!(store.remembers(&["a", "b", "c", "d"]), [true, false, true, true]);
}

#[test]
fn many_that_are_finished_in_one_commit_are_no_more_than_are_remembered() {
    let store = store();
    let ids: Vec<_> = (0..200).map(|number| number.to_string()).collect();
    let finish = |tables: &mut Tables<'_>| {
        ids.iter().try_for_each(|id| tables.finish(0, id, 0)).and_then(|()| tables.forget(0, MEMORY))
    };
    store.change(finish).unwrap();
    let remembered = |id| store.remembers(&[id])[0];
    assert_eq!(ids.iter().filter(|id| remembered(id)).collect::<Vec<_>>(), ["197", "198", "199"]);
}

#[test]
fn what_is_finished_twice_is_remembered_once() {
    let store = store();
    for id in ["a", "b", "c", "a"] {
        store.finish(1, id, 0);
    }
    assert_eq!(store.remembers(&["a", "b", "c"]), [true; 3], "there is room for three");
    store.finish(1, "d", 0);
    assert_eq!(store.remembers(&["a", "b", "c", "d"]), [true, false, true, true]);
}

#[test]
fn what_is_too_old_is_forgotten() {
    let store = store();
    store.finish(1, "a", 0);
    store.finish(2, "b", 50);
    store.finish(3, "c", 101);
    assert_eq!(store.remembers(&["a", "b", "c"]), [false, true, true]);
}

#[test]
fn a_clock_that_was_set_back_forgets_nothing() {
    let store = store();
    store.finish(1, "a", 1_000_000);
    store.finish(2, "b", 0);
    assert_eq!(store.remembers(&["a", "b"]), [true, true]);
}

#[test]
fn a_file_whose_places_are_used_up_is_damaged_and_keeps_what_it_holds() {
    for last in [u64::MAX - 1, u64::MAX] {
        let store = store();
        let made_up =
            |tables: &mut Tables<'_>| tables.put(1, b"{}").and_then(|()| tables.remember(last, 0, "made up"));
        store.change(made_up).unwrap();
        let finished = store.change(|tables| tables.finish(1, "a", 0));
        assert!(matches!(finished, Err(Fault::Damaged(_))), "{finished:?}");
        assert_eq!(store.numbers().unwrap(), [1]);
        assert_eq!(store.remembers(&["a", "made up"]), [false, true]);
    }
}

#[test]
fn a_copy_of_a_file_whose_places_are_used_up_has_room_again() {
    let [store, copy] = [(); 2].map(|()| store());
    store.change(|tables| tables.remember(u64::MAX, 0, "made up")).unwrap();
    store.copy_to(&copy).unwrap();
    copy.finish(1, "a", 0);
    assert_eq!(copy.remembers(&["a", "made up"]), [true, true]);
}

#[test]
fn a_message_above_which_there_are_no_numbers_is_not_taken_for_one() {
    let store = store();
    store.change(|tables| tables.put(u64::MAX, br#"{"id":"a"}"#)).unwrap();
    let contents = store.contents().unwrap();
    assert_eq!((contents.waiting, contents.unreadable), (vec![], vec![u64::MAX]));
}

#[test]
fn attempts_are_counted_for_as_long_as_the_message_waits() {
    let store = store();
    let attempts = |store: &Store| store.contents().unwrap().waiting.first().map(|waiting| waiting.attempts);
    store.change(|tables| tables.put(1, br#"{"id":"a"}"#)).unwrap();
    store.change(|tables| tables.attempt(1).and_then(|()| tables.attempt(1))).unwrap();
    assert_eq!(attempts(&store), Some(2));
    store.finish(1, "a", 0);
    store.change(|tables| tables.attempt(1)).unwrap();
    store.change(|tables| tables.put(1, br#"{"id":"b"}"#)).unwrap();
    assert_eq!(attempts(&store), Some(0));
}

#[test]
fn a_copy_has_all_of_it() {
    let [store, copy] = [(); 2].map(|()| store());
    store.change(|tables| tables.put(7, br#"{"id":"g"}"#).and_then(|()| tables.attempt(7))).unwrap();
    store.finish(1, "a", 5);
    store.copy_to(&copy).unwrap();
    assert_eq!(copy.contents().unwrap().waiting, store.contents().unwrap().waiting);
    assert_eq!(copy.remembers(&["a", "g"]), [true, false]);
}

#[test]
fn an_older_format_is_brought_to_this_one_step_by_step() {
    fn second(change: &WriteTransaction) -> Result<(), Fault> {
        change.open_table(WAITING).map_err(fault)?.insert(2, &b"second"[..]).map_err(fault)?;
        Ok(())
    }
    fn third(change: &WriteTransaction) -> Result<(), Fault> {
        let mut waiting = change.open_table(WAITING).map_err(fault)?;
        assert!(waiting.get(2).map_err(fault)?.is_some());
        waiting.insert(3, &b"third"[..]).map_err(fault)?;
        Ok(())
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let file = || {
        let options =
            std::fs::OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        FileBackend::new(options.unwrap()).unwrap()
    };
    drop(Store::open(file()).unwrap());
    let migrated = Store::stepping(file(), &[second, third]).unwrap();
    assert_eq!(migrated.numbers().unwrap(), [2, 3]);
    drop(migrated);
    assert_eq!(Store::stepping(file(), &[second, third]).unwrap().numbers().unwrap(), [2, 3]);
    assert!(matches!(Store::open(file()), Err(Fault::Newer { format: 3, known: 1 })));
}

/// What is on a disk of which the power went off during some write: all that was synced, and of what
/// was written since then, what `survives` says.
fn image(acts: &[Act], survives: impl Fn(usize) -> bool) -> Vec<u8> {
    let synced = acts.iter().rposition(|act| matches!(act, Act::Sync)).map_or(0, |last| last + 1);
    let mut bytes: Vec<u8> = Vec::new();
    for (index, act) in acts.iter().enumerate() {
        match act {
            Act::SetLen(length) => bytes.resize(usize::try_from(*length).unwrap(), 0),
            Act::Write(offset, data) if index < synced || survives(index) => {
                let start = usize::try_from(*offset).unwrap();
                bytes[start..start + data.len()].copy_from_slice(data);
            }
            Act::Write(..) | Act::Sync => {}
        }
    }
    bytes
}

#[test]
fn a_power_cut_at_any_write_leaves_what_was_committed() -> io::Result<()> {
    let disk = Disk::default();
    let folder = tempfile::tempdir()?;
    let file = std::fs::File::create_new(folder.path().join("store"))?;
    let backend = (disk.wrap())(FileBackend::new(file).unwrap());
    let store = Store::open(crate::inbox::place::Backend(backend)).unwrap();
    // How much had been written when so much was committed.
    let mut committed = vec![(disk.acts().len(), 0)];
    for number in 1..=12 {
        let body = format!(r#"{{"id":"{number}","text":"{}"}}"#, "x".repeat(900));
        store.change(|tables| tables.put(number, body.as_bytes())).unwrap();
        committed.push((disk.acts().len(), number));
    }
    let acts = disk.acts();

    for cut in committed[0].0..=acts.len() {
        let least = committed.iter().rev().find(|(written, _)| *written <= cut).unwrap().1;
        // All, none, every other, and every third of what was not synced yet.
        for pattern in [1, usize::MAX, 2, 3] {
            let bytes = image(&acts[..cut], |index| index.is_multiple_of(pattern));
            let memory = InMemoryBackend::new();
            memory.set_len(bytes.len() as u64)?;
            memory.write(0, &bytes)?;
            let store = Store::open(memory).unwrap_or_else(|fault| panic!("cut at {cut}: {fault}"));
            let numbers = store.numbers().unwrap();
            assert!(numbers.len() as u64 >= least && numbers.len() as u64 <= least + 1, "cut at {cut}");
            assert!(numbers.iter().copied().eq(1..=numbers.len() as u64), "cut at {cut}: {numbers:?}");
        }
    }
    Ok(())
}
