//! What survives what: crashes, full disks, and time.

use super::*;
use crate::inbox::{
    Caps,
    stand::{Stand, handle, message},
};

const NEW: Accepted = Accepted::New;
const DUPLICATE: Accepted = Accepted::Duplicate;
const REFUSED: Accepted = Accepted::Refused;
const DROPPED: Accepted = Accepted::Dropped;

fn stand() -> Stand {
    Stand::new(Settings::default())
}

#[test]
fn a_message_survives_a_kill_at_the_moment_of_its_answer() {
    let mut stand = stand();
    let (file, copy) = (stand.file(), tempfile::tempdir().unwrap());
    let copied = copy.path().join("inbox.redb");
    let to = copied.clone();
    let answer = Done::new(move |answer| {
        assert_eq!(answer, Ok(NEW));
        std::fs::copy(file, to).unwrap();
    });
    stand.work(vec![Work::Offer(Arc::new(message("1", "a", "c")), answer)]);
    let wrap: Wrap = Arc::new(|file| Box::new(file));
    struct Deaf;
    impl Listener for Deaf {
        fn waiting(&self, _: Arc<Waiting>) {}
    }
    let (clerk, left) = Clerk::open(&copied, wrap, Settings::default(), Arc::new(Deaf)).unwrap();
    assert_eq!(left.iter().map(|waiting| &*waiting.id).collect::<Vec<_>>(), ["1"]);
    let shelf = clerk.shelves.lock().unwrap().clone().unwrap();
    let body = shelf.body(left[0].number()).unwrap().unwrap();
    assert_eq!(serde_json::from_slice::<InboundMessage>(&body).unwrap(), message("1", "a", "c"));
}

#[test]
fn what_was_accepted_and_not_finished_is_left_to_the_successor_oldest_first() {
    let mut stand = stand();
    let all = ["1", "2", "3", "4"].map(|id| message(id, "", "c"));
    assert_eq!(stand.offer(all.into()), [NEW; 4]);
    stand.finish("2");
    let mut successor = stand.killed();
    assert_eq!(successor.left_ids(), ["1", "3", "4"]);
    assert!(successor.left.iter().all(|waiting| waiting.replayed));
    assert_eq!(successor.one("5"), NEW);
    assert_eq!(successor.killed().left_ids(), ["1", "3", "4", "5"]);
}

#[test]
fn a_late_push_is_a_duplicate_also_for_the_successor() {
    let mut stand = stand();
    let twice = ["1", "2", "1"].map(|id| message(id, "", "c"));
    assert_eq!(stand.offer(twice.into()), [NEW, NEW, DUPLICATE]);
    stand.finish("1");
    let mut successor = stand.killed();
    assert_eq!((successor.one("1"), successor.one("2")), (DUPLICATE, DUPLICATE));
    assert!(successor.heard().waiting.is_empty());
    assert_eq!(successor.reopened().one("1"), DUPLICATE);
}

#[test]
fn a_finished_message_is_forgotten_after_days() {
    let mut stand = stand();
    for (id, day) in [("1", 1), ("2", 7), ("3", 8)] {
        stand.pass(Duration::from_secs(day * 24 * 60 * 60));
        assert_eq!(stand.one(id), NEW);
        stand.finish(id);
    }
    assert_eq!((stand.one("2"), stand.one("3"), stand.one("1")), (NEW, DUPLICATE, NEW));
}

#[test]
fn the_successor_knows_how_often_a_turn_was_started() {
    let mut stand = stand();
    stand.one("1");
    stand.one("2");
    stand.start("1");
    let mut successor = stand.killed();
    successor.start("1");
    let attempts = successor.killed().left.iter().map(|waiting| waiting.attempts).collect::<Vec<_>>();
    assert_eq!(attempts, [2, 0]);
}

#[test]
fn a_full_disk_refuses_and_loses_nothing() {
    let mut stand = stand();
    stand.one("1");
    stand.disk.fail_after(0);
    assert_eq!((stand.one("2"), stand.one("3"), stand.one("1")), (REFUSED, REFUSED, REFUSED));
    assert_eq!(stand.heard().log.len(), 1, "{:?}", stand.heard().log);
    assert!(stand.heard().log[0].contains("no space left"), "{:?}", stand.heard().log);
    stand.disk.repair();
    assert_eq!((stand.one("2"), stand.one("1")), (NEW, DUPLICATE));
    assert_eq!(stand.heard().log.len(), 2, "{:?}", stand.heard().log);
    assert_eq!(stand.killed().left_ids(), ["1", "2"]);
}

#[test]
fn a_commit_that_fails_at_any_write_is_as_if_it_had_not_been_tried() {
    for acts in 0..40 {
        let mut stand = stand();
        stand.one("1");
        stand.disk.fail_after(acts);
        let answer = stand.one("2");
        stand.disk.repair();
        // Tried again, as the plugin would, it is there once.
        assert_eq!(stand.one("2"), if answer == NEW { DUPLICATE } else { NEW }, "failed after {acts}");
        assert_eq!(stand.killed().left_ids(), ["1", "2"], "failed after {acts}");
    }
}

