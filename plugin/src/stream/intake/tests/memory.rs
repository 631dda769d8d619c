//! What is recognised when it is pushed again, and how much of it is kept.

use super::*;

#[track_caller]
fn accepted(intake: &mut Mine, id: &str, receipt: u32, now: Instant) {
    intake.offer(push(id, "c", receipt, "hi"), now);
    let (ticket, _) = handed_over(intake);
    intake.on_answer(ticket, Taken::Yes, now);
    steps(intake);
}

#[test]
fn an_accepted_message_is_answered_at_once_and_not_handed_over_again() {
    let (mut intake, now) = (Mine::default(), clock::now());
    accepted(&mut intake, "a", 1, now);
    assert_eq!(intake.offer(push("a", "c", 2, "hi"), now), Verdict::Duplicate);
    assert_eq!(steps(&mut intake), [Step::Acknowledge(2)]);
}

#[test]
fn the_same_message_to_two_bots_is_two_messages() {
    let (mut one, mut other, now) = (Mine::default(), Mine::default(), clock::now());
    accepted(&mut one, "a", 1, now);
    assert_eq!(other.offer(push("a", "c", 1, "hi"), now), Verdict::New);
    handed_over(&mut other);
}

#[test]
fn a_message_without_an_id_is_known_by_its_frame() {
    let (mut intake, now) = (Mine::default(), clock::now());
    intake.offer(push("", "c", 1, "hi"), now);
    assert_eq!(intake.offer(push("", "c", 1, "hi"), now), Verdict::Joined);
    assert_eq!(intake.offer(push("", "c", 2, "hi"), now), Verdict::New);
}

#[test]
fn messages_are_remembered_for_a_day() {
    let (mut intake, now) = (Mine::default(), clock::now());
    accepted(&mut intake, "a", 1, now);
    assert_eq!(intake.offer(push("a", "c", 2, "hi"), now + MEMORY - S), Verdict::Duplicate);
    assert_eq!(intake.offer(push("a", "c", 3, "hi"), now + MEMORY), Verdict::New);
}

#[test]
fn ten_thousand_are_remembered() {
    let (mut intake, now) = (Mine::default(), clock::now());
    for n in 0..REMEMBERED + 50 {
        accepted(&mut intake, &n.to_string(), 0, now);
    }
    assert_eq!((intake.memory.len(), intake.pending.len(), intake.lanes.len()), (REMEMBERED, 0, 0));
}

#[test]
fn what_waits_is_bounded_in_number_and_in_bytes() {
    let (mut intake, now) = (Mine::default(), clock::now());
    for n in 0..WAITING {
        assert_eq!(intake.offer(push(&n.to_string(), "c", 0, "hi"), now), Verdict::New);
    }
    assert_eq!(intake.offer(push("one more", "d", 0, "hi"), now), Verdict::Full { first: true });
    assert_eq!(intake.offer(push("0", "c", 0, "hi"), now), Verdict::Joined, "what waits has its place");

    let mut intake = Mine::default();
    let large = |id| Push { bytes: WAITING_BYTES / 2, ..push(id, "c", 0, "hi") };
    let verdicts = ["a", "b", "c"].map(|id| intake.offer(large(id), now));
    assert_eq!(verdicts, [Verdict::New, Verdict::New, Verdict::Full { first: true }]);
    let (ticket, _) = handed_over(&mut intake);
    intake.on_answer(ticket, Taken::Yes, now);
    assert_eq!(intake.offer(large("c"), now), Verdict::New);
}

#[test]
fn a_flood_is_told_once_until_half_of_the_room_is_free_again() {
    let (mut intake, now) = (Mine::default(), clock::now());
    let mut ids = (0_u64..).map(|id| id.to_string());
    let mut offer = |intake: &mut Mine| intake.offer(push(&ids.next().unwrap(), "c", 0, "hi"), now);
    let mut fill = |intake: &mut Mine| {
        std::iter::repeat_with(|| offer(intake)).find(|verdict| *verdict != Verdict::New).unwrap()
    };
    let take = |intake: &mut Mine| {
        let (ticket, _) = handed_over(intake);
        intake.on_answer(ticket, Taken::Yes, now);
    };
    assert_eq!(fill(&mut intake), Verdict::Full { first: true });
    (1..WAITING / 2).for_each(|_| take(&mut intake));
    assert_eq!(fill(&mut intake), Verdict::Full { first: false });
    (0..WAITING / 2).for_each(|_| take(&mut intake));
    assert_eq!(fill(&mut intake), Verdict::Full { first: true });
}

#[test]
fn a_flood_of_large_messages_is_told_once_until_half_of_the_bytes_are_free_again() {
    let (mut intake, now) = (Mine::default(), clock::now());
    let quarter = |id| Push { bytes: WAITING_BYTES / 4, ..push(id, "c", 0, "hi") };
    let all = ["a", "b", "c", "d"].map(|id| intake.offer(quarter(id), now));
    assert_eq!(all, [Verdict::New; 4]);
    assert_eq!(intake.offer(quarter("e"), now), Verdict::Full { first: true });
    let take = |intake: &mut Mine| {
        let (ticket, _) = handed_over(intake);
        intake.on_answer(ticket, Taken::Yes, now);
    };
    take(&mut intake);
    assert_eq!(intake.offer(quarter("e"), now), Verdict::New);
    assert_eq!(intake.offer(quarter("f"), now), Verdict::Full { first: false }, "a quarter was free");
    (0..2).for_each(|_| take(&mut intake));
    assert_eq!(["f", "g"].map(|id| intake.offer(quarter(id), now)), [Verdict::New; 2]);
    assert_eq!(intake.offer(quarter("h"), now), Verdict::Full { first: true });
}

#[test]
fn a_flood_of_pushes_of_one_message_is_not_kept_whole() {
    let (mut intake, now) = (Mine::default(), clock::now());
    for receipt in 0..100 {
        intake.offer(push("a", "c", receipt, "hi"), now);
    }
    let (ticket, _) = handed_over(&mut intake);
    intake.on_answer(ticket, Taken::Yes, now);
    assert_eq!(steps(&mut intake).len(), PUSHES);
}
