//! A host that does not take a message, or does not say so.

use super::*;

/// An intake whose only message is with the host.
fn offered() -> (Mine, Ticket, Instant) {
    let (mut intake, now) = (Mine::default(), clock::now());
    intake.offer(push("a", "c", 1, "hi"), now);
    let (ticket, _) = handed_over(&mut intake);
    (intake, ticket, now)
}

#[test]
fn a_refused_message_is_not_answered_and_handed_over_again_by_itself() {
    let (mut intake, ticket, now) = offered();
    intake.on_answer(ticket, Taken::No, now);
    let put_off = Step::PutOff { message_id: "a".into(), why: Refusal::Said, attempts: 1 };
    assert_eq!(steps(&mut intake), [put_off]);
    assert_eq!((intake.waiting(), intake.retrying()), (1, 1));
    assert_eq!(intake.deadline(), Some(now + FIRST_REST));

    intake.on_time(now + FIRST_REST);
    let (ticket, _) = handed_over(&mut intake);
    intake.on_answer(ticket, Taken::Yes, now + FIRST_REST);
    assert_eq!(steps(&mut intake), [Step::Acknowledge(1)]);
    assert_eq!((intake.waiting(), intake.retrying()), (0, 0));
}

#[test]
fn a_push_joins_a_message_that_rests() {
    let (mut intake, ticket, now) = offered();
    intake.on_answer(ticket, Taken::No, now);
    assert_eq!(intake.offer(push("a", "c", 2, "hi"), now), Verdict::Joined);
    steps(&mut intake);
    intake.on_time(now + FIRST_REST);
    let (ticket, _) = handed_over(&mut intake);
    intake.on_answer(ticket, Taken::Yes, now);
    assert_eq!(steps(&mut intake), [Step::Acknowledge(1), Step::Acknowledge(2)]);
}

