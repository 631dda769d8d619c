use super::*;
use crate::{media::retention::Keep, message::AttachmentHandle};

const MINE: &str = "ding1";

struct Archive {
    place: Place,
    _folder: tempfile::TempDir,
}

fn archive() -> Archive {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(folder.path().join("in"), AccountTag::of(MINE));
    Archive { place, _folder: folder }
}

fn tag(account: &str, msg_id: &str, code: &str) -> FileTag {
    let download_codes = vec![code.to_owned()];
    let handle = AttachmentHandle { msg_id: msg_id.into(), download_codes, ..AttachmentHandle::default() };
    FileTag::of(&AccountTag::of(account), &handle)
}

fn day(text: &str) -> NaiveDate {
    retention::date(text).unwrap()
}

impl Archive {
    /// What there is once the network has brought `pieces`.
    fn receives(&self, tag: &FileTag, pieces: &[&[u8]]) -> Arriving {
        let mut arriving = self.place.receive(tag).unwrap();
        pieces.iter().for_each(|piece| arriving.write(piece).unwrap());
        arriving
    }

    fn arrive(&self, tag: &FileTag, pieces: &[&[u8]]) -> Arrived {
        self.receives(tag, pieces).end().unwrap()
    }

    fn keeps(&self, account: &str, msg_id: &str, date: &str) -> PathBuf {
        let tag = tag(account, msg_id, "code");
        let arrived = self.arrive(&tag, &[b"%PDF-1.7"]);
        self.place.archive(arrived, day(date), &tag.put_into("report.pdf")).unwrap().path
    }

    fn sweeps(&self, keep: Keep, today: &str, held: &[&str]) -> usize {
        self.sweeps_of(MINE, keep, today, held)
    }

    fn sweeps_of(&self, account: &str, keep: Keep, today: &str, held: &[&str]) -> usize {
        let retention = Retention { account: AccountTag::of(account), keep, today: day(today) };
        let mut sweep = Sweep::begin(&self.place, retention);
        let held = || held.iter().map(|msg_id| MessageTag::of(msg_id)).collect();
        while sweep.step(&self.place, held) {}
        assert!(sweep.trouble.is_none());
        sweep.removed
    }

    fn incoming(&self) -> usize {
        fs::read_dir(self.place.root().join(INCOMING)).map_or(0, Iterator::count)
    }
}

#[test]
fn m1_a_file_arrives_in_a_folder_of_its_own_and_is_archived_under_its_date() {
    let archive = archive();
    let tag = tag(MINE, "m1", "code");
    let arrived = archive.arrive(&tag, &[b"%PDF", b"-1.7"]);
    assert_eq!((arrived.size, arrived.head.as_slice(), archive.incoming()), (8, &b"%PDF-1.7"[..], 1));

    let path = archive.place.archive(arrived, day("2026-03-08"), &tag.put_into("报告.pdf")).unwrap().path;
    assert_eq!(path, archive.place.root().join("2026-03-08").join(format!("报告__{tag}.pdf")));
    assert_eq!(fs::read(&path).unwrap(), b"%PDF-1.7");
    assert_eq!(archive.incoming(), 0);
    let found = archive.place.find(&tag).unwrap();
    assert_eq!((found.path, found.size), (path, 8));
}

#[test]
fn what_does_not_come_to_its_end_leaves_nothing() {
    let archive = archive();
    let tag = tag(MINE, "m1", "code");
    drop(archive.receives(&tag, &[b"%PDF"]));
    assert_eq!(archive.incoming(), 0);
    drop(archive.arrive(&tag, &[b"%PDF"]));
    assert_eq!(archive.incoming(), 0, "whole, but wanted by nobody any more");
}

/// The system's own file that is always full, in place of one that we made.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_full_says_so_and_nothing_of_the_file_stays() {
    let archive = archive();
    let mut arriving = archive.receives(&tag(MINE, "m1", "code"), &[b"%PDF"]);
    arriving.file = File::options().write(true).open("/dev/full").unwrap();
    let error = arriving.write(b"-1.7").unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    drop(arriving);
    assert_eq!(archive.incoming(), 0);
}

#[test]
fn a_file_that_cannot_be_moved_leaves_no_claim_behind() {
    let archive = archive();
    let tag = tag(MINE, "m1", "code");
    let arrived = archive.arrive(&tag, &[b"content"]);
    fs::remove_file(&arrived.path).unwrap();
    let name = tag.put_into("a.txt");
    assert!(archive.place.archive(arrived, day("2026-03-08"), &name).is_err());
    assert!(!archive.place.root().join("2026-03-08").join(name).exists());
}

