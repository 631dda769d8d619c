use super::*;
use tempfile::TempDir;

const GROUP: ConversationKind = ConversationKind::Group;
const DIRECT: ConversationKind = ConversationKind::Direct;

fn directory(configured: &[&str]) -> (TempDir, Directory) {
    let folder = tempfile::tempdir().unwrap();
    let directory = Directory::open(folder.path(), configured.iter().map(ToString::to_string).collect());
    let saw = |conversation, kind, title, staff_id, name| {
        directory.saw(Sighting { conversation, kind, title, staff_id, name });
    };
    saw("cidDm1==", DIRECT, "", "Manager1", "Lin");
    saw("cidDm2==", DIRECT, "", "user2", "Mei");
    saw("cidAbC==", GROUP, "产品讨论群", "user3", "Mei");
    (folder, directory)
}

fn person(id: &str) -> Place {
    Place::Person(id.into())
}

fn group(id: &str) -> Place {
    Place::Group(id.into())
}

#[test]
fn an_id_that_a_host_has_lower_cased_gets_its_case_back() {
    let (_folder, directory) = directory(&["cidConfigured=="]);
    for (written, place) in [
        ("user:manager1", person("Manager1")),
        ("agent:main:dingtalk:group:cidabc==", group("cidAbC==")),
        ("dingtalk:cidabc==", group("cidAbC==")),
        ("group:cidconfigured==", group("cidConfigured==")),
    ] {
        assert_eq!(directory.find(written, None), Ok(Found { place, is_known: true }), "{written}");
    }
}

#[test]
fn a_conversation_that_is_known_decides_how_it_is_written_to() {
    let (_folder, directory) = directory(&[]);
    for written in ["cidDm1==", "group:cidDm1==", "user:ciddm1=="] {
        assert_eq!(directory.find(written, None).unwrap().place, person("Manager1"), "{written}");
    }
    assert_eq!(directory.find("user:cidAbC==", None).unwrap().place, group("cidAbC=="));
    assert_eq!(directory.find("cidDm1==", Some(DIRECT)).unwrap().place, person("Manager1"));
}

#[test]
fn an_id_that_nobody_wrote_with_is_taken_as_it_is() {
    let (_folder, directory) = directory(&[]);
    for (written, place) in [
        ("user:Stranger9", person("Stranger9")),
        ("stranger-9", person("stranger-9")),
        ("cidOther==", group("cidOther==")),
        ("group:other", group("other")),
    ] {
        assert_eq!(directory.find(written, None), Ok(Found { place, is_known: false }), "{written}");
    }
    let private = directory.find("cidOther==", Some(DIRECT)).unwrap_err();
    assert!(private.to_string().contains("user:<staff id>"), "{private}");
}

#[test]
fn a_name_is_found_if_one_has_it_and_the_others_are_told_apart_by_their_ids() {
    let (_folder, directory) = directory(&[]);
    assert_eq!(directory.find("lin", None).unwrap().place, person("Manager1"));
    assert_eq!(directory.find("产品讨论群", None).unwrap().place, group("cidAbC=="));
    let several = directory.find("Mei", None).unwrap_err().to_string();
    assert!(several.contains("user:user2 (Mei)") && several.contains("user:user3 (Mei)"), "{several}");
    let unknown = directory.find("王 小明", None).unwrap_err();
    assert!(unknown.to_string().contains("user:<staff id>"), "{unknown}");
    assert_eq!(directory.find(" dingtalk: ", None), Err(TargetError::Nobody));
}

#[test]
fn nobody_takes_another_ones_messages_by_being_called_like_their_id() {
    let (_folder, directory) = directory(&[]);
    let kind = DIRECT;
    directory.saw(Sighting { conversation: "c", kind, title: "", staff_id: "evil", name: "boss" });
    directory.saw(Sighting { conversation: "d", kind, title: "", staff_id: "also", name: "Manager1" });
    assert_eq!(directory.find("user:boss", None).unwrap().place, person("boss"));
    assert_eq!(directory.find("Manager1", None).unwrap().place, person("Manager1"));
}

#[test]
fn what_was_seen_is_known_to_the_next_process() {
    let (folder, directory) = directory(&[]);
    directory.write_news().unwrap();
    let next = Directory::open(folder.path(), Vec::new());
    assert_eq!(next.find("Lin", None).unwrap().place, person("Manager1"));
}

#[test]
fn of_two_processes_none_loses_what_the_other_saw() {
    let (folder, ours) = directory(&[]);
    let theirs = Directory::open(folder.path(), Vec::new());
    ours.write_news().unwrap();
    let kind = GROUP;
    theirs.saw(Sighting { conversation: "cidNew==", kind, title: "New", staff_id: "", name: "" });
    let owned = StateFile::own(folder.path(), "directory.json", FORMAT).unwrap();
    assert!(matches!(theirs.write_news(), Err(StateError::Taken(_))));
    drop(owned);
    theirs.write_news().unwrap();
    let next = Directory::open(folder.path(), Vec::new());
    assert_eq!(next.find("New", None).unwrap().place, group("cidNew=="));
    assert_eq!(next.find("Lin", None).unwrap().place, person("Manager1"));
    assert_eq!(theirs.find("Lin", None).unwrap().place, person("Manager1"), "and it has learnt theirs");
}
