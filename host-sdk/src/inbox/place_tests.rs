//! What is done about files that are not as they should be.

use super::*;
use redb::{Database, ReadableDatabase, ReadableTableMetadata, TableDefinition};
use tempfile::TempDir;

const ABOUT: TableDefinition<'_, &str, u64> = TableDefinition::new("about");
const WAITING: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("waiting");

struct Spot {
    _folder: TempDir,
    file: PathBuf,
}

fn spot() -> Spot {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("inbox/default.redb");
    Spot { _folder: folder, file }
}

impl Spot {
    fn claim(&self) -> Result<Place, InboxError> {
        Place::claim(&self.file, Arc::new(|file| Box::new(file)))
    }

    /// A store with three messages.
    fn filled(&self) {
        let store = self.claim().unwrap().open().unwrap().store;
        store
            .change(|tables| {
                let body = |number| format!(r#"{{"id":"{number}","text":"{}"}}"#, "x".repeat(2000));
                (1..=3).try_for_each(|number| tables.put(number, body(number).as_bytes()))
            })
            .unwrap();
    }

    fn waiting(&self) -> (Vec<u64>, Option<PathBuf>) {
        let opened = self.claim().unwrap().open().unwrap();
        (opened.contents.waiting.iter().map(|waiting| waiting.number()).collect(), opened.set_aside)
    }
}

#[test]
fn what_was_stored_is_there_when_it_is_opened_again() {
    let spot = spot();
    spot.filled();
    assert_eq!(spot.waiting(), (vec![1, 2, 3], None));
}

#[test]
fn only_one_can_have_it() {
    let spot = spot();
    let first = spot.claim().unwrap();
    let error = spot.claim().unwrap_err();
    assert!(error.is_in_use() && error.to_string().contains("default.redb is in use"), "{error}");
    drop(first);
    spot.claim().unwrap();
}

#[test]
fn a_file_of_a_newer_version_is_refused_and_keeps_what_it_holds() {
    let spot = spot();
    spot.filled();
    let database = Database::open(&spot.file).unwrap();
    let change = database.begin_write().unwrap();
    change.open_table(ABOUT).unwrap().insert("format", 7).unwrap();
    change.commit().unwrap();
    drop(database);

    let error = spot.claim().unwrap().open().unwrap_err().to_string();
    assert!(error.contains("format 7, this one knows 1") && error.contains("install the newer"), "{error}");
    let database = Database::open(&spot.file).unwrap();
    let view = database.begin_read().unwrap();
    assert_eq!(view.open_table(ABOUT).unwrap().get("format").unwrap().unwrap().value(), 7);
    assert_eq!(view.open_table(WAITING).unwrap().len().unwrap(), 3);
}

#[test]
fn what_is_no_store_is_set_aside_and_an_empty_one_takes_its_place() {
    for garbage in [&b"{\"format\":1}\n"[..], &[0; 8192], &[0xA5; 100_000]] {
        let spot = spot();
        fs::create_dir_all(spot.file.parent().unwrap()).unwrap();
        fs::write(&spot.file, garbage).unwrap();
        let (waiting, aside) = spot.waiting();
        assert!(waiting.is_empty());
        assert_eq!(fs::read(aside.unwrap()).unwrap(), garbage);
        assert_eq!(spot.waiting(), (vec![], None));
    }
}

#[test]
fn a_file_that_was_cut_off_anywhere_is_whole_or_set_aside() {
    let spot = spot();
    spot.filled();
    let whole = fs::read(&spot.file).unwrap();
    for length in (1..whole.len()).step_by(whole.len() / 97) {
        fs::write(&spot.file, &whole[..length]).unwrap();
        let (waiting, aside) = spot.waiting();
        assert!(aside.is_some() || waiting == [1, 2, 3], "cut off after {length} bytes: {waiting:?}");
    }
}

#[test]
fn a_byte_that_flipped_is_found_wherever_it_matters() {
    let spot = spot();
    spot.filled();
    let whole = fs::read(&spot.file).unwrap();
    for position in (0..whole.len()).step_by(1021) {
        let mut flipped = whole.clone();
        flipped[position] ^= 0x40;
        fs::write(&spot.file, &flipped).unwrap();
        match spot.claim().unwrap().open() {
            Ok(opened) => {
                let waiting = opened.contents.waiting.len();
                assert!(opened.set_aside.is_some() || waiting == 3, "byte {position}: {waiting}");
            }
            // The bytes that say which version of the store wrote it.
            Err(error) => assert!(position < 4096, "byte {position}: {error}"),
        }
    }
}

#[test]
fn a_message_that_cannot_be_read_is_left_out_and_kept_in_the_copy() {
    let spot = spot();
    spot.filled();
    let database = Database::open(&spot.file).unwrap();
    let change = database.begin_write().unwrap();
    change.open_table(WAITING).unwrap().insert(2, &b"unreadable"[..]).unwrap();
    change.commit().unwrap();
    drop(database);

    let (waiting, aside) = spot.waiting();
    assert_eq!(waiting, [1, 3]);
    let aside = fs::read(aside.unwrap()).unwrap();
    assert!(aside.windows(10).any(|bytes| bytes == b"unreadable"));
    assert_eq!(spot.waiting(), (vec![1, 3], None));
}

#[test]
fn what_an_interrupted_renewal_left_is_no_matter() {
    let spot = spot();
    spot.filled();
    fs::write(spot.file.with_extension("new"), "half of it").unwrap();
    let place = spot.claim().unwrap();
    let opened = place.open().unwrap();
    let renewed = place.renew(&opened.store).unwrap();
    assert_eq!(renewed.numbers().unwrap(), [1, 2, 3]);
    drop((renewed, opened, place));
    assert_eq!(spot.waiting(), (vec![1, 2, 3], None));
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_the_file_or_enter_its_folder_even_if_they_could_before() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let spot = spot();
    spot.filled();
    let folder = spot.file.parent().unwrap();
    fs::set_permissions(&spot.file, fs::Permissions::from_mode(0o644)).unwrap();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    let place = spot.claim().unwrap();
    let opened = place.open().unwrap();
    assert_eq!((mode(&spot.file), mode(folder)), (0o600, 0o700));
    let _renewed = place.renew(&opened.store).unwrap();
    assert_eq!(mode(&spot.file), 0o600);
}