#[test]
fn the_end_of_a_turn_that_could_not_be_written_is_written_later() {
    let mut stand = stand();
    stand.one("1");
    stand.disk.fail_after(0);
    let wake = stand.finish("1").unwrap();
    assert_eq!(wake, stand.now.instant + RETRY);
    stand.disk.repair();
    stand.pass(RETRY);
    assert!(stand.killed().left.is_empty());
}

#[test]
fn the_bytes_of_a_finished_message_leave_the_file_in_time() {
    let mut stand = stand();
    stand.one("1");
    stand.one("2");
    assert!(stand.file_has(&handle("1")));
    let wake = stand.finish("1").unwrap();
    let erase_within = stand.settings.erase_within;
    assert_eq!(wake, stand.now.instant + erase_within);
    stand.pass(erase_within);
    assert!(!stand.file_has(&handle("1")) && !stand.file_has("text of 1"));
    assert!(stand.file_has(&handle("2")));
    assert_eq!(stand.killed().left_ids(), ["2"]);
}

#[test]
fn closing_and_opening_erase_at_once() {
    let mut killed = stand();
    killed.one("1");
    killed.finish("1");
    assert!(killed.file_has(&handle("1")), "nothing would be proved");
    assert!(!killed.killed().file_has(&handle("1")));

    let mut stand = stand();
    stand.one("1");
    stand.finish("1");
    let (file, folder) = (stand.file(), tempfile::tempdir().unwrap());
    let copy = folder.path().join("copy");
    let mut stand = stand;
    stand.close();
    std::fs::copy(file, &copy).unwrap();
    let bytes = std::fs::read(copy).unwrap();
    let handle = handle("1");
    assert!(!bytes.windows(handle.len()).any(|window| window == handle.as_bytes()));
}

#[test]
fn a_disk_too_full_to_erase_goes_on_and_erases_later() {
    let mut stand = stand();
    stand.one("1");
    stand.finish("1");
    let erase_within = stand.settings.erase_within;
    stand.disk.fail_after(3);
    stand.pass(erase_within);
    assert!(stand.heard().log[0].contains("could not be erased yet"), "{:?}", stand.heard().log);
    stand.disk.repair();
    assert_eq!(stand.one("2"), NEW);
    stand.pass(erase_within);
    assert!(!stand.file_has(&handle("1")));
    assert_eq!(stand.killed().left_ids(), ["2"]);
}

#[test]
fn a_flood_is_dropped_and_told_once_and_a_full_account_refuses() {
    let caps = Caps { sender: 2, conversation: 3, account: 4 };
    let mut stand = Stand::new(Settings { caps, ..Settings::default() });
    let messages = [("1", "a", "c"), ("2", "a", "c"), ("3", "a", "d"), ("4", "a", "c"), ("5", "b", "c")];
    let offered = stand.offer(messages.map(|(id, sender, place)| message(id, sender, place)).into());
    assert_eq!(offered, [NEW, NEW, DROPPED, DROPPED, NEW]);
    assert_eq!(stand.heard().flooded, ["3"]);
    assert_eq!(stand.offer(vec![message("6", "c", "d"), message("7", "d", "e")]), [NEW, REFUSED]);
    stand.finish("1");
    assert_eq!(stand.offer(vec![message("7", "d", "e")]), [NEW]);
}

#[test]
fn nothing_is_dropped_for_the_sake_of_what_could_not_be_stored() {
    let caps = Caps { sender: 1, ..Caps::default() };
    let mut stand = Stand::new(Settings { caps, ..Settings::default() });
    let both = || vec![message("1", "a", "c"), message("2", "a", "c")];
    stand.disk.fail_after(0);
    assert_eq!(stand.offer(both()), [REFUSED, REFUSED]);
    assert!(stand.heard().flooded.is_empty());
    stand.disk.repair();
    assert_eq!(stand.offer(both()), [NEW, DROPPED]);
    assert_eq!(stand.heard().flooded, ["2"]);
}

#[test]
fn caps_count_what_a_predecessor_left() {
    let caps = Caps { sender: 2, ..Caps::default() };
    let mut stand = Stand::new(Settings { caps, ..Settings::default() });
    assert_eq!(stand.offer(vec![message("1", "a", "c"), message("2", "a", "c")]), [NEW, NEW]);
    assert_eq!(stand.killed().offer(vec![message("3", "a", "c")]), [DROPPED]);
}

#[test]
fn a_damaged_file_is_reported_and_the_inbox_goes_on_empty() {
    let mut stand = stand();
    stand.one("1");
    std::fs::write(stand.file(), "damage").unwrap();
    let mut successor = stand.killed();
    assert!(successor.heard().log[0].contains("inbox.damaged"), "{:?}", successor.heard().log);
    assert!(successor.left.is_empty());
    assert_eq!(successor.one("1"), NEW);
}