#[test]
fn nothing_is_overwritten_and_two_who_ask_for_one_file_have_one() {
    let archive = archive();
    let tag = tag(MINE, "m1", "code");
    let [first, second] = [(); 2].map(|()| archive.arrive(&tag, &[b"same"]));
    let first = archive.place.archive(first, day("2026-03-08"), &tag.put_into("a.txt")).unwrap();
    fs::write(&first.path, "the agent wrote into it").unwrap();
    let second = archive.place.archive(second, day("2026-03-08"), &tag.put_into("a.txt")).unwrap();
    assert_eq!(first.path, second.path);
    assert_eq!(fs::read(&second.path).unwrap(), b"the agent wrote into it");
}

#[test]
fn a_name_that_was_claimed_by_a_process_that_was_killed_is_no_file() {
    let archive = archive();
    let tag = tag(MINE, "m1", "code");
    let folder = archive.place.root().join("2026-03-08");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(tag.put_into("a.txt")), "").unwrap();
    assert!(archive.place.find(&tag).is_none());
    let arrived = archive.arrive(&tag, &[b"content"]);
    let archived = archive.place.archive(arrived, day("2026-03-08"), &tag.put_into("a.txt")).unwrap();
    assert_eq!(fs::read(archived.path).unwrap(), b"content");
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_what_people_send() {
    use std::os::unix::fs::PermissionsExt;
    let archive = archive();
    let path = archive.keeps(MINE, "m1", "2026-03-08");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode(&path), mode(path.parent().unwrap()), mode(archive.place.root())),
        (0o600, 0o700, 0o700)
    );
}

#[test]
fn o11_what_is_over_goes_and_empty_folders_with_it() {
    let archive = archive();
    let old = archive.keeps(MINE, "m1", "2026-02-28");
    let young = archive.keeps(MINE, "m2", "2026-03-01");
    assert_eq!(archive.sweeps(Keep::Days(7), "2026-03-08", &[]), 1);
    assert!(!old.parent().unwrap().exists());
    assert!(young.exists());
}

#[test]
fn o11_with_keep_days_0_a_file_goes_when_its_turn_has_ended_and_not_before() {
    let archive = archive();
    let used = archive.keeps(MINE, "used", "2026-03-08");
    let done = archive.keeps(MINE, "done", "2026-03-08");
    assert_eq!(archive.sweeps(Keep::WhileUsed, "2026-03-08", &["used"]), 1);
    assert!(used.exists() && !done.exists());
    assert_eq!(archive.sweeps(Keep::WhileUsed, "2026-03-09", &["used"]), 0, "midnight changes nothing");
    assert_eq!(archive.sweeps(Keep::WhileUsed, "2026-03-09", &[]), 1);
    assert!(!used.parent().unwrap().exists());
}

#[test]
fn o11_two_bots_that_share_a_folder_have_each_its_own_time() {
    let archive = archive();
    let [mine, theirs] = [MINE, "ding2"].map(|account| archive.keeps(account, "m1", "2026-03-01"));
    assert_eq!(archive.sweeps_of("ding2", Keep::Days(30), "2026-03-20", &[]), 0);
    assert_eq!(archive.sweeps_of(MINE, Keep::Days(7), "2026-03-20", &[]), 1);
    assert!(!mine.exists() && theirs.exists());
    assert_eq!(archive.sweeps_of("ding2", Keep::WhileUsed, "2026-03-20", &[]), 1);
    assert!(!theirs.parent().unwrap().exists());
}

#[test]
fn after_a_clock_went_back_what_came_in_its_future_is_as_good_as_new() {
    let archive = archive();
    let path = archive.keeps(MINE, "m1", "2026-03-08");
    let written = fs::metadata(&path).unwrap().modified().unwrap();
    let day = Duration::from_hours(24);
    assert_eq!(archive.place.recent(day, written - day * 400), [(MessageTag::of("m1"), day)]);
    assert_eq!(archive.sweeps(Keep::Days(7), "2025-01-31", &[]), 0);
}

#[test]
fn what_we_did_not_put_there_stays() {
    let archive = archive();
    let other = archive.keeps("ding2", "m1", "2026-01-01");
    let root = archive.place.root();
    let own = root.join("2026-01-01").join("holiday.jpg");
    let folder = root.join("2026-01-01").join(tag(MINE, "m1", "code").put_into("folder"));
    let apart = root.join("mine").join(tag(MINE, "m1", "code").put_into("a.txt"));
    fs::write(&own, "").unwrap();
    fs::create_dir(&folder).unwrap();
    fs::create_dir(apart.parent().unwrap()).unwrap();
    fs::write(&apart, "").unwrap();
    assert_eq!(archive.sweeps(Keep::WhileUsed, "2026-03-08", &[]), 0);
    assert!([other, own, folder, apart].iter().all(|path| path.exists()));
}

