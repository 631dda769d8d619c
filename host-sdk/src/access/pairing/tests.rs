//! Pairing, with a clock that is moved by hand.

use super::*;

const MINUTE: i64 = 60_000;

fn person(id: &str) -> Sender {
    Sender { id: id.into(), name: format!("the person {id}"), ..Sender::default() }
}

/// Codes that are all different.
fn codes() -> impl FnMut() -> Code {
    let mut next = 0;
    move || {
        next += 1;
        Code::from_random(next)
    }
}

/// A pairing at which these have asked at minute 0.
fn asked_by(people: &[&str]) -> (Pairing, Vec<Code>) {
    let (mut pairing, mut fresh) = (Pairing::default(), codes());
    let ask = |id: &&str| match pairing.ask(&person(id), "m", 0, &mut fresh) {
        Asked::Created(code) => code,
        other => panic!("{id}: {other:?}"),
    };
    let codes = people.iter().map(ask).collect();
    (pairing, codes)
}

#[test]
fn a_person_gets_one_code_and_is_let_in_by_it() {
    let (mut pairing, codes) = asked_by(&["lin"]);
    assert_eq!(pairing.ask(&person("lin"), "later", MINUTE, || Code::from_random(99)), Asked::Pending);
    assert!(!pairing.has(&person("lin")));

    let approval = pairing.approve(&codes[0].as_str().to_lowercase(), 2 * MINUTE).unwrap();
    assert_eq!((&*approval.id, &*approval.name), ("lin", "the person lin"));
    assert!(pairing.has(&person("lin")) && !pairing.has(&person("mo")));
    assert_eq!(pairing.approve(codes[0].as_str(), 2 * MINUTE), Err(NotApproved::Unknown), "it is used up");
}

#[test]
fn the_message_that_asked_gets_its_code_again() {
    let (mut pairing, codes) = asked_by(&["lin"]);
    let again = pairing.ask(&person("lin"), "m", MINUTE, || Code::from_random(99));
    assert_eq!(again, Asked::Created(codes[0].clone()));
}

#[test]
fn a_fourth_waits_until_there_is_room() {
    let (mut pairing, codes) = asked_by(&["a", "b", "c"]);
    let mut fresh = || Code::from_random(99);
    assert_eq!(pairing.ask(&person("d"), "m", MINUTE, &mut fresh), Asked::Full);
    assert_eq!(pairing.ask(&person("a"), "m2", MINUTE, &mut fresh), Asked::Pending);
    pairing.approve(codes[1].as_str(), MINUTE).unwrap();
    assert!(matches!(pairing.ask(&person("d"), "m", MINUTE, &mut fresh), Asked::Created(_)));
}

#[test]
fn a_code_lives_for_an_hour() {
    let (mut pairing, codes) = asked_by(&["lin"]);
    assert_eq!(pairing.requests(60 * MINUTE - 1).count(), 1);
    assert_eq!(pairing.requests(60 * MINUTE).count(), 0);
    assert_eq!(pairing.clone().approve(codes[0].as_str(), 60 * MINUTE), Err(NotApproved::Unknown));
    assert!(pairing.clone().approve(codes[0].as_str(), 60 * MINUTE - 1).is_ok());
    let anew = pairing.ask(&person("lin"), "later", 60 * MINUTE, || Code::from_random(99));
    assert_eq!(anew, Asked::Created(Code::from_random(99)));
}

#[test]
fn a_clock_that_was_set_back_keeps_nobody_waiting_for_ever() {
    let (mut pairing, _) = asked_by(&["a", "b", "c"]);
    let back = -61 * MINUTE;
    assert!(matches!(pairing.ask(&person("d"), "m", back, || Code::from_random(99)), Asked::Created(_)));
    assert_eq!(pairing.requests(i64::MIN).count(), 0);
}

#[test]
fn a_code_that_could_not_be_told_is_taken_back() {
    let (mut pairing, codes) = asked_by(&["lin"]);
    pairing.withdraw(&codes[0]);
    let anew = pairing.ask(&person("lin"), "later", MINUTE, || Code::from_random(99));
    assert_eq!(anew, Asked::Created(Code::from_random(99)));
}

#[test]
fn two_never_have_one_code() {
    let (mut pairing, codes) = asked_by(&["lin"]);
    let mut given = [codes[0].clone(), codes[0].clone(), Code::from_random(99)].into_iter();
    let asked = pairing.ask(&person("mo"), "m", 0, || given.next().unwrap());
    assert_eq!(asked, Asked::Created(Code::from_random(99)));
}

#[test]
fn all_of_it_survives_as_text() {
    let (mut pairing, codes) = asked_by(&["a", "b"]);
    pairing.approve(codes[0].as_str(), MINUTE).unwrap();
    assert_eq!(Pairing::from_json(&pairing.to_json()), Ok(pairing));
}

#[test]
fn a_newer_format_is_refused_whatever_else_it_has() {
    assert_eq!(Pairing::from_json(r#"{"format": 2, "people": []}"#), Err(Unreadable::Newer(2)));
}

#[test]
fn damage_is_told_with_its_place_and_without_what_stands_there() {
    for text in ["", "{", "[]", r#"{"format": 1}"#, r#"{"format": 1, "requests": 7, "approved": []}"#] {
        let error = Pairing::from_json(text).unwrap_err();
        assert!(matches!(error, Unreadable::Damaged { .. }), "{text}: {error}");
    }
}

#[test]
fn there_is_an_end_to_who_can_be_approved_and_to_their_names() {
    let approval =
        |number: usize| Approval { id: number.to_string(), name: String::new(), approved_at_ms: 0 };
    let (mut pairing, codes) = asked_by(&["lin"]);
    pairing.approved = (0..APPROVED).map(approval).collect();
    assert_eq!(pairing.approve(codes[0].as_str(), 0), Err(NotApproved::Full));

    let long = Sender { id: "x".into(), name: "名".repeat(1_000), ..Sender::default() };
    pairing.ask(&long, "m", 0, || Code::from_random(99));
    assert_eq!(pairing.requests(0).last().unwrap().name.chars().count(), NAME);
}
