//! Whose turn it is.

use super::*;

#[test]
fn a_conversation_keeps_its_order_and_others_do_not_wait() {
    let (mut intake, now) = (Mine::default(), clock::now());
    intake.offer(push("a", "c", 1, "first"), now);
    intake.offer(push("b", "c", 2, "second"), now);
    intake.offer(push("x", "other", 3, "elsewhere"), now);
    let under_way = hand_overs(&mut intake);
    let [(ticket, "first"), (_, "elsewhere")] = under_way[..] else { panic!("{under_way:?}") };
    intake.on_answer(ticket, Taken::Yes, now);
    let under_way = steps(&mut intake);
    assert!(
        matches!(under_way[..], [Step::Acknowledge(1), Step::HandOver { message: "second", .. }]),
        "{under_way:?}"
    );
}

#[test]
fn a_refused_message_keeps_its_place_in_its_conversation_alone() {
    let (mut intake, now) = (Mine::default(), clock::now());
    intake.offer(push("a", "c", 1, "first"), now);
    intake.offer(push("b", "c", 2, "second"), now);
    intake.offer(push("x", "other", 3, "elsewhere"), now);
    let under_way = hand_overs(&mut intake);
    intake.on_answer(under_way[0].0, Taken::No, now);
    assert_eq!(hand_overs(&mut intake), [], "the second waits for the first");

    intake.offer(push("y", "other", 4, "elsewhere too"), now);
    intake.on_time(now + FIRST_REST);
    let (ticket, message) = handed_over(&mut intake);
    assert_eq!(message, "first");
    intake.on_answer(ticket, Taken::Yes, now);
    assert_eq!(handed_over(&mut intake).1, "second");
}

#[test]
fn a_silent_host_keeps_the_order_too() {
    let (mut intake, mut now) = (Mine::default(), clock::now());
    intake.offer(push("a", "c", 1, "first"), now);
    intake.offer(push("b", "c", 2, "second"), now);
    handed_over(&mut intake);
    for _ in 0..5 {
        now = intake.deadline().unwrap();
        intake.on_time(now);
        hand_overs(&mut intake).iter().for_each(|(_, message)| assert_eq!(*message, "first"));
    }
}