#[test]
fn what_is_in_use_is_asked_when_nobody_can_find_a_file_any_more() {
    let archive = archive();
    let path = archive.keeps(MINE, "m1", "2026-01-01");
    let retention =
        Retention { account: AccountTag::of(MINE), keep: Keep::WhileUsed, today: day("2026-03-08") };
    let mut sweep = Sweep::begin(&archive.place, retention);
    let held = || {
        // Else somebody could find the file after this answer, and be left with the path of none.
        assert!(archive.place.turn.try_lock().is_err());
        HashSet::from([MessageTag::of("m1")])
    };
    while sweep.step(&archive.place, held) {}
    assert!(path.exists());
}

#[cfg(unix)]
#[test]
fn a_link_leads_no_sweep_out_of_the_archive() {
    use std::os::unix::fs::symlink;
    let archive = archive();
    let outside = tempfile::tempdir().unwrap();
    let file = outside.path().join(tag(MINE, "m1", "code").put_into("a.txt"));
    fs::write(&file, "x").unwrap();
    archive.keeps(MINE, "m2", "2026-03-08");
    symlink(outside.path(), archive.place.root().join("2026-01-01")).unwrap();
    symlink(&file, archive.place.root().join("2026-03-08").join(tag(MINE, "m3", "c").put_into("b"))).unwrap();
    assert_eq!(archive.sweeps(Keep::WhileUsed, "2026-03-08", &[]), 1);
    assert!(file.exists());
}

#[test]
fn orphans_of_a_process_that_was_killed_go_after_an_hour_and_only_our_own() {
    let archive = archive();
    let folder = archive.place.root().join(INCOMING);
    fs::create_dir_all(&folder).unwrap();
    for name in [
        format!("{}-0123{PART}", tag(MINE, "m1", "code")),
        format!("{}-0123{PART}", tag("ding2", "m1", "code")),
        "somebody's.part".to_owned(),
    ] {
        fs::write(folder.join(name), "half").unwrap();
    }
    let retention =
        Retention { account: AccountTag::of(MINE), keep: Keep::Days(7), today: day("2026-03-08") };
    let mut sweep = Sweep::begin(&archive.place, retention);
    let written = fs::metadata(&folder).unwrap().modified().unwrap();
    sweep.orphans(&archive.place, written + Duration::from_mins(30));
    assert_eq!(archive.incoming(), 3);
    sweep.orphans(&archive.place, written + Duration::from_mins(61));
    assert_eq!((archive.incoming(), sweep.removed), (2, 1));
}

#[test]
fn orphans_go_however_much_else_lies_there() {
    let archive = archive();
    let folder = archive.place.root().join(INCOMING);
    fs::create_dir_all(&folder).unwrap();
    for number in 0..2 * BATCH {
        fs::write(folder.join(format!("{}-{number}{PART}", tag("ding2", "m1", "code"))), "half").unwrap();
    }
    for number in 0..BATCH {
        fs::write(folder.join(format!("{}-{number}{PART}", tag(MINE, "m1", "code"))), "half").unwrap();
    }
    let retention =
        Retention { account: AccountTag::of(MINE), keep: Keep::Days(7), today: day("2026-03-08") };
    let mut sweep = Sweep::begin(&archive.place, retention);
    let written = fs::metadata(&folder).unwrap().modified().unwrap();
    sweep.orphans(&archive.place, written + Duration::from_hours(2));
    assert_eq!((archive.incoming(), sweep.removed), (2 * BATCH, BATCH));
}

#[test]
fn what_came_within_a_day_may_be_in_use_after_a_restart() {
    let archive = archive();
    let path = archive.keeps(MINE, "m1", "2026-03-08");
    archive.keeps("ding2", "m2", "2026-03-08");
    let written = fs::metadata(&path).unwrap().modified().unwrap();
    let day = Duration::from_hours(24);
    let recent = archive.place.recent(day, written + Duration::from_hours(20));
    assert_eq!(recent, [(MessageTag::of("m1"), Duration::from_hours(4))]);
    assert!(archive.place.recent(day, written + day * 2).is_empty());
}

#[test]
fn ten_thousand_files_go_in_steps_of_five_hundred() {
    let archive = archive();
    let folder = archive.place.root().join("2026-01-01");
    fs::create_dir_all(&folder).unwrap();
    for number in 0..10_000 {
        fs::write(folder.join(tag(MINE, &number.to_string(), "code").put_into("a.txt")), "").unwrap();
    }
    let retention =
        Retention { account: AccountTag::of(MINE), keep: Keep::Days(7), today: day("2026-03-08") };
    let mut sweep = Sweep::begin(&archive.place, retention);
    let (mut steps, mut before) = (1, 0);
    while sweep.step(&archive.place, HashSet::new) {
        assert!(sweep.removed - before <= BATCH);
        before = sweep.removed;
        steps += 1;
    }
    assert_eq!((sweep.removed, folder.exists()), (10_000, false));
    assert!(steps > 20);
}