#[test]
fn rests_double_up_to_ten_seconds() {
    let (mut intake, mut ticket, mut now) = offered();
    let mut rests = Vec::new();
    for _ in 0..8 {
        intake.on_answer(ticket, Taken::No, now);
        let until = intake.deadline().unwrap();
        rests.push((until - now).as_millis());
        now = until;
        intake.on_time(now);
        (ticket, _) = handed_over(&mut intake);
    }
    assert_eq!(rests, [250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
}

#[test]
fn a_silent_host_is_asked_again_and_its_late_answer_counts() {
    let (mut intake, first, now) = offered();
    intake.on_time(now + HAND_OVER);
    let put_off = Step::PutOff { message_id: "a".into(), why: Refusal::Silent, attempts: 1 };
    assert_eq!(steps(&mut intake), [put_off]);

    intake.on_answer(first, Taken::Yes, now + HAND_OVER + S / 100);
    assert_eq!(steps(&mut intake), [Step::Acknowledge(1)], "and it is not handed over again");
    assert_eq!((intake.waiting(), intake.retrying(), intake.deadline()), (0, 0, None));
}

#[test]
fn an_answer_to_an_earlier_attempt_is_no_refusal_of_the_later_one() {
    let (mut intake, first, now) = offered();
    intake.on_time(now + HAND_OVER);
    intake.on_time(now + HAND_OVER + FIRST_REST);
    let (second, _) = handed_over(&mut intake);
    intake.on_answer(first, Taken::No, now + HAND_OVER + FIRST_REST);
    assert_eq!(steps(&mut intake), []);
    intake.on_answer(second, Taken::Yes, now + HAND_OVER + FIRST_REST);
    intake.on_answer(first, Taken::Yes, now + HAND_OVER + FIRST_REST);
    assert_eq!(steps(&mut intake), [Step::Acknowledge(1)], "twice taken is once taken");
}

#[test]
fn a_host_that_works_again_has_everything_soon() {
    let (mut intake, now) = (Mine::default(), clock::now());
    for n in 0..100 {
        intake.offer(push(&n.to_string(), &n.to_string(), n, "hi"), now);
    }
    for _ in 0..10 {
        let asked = hand_overs(&mut intake);
        asked.iter().for_each(|(ticket, _)| intake.on_answer(*ticket, Taken::No, now));
        intake.on_time(now + 10 * S);
    }
    let asked = hand_overs(&mut intake);
    let (well, ill) = asked.split_at(1);
    ill.iter().for_each(|(ticket, _)| intake.on_answer(*ticket, Taken::No, now));
    intake.on_answer(well[0].0, Taken::Yes, now);
    while let [(ticket, _)] = hand_overs(&mut intake)[..] {
        intake.on_answer(ticket, Taken::Yes, now);
    }
    assert_eq!(intake.waiting(), 0);
}

/// An intake whose first message is refused for so long that the next one may show why, with what is
/// handed over then.
fn stubborn() -> (Mine, Vec<(Ticket, &'static str)>, Instant) {
    let (mut intake, mut ticket, start) = offered();
    for (number, message) in [(2, "second"), (3, "third")] {
        intake.offer(push(message, "c", number, message), start);
    }
    let mut now = start;
    loop {
        intake.on_answer(ticket, Taken::No, now);
        let asked = hand_overs(&mut intake);
        if !asked.is_empty() {
            return (intake, asked, now);
        }
        now = intake.deadline().unwrap();
        intake.on_time(now);
        (ticket, _) = handed_over(&mut intake);
    }
}

#[test]
fn after_a_minute_of_refusals_the_next_one_shows_that_it_is_the_message_and_the_conversation_goes_on() {
    let (mut intake, asked, now) = stubborn();
    let [(second, "second")] = asked[..] else { panic!("{asked:?}") };
    assert_eq!(intake.retrying(), 1);
    intake.on_answer(second, Taken::Yes, now);
    let steps = steps(&mut intake);
    let [Step::Acknowledge(2), Step::Aside { .. }, Step::HandOver { ticket: third, message: "third", .. }] =
        steps[..]
    else {
        panic!("{steps:?}")
    };
    assert_eq!((intake.waiting(), intake.retrying()), (2, 0), "the host is not to blame");
    intake.on_answer(third, Taken::Yes, now);
    assert_eq!(hand_overs(&mut intake), [], "what came after it is no reason to hurry it");

    intake.on_time(intake.deadline().unwrap());
    let (first, message) = handed_over(&mut intake);
    assert_eq!(message, "hi", "it is not lost");
    intake.on_answer(first, Taken::Yes, now);
    assert_eq!((intake.waiting(), intake.retrying(), intake.deadline()), (0, 0, None));
    assert_eq!(intake.lanes.len(), 0);
}

#[test]
fn a_host_that_takes_neither_gets_them_in_order_when_it_works_again() {
    let (mut intake, asked, now) = stubborn();
    intake.on_answer(asked[0].0, Taken::No, now);
    assert_eq!((hand_overs(&mut intake), intake.retrying()), (vec![], 2));

    intake.on_time(now + LONGEST_REST);
    for message in ["hi", "second", "third"] {
        let (ticket, next) = handed_over(&mut intake);
        assert_eq!(next, message);
        intake.on_answer(ticket, Taken::Yes, now);
    }
    assert_eq!((intake.waiting(), intake.retrying()), (0, 0));
}

#[test]
fn an_outage_of_an_hour_lets_no_message_pass_another() {
    let (mut intake, mut asked, mut now) = stubborn();
    let end = now + 3600 * S;
    while now < end {
        asked.iter().for_each(|(ticket, _)| intake.on_answer(*ticket, Taken::No, now));
        asked = hand_overs(&mut intake);
        if asked.is_empty() {
            now = intake.deadline().unwrap();
            intake.on_time(now);
            asked = hand_overs(&mut intake);
        }
        assert!(asked.iter().all(|(_, message)| *message != "third"));
    }
    assert_eq!(intake.waiting(), 3);
}

#[test]
fn a_first_message_that_is_taken_late_makes_way_for_a_second_that_is_already_with_the_host() {
    let (mut intake, asked, now) = stubborn();
    intake.on_time(now + LONGEST_REST);
    let (first, _) = handed_over(&mut intake);
    intake.on_answer(first, Taken::Yes, now);
    assert_eq!(hand_overs(&mut intake), [], "the second is with the host already");
    intake.on_answer(asked[0].0, Taken::No, now);
    intake.on_time(now + LONGEST_REST);
    assert_eq!(handed_over(&mut intake).1, "second");
}

#[test]
fn a_second_message_that_is_taken_late_is_not_handed_over_once_more() {
    let (mut intake, asked, now) = stubborn();
    let (second, _) = asked[0];
    intake.on_answer(second, Taken::No, now);
    steps(&mut intake);
    intake.on_answer(second, Taken::Yes, now);
    assert_eq!(handed_over(&mut intake).1, "third");
}

#[test]
fn a_message_that_nobody_takes_is_given_up_after_a_day() {
    let (mut intake, mut ticket, start) = offered();
    let mut now = start;
    loop {
        intake.on_answer(ticket, Taken::No, now);
        if now >= start + PERSEVERANCE {
            break;
        }
        steps(&mut intake);
        now = intake.deadline().unwrap();
        intake.on_time(now);
        (ticket, _) = handed_over(&mut intake);
    }
    assert_eq!(steps(&mut intake), [Step::GivenUp { message_id: "a".into() }]);
    assert_eq!((intake.waiting(), intake.retrying(), now - start < PERSEVERANCE + 20 * S), (0, 0, true));
    assert_eq!(intake.offer(push("a", "c", 3, "hi"), now), Verdict::New, "if it is pushed again it is new");
}
